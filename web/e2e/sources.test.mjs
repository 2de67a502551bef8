// The register of sources in the console, in both languages: terms that are missing stop a source, the people are to
// be told, and cut off is cut off. Covers B6, B7, E6.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { axe, chinese, english, House, shoot } from "./harness.mjs";

for (const [locale, words] of [["en-US", english], ["zh-CN", chinese]]) {
  describe(`sources ${locale}`, () => {
    const { say } = words;
    let house, officer, key;
    const shot = (name) => shoot(officer, locale, name);
    const bring = async (id) => (await officer.request.post(`${house.base}/v1/identify`, { data: { messageId: id, userId: id, traits: { email: `${id}@example.com`, shoe: 44 } }, headers: { Authorization: `Basic ${btoa(`${key}:`)}` } })).status();
    const panel = () => officer.locator(".panel", { has: officer.getByRole("heading", { name: /^leads/ }) });
    before(async () => {
      house = await House.start({ customers: 0 });
      house.run("source", "add", "leads", "--channel", "api", "--owner", "marketing");
      key = JSON.parse(house.run("--json", "stream", "add", "--source", "leads", "--label", "Leads", "--basis", "contract", "--purpose", "service", "--field", "email")).write_key;
      officer = await house.page({ locale });
      await house.setUp(officer, house.invite("dora", "Dora", "privacy_officer"), words);
    });
    after(async () => {
      assert.deepEqual(officer.faults, []);
      await house.stop();
    });

    test("a third party without an agreement brings nothing; with one it does, and the people are to be told", async () => {
      assert.equal(await bring("one"), 200);
      await officer.goto(house.base + "/console/sources");
      await panel().getByRole("button", { name: say("sources.terms") }).click();
      await officer.getByLabel(say("sources.kindLabel")).selectOption("third_party");
      await officer.getByRole("button", { name: say("sources.save") }).click();
      await panel().getByText(say("sources.obstacle.agreement_missing")).waitFor();
      assert.equal(await bring("two"), 409);
      assert.deepEqual(await axe(officer), []);
      await panel().getByRole("button", { name: say("sources.terms") }).click();
      for (const [label, text] of [["supplier", "Leads Ltd"], ["agreement", "CON-17"], ["agreementUntil", "2030-01-01"], ["evidence", "DOC-9"], ["evidenceOn", new Date().toISOString().slice(0, 10)]]) await officer.getByLabel(say(`sources.${label}`), { exact: true }).fill(text);
      assert.deepEqual(await axe(officer), []);
      await shot("95-source-terms");
      await officer.getByRole("button", { name: say("sources.save") }).click();
      await panel().getByText(/Leads Ltd/).waitFor();
      assert.equal(await bring("two"), 200);
      await officer.reload();
      await panel().getByRole("button", { name: say("sources.told") }).waitFor();
      assert.deepEqual(await axe(officer), []);
      await shot("96-sources");
      await officer.goto(house.base + "/console/");
      await officer.getByText(say("task.tell", { source: "leads" })).waitFor();
      await officer.goto(house.base + "/console/sources");
      await panel().getByRole("button", { name: say("sources.told") }).click();
      await officer.getByLabel(say("sources.toldHow")).fill("LET-3");
      await officer.locator("dialog[open]").getByRole("button", { name: say("sources.told"), exact: true }).click();
      await panel().getByText(/LET-3/).waitFor();
    });

    test("cut off, nothing comes from it", async () => {
      await panel().getByRole("button", { name: say("sources.cut"), exact: true }).click();
      await officer.getByLabel(say("sources.cutWhy")).fill("sold without consent");
      await officer.locator("dialog[open]").getByRole("button", { name: say("sources.cutGo"), exact: true }).click();
      await panel().getByText(say("sources.obstacle.cut_off"), { exact: true }).waitFor();
      assert.equal(await bring("three"), 409);
      await panel().getByRole("button", { name: say("sources.withdraw") }).click();
      await officer.getByText(say("sources.withdrawText", { only: "2", some: "0", values: "2", entries: "0" })).waitFor();
      assert.deepEqual(await axe(officer), []);
      await shot("97-source-withdraw");
      await officer.getByRole("button", { name: say("sources.withdrawGo"), exact: true }).click();
      await panel().getByRole("button", { name: say("sources.withdraw") }).click();
      await officer.getByText(say("sources.withdrawNone")).waitFor();
    });
  });
}
