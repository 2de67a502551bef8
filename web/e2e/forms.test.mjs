// Forms from the console to the customer's page, in a real Chromium, on a phone, in both languages: built with
// what may not be asked refused, answered and confirmed from the mailbox, embedded in the shop's page, and
// captured at a fair without a network. Covers B2, B4, B10, G2.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import { axe, chinese, english, fits, House, shots } from "./harness.mjs";

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const own = {
  "en-US": { email: "E-mail", name: "Full name", send: "Send", keep: "Keep", confirm: "Please look into your mailbox", go: "Yes, confirm", confirmed: "Confirmed", gone: "This link is used up or has run out.", thanks: "Thank you", waiting: /wait for the network/, sent: "Everything is sent.", wrong: "Please check this answer.", marketing: "Marketing by e-mail" },
  "zh-CN": { email: "电子邮箱", name: "姓名", send: "提交", keep: "保存", confirm: "请查看您的邮箱", go: "是，确认", confirmed: "已确认", gone: "此链接已使用或已过期。", thanks: "谢谢", waiting: /等待网络/, sent: "已全部提交。", wrong: "请检查此项回答。", marketing: "邮件营销" },
};

for (const [locale, words] of [["en-US", english], ["zh-CN", chinese]]) {
  describe(`forms ${locale}`, () => {
    const { say } = words;
    const mine = own[locale];
    const en = locale === "en-US";
    let house, engineer, shop, origin;
    const shot = async (page, name, sizes = ["narrow"], scheme = "light") => {
      if (shots === undefined) return;
      await page.emulateMedia({ colorScheme: scheme });
      for (const size of sizes) {
        if (size === "wide") await page.setViewportSize({ width: 1280, height: 860 });
        await page.waitForTimeout(200);
        await page.screenshot({ path: join(shots, `${name}.${locale.slice(0, 2)}.${size}${scheme === "dark" ? ".dark" : ""}.png`), fullPage: true });
      }
    };
    const mails = async () => JSON.parse(await house.runBeside("--json", "mail", "show")).waiting;
    const fill = (label, text) => engineer.getByLabel(label, { exact: true }).fill(text);
    const form = async (spec) => {
      const file = join(house.home, `${spec.code}.json`);
      writeFileSync(file, JSON.stringify(spec));
      const made = JSON.parse(await house.runBeside("--json", "form", "add", file));
      await house.runBeside("form", "open", made.id);
      return made.id;
    };
    before(async () => {
      house = await House.start({ customers: 0 });
      house.run("source", "add", "web", "--channel", "form", "--owner", "marketing");
      engineer = await house.page({ locale });
      await house.setUp(engineer, house.invite("chen", "Chen", "engineer"), words);
      shop = createServer((_, answer) => {
        answer.setHeader("Content-Type", "text/html");
        answer.end(`<!doctype html><html lang="${locale}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tea shop</title><main><h1>Tea shop</h1><script src="${house.base}/sdk/form.js" data-form="survey" data-locale="${locale}"></script></main></html>`);
      });
      await new Promise((done) => shop.listen(0, "localhost", done));
      origin = `http://localhost:${shop.address().port}`;
    });
    after(async () => {
      assert.deepEqual(engineer.faults, []);
      await new Promise((done) => shop.close(done));
      await house.stop();
    });

    test("it is built: what no purpose needs is not offered, and what is not in order cannot be kept", async () => {
      await engineer.goto(house.base + "/console/forms");
      await engineer.getByText(say("forms.none")).waitFor();
      assert.deepEqual(await axe(engineer), []);
      await engineer.getByRole("button", { name: say("forms.add") }).click();
      await engineer.getByLabel(say("forms.code"), { exact: true }).fill("news");
      await engineer.getByLabel(say("forms.source"), { exact: true }).fill("web");
      await fill(`${say("forms.titleOf")} · 中文`, "茶讯");
      await fill(`${say("forms.titleOf")} · English`, "Tea news");
      await fill(`${say("forms.intro")} · 中文`, "每月一封，介绍新茶。");
      await fill(`${say("forms.intro")} · English`, "Once a month, about new teas.");
      await engineer.getByText(say("forms.choosePurpose")).waitFor();
      await engineer.getByRole("checkbox", { name: mine.marketing, exact: true }).check();
      const ask = engineer.getByRole("button", { name: say("forms.ask") });
      await ask.click();
      const fields = engineer.getByLabel(say("forms.field"), { exact: true });
      const offered = await fields.first().locator("option").allInnerTexts();
      assert.ok(offered.includes(mine.email) && !offered.some((name) => /Income|收入|Complaint|投诉/.test(name)), offered.join());
      await fields.first().selectOption("name_full");
      await engineer.getByText(say("forms.problem.opt_in_needs_email")).waitFor();
      assert.equal(await engineer.getByRole("button", { name: say("forms.save") }).isDisabled(), true);
      await ask.click();
      await fields.nth(1).selectOption("email");
      await engineer.getByLabel(say("forms.required"), { exact: true }).nth(1).check();
      await engineer.getByText(say("forms.problems")).waitFor({ state: "hidden" });
      assert.deepEqual(await axe(engineer), []);
      await shot(engineer, "83-form-build", ["wide"]);
      await engineer.setViewportSize({ width: 390, height: 844 });
      await fits(engineer);
      await shot(engineer, "83-form-build");
      await engineer.setViewportSize({ width: 1280, height: 860 });
      await engineer.getByRole("button", { name: say("forms.save") }).click();
      await engineer.getByRole("button", { name: say("forms.open"), exact: true }).click();
      await engineer.getByText(say("forms.state.open"), { exact: true }).waitFor();
    });

    test("answered on a phone, confirmed from the mailbox, and then a customer with the life of each value", async () => {
      const visitor = await house.page({ locale, ...phone });
      const sent = [];
      visitor.on("request", (request) => { if (request.method() === "POST") sent.push(request.postData() ?? ""); });
      await visitor.goto(`${house.base}/f/news`);
      await visitor.getByRole("heading", { name: en ? "Tea news" : "茶讯" }).waitFor();
      assert.deepEqual(await axe(visitor), []);
      await fits(visitor);
      assert.equal(await visitor.getByRole("checkbox", { checked: true }).count(), 0, "nothing is chosen beforehand");
      await shot(visitor, "84-form");
      await shot(visitor, "84-form", ["narrow"], "dark");
      await visitor.emulateMedia({ colorScheme: "light" });
      await visitor.getByLabel(mine.name).fill("Ana Silva");
      await visitor.getByRole("textbox", { name: mine.email }).fill("ana@silva");
      await visitor.getByRole("checkbox").check();
      await visitor.getByRole("button", { name: mine.send }).click();
      await visitor.getByText(mine.wrong).first().waitFor();
      await visitor.getByRole("textbox", { name: mine.email }).fill("ana@example.com");
      await visitor.getByRole("button", { name: mine.send }).click();
      await visitor.getByRole("heading", { name: mine.confirm }).waitFor();
      await shot(visitor, "85-form-sent");
      assert.ok(sent.length >= 2 && sent.every((body) => !/ana|Ana|silva/i.test(body)), "only sealed answers leave the page");
      assert.equal(await visitor.evaluate(() => JSON.stringify(localStorage) + document.cookie), "{}");
      const search = async () => house.runBeside("--json", "customer", "find", "--email", "ana@example.com", "--purpose", "marketing_email");
      assert.ok(!(await search()).includes("Ana"));
      const mail = (await mails()).at(-1);
      const link = /https:\S+/.exec(mail.body)[0].replace("127.0.0.1", "localhost");
      await visitor.goto(link);
      await visitor.getByRole("button", { name: mine.go }).waitFor();
      assert.deepEqual(await axe(visitor), []);
      await shot(visitor, "86-form-confirm");
      await visitor.getByRole("button", { name: mine.go }).click();
      await visitor.getByRole("heading", { name: mine.confirmed }).waitFor();
      await visitor.goto("about:blank");
      await visitor.goto(link);
      await visitor.getByRole("button", { name: mine.go }).click();
      await visitor.getByText(mine.gone).waitFor();
      await visitor.context().close();

      const marketer = await house.page({ locale });
      await house.setUp(marketer, house.invite("mark", "Mark", "marketer"), words);
      await marketer.goto(house.base + "/console/customers");
      await marketer.locator("tbody a").first().click();
      await marketer.getByText("Ana Silva").first().waitFor();
      await shot(marketer, "87-form-customer", ["wide"]);
      assert.deepEqual(marketer.faults, []);
      await marketer.context().close();
    });

    test("a survey in the shop's own page, with a scale", async () => {
      await form({ code: "survey", title: { "zh-CN": "您满意吗？", en: "How was it?" }, source: "web", purposes: [{ id: "service", basis: "contract" }], questions: [{ field: "satisfaction", label: { "zh-CN": "您会向朋友推荐我们吗？", en: "Would you recommend us to a friend?" }, scale: "nps", required: true }, { field: "enquiry_text", label: { "zh-CN": "还有什么想说的？", en: "Anything else?" } }, { field: "product_interest", label: { "zh-CN": "您感兴趣的茶", en: "Teas you like" }, choices: [{ value: "green", name: { "zh-CN": "绿茶", en: "Green" } }, { value: "black", name: { "zh-CN": "红茶", en: "Black" } }] }], origins: [origin] });
      const visitor = await house.page({ locale, ...phone });
      await visitor.goto(origin);
      await visitor.getByRole("radio", { name: "9" }).waitFor();
      assert.deepEqual(await axe(visitor), []);
      await fits(visitor);
      await visitor.getByRole("radio", { name: "9" }).check({ force: true });
      await shot(visitor, "88-survey");
      await visitor.getByRole("button", { name: mine.send }).click();
      await visitor.getByRole("heading", { name: mine.thanks }).waitFor();
      await visitor.context().close();
      // From a page that is not named it does not work.
      const elsewhere = await house.page({ locale });
      const refused = await elsewhere.request.get(`${house.base}/v1/forms/survey`, { headers: { Origin: "https://elsewhere.example" } });
      assert.equal(refused.status(), 403);
      await elsewhere.context().close();
    });

    test("at a fair without a network: kept sealed on the phone, sent once when it is back", async () => {
      const id = await form({ code: "fair", kind: "capture", title: { "zh-CN": "茶博会", en: "Tea fair" }, source: "web", purposes: [{ id: "marketing_sms", basis: "consent" }], questions: [{ field: "mobile", required: true }, { field: "name_full" }] });
      await engineer.goto(house.base + "/console/forms");
      await engineer.getByRole("button", { name: say("forms.capture"), exact: true }).click();
      await engineer.getByRole("button", { name: say("forms.captureGo") }).click();
      const link = await engineer.locator("dialog[open] code").innerText();
      await shot(engineer, "89-form-link", ["wide"]);
      await engineer.getByRole("button", { name: say("forms.kept") }).click();
      const device = await house.page({ locale, ...phone });
      await device.goto(link);
      await device.getByRole("heading", { name: en ? "Tea fair" : "茶博会" }).waitFor();
      await device.evaluate(() => navigator.serviceWorker.ready);
      await device.reload(); // now under the worker
      await device.getByRole("button", { name: mine.keep }).waitFor();
      await device.context().setOffline(true);
      await device.reload();
      await device.getByRole("button", { name: mine.keep }).waitFor();
      for (const [mobile, name] of [["13912340001", "Wang Fang"], ["13912340002", "Li Na"]]) {
        await device.getByLabel(en ? "Mobile" : "手机", { exact: false }).first().fill(mobile);
        await device.getByLabel(mine.name).fill(name);
        await device.getByRole("checkbox").check();
        await device.getByRole("button", { name: mine.keep }).click();
        await device.waitForFunction((count) => JSON.parse(localStorage.getItem("fiducia-queue-fair") ?? "[]").length === count, name === "Li Na" ? 2 : 1);
      }
      await device.getByText(mine.waiting).waitFor();
      assert.deepEqual(await axe(device), []);
      await fits(device);
      await shot(device, "90-capture");
      const kept = await device.evaluate(() => JSON.stringify(localStorage));
      assert.ok(!/1391234|Wang|Li Na/.test(kept), "a lost phone tells nothing");
      await device.context().setOffline(false);
      await device.evaluate(() => dispatchEvent(new Event("online")));
      await device.getByText(mine.sent).waitFor();
      await device.context().close();
      await engineer.reload();
      await engineer.getByRole("button", { name: say("forms.capture"), exact: true }).waitFor();
      await shot(engineer, "91-forms", ["wide"]);
      const forms = await engineer.evaluate(async () => (await (await fetch("/api/v1/forms")).json()).forms);
      assert.equal(forms.find((one) => one.id === id).counts.kept, 2);
      assert.equal(forms.find((one) => one.code === "news").counts.kept, 1);
    });

    test("another library seals for it too", async () => {
      const shown = await (await engineer.request.get(`${house.base}/v1/forms/fair`)).json();
      const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
      const bytes = (text) => new TextEncoder().encode(text);
      const recipientPublicKey = await suite.kem.deserializePublicKey(Buffer.from(shown.key.public, "base64"));
      const messageId = crypto.randomUUID();
      const sender = await suite.createSenderContext({ recipientPublicKey, info: bytes("fiducia form") });
      const text = await sender.seal(bytes(JSON.stringify({ answers: { mobile: ["13912340003"] }, consent: { marketing_sms: true } })), bytes(`fair\x1f${messageId}`));
      const body = { id: messageId, notice: shown.notice, sealed: { key: shown.key.id, enc: Buffer.from(sender.enc).toString("base64"), text: Buffer.from(text).toString("base64") } };
      const refused = await engineer.request.post(`${house.base}/v1/forms/fair`, { data: body });
      assert.equal(refused.status(), 401, "a capture page has a key");
    });
  });
}
