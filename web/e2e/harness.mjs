// A real server with made-up customers, and people at a real Chromium. Everything on loopback.
import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const binary = process.env.FIDUCIA_BINARY ?? join(root, "build/fiducia");
export const password = "a green bicycle in the rain";

function fromBase32(text) {
  let bits = "";
  for (const c of text) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0");
  return Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
}

export function totp(secret, at = Date.now()) {
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30000)));
  const mac = createHmac("sha1", fromBase32(secret)).update(step).digest();
  const offset = mac[19] & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1000000).padStart(6, "0");
}

export class House {
  static async start({ customers = 120 } = {}) {
    const house = new House();
    house.home = mkdtempSync(join(tmpdir(), "fiducia-web-"));
    rmSync(house.home, { recursive: true });
    house.run("init", "--json");
    if (customers > 0) house.run("demo", "--customers", String(customers));
    house.server = spawn(binary, ["--home", house.home, "--json", "serve", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
    const line = await new Promise((done) => house.server.stdout.once("data", (data) => done(String(data))));
    house.base = JSON.parse(line).listening.replace("127.0.0.1", "localhost");
    house.browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--ignore-certificate-errors", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"],
    });
    return house;
  }
  run(...words) {
    return execFileSync(binary, ["--home", this.home, ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  }
  // The same while this process goes on answering.
  async runBeside(...words) {
    return (await promisify(execFile)(binary, ["--home", this.home, ...words])).stdout;
  }
  // Invites a person; gives the path with the one-time secret.
  invite(login, name, ...roles) {
    const made = JSON.parse(this.run("--json", "people", "add", login, "--name", name, ...roles.flatMap((role) => ["--role", role])));
    return made.setup_path;
  }
  async page(options = {}) {
    const context = await this.browser.newContext({ ignoreHTTPSErrors: true, locale: "en-US", viewport: { width: 1280, height: 860 }, ...options });
    const page = await context.newPage();
    page.faults = [];
    page.on("pageerror", (error) => page.faults.push(String(error)));
    page.on("console", (message) => {
      const elsewhere = message.location().url !== "" && !message.location().url.startsWith(this.base);
      if (message.type() === "error" && !elsewhere && !/status of (4\d\d)/.test(message.text())) page.faults.push(message.text());
    });
    return page;
  }
  // Sets an account up with an authenticator app; gives its secret. `words`: of the language in use.
  async setUp(page, path, words = english) {
    await page.goto(this.base + path);
    await page.getByLabel(words.password, { exact: true }).fill(password);
    await page.getByLabel(words.again).fill(password);
    await page.getByRole("button", { name: words.goOn }).click();
    await page.getByRole("button", { name: words.useApp }).click();
    const secret = await page.locator("code").innerText();
    await page.getByLabel(words.code).fill(totp(secret));
    await page.getByRole("button", { name: words.confirm }).click();
    await page.getByRole("button", { name: words.kept }).click();
    await page.getByRole("checkbox").check();
    await page.getByRole("button", { name: words.sign, exact: true }).click();
    await page.locator(".shell").waitFor();
    return secret;
  }
  async stop() {
    await this.browser?.close();
    const ended = new Promise((done) => this.server.once("exit", done));
    this.server.kill("SIGTERM");
    await ended;
    rmSync(this.home, { recursive: true, force: true });
  }
}

// The console's own words: say("requests.ask", { name }) as i18next has them.
export function wordsOf(file) {
  const all = JSON.parse(readFileSync(join(root, "web/locales", file), "utf8"));
  return (key, values = {}) => {
    const found = key.split(".").reduce((at, part) => at?.[part], all);
    if (typeof found !== "string") throw new Error(`no word ${key} in ${file}`);
    return found.replace(/{{(\w+)}}/g, (_, name) => values[name] ?? `{{${name}}}`);
  };
}

const setUpWords = (say) => ({
  say, password: say("setUp.password"), again: say("setUp.again"), goOn: say("setUp.go"), useApp: say("enroll.app"),
  code: say("signIn.code"), confirm: say("enroll.confirm"), kept: say("recovery.kept"), sign: say("agreement.sign"),
});
export const english = setUpWords(wordsOf("en.json"));
export const chinese = setUpWords(wordsOf("zh-CN.json"));

// Nothing of the page stands out at its side.
export async function fits(page) {
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth), false);
}

// Where pictures of pages go; none are taken without FIDUCIA_SHOTS.
export const shots = process.env.FIDUCIA_SHOTS === undefined ? undefined : join(root, "build/shots");
if (shots !== undefined) mkdirSync(shots, { recursive: true });

// The page on a desk and on a phone; wide again afterwards.
export async function shoot(page, locale, name) {
  if (shots === undefined) return;
  for (const [size, viewport] of [["wide", { width: 1280, height: 860 }], ["narrow", { width: 390, height: 844 }]]) {
    await page.setViewportSize(viewport);
    await page.waitForTimeout(250);
    await fits(page);
    await page.screenshot({ path: join(shots, `${name}.${locale.slice(0, 2)}.${size}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1280, height: 860 });
}

// Serious and critical findings of axe, as short texts.
export async function axe(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => `${v.id}: ${v.nodes[0]?.html}`);
}
