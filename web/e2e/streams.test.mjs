// A stream made in the console, written to by a page of the shop in the same browser, and what came of it, in
// both languages. Covers B1, B10.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { axe, chinese, english, House, root } from "./harness.mjs";

const shots = process.env.FIDUCIA_SHOTS === undefined ? undefined : join(root, "build/shots");

for (const [locale, words] of [["en-US", english], ["zh-CN", chinese]]) {
  describe(`streams ${locale}`, () => {
    const { say } = words;
    let house, engineer, shop, origin, key;
    const shot = async (name) => {
      if (shots === undefined) return;
      mkdirSync(shots, { recursive: true });
      for (const [size, viewport] of [["wide", { width: 1280, height: 860 }], ["narrow", { width: 390, height: 844 }]]) {
        await engineer.setViewportSize(viewport);
        await engineer.waitForTimeout(250);
        await engineer.screenshot({ path: join(shots, `${name}.${locale.slice(0, 2)}.${size}.png`), fullPage: true });
      }
      await engineer.setViewportSize({ width: 1280, height: 860 });
    };
    before(async () => {
      house = await House.start({ customers: 0 });
      house.run("source", "add", "web", "--channel", "event", "--owner", "marketing");
      engineer = await house.page({ locale });
      await house.setUp(engineer, house.invite("chen", "Chen", "engineer"), words);
      shop = createServer((_, answer) => { answer.setHeader("Content-Type", "text/html"); answer.end("<h1>Tea shop</h1>"); });
      await new Promise((done) => shop.listen(0, "localhost", done));
      origin = `http://localhost:${shop.address().port}`;
    });
    after(async () => {
      assert.deepEqual(engineer.faults, []);
      await new Promise((done) => shop.close(done));
      await house.stop();
    });

    test("it is made, and its key is shown once", async () => {
      await engineer.goto(house.base + "/console/streams");
      await engineer.getByText(say("streams.none")).waitFor();
      assert.deepEqual(await axe(engineer), []);
      await engineer.getByRole("button", { name: say("streams.add") }).click();
      await engineer.getByLabel(say("streams.source"), { exact: true }).fill("web");
      await engineer.getByLabel(say("streams.label"), { exact: true }).fill("Tea shop");
      await engineer.getByLabel(say("streams.origins")).fill(origin);
      await engineer.getByRole("checkbox", { name: locale === "en-US" ? "Personalization" : "个性化", exact: false }).first().check();
      assert.deepEqual(await axe(engineer), []);
      await shot("80-stream-new");
      await engineer.getByRole("button", { name: say("streams.make") }).click();
      key = await engineer.locator("dialog code").innerText();
      assert.match(key, /^wk_/);
      await engineer.getByRole("button", { name: say("streams.kept") }).click();
      await engineer.getByText("Tea shop").waitFor();
      assert.equal(await engineer.getByText(key).count(), 0);
    });

    test("a page of the shop writes, another page does not", async () => {
      const page = await house.page({ locale });
      const send = async (consent, properties = {}) => page.evaluate(async ({ base, key, consent, properties }) => {
        const answer = await fetch(`${base}/v1/track`, { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Basic ${btoa(`${key}:`)}` }, body: JSON.stringify({ anonymousId: "visitor", event: "Product Added", properties, context: { consent: { categoryPreferences: { personalization: consent } } } }) });
        return (await answer.json()).events[0].status;
      }, { base: house.base, key, consent, properties });
      await page.goto(origin);
      assert.equal(await send(true), "accepted");
      assert.equal(await send(true, { weight: 70 }), "accepted");
      assert.equal(await send(false), "dropped");
      // The same page at another origin: the browser is told nothing that lets it.
      await page.goto(origin.replace("localhost", "127.0.0.1")).catch(() => page.goto(house.base + "/healthz"));
      await assert.rejects(send(true).then((status) => { if (status !== "accepted") throw new Error(status); }));
      await page.context().close();
    });

    test("what came, what was dropped and what was left out stand in the console", async () => {
      await engineer.reload();
      await engineer.getByText("properties.weight").waitFor();
      await engineer.getByText(say("streams.reason.no_consent")).waitFor();
      assert.deepEqual(await axe(engineer), []);
      assert.equal(await engineer.evaluate(() => document.documentElement.scrollWidth > window.innerWidth), false);
      await shot("81-streams");
      await engineer.getByRole("button", { name: say("streams.end"), exact: true }).first().click();
      await engineer.locator("dialog[open]").getByRole("button", { name: say("streams.end"), exact: true }).click();
      await engineer.getByText(say("streams.ended"), { exact: true }).waitFor();
    });
  });
}
