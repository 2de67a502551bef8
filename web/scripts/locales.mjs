// Makes zh-TW from zh-CN (OpenCC, Taiwan's words) and holds the languages to the same keys.
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import * as OpenCC from "opencc-js";

const read = (name) => JSON.parse(readFileSync(new URL(`../locales/${name}.json`, import.meta.url), "utf8"));
const keys = (tree, path = "") =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "object" ? keys(value, `${path}${key}.`) : [`${path}${key}`]);
const holes = (text) => (text.match(/\{\{\w+\}\}/g) ?? []).sort().join();
const at = (tree, key) => key.split(".").reduce((node, part) => node?.[part], tree);

const problems = [];
const convert = OpenCC.Converter({ from: "cn", to: "twp" });
mkdirSync(new URL("../locales/made/", import.meta.url), { recursive: true });
// The words of the console, and those of the portal.
for (const part of ["", "portal."]) {
  const en = read(`${part}en`);
  const zh = read(`${part}zh-CN`);
  for (const [one, other, name] of [[en, zh, "zh-CN"], [zh, en, "en"]]) {
    for (const key of keys(one)) {
      const text = at(other, key);
      if (typeof text !== "string" || text === "") problems.push(`${part}${name} lacks ${key}`);
      else if (holes(text) !== holes(at(one, key))) problems.push(`${key} has other {{holes}} in ${part}${name}`);
    }
  }
  const turned = JSON.parse(convert(JSON.stringify(zh)));
  writeFileSync(new URL(`../locales/made/${part}zh-TW.json`, import.meta.url), JSON.stringify(turned, null, 2) + "\n");
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
