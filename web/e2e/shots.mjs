// ./dev shots: pictures of every screen, in both languages, wide and narrow, light and dark, to be
// looked at by a person.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chinese, english, House, root } from "./harness.mjs";

const out = join(root, "build/shots");
mkdirSync(out, { recursive: true });
const house = await House.start({ customers: 300 });
house.run("department", "add", "care", "--zh", "客服部", "--en", "Customer care", "--purpose", "service", "--purpose", "order_fulfilment");
house.run("department", "add", "north", "--zh", "北方客服组", "--en", "Northern team", "--parent", "care");
house.invite("waiting", "Wang Wei", "analyst");

// A customer who knows the door: a handed link, a few answers, and somebody who looked.
const people = join(house.home, "people.csv");
writeFileSync(people, "name,mail,phone,birth,city,tags\n林静,ana@example.com,13800138000,1975-07-28,Shanghai,tea\n林小乐,leo@example.com,13900139002,2018-02-03,Shanghai,\n");
const mapping = join(house.home, "people.toml");
writeFileSync(mapping, ["name=name_full", "mail=email", "phone=mobile", "birth=birth_date", "city=city", "tags=product_interest"].map((pair) => `[[column]]\nname = "${pair.split("=")[0]}"\nfield = "${pair.split("=")[1]}"\n`).join(""));
house.run("source", "add", "shop", "--channel", "offline", "--owner", "store manager");
house.run("import", people, "--mapping", mapping, "--source", "shop", "--basis", "contract", "--purpose", "service");
const found = JSON.parse(house.run("--json", "customer", "find", "--mobile", "13800138000", "--purpose", "service"));
const customerId = found.customers[0].id;

// A guardian on record: put there by one, confirmed by another.
const child = JSON.parse(house.run("--json", "customer", "find", "--mobile", "13900139002", "--purpose", "service")).customers[0].id;
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // the certificate is of this run
const api = async (path, body, key) => {
  const answer = await fetch(house.base + path, { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}` }, body: JSON.stringify(body) });
  return answer.json();
};
const keys = ["privacy_officer", "manager"].map((role) => JSON.parse(house.run("--json", "keys", "add-service", "--role", role, "--label", `pictures ${role}`)).key);
const guardian = await api(`/api/v1/customers/${child}/guardians`, { guardian: customerId, relation: "parent", reference: "DOC-1" }, keys[0]);
await api(`/api/v1/customers/${child}/guardians/${guardian.id}`, { step: "confirm" }, keys[1]);

async function portal(language) {
  const locale = language === "en" ? "en-US" : "zh-CN";
  const tag = language === "en" ? "en" : "zh";
  const page = await house.page({ locale, viewport: { width: 390, height: 844 } });
  await page.goto(house.base + "/portal/");
  await page.locator("form").waitFor();
  await page.screenshot({ path: join(out, `50-portal-door.${tag}.narrow.png`) });
  const { url } = JSON.parse(house.run("--json", "customer", "link", customerId, "--purpose", "service", "--reason", "known at the desk"));
  await page.goto("about:blank");
  await page.goto(url);
  await page.locator("[data-purpose=marketing_email]").waitFor();
  const email = page.locator("[data-purpose=marketing_email] [role=switch]").first();
  if ((await email.getAttribute("aria-checked")) === "false") await email.click();
  await page.locator("[data-purpose=marketing_email][data-state=on]").waitFor();
  for (const [i, place] of ["uses", "data", "history", "answers", "more"].entries()) {
    await page.goto(`${house.base}/portal/#${place}`);
    await page.waitForTimeout(500);
    if (place === "uses") await page.locator("[data-purpose=marketing_email] details.more > summary").click();
    for (const [size, viewport] of [["narrow", { width: 390, height: 844 }], ["wide", { width: 1280, height: 860 }]]) {
      await page.setViewportSize(viewport);
      await page.waitForTimeout(200);
      await page.screenshot({ path: join(out, `${51 + i}-portal-${place}.${tag}.${size}.png`), fullPage: true });
    }
    await page.setViewportSize({ width: 390, height: 844 });
  }
  await page.goto(`${house.base}/portal/#data`);
  await page.locator("#speaking").selectOption(child);
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(out, `58-portal-ward.${tag}.narrow.png`) });
  await page.locator("#speaking").selectOption("");
  await page.goto(`${house.base}/portal/#uses`);
  await page.locator("[data-purpose=marketing_email]").waitFor();
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(out, `59-portal-phone.${tag}.narrow.png`) });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${house.base}/portal/#uses`);
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(out, `56-portal-dark.${tag}.narrow.png`) });
  await page.goto(`${house.base}/notices/privacy/current/${language === "en" ? "en" : "zh-CN"}`);
  await page.screenshot({ path: join(out, `57-notice.${tag}.narrow.png`) });
  await page.context().close();
}

