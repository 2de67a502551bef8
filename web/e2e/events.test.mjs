// The client libraries of Segment and RudderStack as they come from npm, against a server that is killed
// under them: every event once, on the right timeline. Covers B1, B9.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { Analytics } from "@segment/analytics-node";
import { root } from "./harness.mjs";

process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // our own certificate, on loopback
const binary = process.env.FIDUCIA_BINARY ?? join(root, "build/fiducia");
const events = 5000;
const users = 100;

async function freePort() {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

describe("client libraries", () => {
  let home, port, base, server, key;
  const run = (...words) => execFileSync(binary, ["--home", home, ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const serve = async () => {
    server = spawn(binary, ["--home", home, "--json", "serve", "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((done) => server.stdout.once("data", done));
  };
  const kill = () => new Promise((done) => { server.once("exit", done); server.kill("SIGKILL"); });
  const call = async (method, path, body) => {
    const answer = await fetch(base + path, { method, headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json", "Fiducia-Purpose": "service" }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${answer.ok ? "" : await answer.text()}`);
    return answer.json();
  };
  // Everybody's timeline, in pages.
  const counted = async (source) => {
    const names = new Map();
    let cursor = "";
    for (;;) {
      const page = await call("GET", `/api/v1/changes?limit=1000${cursor === "" ? "" : `&cursor=${cursor}`}`);
      for (const change of page.events) {
        let next = "";
        do {
          const timeline = await call("GET", `/api/v1/customers/${change.subject}/timeline?limit=100${next === "" ? "" : `&cursor=${next}`}`);
          for (const event of timeline.events) {
            const [name] = event.fields.event_name;
            if (name.source === source) names.set(name.value, (names.get(name.value) ?? 0) + 1);
          }
          next = timeline.next ?? "";
        } while (next !== "");
      }
      cursor = page.next;
      if (page.events.length === 0) return names;
    }
  };
  const stream = async (source) => {
    run("source", "add", source, "--channel", "event", "--owner", "web");
    return (await call("POST", "/api/v1/streams", { source, label: source, purposes: ["service"], basis: "legitimate_interest", fields: ["event_name", "page_view", "email"] })).write_key;
  };

  before(async () => {
    home = mkdtempSync(join(tmpdir(), "fiducia-events-"));
    rmSync(home, { recursive: true });
    run("init", "--json");
    key = JSON.parse(run("--json", "keys", "add-service", "--role", "operator", "--label", "events")).key;
    port = await freePort();
    base = `https://127.0.0.1:${port}`;
    await serve();
  });
  after(async () => {
    await kill();
    rmSync(home, { recursive: true });
  });

  // Sends all events, and kills the server twice while they are on their way.
  const sendAll = async (send, flush) => {
    for (let i = 0; i < events; i++) {
      send(i);
      if (i % 500 === 499) await new Promise((done) => setTimeout(done, 20));
      if (i === 1500 || i === 3500) {
        await kill();
        await new Promise((done) => setTimeout(done, 300));
        await serve();
      }
    }
    await flush();
  };
  const check = async (source) => {
    const names = await counted(source);
    assert.equal(names.size, events, "every event");
    assert.ok([...names.values()].every((n) => n === 1), "once");
  };

  test("@segment/analytics-node: 5,000 events, once each", { timeout: 240000 }, async () => {
    const analytics = new Analytics({ writeKey: await stream("segment"), host: base, maxRetries: 30, flushAt: 100, maxEventsInBatch: 100, flushInterval: 200 });
    const faults = [];
    analytics.on("error", (fault) => faults.push(fault));
    await sendAll(
      (i) => analytics.track({ userId: `u${i % users}`, event: `Segment event ${i}`, properties: { secret: "left out" } }),
      () => analytics.closeAndFlush({ timeout: 120000 }),
    );
    assert.deepEqual(faults, []);
    await check("segment");
  });

  test("@rudderstack/rudder-sdk-node: 5,000 events, once each", { timeout: 240000 }, async () => {
    const analytics = new RudderAnalytics(await stream("rudder"), { dataPlaneUrl: base, flushAt: 100, flushInterval: 200, maxInternalQueueSize: 20000, logLevel: "error" });
    await sendAll(
      (i) => analytics.track({ userId: `u${i % users}`, event: `Rudder event ${i}` }),
      async () => {
        const until = Date.now() + 120000;
        for (;;) {
          await analytics.flush().catch(() => undefined);
          const { streams } = await call("GET", "/api/v1/streams");
          const names = await counted("rudder");
          if (names.size === events || Date.now() > until) return streams;
          await new Promise((done) => setTimeout(done, 1000));
        }
      },
    );
    await check("rudder");
  });

  test("what is sent again by hand is known", async () => {
    const writeKey = await stream("again");
    const batch = { batch: Array.from({ length: 100 }, (_, i) => ({ type: "track", userId: "u", event: "Again", messageId: `m${i}` })) };
    const send = async () => (await (await fetch(`${base}/v1/batch`, { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Basic ${btoa(`${writeKey}:`)}` }, body: JSON.stringify(batch) })).json()).events;
    assert.ok((await send()).every((event) => event.status === "accepted"));
    await kill();
    await serve();
    assert.ok((await send()).every((event) => event.status === "duplicate"));
  });
});
