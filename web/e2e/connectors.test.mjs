// A connector made in the console from a template, called with and without the right signature, what could not be
// taken mended or given up, in both languages. Covers B3, E5, B10.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { axe, chinese, english, House, shoot } from "./harness.mjs";

const secret = "a shared secret of the shop";

for (const [locale, words] of [["en-US", english], ["zh-CN", chinese]]) {
  describe(`connectors ${locale}`, () => {
    const { say } = words;
    let house, engineer, address;
    const shot = (name) => shoot(engineer, locale, name);
    const call = async (body, sign = secret) =>
      (await engineer.request.post(address, { data: body, headers: { "Content-Type": "application/json", "X-Shopify-Topic": "orders/create", "X-Shopify-Hmac-Sha256": createHmac("sha256", sign).update(body).digest("base64") } })).status();
    before(async () => {
      house = await House.start({ customers: 0 });
      house.run("source", "add", "shop", "--channel", "api", "--owner", "sales");
      engineer = await house.page({ locale });
      await house.setUp(engineer, house.invite("chen", "Chen", "engineer"), words);
    });
    after(async () => {
      assert.deepEqual(engineer.faults, []);
      await house.stop();
    });

    test("it is made from a template", async () => {
      await engineer.goto(house.base + "/console/connectors");
      await engineer.getByText(say("connectors.none")).waitFor();
      assert.deepEqual(await axe(engineer), []);
      await engineer.getByRole("button", { name: say("connectors.add") }).click();
      await engineer.getByLabel(say("connectors.template")).selectOption("Shopify");
      await engineer.getByLabel(say("streams.source"), { exact: true }).fill("shop");
      await engineer.getByLabel(say("connectors.secret")).fill("short");
      assert.deepEqual(await axe(engineer), []);
      await shot("92-connector-new");
      await engineer.getByRole("button", { name: say("connectors.make") }).click();
      await engineer.locator("dialog[open] .note.bad").waitFor();
      await engineer.getByLabel(say("connectors.secret")).fill(secret);
      await engineer.getByRole("button", { name: say("connectors.make") }).click();
      address = (await engineer.locator("main code").first().innerText()).trim();
      assert.match(address, /\/v1\/hooks\//);
    });

    test("signed calls come in once, others not at all, and what does not fit waits", async () => {
      const order = JSON.stringify({ name: "#1", created_at: new Date().toISOString(), total_price: "19.90", customer: { id: 7, email: "ana@example.com", accepts_marketing: true }, line_items: [{ title: "Green tea" }] });
      assert.equal(await call(order), 200);
      assert.equal(await call(order), 200);
      assert.equal(await call(order, "another secret of somebody"), 401);
      assert.equal(await call(JSON.stringify({ name: "#2" })), 200);
      await engineer.reload();
      await engineer.getByRole("button", { name: say("connectors.letters") }).click();
      await engineer.getByText(say("connectors.why.the_record_names_nobody")).waitFor();
      assert.deepEqual(await axe(engineer), []);
      await shot("93-connector-letters");
      await engineer.getByRole("button", { name: say("connectors.discard") }).click();
      await engineer.getByText(say("connectors.why.the_record_names_nobody")).waitFor({ state: "detached" });
      await engineer.getByRole("button", { name: say("common.close"), exact: true }).click();
      const figures = await engineer.locator(".figure .number").allInnerTexts();
      assert.deepEqual(figures, ["1", "1", "0", "0"]);
      await shot("94-connectors");
    });

    test("it pauses, goes on and ends", async () => {
      await engineer.getByRole("button", { name: say("connectors.pause"), exact: true }).click();
      await engineer.getByText(say("connectors.state.paused"), { exact: true }).waitFor();
      assert.equal(await call("{}"), 503);
      await engineer.getByRole("button", { name: say("connectors.resume"), exact: true }).click();
      await engineer.getByText(say("connectors.state.running"), { exact: true }).waitFor();
      await engineer.getByRole("button", { name: say("connectors.end"), exact: true }).click();
      await engineer.locator("dialog[open]").getByRole("button", { name: say("connectors.end"), exact: true }).click();
      await engineer.getByText(say("connectors.state.ended"), { exact: true }).waitFor();
      assert.equal(await call("{}"), 404);
    });
  });
}