async function everything(language) {
  const words = language === "en" ? english : chinese;
  const locale = language === "en" ? "en-US" : "zh-CN";
  const tag = language === "en" ? "en" : "zh";
  const shots = async (page, name) => {
    for (const [size, viewport] of [["wide", { width: 1280, height: 860 }], ["narrow", { width: 390, height: 844 }]]) {
      await page.setViewportSize(viewport);
      await page.waitForTimeout(250);
      await page.screenshot({ path: join(out, `${name}.${tag}.${size}.png`), fullPage: size === "wide" });
    }
    await page.setViewportSize({ width: 1280, height: 860 });
  };
  const first = await house.page({ locale });
  await first.goto(house.base + "/console/");
  await first.locator("form").waitFor();
  await shots(first, "01-sign-in");
  const agent = await house.page({ locale });
  const path = house.invite(`agent-${tag}`, language === "en" ? "Grace Lee" : "林静", "agent");
  await agent.goto(house.base + path);
  await agent.locator("form").waitFor();
  await shots(agent, "02-set-up");
  await house.setUp(agent, path, words);
  await agent.locator("main").waitFor();
  await agent.waitForTimeout(400);
  await shots(agent, "05-home");
  await agent.goto(house.base + "/console/customers");
  await agent.locator("table").waitFor();
  await shots(agent, "06-customers");
  await agent.locator("tbody a").first().click();
  await agent.locator(".facts").waitFor();
  await shots(agent, "07-customer");
  await agent.getByRole("tab").nth(1).click();
  await shots(agent, "08-customer-contact");
  await agent.locator(".facts .anchor button").first().click();
  await agent.screenshot({ path: join(out, `09-why.${tag}.wide.png`) });
  await agent.keyboard.press("Escape");
  await agent.locator(".facts .button.small:not(.quiet)").first().click();
  await agent.waitForTimeout(200);
  await agent.screenshot({ path: join(out, `10-reveal.${tag}.wide.png`) });
  await agent.keyboard.press("Escape");
  for (const [i, name] of [[5, "11-timeline"], [6, "12-lineage"], [7, "13-accesses"]]) {
    await agent.getByRole("tab").nth(i).click();
    await agent.waitForTimeout(500);
    await shots(agent, name);
  }
  await agent.keyboard.press("Control+k");
  await agent.waitForTimeout(200);
  await agent.screenshot({ path: join(out, `14-palette.${tag}.wide.png`) });
  await agent.keyboard.press("Escape");
  await agent.goto(house.base + "/console/profile");
  await agent.locator(".page").waitFor();
  await agent.waitForTimeout(400);
  await shots(agent, "15-profile");

  const engineer = await house.page({ locale });
  await house.setUp(engineer, house.invite(`engineer-${tag}`, "Chen Li", "engineer"), words);
  await engineer.goto(house.base + "/console/imports");
  await engineer.locator("table").waitFor();
  await shots(engineer, "16-imports");
  await engineer.locator("tbody a").first().click();
  await engineer.locator("table").waitFor();
  await shots(engineer, "17-import");
  await engineer.goto(house.base + "/console/imports/new");
  await engineer.locator(".drop").waitFor();
  await shots(engineer, "18-wizard");
  await engineer.goto(house.base + "/console/audit");
  await engineer.locator("table").waitFor();
  await shots(engineer, "19-audit");
  await engineer.goto(house.base + "/console/policy");
  await engineer.locator("table").waitFor();
  await shots(engineer, "20-policy");

  const admin = await house.page({ locale });
  await house.setUp(admin, house.invite(`admin-${tag}`, "Ada Admin", "admin"), words);
  await admin.goto(house.base + "/console/people");
  await admin.locator("table").waitFor();
  await shots(admin, "21-people");
  for (const [i, name] of [[1, "22-grants"], [2, "23-departments"]]) {
    await admin.getByRole("tab").nth(i).click();
    await admin.waitForTimeout(300);
    await shots(admin, name);
  }
  await admin.goto(house.base + "/console/keys");
  await admin.locator("table").waitFor();
  await shots(admin, "24-keys");
  await admin.getByRole("button").filter({ hasText: language === "en" ? "Make a key" : "创建密钥" }).click();
  await shots(admin, "25-new-key");
  await admin.keyboard.press("Escape");
  await admin.goto(house.base + "/console/recertification");
  await admin.locator(".panel").first().waitFor();
  await shots(admin, "26-recertification-none");
  const custodian = await house.page({ locale });
  await house.setUp(custodian, house.invite(`custodian-${tag}`, "Kim Keeper", "key_custodian"), words);
  await custodian.goto(house.base + "/console/vault");
  await custodian.locator(".panel .line").first().waitFor();
  await shots(custodian, "28-vault");
  const officer = await house.page({ locale });
  await house.setUp(officer, house.invite(`officer-${tag}`, "Olga Officer", "privacy_officer"), words);
  await officer.goto(house.base + "/console/recertification");
  const start = officer.getByRole("button", { name: language === "en" ? "Start one now" : "立即发起" });
  await officer.locator(".panel").first().waitFor();
  if (await start.isVisible()) await start.click();
  await officer.locator("table").waitFor();
  await shots(officer, "27-recertification");
  for (const page of [agent, engineer, admin]) {
    await page.emulateMedia({ colorScheme: "dark" });
  }
  await agent.goto(house.base + "/console/customers");
  await agent.locator("table").waitFor();
  await agent.screenshot({ path: join(out, `30-dark-customers.${tag}.wide.png`) });
  await admin.goto(house.base + "/console/people");
  await admin.locator("table").waitFor();
  await admin.screenshot({ path: join(out, `31-dark-people.${tag}.wide.png`) });
  for (const page of [agent, engineer, admin]) if (page.faults.length > 0) console.error(tag, page.faults);
}

