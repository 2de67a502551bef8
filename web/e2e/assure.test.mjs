// Accountability in a real Chromium, in both languages: a recipient from the register to the cut-off, an
// assessment from the draft to the signature of a second person, owners and reviews, the record of processing.
// Covers G10, G11, G13, G14.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { axe, chinese, english, House } from "./harness.mjs";

for (const [locale, words] of [["en-US", english], ["zh-CN", chinese]]) {
  describe(`accountability ${locale}`, () => {
    const { say } = words;
    let house, officer, manager;
    before(async () => {
      house = await House.start({ customers: 0 });
      officer = await house.page({ locale });
      await house.setUp(officer, house.invite("olga", "Olga", "privacy_officer"), words);
      manager = await house.page({ locale });
      await house.setUp(manager, house.invite("max", "Max", "manager"), words);
    });
    after(async () => {
      assert.deepEqual([...officer.faults, ...manager.faults], []);
      await house.stop();
    });

    test("a recipient: put on the register, stopped by what is missing, audited, cut off", async () => {
      await officer.goto(house.base + "/console/recipients");
      await officer.getByText(say("recipients.none")).waitFor();
      assert.deepEqual(await axe(officer), []);
      await officer.getByRole("button", { name: say("recipients.add"), exact: true }).first().click();
      const form = officer.locator("dialog[open] form");
      await form.getByLabel(say("recipients.name"), { exact: true }).fill("Mailhouse Ltd");
      await form.getByLabel(say("recipients.code"), { exact: true }).fill("mailhouse");
      await form.getByLabel(say("recipients.countries"), { exact: true }).fill("cn, us");
      await form.getByLabel(say("recipients.signed")).fill(new Date(Date.now() - 300 * 86400000).toISOString().slice(0, 10));
      await form.getByLabel(say("recipients.services")).fill("letters");
      assert.deepEqual(await axe(officer), []);
      await form.getByRole("button", { name: say("common.save") }).click();
      await officer.getByRole("link", { name: "Mailhouse Ltd" }).click();
      // It is abroad, and nobody said how that is lawful.
      await officer.getByText(say("recipients.obstacle.way_missing")).waitFor();
      assert.deepEqual(await axe(officer), []);
      await officer.getByRole("button", { name: say("recipients.edit"), exact: true }).click();
      await form.getByLabel(say("recipients.way")).selectOption("standard_contract");
      await form.getByRole("button", { name: say("common.save") }).click();
      await officer.getByText(say("recipients.obstacle.way_missing")).waitFor({ state: "detached" });
      await officer.getByRole("button", { name: say("recipients.audit"), exact: true }).click();
      await form.getByLabel(say("recipients.result")).selectOption("fail");
      await form.getByRole("button", { name: say("common.save") }).click();
      await officer.getByText(say("recipients.obstacle.audit_failed")).waitFor();
      await officer.getByRole("button", { name: say("recipients.turn.ended"), exact: true }).click();
      await form.getByLabel(say("requests.why")).fill("it did not pass its audit");
      await form.getByRole("button", { name: say("recipients.turn.ended") }).click();
      await officer.getByText("it did not pass its audit").waitFor();
      await officer.goto(house.base + "/console/recipients");
      await officer.locator("progress").first().waitFor();
      assert.deepEqual(await axe(officer), []);
    });

    test("an assessment: written by one, judged and signed by another; then the purpose may run", async () => {
      const name = locale === "en-US" ? "Credit assessment" : "信用评估";
      await manager.goto(house.base + "/console/accountability");
      const line = manager.locator("tbody tr", { hasText: name });
      await line.getByText(say("assess.stopped")).waitFor();
      assert.deepEqual(await axe(manager), []);
      await line.getByRole("button", { name: say("assess.start") }).click();
      await line.getByRole("link", { name: say("assess.goOn") }).click();
      await manager.getByLabel(say("assess.necessity"), { exact: true }).fill("No limit without knowing income.");
      await manager.getByLabel(say("assess.proportionality"), { exact: true }).fill("Income alone, for a year at most.");
      await manager.getByLabel(say("assess.measures"), { exact: true }).fill("Four eyes, sealed values, log.");
      await manager.getByRole("button", { name: say("common.save") }).click();
      await manager.getByText(say("assess.saved")).waitFor();
      assert.deepEqual(await axe(manager), []);
      await manager.getByRole("button", { name: say("assess.yes.submit"), exact: true }).click();
      await manager.getByText(say("assess.notByWriter")).waitFor();

      await officer.goto(manager.url());
      for (const step of ["opinion", "consult", "decide", "sign"]) {
        await officer.getByRole("heading", { name: say(`assess.step.${step}`), exact: true }).waitFor();
        if (step !== "sign") await officer.getByLabel(say("assess.words")).fill(`looked at: ${step}, with care`);
        await officer.getByRole("button", { name: say(`assess.yes.${step}`), exact: true }).click();
      }
      await officer.getByText("looked at: decide, with care").waitFor();
      await officer.getByText(say("assess.done.sign")).last().waitFor();
      assert.deepEqual(await axe(officer), []);
      await manager.goto(house.base + "/console/accountability");
      await line.getByText(say("assess.state.signed")).waitFor();
      assert.equal(await line.getByText(say("assess.stopped")).count(), 0);
    });

    test("owners and reviews; decisions of machines; the record of processing", async () => {
      await officer.goto(house.base + "/console/accountability");
      await officer.getByRole("tab", { name: say("duties.title") }).click();
      const line = officer.locator("tbody tr:not(.group)").first();
      await line.waitFor();
      assert.deepEqual(await axe(officer), []);
      await line.getByRole("button", { name: say("duties.review") }).click();
      const form = officer.locator("dialog[open] form");
      await form.getByLabel(say("duties.note")).fill("wording and fields checked");
      await form.getByRole("button", { name: say("common.save") }).click();
      await officer.getByText("wording and fields checked").waitFor();
      await officer.getByRole("tab", { name: say("decisions.title") }).click();
      await officer.getByText(locale === "en-US" ? "Granted at a lower limit" : "授予较低额度").waitFor();
      assert.deepEqual(await axe(officer), []);
      await officer.getByRole("tab", { name: say("records.title") }).click();
      assert.deepEqual(await axe(officer), []);
      const [record] = await Promise.all([officer.waitForEvent("download"), officer.getByRole("link", { name: "CSV" }).click()]);
      assert.match(readFileSync(await record.path(), "utf8"), /"credit_assessment","privacy_officer"/);
    });
  });
}
