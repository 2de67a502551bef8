// The console against the real server, as people use it. What must hold in every language is in
// languages.test.mjs.
// Covers B8, F5.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { axe, english, House, password, totp } from "./harness.mjs";
import { signInThere, startProvider } from "./provider.mjs";

let house;
before(async () => {
  house = await House.start({ customers: 120 });
});
after(() => house.stop());

test("a masked value stays masked in page, storage and network; a reason shows it and is on record", async () => {
  const page = await house.page();
  const bodies = [];
  page.on("response", async (response) => {
    if (response.url().includes("/api/")) bodies.push(await response.text().catch(() => ""));
  });
  await house.setUp(page, house.invite("masked", "Masked Agent", "agent"));
  await page.goto(house.base + "/console/customers");
  await page.locator("tbody tr").first().waitFor();
  await page.locator("tbody a").first().click();
  await page.locator(".facts").waitFor();
  await page.getByRole("tab", { name: "Contact" }).click();
  const row = page.locator(".facts dd").first();
  const masked = await row.locator(".masked").innerText();
  assert.match(masked, /\*/);
  const everything = async () =>
    [await page.content(), await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])), ...bodies].join("\n");
  await row.getByRole("button", { name: "Show", exact: true }).click();
  const before = await everything();
  await page.getByLabel("Why do you need it?").fill("the customer called back");
  await page.getByRole("button", { name: "Show and record" }).click();
  await row.locator(".masked").waitFor({ state: "detached" });
  const clear = (await row.locator(".value .break").first().innerText()).trim();
  assert.doesNotMatch(clear, /\*/);
  assert.equal(before.includes(clear), false, "the clear value was there before it was asked for");
  assert.equal((await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).includes(clear), false);
  await page.getByRole("tab", { name: "Who looked" }).click();
  await page.getByRole("cell", { name: "reveal" }).first().waitFor();
  // Another purpose empties the screen of what was read for the first.
  await page.locator("#purpose").selectOption("order_fulfilment");
  await page.waitForTimeout(300);
  assert.equal((await page.content()).includes(clear), false);
  // And asks anew for the second.
  await page.getByText("No lawful basis is on record").or(page.locator(".facts")).first().waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("a view is saved without what was searched for; an officer asks what others see of a customer", async () => {
  const page = await house.page();
  await house.setUp(page, house.invite("viewer", "Vi Ewer", "privacy_officer"));
  await page.goto(house.base + "/console/customers");
  await page.locator("tbody tr").first().waitFor();
  await page.getByLabel("Search by").selectOption("email");
  await page.getByLabel("Value").fill("secret@example.com");
  await page.getByRole("button", { name: "Columns", exact: true }).click();
  await page.getByRole("checkbox", { name: "Language" }).check();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Views", exact: true }).click();
  await page.getByLabel("Save what you see as").fill("By mail");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("The view is saved.").waitFor();
  assert.deepEqual(await axe(page), []);
  const kept = await page.evaluate(async () => (await fetch("/api/v1/me/views")).text());
  assert.equal(kept.includes("secret"), false);
  await page.evaluate(() => localStorage.clear());
  await page.goto(house.base + "/console/customers");
  await page.locator("tbody tr").first().waitFor();
  assert.equal(await page.getByRole("columnheader", { name: "Language" }).count(), 0);
  await page.getByRole("button", { name: "Views", exact: true }).click();
  await page.getByRole("button", { name: /^By mail/ }).click();
  await page.getByRole("columnheader", { name: "Language" }).waitFor();
  assert.equal(await page.getByLabel("Search by").inputValue(), "email");
  await page.keyboard.press("Escape");
  await page.locator("tbody a").first().click();
  await page.locator("#purpose").selectOption("legal_compliance");
  await page.getByRole("button", { name: "Restrict use" }).click();
  await page.getByRole("radio", { name: "accuracy in dispute" }).check();
  await page.getByLabel("Say why").fill("the person says so");
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Restrict", exact: true }).click();
  await page.getByText("accuracy in dispute", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Who would see what?" }).click();
  await page.getByText("Use of the record is restricted.").first().waitFor();
  await page.getByRole("cell", { name: "Full name" }).waitFor();
  assert.equal(await page.getByLabel("Basis on record").count(), 0);
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("no other page can hold the console in a frame", async () => {
  const page = await house.page();
  const answer = await page.goto(house.base + "/console/");
  assert.match(answer.headers()["content-security-policy"], /frame-ancestors 'none'/);
  await page.goto("about:blank");
  await page.setContent(`<iframe src="${house.base}/console/"></iframe>`);
  await page.waitForTimeout(800);
  const framed = await page.frames()[1]?.locator("form").count().catch(() => 0);
  assert.equal(framed ?? 0, 0);
  await page.context().close();
});

test("a file comes in through the wizard, and its leaf verifies in the browser", async () => {
  const page = await house.page();
  await house.setUp(page, house.invite("engineer", "Chen Li", "engineer"));
  const file = join(house.home, "people.csv");
  writeFileSync(file, "full name,phone,mail\nAna Wizard,13800138000,ana@example.com\nBo Wizard,13900139000,bo@example.com\nBad,123,bad@example.com\n"
    + Array.from({ length: 10 }, (_, i) => `${"Cora Dora Edna Fred Gina Hugo Iris Jack Kate Liam".split(" ")[i]} Wizard,1370013700${i},wizard${i}@example.com\n`).join("")
    + "Worse,124,worse@example.com\nWorst,125,worst@example.com\n");
  await page.goto(house.base + "/console/imports/new");
  await page.locator("input[type=file]").setInputFiles(file);
  await page.locator("tbody tr").first().waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByLabel("Source", { exact: true }).fill("fair-2026");
  await page.getByRole("checkbox", { name: /Customer service/ }).check();
  await page.getByRole("button", { name: "Rehearse" }).click();
  await page.getByText("nothing is stored yet").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByRole("link", { name: "To this import" }).click();
  await page.getByRole("heading", { name: "Import from fair-2026" }).waitFor();
  const fix = page.getByLabel("Corrected value of row 3");
  await fix.fill("13600137000");
  await page.getByRole("button", { name: "Try 1 rows again" }).click();
  await page.getByText("repaired", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Bring all in without the value" }).click();
  await page.getByText("repaired", { exact: true }).nth(2).waitFor();
  await page.getByRole("button", { name: "Take out again" }).first().click();
  await page.getByText("taken out", { exact: true }).waitFor();
  await page.goto(house.base + "/console/audit");
  await page.locator("tbody tr").first().waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Look" }).nth(3).click();
  await page.getByRole("button", { name: "Verify in this browser" }).click();
  await page.getByText("Computed here").waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("single sign-on: linked on the profile page, then in the place of the password", async () => {
  const provider = await startProvider(house.base, house.home);
  await house.runBeside("sso", "set", provider.issuer, "--client-id", provider.client, "--secret-file", provider.files.secret, "--ca", provider.files.ca, "--name", "Example ID");
  const page = await house.page();
  const secret = await house.setUp(page, house.invite("linked", "Lin Ked", "agent"));
  await page.goto(house.base + "/console/profile");
  await page.getByRole("button", { name: "Link", exact: true }).click();
  await signInThere(page, "lin.ked");
  await page.getByText("Linked", { exact: true }).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.locator(".gate input[type=password]").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Sign in with Example ID" }).click();
  await page.getByLabel("Code from your app").waitFor();
  assert.equal(new URL(page.url()).search, "", "the code stays in the address");
  await page.getByLabel("Code from your app").fill(totp(secret, Date.now() + 30000));
  await page.locator("button[type=submit]").click();
  await page.locator(".shell").waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
  // An invitation taken up without a password; and a stranger, who is told what to do.
  const fresh = await house.page();
  await fresh.goto(house.base + house.invite("fresh", "Fresh One", "agent"));
  await fresh.getByRole("button", { name: "Sign in with Example ID" }).click();
  await signInThere(fresh, "fresh.one");
  await fresh.getByRole("button", { name: "Use an authenticator app" }).waitFor();
  await fresh.context().close();
  const stranger = await house.page();
  await stranger.goto(house.base + "/console/");
  await stranger.getByRole("button", { name: "Sign in with Example ID" }).click();
  await signInThere(stranger, "nobody");
  await stranger.getByText("If your account is not linked yet").waitFor();
  assert.deepEqual(await axe(stranger), []);
  await stranger.context().close();
  house.run("sso", "remove");
  await provider.stop();
});

test("an administrator invites, grants and disables; the session ends at once", async () => {
  const admin = await house.page();
  await house.setUp(admin, house.invite("root", "Ada Admin", "admin"));
  await admin.goto(house.base + "/console/people");
  await admin.locator("tbody tr").first().waitFor();
  assert.deepEqual(await axe(admin), []);
  await admin.getByRole("button", { name: "Invite" }).click();
  await admin.getByLabel("Login").fill("newcomer");
  await admin.getByLabel("Name", { exact: true }).fill("New Comer");
  await admin.getByLabel("Role").selectOption("agent");
  await admin.getByRole("button", { name: "Make the link" }).click();
  const link = await admin.locator(".note code").innerText();
  // The role reaches customers: an administrator does not give it alone.
  const officer = await house.page();
  await house.setUp(officer, house.invite("oscar", "Oscar Officer", "privacy_officer"));
  await officer.goto(house.base + "/console/requests");
  await officer.getByRole("button", { name: "Decide" }).first().click();
  await officer.getByRole("button", { name: "Approve" }).click();
  await officer.getByText("in force or used").waitFor();
  await officer.context().close();
  const person = await house.page();
  await house.setUp(person, link.replace(house.base, ""));
  await person.goto(house.base + "/console/customers");
  await person.locator("tbody tr").first().waitFor();
  await admin.reload();
  const row = admin.locator("tr", { hasText: "New Comer" });
  await row.getByRole("button", { name: "Disable" }).click();
  await admin.getByRole("dialog").getByRole("button", { name: "Disable", exact: true }).click();
  await row.getByText("disabled", { exact: true }).waitFor();
  await person.reload();
  await person.locator(".gate input[type=password]").waitFor();
  // The administrator has no purpose and no customers.
  assert.equal(await admin.locator("#purpose").count(), 0);
  assert.equal(await admin.getByRole("link", { name: "Customers" }).count(), 0);
  assert.deepEqual([...admin.faults, ...person.faults], []);
  await admin.context().close();
  await person.context().close();
});

test("recertification: what is ended is ended at once, and nobody confirms their own", async () => {
  const agent = await house.page();
  await house.setUp(agent, house.invite("reviewed", "Rae Viewed", "agent"));
  const page = await house.page();
  await house.setUp(page, house.invite("reviewer", "Ray Viewer", "privacy_officer"));
  await page.goto(house.base + "/console/recertification");
  await page.getByText("None yet").waitFor();
  await page.getByRole("button", { name: "Start one now" }).click();
  const row = page.getByRole("row", { name: /Rae Viewed/ });
  await row.waitFor();
  assert.deepEqual(await axe(page), []);
  assert.equal(await page.getByRole("row", { name: /^me / }).getByRole("button").count(), 0);
  await row.getByRole("button", { name: "End" }).click();
  await row.waitFor({ state: "detached" });
  await page.getByRole("checkbox", { name: "Show decided ones" }).check();
  await row.getByText("ended", { exact: true }).waitFor();
  await page.goto(house.base + "/console/");
  await page.getByText("wait for your confirmation").waitFor();
  await agent.goto(house.base + "/console/");
  await agent.getByText("No role is in force").waitFor();
  assert.deepEqual([...page.faults, ...agent.faults], []);
  await page.context().close();
  await agent.context().close();
});

test("the other screens pass axe, dark and narrow", async () => {
  const page = await house.page({ colorScheme: "dark", viewport: { width: 390, height: 844 } });
  await house.setUp(page, house.invite("officer", "Olga Officer", "privacy_officer"));
  const admin = await house.page({ colorScheme: "dark", viewport: { width: 390, height: 844 } });
  await house.setUp(admin, house.invite("ada", "Ada Admin", "admin"));
  const custodian = await house.page({ colorScheme: "dark", viewport: { width: 390, height: 844 } });
  await house.setUp(custodian, house.invite("kim", "Kim Keeper", "key_custodian"));
  for (const [who, paths] of [
    [page, ["/", "/customers", "/imports", "/audit", "/people", "/policy", "/profile", "/recertification"]],
    [admin, ["/people", "/keys", "/recertification"]],
    [custodian, ["/", "/vault"]],
  ]) {
    for (const path of paths) {
      await who.goto(house.base + "/console" + path);
      await who.locator("main h1").waitFor();
      await who.waitForTimeout(400);
      assert.deepEqual(await axe(who), [], path);
      const wide = await who.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      assert.equal(wide, false, `${path} scrolls sideways`);
    }
    assert.deepEqual(who.faults, []);
    await who.context().close();
  }
});