// The officer's screens of accountability and of third parties.
async function assured(language) {
  const words = language === "en" ? english : chinese;
  const { say } = words;
  const tag = language === "en" ? "en" : "zh";
  const officer = await house.page({ locale: language === "en" ? "en-US" : "zh-CN" });
  const shots = async (name, full = true) => {
    for (const [size, viewport] of [["wide", { width: 1280, height: 860 }], ["narrow", { width: 390, height: 844 }]]) {
      await officer.setViewportSize(viewport);
      await officer.waitForTimeout(250);
      await officer.screenshot({ path: join(out, `${name}.${tag}.${size}.png`), fullPage: full });
    }
    await officer.setViewportSize({ width: 1280, height: 860 });
  };
  await house.setUp(officer, house.invite(`assure-${tag}`, "Olga Officer", "privacy_officer"), words);
  await officer.goto(house.base + "/console/recipients");
  await officer.getByRole("button", { name: say("recipients.add"), exact: true }).first().click();
  const form = officer.locator("dialog[open] form");
  await form.getByLabel(say("recipients.name"), { exact: true }).fill(language === "en" ? "Mailhouse Ltd" : "快信印务有限公司");
  await form.getByLabel(say("recipients.code"), { exact: true }).fill(`mailhouse_${tag}`);
  await form.getByLabel(say("recipients.countries"), { exact: true }).fill("CN, US");
  await form.getByLabel(say("recipients.services")).fill(language === "en" ? "Prints and sends letters" : "印刷并寄送信件");
  await form.getByLabel(say("recipients.signed")).fill(new Date(Date.now() - 300 * 86400000).toISOString().slice(0, 10));
  for (const clause of ["purpose", "term", "measures", "return"]) await form.getByLabel(say(`recipients.clause.${clause}`), { exact: true }).check();
  await shots("60-recipient-form", false);
  await form.getByRole("button", { name: say("common.save") }).click();
  await officer.getByRole("link", { name: language === "en" ? "Mailhouse Ltd" : "快信印务有限公司" }).waitFor();
  await officer.locator("progress").first().waitFor();
  await shots("61-recipients");
  await officer.getByRole("link", { name: language === "en" ? "Mailhouse Ltd" : "快信印务有限公司" }).click();
  await officer.getByText(say("recipients.obstacle.way_missing")).waitFor();
  await shots("62-recipient");
  await officer.goto(house.base + "/console/accountability");
  await officer.locator("tbody tr").first().waitFor();
  await shots("63-assessments");
  await officer.locator("tbody tr", { hasText: language === "en" ? "Credit assessment" : "信用评估" }).locator("button, a").last().click();
  const on = officer.getByRole("link", { name: say("assess.goOn") }).first();
  if (await on.isVisible().catch(() => false)) await on.click();
  await officer.getByRole("link", { name: say("assess.goOn") }).first().click().catch(() => undefined);
  await officer.getByText(say("assess.snapshot")).waitFor();
  await shots("64-assessment");
  await officer.goto(house.base + "/console/accountability");
  for (const [name, tab] of [["65-records", "records.title"], ["66-decisions", "decisions.title"], ["67-duties", "duties.title"]]) {
    await officer.getByRole("tab", { name: say(tab) }).click();
    await officer.waitForTimeout(400);
    await shots(name);
  }
  await officer.goto(house.base + "/console/");
  await officer.locator("main").waitFor();
  await officer.waitForTimeout(500);
  await shots("68-home-officer");
  await officer.emulateMedia({ colorScheme: "dark" });
  await officer.goto(house.base + "/console/recipients");
  await officer.locator("progress").first().waitFor();
  await officer.screenshot({ path: join(out, `69-dark-recipients.${tag}.wide.png`) });
  if (officer.faults.length > 0) console.error(tag, officer.faults);
  await officer.context().close();
}

