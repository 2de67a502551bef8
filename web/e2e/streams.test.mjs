// A stream made in the console, written to by a page of the shop in the same browser, and what came of it, in
// both languages. Covers B1, B10.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { axe, chinese, english, fits, House, shoot, shots } from "./harness.mjs";

for (const [locale, words] of [["en-US", english], ["zh-CN", chinese]]) {
  describe(`streams ${locale}`, () => {
    const { say } = words;
    let house, engineer, shop, origin, key;
    // The shop's page, with the library once there is a key.
    const page = (path) => `<!doctype html><html lang="${locale}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tea shop</title><main><h1>Tea shop</h1><button id="add" onclick="fiducia.track('Product Added', {product_name: 'Green tea'})">+</button></main>${key === undefined ? "" : `<script src="${house.base}/sdk/fiducia.js" data-key="${key}"${path === "/sealed" ? ' data-seal="traits properties"' : ""}></script><script>fiducia.page()</script>`}</html>`;
    const shot = (name) => shoot(engineer, locale, name);
    before(async () => {
      house = await House.start({ customers: 0 });
      house.run("source", "add", "web", "--channel", "event", "--owner", "marketing");
      engineer = await house.page({ locale });
      await house.setUp(engineer, house.invite("chen", "Chen", "engineer"), words);
      shop = createServer((request, answer) => { answer.setHeader("Content-Type", "text/html"); answer.end(page(request.url)); });
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
      // A page of another origin: the browser is told nothing that lets it.
      await page.goto(house.base + "/healthz");
      await assert.rejects(send(true).then((status) => { if (status !== "accepted") throw new Error(status); }));
      await page.context().close();
    });

    describe("the library on a page of the shop", () => {
      const visit = async (options = {}) => {
        const visitor = await house.page({ locale, viewport: { width: 390, height: 844 }, ...options });
        visitor.calls = [];
        visitor.on("request", (request) => { if (/\/v1\/(batch|track)/.test(request.url()) && request.method() === "POST") visitor.calls.push(JSON.parse(request.postData() ?? "{}")); });
        return visitor;
      };
      const stored = (visitor) => visitor.evaluate(() => JSON.stringify(localStorage) + document.cookie);
      const say = locale === "en-US" ? { none: "Allow none", all: "Allow all", some: "Allow the chosen", title: "Your privacy" } : { none: "全部拒绝", all: "全部允许", some: "允许所选", title: "您的隐私" };

      test("before an answer nothing is sent and nothing kept; a no is a no", async () => {
        const visitor = await visit();
        await visitor.goto(origin);
        await visitor.getByRole("dialog", { name: say.title }).waitFor();
        await visitor.locator("#add").click();
        await visitor.waitForTimeout(400);
        assert.deepEqual(visitor.calls, []);
        assert.equal(await stored(visitor), "{}");
        assert.equal(await visitor.getByRole("checkbox", { checked: true }).count(), 0, "nothing is chosen beforehand");
        assert.deepEqual(await axe(visitor), []);
        await fits(visitor);
        if (shots !== undefined) await visitor.screenshot({ path: join(shots, `82-banner.${locale.slice(0, 2)}.narrow.png`) });
        await visitor.getByRole("button", { name: say.none }).click();
        await visitor.locator("#add").click();
        await visitor.reload();
        await visitor.waitForTimeout(400);
        assert.equal(await visitor.getByRole("dialog").count(), 0, "asked once");
        assert.deepEqual(visitor.calls, []);
        assert.ok(!(await stored(visitor)).includes("anonymousId"));
        assert.deepEqual(visitor.faults, []);
        await visitor.context().close();
      });

      test("with a yes what was seen is sent, also what was done without a network; taken back, no more", async () => {
        const visitor = await visit();
        await visitor.goto(origin);
        await visitor.getByRole("button", { name: say.all }).click();
        await visitor.waitForFunction(() => !localStorage.getItem("fiducia")?.includes("messageId"));
        assert.ok(visitor.calls.flatMap((call) => call.batch).some((event) => event.type === "page"));
        assert.equal(visitor.calls[0].context.consent.categoryPreferences.personalization, true);
        await visitor.context().setOffline(true);
        await visitor.locator("#add").click();
        await visitor.waitForFunction(() => localStorage.getItem("fiducia")?.includes("Product Added"));
        await visitor.context().setOffline(false);
        await visitor.evaluate(() => dispatchEvent(new Event("online")));
        await visitor.waitForFunction(() => !localStorage.getItem("fiducia")?.includes("Product Added"), undefined, { timeout: 20000 });
        await visitor.evaluate(() => window.fiducia.ask());
        await visitor.getByRole("button", { name: say.none }).click();
        await visitor.waitForTimeout(600);
        const before = visitor.calls.length;
        assert.ok(visitor.calls.at(-1).batch.some((event) => event.event === "Segment Consent Preference Updated"));
        await visitor.locator("#add").click();
        await visitor.waitForTimeout(400);
        assert.equal(visitor.calls.length, before);
        assert.equal(await visitor.evaluate(() => document.cookie), "");
        await visitor.context().close();
      });

      test("what is marked leaves the page, and waits in it, only sealed", async () => {
        const visitor = await visit();
        await visitor.goto(origin + "/sealed");
        await visitor.getByRole("button", { name: say.all }).click();
        await visitor.waitForFunction(() => !localStorage.getItem("fiducia")?.includes("messageId"));
        await visitor.context().setOffline(true);
        await visitor.locator("#add").click();
        await visitor.waitForFunction(() => localStorage.getItem("fiducia")?.includes("sealed"));
        assert.ok(!(await stored(visitor)).includes("Green tea"));
        await visitor.context().setOffline(false);
        await visitor.evaluate(() => dispatchEvent(new Event("online")));
        await visitor.waitForFunction(() => !localStorage.getItem("fiducia")?.includes("sealed"), undefined, { timeout: 20000 });
        assert.ok(visitor.calls.length > 0 && visitor.calls.every((call) => !JSON.stringify(call).includes("Green tea")));
        await visitor.evaluate(() => window.fiducia.ask());
        await visitor.getByRole("button", { name: say.none }).click();
        await visitor.waitForTimeout(600);
        assert.ok(visitor.calls.at(-1).batch.some((event) => event.event === "Segment Consent Preference Updated"));
        await visitor.context().close();
      });

      test("Global Privacy Control is a no, and nobody is asked", async () => {
        const visitor = await visit();
        await visitor.addInitScript(() => Object.defineProperty(navigator, "globalPrivacyControl", { value: true }));
        await visitor.goto(origin);
        await visitor.locator("#add").click();
        await visitor.waitForTimeout(500);
        assert.equal(await visitor.getByRole("dialog").count(), 0);
        assert.deepEqual(visitor.calls, []);
        await visitor.context().close();
      });
    });

    test("what came, what was dropped and what was left out stand in the console", async () => {
      await engineer.reload();
      await engineer.getByText("properties.weight").waitFor();
      await engineer.getByText(say("streams.reason.no_consent")).waitFor();
      assert.deepEqual(await axe(engineer), []);
      await fits(engineer);
      await shot("81-streams");
      await engineer.getByRole("button", { name: say("streams.end"), exact: true }).first().click();
      await engineer.locator("dialog[open]").getByRole("button", { name: say("streams.end"), exact: true }).click();
      await engineer.getByText(say("streams.ended"), { exact: true }).waitFor();
    });
  });
}
