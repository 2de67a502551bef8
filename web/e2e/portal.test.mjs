// The customers' door in a real Chromium, on a phone, in both languages: in by link, switches that an agent
// feels at the next read, who looked, receipts, a copy, an opinion and its answer.
// Covers G4, G5, G12, C5.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { axe, chinese, english, fits, House, wordsOf } from "./harness.mjs";

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

for (const [locale, words, own] of [["en-US", english, wordsOf("portal.en.json")], ["zh-CN", chinese, wordsOf("portal.zh-CN.json")]]) {
  describe(`portal ${locale}`, () => {
    const { say } = words;
    let house;
    before(async () => {
      house = await House.start({ customers: 0 });
      house.run("department", "add", "ads", "--zh", "营销部", "--en", "Marketing");
      house.run("source", "add", "shop", "--channel", "offline", "--owner", "store manager");
      const table = join(house.home, "people.csv");
      writeFileSync(table, "name,mail,phone,birth\nAna López,ana@example.com,13800138000,1975-07-28\n");
      const mapping = join(house.home, "people.toml");
      writeFileSync(mapping, ["name=name_full", "mail=email", "phone=mobile", "birth=birth_date"].map((pair) => `[[column]]\nname = "${pair.split("=")[0]}"\nfield = "${pair.split("=")[1]}"\n`).join(""));
      house.run("import", table, "--mapping", mapping, "--source", "shop", "--basis", "contract", "--purpose", "service");
    });
    after(() => house.stop());
    const linkFor = async (page) => {
      const mails = async () => JSON.parse(await house.runBeside("--json", "mail", "show")).waiting;
      const before = (await mails()).length;
      await page.goto(house.base + "/portal/");
      await page.getByLabel(own("signIn.contact")).fill("ana@example.com");
      await page.getByRole("button", { name: own("signIn.send") }).click();
      await page.getByText(own("signIn.sent")).waitFor();
      for (let tries = 0; tries < 50; ++tries) {
        const waiting = await mails();
        if (waiting.length > before) return /https:\S+/.exec(waiting.at(-1).body)[0].replace("127.0.0.1", "localhost");
        await page.waitForTimeout(100);
      }
      throw new Error("no link came");
    };
    const go = (page, place) => page.getByRole("link", { name: own(`place.${place}`), exact: true }).click();

    test("in by link; a switch is felt by the agent at the next read, and seen by the officer", async () => {
      const page = await house.page({ locale, ...phone });
      const link = await linkFor(page);
      assert.deepEqual(await axe(page), []);
      await page.goto("about:blank");
      await page.goto(link);
      const email = page.locator("[data-purpose=marketing_email]");
      await email.waitFor();
      assert.ok(!page.url().includes("link="), "the secret stays in no address");
      assert.deepEqual(await axe(page), []);
      await email.getByRole("switch").first().click();
      await page.locator("[data-purpose=marketing_email][data-state=on]").waitFor();

      // A marketer has the page open.
      const marketer = await house.page({ locale });
      await house.setUp(marketer, house.invite("mark", "Mark", "marketer"), words);
      await marketer.goto(house.base + "/console/customers");
      await marketer.locator("tbody a").first().click();
      await marketer.locator(".facts").waitFor();
      // The customer takes it back on the phone: what the marketer reads next is refused, with the reason.
      await email.getByRole("switch").first().click();
      await page.locator("[data-purpose=marketing_email][data-state=off]").waitFor();
      await marketer.reload();
      await marketer.getByText(new RegExp(say("problem.withdrawn").replace(/[.。]$/, ""), "i")).waitFor();
      await marketer.context().close();

      // And the officer sees both answers, with how they were given.
      const officer = await house.page({ locale });
      await house.setUp(officer, house.invite("olga", "Olga", "privacy_officer"), words);
      await officer.goto(house.base + "/console/customers");
      await officer.locator("select#purpose").selectOption("legal_compliance");
      await officer.locator("tbody a").first().click();
      await officer.getByRole("tab", { name: say("authorizations.title") }).click();
      await officer.getByText("portal · switch").first().waitFor();
      assert.equal(await officer.getByText("portal · switch").count(), 2);
      assert.deepEqual(await axe(officer), []);

      // An opinion, answered to an end.
      await go(page, "more");
      await page.getByLabel(own("more.message")).fill("Why my birthday?");
      await page.getByRole("button", { name: own("more.send") }).click();
      await page.getByText(own("more.open")).waitFor();
      assert.deepEqual(await axe(page), []);
      await officer.goto(house.base + "/console/lawful");
      await officer.locator("table").waitFor();
      assert.deepEqual(await axe(officer), []);
      await officer.getByRole("tab", { name: say("opinions.title") }).click();
      await officer.getByLabel(say("opinions.answer")).fill("To congratulate you.");
      await officer.getByRole("button", { name: say("opinions.send"), exact: true }).click();
      await officer.getByText("To congratulate you.").waitFor();
      await officer.getByRole("tab", { name: say("laws.title") }).click();
      await officer.locator("tbody tr").first().waitFor();
      assert.deepEqual(await axe(officer), []);
      await page.reload();
      await page.getByText("To congratulate you.").waitFor();
      assert.deepEqual(officer.faults, []);
      await officer.context().close();

      // What is held, who looked with a proof, the answers with receipts, a copy.
      await go(page, "data");
      await page.getByText("Ana López").waitFor();
      assert.deepEqual(await axe(page), []);
      await go(page, "history");
      await page.locator(".entries > li").nth(3).waitFor();
      assert.deepEqual(await axe(page), []);
      await go(page, "answers");
      const [receipt] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: own("answers.receipt") }).first().click()]);
      const file = await receipt.path();
      assert.match(house.run("receipt", "verify", file), /The receipt holds/);
      assert.deepEqual(await axe(page), []);
      await go(page, "more");
      const [copy] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: own("format.csv") }).click()]);
      assert.ok(await copy.path());

      // Out, and the link is worth nothing any more.
      await page.getByRole("button", { name: own("leave") }).click();
      await page.getByLabel(own("signIn.contact")).waitFor();
      await page.goto("about:blank");
      await page.goto(link);
      await page.getByText(own("problem.unauthenticated")).waitFor();
      assert.deepEqual(page.faults, []);
      await page.context().close();
    });

    test("a passkey is left and lets her in; as a guardian, on record by two, she decides for her child", async () => {
      const page = await house.page({ locale, ...phone });
      const devtools = await page.context().newCDPSession(page);
      await devtools.send("WebAuthn.enable");
      await devtools.send("WebAuthn.addVirtualAuthenticator", {
        options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
      });
      await page.goto(await linkFor(page).then((link) => page.goto("about:blank").then(() => link)));
      await page.locator("[data-purpose=service]").waitFor();
      await go(page, "more");
      await page.getByRole("button", { name: own("passkeys.leave") }).click();
      await page.getByText(own("passkeys.unused")).waitFor();
      assert.deepEqual(await axe(page), []);
      await page.getByRole("button", { name: own("leave") }).click();
      let answered;
      page.on("request", (request) => { if (request.url().endsWith("/portal/passkey")) answered = request.postData(); });
      await page.getByRole("button", { name: own("signIn.passkey") }).click();
      await page.locator("[data-purpose=service]").waitFor();
      const again = await page.evaluate(async (body) => (await fetch("/api/v1/portal/passkey", { method: "POST", headers: { "Content-Type": "application/json" }, body })).status, answered);
      assert.equal(again, 401, "the same answer again");

      const table = join(house.home, "child.csv");
      writeFileSync(table, "name,mail,phone,birth\nLeo López,leo@example.com,13900139002,2018-02-03\n");
      await house.runBeside("import", table, "--mapping", join(house.home, "people.toml"), "--source", "shop", "--basis", "contract", "--purpose", "service");
      const staff = [];
      for (const [login, role] of [["gina", "privacy_officer"], ["max", "manager"]]) {
        const one = await house.page({ locale });
        await house.setUp(one, house.invite(login, login, role), words);
        await one.goto(house.base + "/console/customers");
        await one.locator("select#purpose").selectOption("service");
        // All of a child is sensitive: the name is masked.
        assert.equal(await one.getByText("Leo").count(), 0);
        await one.locator("tbody tr", { hasText: "9002" }).locator("a").click();
        await one.getByRole("tab", { name: say("authorizations.title") }).click();
        await one.getByRole("button", { name: say("guardians.title") }).click();
        if (login === "gina") {
          await one.getByLabel(say("guardians.contact")).fill("nobody@example.com");
          await one.getByLabel(say("guardians.reference")).fill("DOC-1");
          await one.getByRole("button", { name: say("guardians.add") }).click();
          await one.getByText(say("guardians.unclear")).waitFor();
          await one.getByLabel(say("guardians.contact")).fill("ana@example.com");
          await one.getByRole("button", { name: say("guardians.add") }).click();
          await one.locator("[data-guardian=proposed]").waitFor();
          assert.deepEqual(await axe(one), []);
        } else {
          await one.getByRole("button", { name: say("guardians.confirm") }).click();
          await one.locator("[data-guardian=confirmed]").waitFor();
        }
        staff.push(one);
      }
      await page.reload();
      await page.locator("#speaking").selectOption({ label: "Leo López" });
      await page.locator("[data-acting]:not([data-acting=''])").waitFor();
      await go(page, "data");
      await page.getByText("leo@example.com").waitFor();
      assert.equal(await page.getByText("ana@example.com").count(), 0);
      await go(page, "uses");
      await page.locator("[data-purpose=marketing_email]").getByRole("switch").first().click();
      await page.locator("[data-purpose=marketing_email][data-state=on]").waitFor();
      assert.deepEqual(await axe(page), []);
      await fits(page);
      await go(page, "history");
      await page.getByText(own("history.asGuardian")).first().waitFor();
      await go(page, "more");
      await page.locator("#speaking").selectOption("");
      await go(page, "data");
      await page.getByText("ana@example.com").waitFor();
      for (const one of [page, ...staff]) {
        assert.deepEqual(one.faults, []);
        await one.context().close();
      }
    });

    test("access and erasure, from the request to the certificate, by the customer and two officers", async () => {
      const page = await house.page({ locale, ...phone });
      await page.goto(await linkFor(page).then((link) => page.goto("about:blank").then(() => link)));
      await page.locator("[data-purpose=service]").waitFor();
      const officers = [];
      for (const login of ["rita", "rob"]) {
        const officer = await house.page({ locale });
        await house.setUp(officer, house.invite(login, login, "privacy_officer"), words);
        officers.push(officer);
      }
      const [rita, rob] = officers;
      const button = (at, key) => at.getByRole("button", { name: say(key), exact: true });
      const request = async (right) => {
        await go(page, "rights");
        await page.getByRole("checkbox", { name: own(`right.${right}`) }).check();
        await page.getByRole("button", { name: own("rights.send") }).click();
        await page.locator("[data-case]").first().waitFor();
      };
      const openCase = async (officer) => {
        await officer.goto(house.base + "/console/rights");
        await officer.locator("tbody a").first().click();
        await officer.getByText(say("rights.steps")).waitFor();
      };

      await request("access");
      assert.deepEqual(await axe(page), []);
      await openCase(rita);
      assert.deepEqual(await axe(rita), []);
      await button(rita, "rights.review").click();
      await rita.getByText(say("rights.noTexts")).waitFor();
      await rita.getByLabel(say("rights.word")).fill("Lopezia");
      await button(rita, "rights.addWord").click();
      assert.deepEqual(await axe(rita), []);
      await button(rita, "rights.saveWords").click();
      await rita.getByText("redacted").waitFor();
      await rita.goto(house.base + "/console/rights");
      await button(rita, "rights.takeIn").click();
      await rita.getByLabel(say("rights.text")).fill("ana@example.com: please delete my data");
      await button(rita, "rights.read").click();
      await rita.getByRole("checkbox", { name: say("rights.right.erase"), checked: true }).waitFor();
      assert.deepEqual(await axe(rita), []);
      await openCase(rita);
      await button(rita, "rights.decide").first().click();
      await rita.locator("dialog button[type=submit]").click();
      await button(rita, "rights.execute").click();
      await rita.getByText(say("rights.state.delivered")).first().waitFor();
      await page.reload();
      await page.getByLabel(own("rights.passphrase")).fill("a long enough one");
      const [zip] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: own("rights.fetch") }).click()]);
      const bytes = readFileSync(await zip.path());
      assert.equal(bytes.subarray(0, 2).toString(), "PK");
      assert.ok(!bytes.includes("ana@example.com"), "encrypted");
      const [paper] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: own("rights.certificate") }).click()]);
      assert.match(house.run("receipt", "verify", await paper.path()), /R-\d{4}-/);

      await request("erase");
      await openCase(rita);
      await button(rita, "rights.decide").first().click();
      await rita.locator("dialog button[type=submit]").click();
      await rita.getByText(say("rights.state.decided")).first().waitFor();
      await openCase(rob);
      await button(rob, "rights.execute").click();
      await rob.getByText(say("rights.state.done")).first().waitFor();
      const [proof] = await Promise.all([rob.waitForEvent("download"), rob.getByRole("link", { name: say("rights.certificate") }).click()]);
      assert.match(house.run("receipt", "verify", await proof.path()), /erase/);
      await page.reload();
      await page.getByLabel(own("signIn.contact")).waitFor();
      for (const one of [page, rita, rob]) {
        assert.deepEqual(one.faults, []);
        await one.context().close();
      }
    });

    test("the notice is public, in both languages, and needs no script", async () => {
      const page = await house.page({ locale, javaScriptEnabled: false, ...phone });
      for (const language of ["zh-CN", "en"]) {
        await page.goto(`${house.base}/notices/privacy/current/${language}`);
        assert.ok((await page.locator("[data-clause]").count()) > 10);
        await fits(page);
      }
      await page.context().close();
    });
  });
}
