// Duplicates in a real Chromium, in both languages: found, compared value by value, merged, parted.
// And how good the data held is. Covers C2, H13.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { axe, chinese, english, House } from "./harness.mjs";

for (const [locale, words] of [["en-US", english], ["zh-CN", chinese]]) {
  describe(`duplicates ${locale}`, () => {
    const { say } = words;
    let house, steward;
    before(async () => {
      house = await House.start({ customers: 300 });
      steward = await house.page({ locale });
      await house.setUp(steward, house.invite("sam", "Sam", "steward"), words);
    });
    after(async () => {
      assert.deepEqual(steward.faults, []);
      await house.stop();
    });

    test("how good the data is, by source and field", async () => {
      await steward.goto(house.base + "/console/quality");
      // The first report is made by itself within a minute of the start.
      await steward.getByRole("button", { name: say("quality.run") }).click();
      await steward.locator(".figures").waitFor();
      assert.ok((await steward.locator("tbody tr").count()) > 5);
      await steward.getByRole("button", { name: "demo", exact: true }).click();
      await steward.locator("dialog tbody tr").first().waitFor();
      assert.deepEqual(await axe(steward), []);
      await steward.getByRole("button", { name: say("common.close"), exact: true }).click();
      assert.deepEqual(await axe(steward), []);
    });

    test("what has to be looked at again, and whom a campaign asks", async () => {
      await steward.getByRole("tab", { name: say("quality.part.ask") }).click();
      await steward.getByText(say("quality.nothingStale")).waitFor();
      await steward.getByText(say("campaigns.none")).waitFor();
      await steward.getByRole("button", { name: say("campaigns.start") }).click();
      assert.deepEqual(await axe(steward), []);
      await steward.getByRole("button", { name: say("campaigns.send") }).click();
      await steward.locator(".finding").waitFor();
      assert.deepEqual(await axe(steward), []);
      await steward.getByRole("button", { name: say("campaigns.close"), exact: true }).click();
      await steward.getByText(say("campaigns.closed"), { exact: true }).waitFor();
    });

    test("what free texts hold comes to the inbox and is decided", async () => {
      await steward.getByRole("tab", { name: say("quality.part.findings") }).click();
      await steward.getByText(say("findings.none")).waitFor();
      const key = JSON.parse(house.run("--json", "keys", "add-service", "--role", "engineer", "--label", "desk")).key;
      const answer = await steward.evaluate(async (authorization) => await (await fetch("/api/v1/customers", { method: "POST", credentials: "omit", headers: { "Content-Type": "application/json", Authorization: authorization, "Fiducia-Purpose": "service" }, body: JSON.stringify({ kind: "person", source: "demo", basis: "contract", fields: { name_full: "Ida Lund", complaint_text: "Card 6222021234567890128 was charged twice" } }) })).text(), `Bearer ${key}`);
      assert.ok(JSON.parse(answer).id, answer);
      await steward.reload();
      await steward.getByText(say("found.bank_card")).waitFor();
      assert.equal(await steward.getByText("6222021234567890128").count(), 0);
      assert.deepEqual(await axe(steward), []);
      await steward.getByRole("button", { name: say("findings.decide.expected") }).click();
      await steward.getByText(say("findings.state.expected"), { exact: true }).first().waitFor();
    });

    test("nothing waits before anybody looked", async () => {
      await steward.goto(house.base + "/console/matching");
      await steward.getByText(say("matching.none")).waitFor();
      assert.deepEqual(await axe(steward), []);
    });

    test("pairs are found, one is compared, merged and parted again", async () => {
      await steward.getByRole("button", { name: say("matching.start") }).click();
      await steward.locator("tbody tr").first().waitFor({ timeout: 60000 });
      const waiting = await steward.locator("tbody tr").count();
      assert.ok(waiting > 1, "the demo data holds people twice");
      assert.deepEqual(await axe(steward), []);
      await steward.getByRole("link", { name: say("matching.look") }).first().click();
      await steward.getByText(say("matching.why")).waitFor();
      assert.ok((await steward.locator(".weights li").count()) >= 3, "why, column by column");
      assert.deepEqual(await axe(steward), []);
      await steward.getByRole("button", { name: say("matching.mergeThese") }).click();
      await steward.getByText(say("matching.standsFor")).waitFor();
      assert.deepEqual(await axe(steward), []);
      await steward.getByRole("button", { name: say("matching.part"), exact: true }).click();
      await steward.getByText(say("matching.standsFor")).waitFor({ state: "detached" });
      await steward.goto(house.base + "/console/matching");
      await steward.locator("tbody tr").first().waitFor();
      assert.equal(await steward.locator("tbody tr").count(), waiting - 1, "parted by hand: not offered again");
    });

    test("all from a certainty on are merged at once, after being asked", async () => {
      await steward.getByRole("button", { name: say("matching.acceptAll").split("{{")[0] }).click();
      const dialog = steward.locator("dialog[open]");
      await dialog.waitFor();
      assert.deepEqual(await axe(steward), []);
      await dialog.getByRole("button", { name: say("matching.merge"), exact: true }).click();
      await dialog.waitFor({ state: "detached" });
      await steward.getByText(say("matching.none")).waitFor();
    });
  });
}
