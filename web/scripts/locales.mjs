// Makes zh-TW from zh-CN (OpenCC, Taiwan's words) and holds the languages to the same keys.
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import * as OpenCC from "opencc-js";

const read = (name) => JSON.parse(readFileSync(new URL(`../locales/${name}.json`, import.meta.url), "utf8"));
const keys = (tree, path = "") =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "object" ? keys(value, `${path}${key}.`) : [`${path}${key}`]);
const holes = (text) => (text.match(/\{\{\w+\}\}/g) ?? []).sort().join();
const at = (tree, key) => key.split(".").reduce((node, part) => node?.[part], tree);

const en = read("en");
const zh = read("zh-CN");
const problems = [];
for (const [one, other, name] of [[en, zh, "zh-CN"], [zh, en, "en"]]) {
  for (const key of keys(one)) {
    const text = at(other, key);
    if (typeof text !== "string" || text === "") problems.push(`${name} lacks ${key}`);
    else if (holes(text) !== holes(at(one, key))) problems.push(`${key} has other {{holes}} in ${name}`);
  }
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
const convert = OpenCC.Converter({ from: "cn", to: "twp" });
const turned = JSON.parse(convert(JSON.stringify(zh)));
mkdirSync(new URL("../locales/made/", import.meta.url), { recursive: true });
writeFileSync(new URL("../locales/made/zh-TW.json", import.meta.url), JSON.stringify(turned, null, 2) + "\n");