// The data steward's screens: duplicates, a pair, a merged customer.
async function stewarded(language) {
  const words = language === "en" ? english : chinese;
  const { say } = words;
  const tag = language === "en" ? "en" : "zh";
  const page = await house.page({ locale: language === "en" ? "en-US" : "zh-CN" });
  const shots = async (name) => {
    for (const [size, viewport] of [["wide", { width: 1280, height: 860 }], ["narrow", { width: 390, height: 844 }]]) {
      await page.setViewportSize(viewport);
      await page.waitForTimeout(250);
      await page.screenshot({ path: join(out, `${name}.${tag}.${size}.png`), fullPage: true });
    }
    await page.setViewportSize({ width: 1280, height: 860 });
  };
  // Two records of one person, as two shops wrote them.
  const file = join(house.home, `twins-${tag}.csv`);
  const born = tag === "en" ? "1988-04-03" : "1979-11-23";
  const [a, b] = tag === "en" ? ["Theodora Quill", "Theodora Quille"] : ["欧阳春晓", "歐陽春曉"];
  const phones = tag === "en" ? ["13711110001", "13711110001"] : ["13711110002", "13711110002"];
  writeFileSync(file, `name,mail,phone,birth,city,tags\n${a},quill.${tag}@example.com,${phones[0]},${born},Hangzhou,tea\n`);
  house.run("import", file, "--mapping", mapping, "--source", "shop", "--basis", "contract", "--purpose", "service");
  const key = JSON.parse(house.run("--json", "keys", "add-service", "--role", "engineer", "--label", `twins ${tag}`)).key;
  await fetch(`${house.base}/api/v1/customers`, { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}`, "Fiducia-Purpose": "service" }, body: JSON.stringify({ kind: "person", source: "shop", basis: "contract", fields: { name_full: b, mobile: phones[1], birth_date: born, city: "Hangzhou", email: `q.${tag}@example.org` } }) });
  await house.setUp(page, house.invite(`steward-${tag}`, language === "en" ? "Sam Steward" : "管小数", "steward"), words);
  await page.goto(house.base + "/console/quality");
  await page.getByRole("button", { name: say("quality.run") }).click();
  await page.locator(".figures").waitFor();
  await page.waitForTimeout(400);
  await shots("74-quality");
  await page.getByRole("button", { name: "demo", exact: true }).click();
  await page.locator("dialog tbody tr").first().waitFor();
  await shots("79-source");
  await page.keyboard.press("Escape");
  await fetch(`${house.base}/api/v1/customers`, { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}`, "Fiducia-Purpose": "service" }, body: JSON.stringify({ kind: "person", source: "shop", basis: "contract", fields: { name_full: "Ida Lund", complaint_text: ["Card 6222021234567890128 was charged twice", "身份证11010519491231002X，正在做透析"], call_log: "call back at +44 20 7946 0958" } }) });
  await page.goto(house.base + "/console/quality/findings");
  await page.locator(".finding").first().waitFor();
  await shots("75-findings");
  await page.getByRole("button", { name: say("findings.decide.expected") }).first().click();
  await page.getByText(say("findings.state.expected"), { exact: true }).first().waitFor();
  await page.goto(house.base + "/console/quality/ask");
  await page.getByRole("button", { name: say("campaigns.start") }).click();
  await page.waitForTimeout(250);
  await shots("76-campaign");
  await page.getByRole("button", { name: say("campaigns.send") }).click();
  await page.locator(".finding").first().waitFor();
  await shots("77-campaigns");
  await page.goto(house.base + "/console/matching");
  await page.getByRole("button", { name: say("matching.start") }).click();
  await page.getByText(say("matching.state.done"), { exact: true }).waitFor({ timeout: 60000 });
  await page.locator("tbody tr").first().waitFor();
  await page.waitForTimeout(500);
  await shots("70-matching");
  await page.getByRole("link", { name: say("matching.look") }).last().click();
  await page.getByText(say("matching.why")).waitFor();
  await page.waitForTimeout(400);
  await shots("71-pair");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot({ path: join(out, `72-dark-pair.${tag}.wide.png`) });
  await page.emulateMedia({ colorScheme: "light" });
  await page.getByRole("button", { name: say("matching.mergeThese") }).click();
  await page.getByText(say("matching.standsFor")).waitFor();
  await page.waitForTimeout(400);
  await shots("73-merged");
  if (page.faults.length > 0) console.error(tag, page.faults);
  await page.context().close();
  await counted(language);
}

