// The service desk in a real Chromium, in both languages, on a desk and on a phone: a call taken in without what is
// not needed, a chat pasted, a ticket closed. Covers B5, B10.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { axe, chinese, english, House, shoot } from "./harness.mjs";

const card = "4111 1111 1111 1111";
const said = {
  "en-US": { call: `I want to complain, I was charged twice on card ${card}. Call me at +44 20 7946 0958 about order 7711. And delete my data!`, order: /order 7711/, chat: "[10:02] Support: hello\n[10:03] Ida Lund: the parcel has not arrived\n", turn: /Customer: the parcel has not arrived/ },
  "zh-CN": { call: `我要投诉，银行卡${card.replaceAll(" ", "")}被重复扣款，订单7711，请打13912345678。另外请删除我的个人信息！`, order: /订单7711/, chat: "客服小王：您好\n林艾达：快递还没收到\n", turn: /客户：快递还没收到/ },
};

for (const [locale, words] of [["en-US", english], ["zh-CN", chinese]]) {
  describe(`desk ${locale}`, () => {
    const { say } = words;
    const text = said[locale];
    let house, agent, customer;
    const dialog = () => agent.locator("dialog[open]");
    const button = (key) => agent.getByRole("button", { name: say(key), exact: true });
    const at = (key) => dialog().getByLabel(say(key), { exact: true });
    before(async () => {
      house = await House.start({ customers: 0 });
      house.run("source", "add", "desk", "--channel", "desk", "--owner", "care");
      const key = JSON.parse(house.run("--json", "keys", "add-service", "--role", "engineer", "--label", "desk")).key;
      agent = await house.page({ locale });
      await house.setUp(agent, house.invite("grace", "Grace", "agent"), words);
      const answer = await agent.evaluate(async (authorization) => await (await fetch("/api/v1/customers", { method: "POST", credentials: "omit", headers: { "Content-Type": "application/json", Authorization: authorization, "Fiducia-Purpose": "service" }, body: JSON.stringify({ kind: "person", source: "desk", basis: "contract", fields: { name_full: "Ida Lund" } }) })).json(), `Bearer ${key}`);
      customer = answer.id;
      assert.ok(customer);
    });
    after(async () => {
      assert.deepEqual(agent.faults, []);
      await house.stop();
    });

    test("a call is seen as it will be kept, and kept like that", async () => {
      await agent.goto(`${house.base}/console/customers/${customer}`);
      await agent.getByRole("tab", { name: say("desk.tickets") }).click();
      await agent.getByText(say("desk.none")).waitFor();
      assert.deepEqual(await axe(agent), []);
      await button("desk.new").click();
      await at("desk.words").fill(text.call);
      await at("desk.minutes").fill("12");
      await dialog().getByRole("button", { name: say("desk.look"), exact: true }).click();
      const kept = dialog().locator(".prose");
      await kept.waitFor();
      assert.match(await kept.innerText(), text.order);
      assert.doesNotMatch(await kept.innerText(), /4111|7946|139123/);
      assert.equal(await at("desk.matterLabel").inputValue(), "complaint");
      await dialog().getByText(say("found.bank_card")).waitFor();
      await dialog().getByText(say("desk.never"), { exact: true }).waitFor();
      await dialog().getByText(say("desk.rights", { rights: say("rights.right.erase") })).waitFor();
      assert.deepEqual(await axe(agent), []);
      await shoot(agent, locale, "98-desk-contact");
      // What the matter is about may stay, against a reason, and is seen before it does.
      await dialog().getByRole("checkbox").last().check();
      await at("desk.reason").fill("the number to call back");
      await kept.getByText(/7946|139123/).waitFor();
      await dialog().getByRole("button", { name: say("desk.take"), exact: true }).click();
      await agent.getByText(say("desk.opened")).waitFor();
      await agent.getByText(say("desk.matter.complaint"), { exact: true }).waitFor();
      await agent.locator(".line .prose").getByText(text.order).waitFor();
      // The number that was kept is hidden until it is opened, against a reason again.
      assert.doesNotMatch(await agent.locator(".line .prose").innerText(), /7946|139123/);
      await button("reveal.open").click();
      await at("reveal.reason").fill("to call back");
      await dialog().getByRole("button", { name: say("reveal.go"), exact: true }).click();
      await agent.locator(".line .prose").getByText(/7946|139123/).waitFor();
      assert.deepEqual(await axe(agent), []);
      await shoot(agent, locale, "99-desk-customer");
    });

    test("a chat of the same matter goes to its ticket; what was said stands in the timeline", async () => {
      await button("desk.add").click();
      await at("desk.channelLabel").selectOption("chat");
      await at("desk.words").fill(text.chat);
      await dialog().getByRole("button", { name: say("desk.look"), exact: true }).click();
      assert.match(await dialog().locator(".prose").innerText(), text.turn);
      await dialog().getByRole("button", { name: say("desk.take"), exact: true }).click();
      await agent.getByText(say("desk.added")).waitFor();
      await agent.getByText(say(locale === "en-US" ? "desk.contacts_other" : "desk.contacts_other", { count: "2" })).waitFor();
      await agent.getByRole("tab", { name: say("timeline.title") }).click();
      await agent.locator(".line").getByText(text.turn).waitFor();
      assert.equal(await agent.getByText("4111").count(), 0);
    });

    test("the queue shows who waits, until the ticket is closed", async () => {
      await agent.goto(`${house.base}/console/desk`);
      await agent.getByText(say("desk.waiting", { count: "1" })).waitFor();
      await button("desk.handOver").click();
      await agent.getByText(say("desk.request", { number: "R-" }).replace(/R-.*$/, "").trim()).first().waitFor();
      assert.deepEqual(await axe(agent), []);
      await shoot(agent, locale, "100-desk-queue");
      await button("desk.close").click();
      await at("desk.outcomeLabel").selectOption("solved");
      assert.deepEqual(await axe(agent), []);
      await dialog().getByRole("button", { name: say("desk.close"), exact: true }).click();
      await agent.getByText(say("desk.noneOpen")).waitFor();
      await agent.getByRole("tab", { name: say("desk.state.closed") }).click();
      await agent.getByText(say("desk.outcome.solved"), { exact: true }).waitFor();
    });
  });
}
