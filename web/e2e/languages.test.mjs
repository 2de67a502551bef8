// What people do most, in both languages: the same steps, by the console's own words.
// Covers I3, D5, F7, A9.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { axe, chinese, english, House, password, root, totp } from "./harness.mjs";

const bank = join(root, "../shared/data/bank/CUSTOMERS.csv");

for (const [locale, words] of [["en-US", english], ["zh-CN", chinese]]) {
  describe(locale, () => {
    const { say } = words;
    let house;
    before(async () => {
      house = await House.start({ customers: 120 });
    });
    after(() => house.stop());
    const button = (page, key) => page.getByRole("button", { name: say(key), exact: true });
    const signOut = async (page) => {
      await page.goto(house.base + "/console/profile");
      await button(page, "profile.signOut").click();
      await page.locator(".gate input[type=password]").waitFor();
    };

    test("first start to the first customer read, and in again with a code", async () => {
      const page = await house.page({ locale });
      await page.goto(house.base + "/console/");
      await page.locator("form").waitFor();
      assert.deepEqual(await axe(page), []);
      const secret = await house.setUp(page, house.invite("first", "Grace Lee", "agent"), words);
      assert.equal(await page.locator("html").getAttribute("lang"), locale.startsWith("zh") ? "zh-CN" : "en");
      await page.goto(house.base + "/console/customers");
      await page.locator("tbody tr").first().waitFor();
      assert.deepEqual(await axe(page), []);
      await page.locator("tbody a").first().click();
      await page.locator(".facts").waitFor();
      assert.deepEqual(await axe(page), []);
      // Out and in again, with the next code.
      await signOut(page);
      await page.locator("input").first().fill("first");
      await page.locator("input[type=password]").fill(password);
      await page.locator("button[type=submit]").click();
      await page.getByLabel(words.code).fill(totp(secret, Date.now() + 30000));
      await page.locator("button[type=submit]").click();
      await page.locator(".shell").waitFor();
      assert.deepEqual(page.faults, []);
      await page.context().close();
    });

    test("a passkey is registered, signs in alone, and its answer is good once", async () => {
      const page = await house.page({ locale });
      const devtools = await page.context().newCDPSession(page);
      await devtools.send("WebAuthn.enable");
      await devtools.send("WebAuthn.addVirtualAuthenticator", {
        options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
      });
      await page.goto(house.base + house.invite("passkey", "Pat Key", "agent"));
      await page.getByLabel(words.password, { exact: true }).fill(password);
      await page.getByLabel(words.again).fill(password);
      await page.getByRole("button", { name: words.goOn }).click();
      await button(page, "enroll.passkey").click();
      await page.getByRole("button", { name: words.kept }).click();
      assert.deepEqual(await axe(page), []);
      await page.getByRole("checkbox").check();
      await page.getByRole("button", { name: words.sign, exact: true }).click();
      await page.locator(".shell").waitFor();
      await signOut(page);
      let answered;
      page.on("request", (request) => { if (request.url().endsWith("/session/passkey")) answered = request.postData(); });
      await button(page, "signIn.passkey").click();
      await page.locator(".shell").waitFor();
      // The same answer again is worth nothing: its challenge is used up.
      const again = await page.evaluate(async (body) => (await fetch("/api/v1/session/passkey", { method: "POST", headers: { "Content-Type": "application/json" }, body })).status, answered);
      assert.equal(again, 401);
      assert.deepEqual(page.faults, []);
      await page.context().close();
    });

    test("a bank's file of customers comes in through the wizard", { skip: !existsSync(bank) }, async () => {
      const page = await house.page({ locale });
      await house.setUp(page, house.invite("importer", "Chen Li", "engineer"), words);
      await page.goto(house.base + "/console/imports/new");
      await page.locator("input[type=file]").setInputFiles(bank);
      await page.locator("tbody tr").first().waitFor();
      assert.deepEqual(await axe(page), []);
      await button(page, "common.next").click();
      await page.getByLabel(say("wizard.source"), { exact: true }).fill("core-bank");
      await page.locator("fieldset").getByRole("checkbox").first().check();
      await button(page, "wizard.rehearse").click();
      await page.getByText(say("wizard.nothingYet")).waitFor();
      await button(page, "wizard.import").click();
      await page.getByRole("link", { name: say("wizard.toImport") }).click();
      await page.getByRole("heading", { name: say("imports.from", { source: "core-bank" }) }).waitFor();
      await page.getByText(/1[,.]?500/).first().waitFor();
      assert.deepEqual(await axe(page), []);
      assert.deepEqual(page.faults, []);
      await page.context().close();
    });

    test("request, approval by another person, export, register, recall; and break-glass with its review", async () => {
      const manager = await house.page({ locale, acceptDownloads: true });
      await house.setUp(manager, house.invite("mona", "Mona Manager", "manager"), words);
      const officer = await house.page({ locale });
      await house.setUp(officer, house.invite("otto", "Otto Officer", "privacy_officer"), words);
      const mobile = await manager.evaluate(async () => {
        const catalog = await (await fetch("/api/v1/catalog")).json();
        return catalog.fields.find((f) => f.id === "mobile").name;
      });
      await manager.goto(house.base + "/console/requests");
      await button(manager, "requests.askExport").click();
      assert.deepEqual(await axe(manager), []);
      await manager.getByRole("checkbox", { name: mobile[locale.startsWith("zh") ? "zh-CN" : "en"] }).check();
      await manager.getByLabel(say("requests.rowsMost")).fill("20");
      await manager.getByLabel(say("requests.why")).fill("the letter about the new tariff");
      await button(manager, "requests.send").click();
      await manager.getByRole("tab", { name: say("requests.tabMine") }).click();
      await manager.getByText(say("requests.state.open"), { exact: true }).first().waitFor();
      await officer.goto(house.base + "/console/");
      await officer.getByText(say("task.decide", { kind: say("requests.kind.export") })).waitFor();
      await officer.goto(house.base + "/console/requests");
      await button(officer, "requests.decide").first().click();
      assert.deepEqual(await axe(officer), []);
      await button(officer, "requests.approve").click();
      await officer.getByText(say("requests.state.used"), { exact: true }).or(officer.getByText(say("requests.state.approved"), { exact: true })).first().waitFor();
      await manager.reload();
      await manager.getByRole("tab", { name: say("requests.tabMine") }).click();
      await button(manager, "exports.make").click();
      await manager.getByRole("tab", { name: say("exports.tab") }).click();
      await button(manager, "exports.download").click();
      const leaving = manager.locator("dialog[open]");
      await leaving.getByText(words.say("exports.risk.title")).waitFor();
      const [download] = await Promise.all([manager.waitForEvent("download"), leaving.getByRole("button", { name: words.say("exports.risk.take") }).click()]);
      const text = await (await download.createReadStream()).toArray();
      const file = Buffer.concat(text).toString("utf8");
      assert.match(file, /^"record","name_full","mobile"\r\n/);
      assert.match(file, /\*\*\*\*/);
      await officer.getByRole("tab", { name: say("exports.tab") }).click();
      await officer.getByText(/k[0-9a-f]{10}@localhost/).waitFor();
      await button(officer, "exports.recall").click();
      await officer.getByText(say("exports.recalled"), { exact: true }).waitFor();
      const second = await house.page({ locale });
      await house.setUp(second, house.invite("olivia", "Olivia Officer", "privacy_officer"), words);
      await manager.reload();
      await button(manager, "glass.title").click();
      await manager.getByLabel(say("requests.why")).fill("a caller is in danger of life");
      await button(manager, "glass.go").click();
      await manager.getByText(say("glass.open")).waitFor();
      await second.goto(house.base + "/console/requests");
      await button(second, "requests.review").first().click();
      await button(second, "requests.wasJustified").click();
      await second.getByText(say("requests.justified"), { exact: true }).first().waitFor();
      for (const page of [manager, officer, second]) {
        assert.deepEqual(page.faults, []);
        await page.context().close();
      }
    });
  });
}