// Figures against a budget.
async function counted(language) {
  const words = language === "en" ? english : chinese;
  const { say } = words;
  const tag = language === "en" ? "en" : "zh";
  const page = await house.page({ locale: language === "en" ? "en-US" : "zh-CN" });
  await house.setUp(page, house.invite(`figures-${tag}`, language === "en" ? "Olga Officer" : "何合规", "privacy_officer"), words);
  await page.goto(house.base + "/console/statistics");
  await page.getByLabel(say("statistics.total")).fill("50");
  await page.getByLabel(say("why.purpose"), { exact: true }).last().selectOption("legal_compliance");
  await page.getByRole("button", { name: say("statistics.give"), exact: true }).click();
  await page.locator("progress").first().waitFor();
  for (const measure of ["count", "histogram"]) {
    await page.getByLabel(say("statistics.what"), { exact: true }).selectOption(measure);
    if (measure === "histogram") await page.getByLabel(say("quality.field"), { exact: true }).selectOption("sex");
    await page.getByRole("button", { name: say("statistics.send"), exact: true }).click();
    await page.waitForTimeout(700);
  }
  for (const [size, viewport] of [["wide", { width: 1280, height: 860 }], ["narrow", { width: 390, height: 844 }]]) {
    await page.setViewportSize(viewport);
    await page.waitForTimeout(250);
    await page.screenshot({ path: join(out, `78-statistics.${tag}.${size}.png`), fullPage: true });
  }
  if (page.faults.length > 0) console.error(tag, page.faults);
  await page.context().close();
}

try {
  if (process.argv.includes("--steward")) {
    await stewarded("en");
    await stewarded("zh-CN");
  } else if (process.argv.includes("--assure")) {
    await assured("en");
    await assured("zh-CN");
    process.exitCode = 0;
  } else {
  await portal("en");
  await portal("zh-CN");
  if (!process.argv.includes("--portal")) await everything("en");
  if (!process.argv.includes("--portal")) await everything("zh-CN");
  if (!process.argv.includes("--portal")) await assured("en");
  if (!process.argv.includes("--portal")) await assured("zh-CN");
  }
  console.log(`pictures are in ${out}`);
} finally {
  await house.stop();
}
