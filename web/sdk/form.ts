// Forms and surveys, on the house's own page and embedded in others: every answer is sealed to the
// organization's key before it leaves the page. No cookies; nothing is kept in the browser, but on a
// quick-capture page, which keeps what it sealed until the network is back.
//
//   <script src="https://fiducia.example/sdk/form.js" data-form="newsletter" async></script>

import { seal, type SealingKey } from "./seal";
import { style } from "./form-style";
import { words, type Words } from "./form-words";

type Both = Record<string, string>;
interface Question { field: string; number: number; label: Both; entry: string; scale: string; required: boolean; most: number; choices: { value: string; name: Both }[] }
interface Definition {
  code: string; kind: string; title: Both; intro: Both; thanks: Both; questions: Question[];
  purposes: { id: string; name: Both; description: Both; asks: boolean }[];
  double_opt_in: boolean; minors: string; age: number; notice: string; key: SealingKey; challenge: { text: string; bits: number };
}
interface Answer { answers: Record<string, string[]>; consent: Record<string, boolean>; of_age?: boolean; guardian?: string; locale: string; at: string }
interface Waiting { id: string; sealed: unknown; notice: string }

const make = <K extends keyof HTMLElementTagNameMap>(name: K, text = "", ...inside: Node[]) => {
  const node = document.createElement(name);
  if (text !== "") node.textContent = text;
  node.append(...inside);
  return node;
};

function random(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

// A number whose hash begins with enough zero bits: a moment's work here, much for who sends thousands.
async function solve(challenge: { text: string; bits: number }): Promise<string> {
  const encoder = new TextEncoder();
  for (let from = 0; ; from += 256) {
    const hashes = await Promise.all(Array.from({ length: 256 }, (_, i) => crypto.subtle.digest("SHA-256", encoder.encode(`${challenge.text}:${from + i}`))));
    for (const [i, hash] of hashes.entries()) {
      const first = new DataView(hash).getUint32(0);
      if (Math.clz32(first) >= challenge.bits) return String(from + i);
    }
  }
}

class Form {
  private definition: Definition | undefined;
  private loadedAt = 0;
  private readonly root: ShadowRoot;
  private readonly tongue: "zh-CN" | "en";
  private readonly say: Words;
  private id = random();
  private sending = false;

  constructor(host: HTMLElement, private readonly server: string, private readonly code: string, locale: string, private readonly key: string) {
    this.root = host.attachShadow({ mode: "open" });
    this.tongue = locale.startsWith("zh") ? "zh-CN" : "en";
    this.say = words[this.tongue];
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    this.root.adoptedStyleSheets = [sheet];
  }

  async start(): Promise<void> {
    this.definition = await this.load();
    if (this.definition === undefined) return this.show(make("p", this.say.gone));
    this.draw();
    if (this.capture()) {
      addEventListener("online", () => void this.flush());
      setInterval(() => void this.flush(), 15000);
      void this.flush();
    }
  }

  private capture(): boolean {
    return this.definition?.kind === "capture";
  }
  // A quick-capture page begins without a network too: with what it was when it last had one.
  private async load(): Promise<Definition | undefined> {
    try {
      const answer = await fetch(`${this.server}/v1/forms/${this.code}`, { credentials: "omit", cache: "no-store" });
      if (answer.status >= 500) throw new Error("later");
      if (!answer.ok) return undefined;
      const definition = (await answer.json()) as Definition;
      this.loadedAt = Date.now();
      if (definition.kind === "capture") localStorage.setItem(`fiducia-form-${this.code}`, JSON.stringify(definition));
      return definition;
    } catch {
      const kept = this.key === "" ? null : localStorage.getItem(`fiducia-form-${this.code}`);
      return kept === null ? undefined : (JSON.parse(kept) as Definition);
    }
  }

  private show(...nodes: Node[]): void {
    const box = make("section", "", ...nodes);
    box.lang = this.tongue;
    this.root.replaceChildren(box);
  }

  private entry(question: Question, name: string): { node: HTMLElement; read: () => string[]; focus: HTMLElement } {
    const { tongue } = this;
    if (question.entry === "scale") {
      const from = question.scale === "nps" ? 0 : 1;
      const to = question.scale === "nps" ? 10 : 5;
      const radios = Array.from({ length: to - from + 1 }, (_, i) => {
        const radio = make("input");
        radio.type = "radio";
        radio.name = name;
        radio.value = String(from + i);
        radio.required = question.required;
        return radio;
      });
      const row = make("div", "", ...radios.map((radio) => make("label", "", radio, make("span", radio.value))));
      row.className = "scale";
      const ends = make("div", "", make("small", question.scale === "nps" ? this.say.npsLeast : this.say.csatLeast), make("small", question.scale === "nps" ? this.say.npsMost : this.say.csatMost));
      ends.className = "ends";
      return { node: make("div", "", row, ends), read: () => radios.filter((r) => r.checked).map((r) => r.value), focus: radios[0]! };
    }
    if (question.entry === "many") {
      const boxes = question.choices.map((choice) => {
        const box = make("input");
        box.type = "checkbox";
        box.value = choice.value;
        return { box, label: make("label", "", box, make("span", choice.name[tongue] || choice.value)) };
      });
      const list = make("div", "", ...boxes.map((b) => b.label));
      list.className = "choices";
      return { node: list, read: () => boxes.filter((b) => b.box.checked).map((b) => b.box.value), focus: boxes[0]?.box ?? list };
    }
    if (question.entry === "choice") {
      const select = make("select", "", make("option"));
      for (const choice of question.choices) {
        const option = make("option", choice.name[tongue] || choice.value);
        option.value = choice.value;
        select.append(option);
      }
      select.id = name;
      select.required = question.required;
      return { node: select, read: () => [select.value].filter((v) => v !== ""), focus: select };
    }
    if (question.entry === "long") {
      const area = make("textarea");
      area.id = name;
      area.rows = 4;
      area.maxLength = question.most;
      area.required = question.required;
      return { node: area, read: () => [area.value].filter((v) => v.trim() !== ""), focus: area };
    }
    const input = make("input");
    const types: Record<string, [string, string]> = { email: ["email", "email"], mobile: ["tel", "tel"], date: ["date", "off"], number: ["text", "off"], amount: ["text", "off"] };
    [input.type, input.autocomplete] = types[question.entry] as [string, AutoFill] | undefined ?? ["text", question.field === "name_full" ? "name" : "on"];
    if (question.entry === "number" || question.entry === "amount") input.inputMode = "decimal";
    if (this.capture()) input.autocomplete = "off"; // the next customer is somebody else
    input.id = name;
    if (question.most > 0) input.maxLength = question.most;
    input.required = question.required;
    return { node: input, read: () => [input.value].filter((v) => v.trim() !== ""), focus: input };
  }

  private draw(note = ""): void {
    const definition = this.definition!;
    if (location.pathname.startsWith("/f/")) document.title = definition.title[this.tongue] ?? "Fiducia";
    const { tongue, say } = this;
    const form = make("form");
    form.noValidate = false;
    form.append(make("h1", definition.title[tongue] ?? ""));
    if (definition.intro[tongue]) form.append(make("p", definition.intro[tongue]));
    const entries = definition.questions.map((question, i) => {
      const name = `q${i}`;
      const entry = this.entry(question, name);
      const grouped = question.entry === "scale" || question.entry === "many";
      const label = make(grouped ? "legend" : "label", question.label[tongue] || question.field);
      if (!grouped) (label as HTMLLabelElement).htmlFor = name;
      label.append(make("small", question.required ? "" : ` ${say.optional}`));
      const wrong = make("p");
      wrong.className = "wrong";
      wrong.id = `${name}w`;
      entry.focus.setAttribute("aria-describedby", wrong.id);
      const block = make(grouped ? "fieldset" : "div", "", label, entry.node, wrong);
      block.classList.add("question");
      form.append(block);
      return { question, ...entry, wrong };
    });
    // What nobody sees and only programs fill in.
    const trap = make("input");
    trap.name = "website";
    trap.tabIndex = -1;
    trap.autocomplete = "off";
    const hidden = make("div", "", trap);
    hidden.className = "trap";
    hidden.setAttribute("aria-hidden", "true");
    form.append(hidden);
    const ofAge = make("input");
    ofAge.type = "checkbox";
    const guardian = make("input");
    guardian.type = "email";
    guardian.id = "guardian";
    const branch = make("div", "", make("label", say.guardian), guardian, make("small", say.guardianText));
    branch.querySelector("label")!.htmlFor = "guardian";
    branch.className = "question";
    if (definition.minors !== "not_asked") {
      const label = make("label", "", ofAge, make("span", say.ofAge.replace("{age}", String(definition.age))));
      label.className = "check";
      form.append(label);
      if (definition.minors === "guardian") {
        const follow = () => { branch.hidden = ofAge.checked; guardian.required = !ofAge.checked; };
        ofAge.addEventListener("change", follow);
        follow();
        form.append(branch);
      } else {
        ofAge.required = true;
      }
    }
    // Never chosen beforehand.
    const boxes = definition.purposes.map((purpose) => {
      const box = make("input");
      box.type = "checkbox";
      return { purpose, box };
    });
    const asked = boxes.filter((one) => one.purpose.asks);
    const told = boxes.filter((one) => !one.purpose.asks);
    if (told.length > 0) form.append(make("p", `${say.usedFor}${tongue === "en" ? " " : ""}${told.map((one) => one.purpose.name[tongue]).join(tongue === "en" ? ", " : "、")}${tongue === "en" ? "." : "。"}`));
    if (asked.length > 0) {
      const group = make("fieldset", "", make("legend", say.allow));
      for (const { purpose, box } of asked) {
        const label = make("label", "", box, make("span", purpose.name[tongue] ?? purpose.id, make("small", purpose.description[tongue] ?? "")));
        label.className = "check";
        group.append(label);
      }
      form.append(group);
    }
    const link = make("a", say.notice);
    link.href = `${this.server}/notices/privacy/current/${tongue}`;
    link.target = "_blank";
    link.rel = "noopener";
    form.append(make("p", "", link, document.createTextNode(` ${say.sealed}`)));
    const message = make("p", note);
    message.setAttribute("role", "status");
    message.className = note === "" ? "" : "good";
    const send = make("button", this.capture() ? say.keep : say.send);
    form.append(message, send);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.sending) return;
      this.sending = true;
      send.disabled = true;
      message.className = "";
      message.textContent = say.sending;
      for (const entry of entries) entry.wrong.textContent = "";
      const answer: Answer = {
        answers: Object.fromEntries(entries.map((e) => [e.question.field, e.read()]).filter(([, values]) => (values as string[]).length > 0)) as Record<string, string[]>,
        consent: Object.fromEntries(asked.map((one) => [one.purpose.id, one.box.checked])),
        locale: tongue, at: new Date().toISOString(),
        ...(definition.minors === "not_asked" ? {} : { of_age: ofAge.checked }),
        ...(definition.minors === "guardian" && !ofAge.checked ? { guardian: guardian.value } : {}),
      };
      void this.submit(answer, trap.value).then((failed) => {
        this.sending = false;
        send.disabled = false;
        if (failed === undefined) return;
        message.className = "wrong";
        message.textContent = failed.text;
        const at = entries.find((e) => e.question.number === failed.position);
        if (at !== undefined) {
          at.wrong.textContent = failed.text;
          at.focus.focus();
        }
      });
    });
    this.show(form, ...(this.capture() ? [this.queueNote()] : []));
  }

  // Nothing if it went well: the page shows what comes next.
  private async submit(answer: Answer, trap: string): Promise<{ text: string; position?: number } | undefined> {
    const definition = this.definition!;
    const { say } = this;
    const sealed = await seal(definition.key, "fiducia form", `${this.code}\x1f${this.id}`, JSON.stringify(answer));
    if (this.capture()) {
      this.put({ id: this.id, sealed, notice: definition.notice });
      this.id = random();
      this.draw(say.kept);
      void this.flush();
      return undefined;
    }
    try {
      const solution = await solve(definition.challenge);
      const early = 1600 - (Date.now() - this.loadedAt);
      if (early > 0) await new Promise((done) => setTimeout(done, early));
      const response = await this.post({ id: this.id, sealed, notice: definition.notice, challenge: definition.challenge.text, solution, website: trap });
      if (response.ok) {
        const { state } = (await response.json()) as { state: string };
        const heading = make("h1", state === "confirm" ? say.confirm : state === "nothing" ? say.nothing : say.thanks);
        heading.tabIndex = -1;
        this.show(heading, make("p", state === "confirm" ? say.confirmText : state === "nothing" ? say.nothingText : definition.thanks[this.tongue] || say.thanksText));
        heading.focus();
        return undefined;
      }
      const problem = (await response.json()) as { code?: string; detail?: string; title?: string; position?: number };
      // Each challenge counts once.
      this.definition = (await this.load()) ?? definition;
      const text = say.problems[problem.code ?? ""] ?? say.failed;
      return problem.position === undefined ? { text } : { text: say.problems["invalid_value"] ?? text, position: problem.position };
    } catch {
      return { text: say.offline };
    }
  }

  private post(body: Record<string, unknown>): Promise<Response> {
    return fetch(`${this.server}/v1/forms/${this.code}`, { method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  }

  // ---- the queue of a quick-capture page: sealed, so that a lost phone tells nothing ----

  private store(): string {
    return `fiducia-queue-${this.code}`;
  }
  private queue(): Waiting[] {
    return JSON.parse(localStorage.getItem(this.store()) ?? "[]") as Waiting[];
  }
  private put(one: Waiting): void {
    localStorage.setItem(this.store(), JSON.stringify([...this.queue(), one]));
  }
  private queueNote(): HTMLElement {
    const waiting = this.queue().length;
    const note = make("p", waiting === 0 ? this.say.allSent : this.say.waiting.replace("{count}", String(waiting)));
    note.className = "queue";
    note.setAttribute("role", "status");
    return note;
  }
  private tell(text?: string): void {
    const note = this.queueNote();
    if (text !== undefined) {
      note.textContent = text;
      note.className = "queue wrong";
    }
    this.root.querySelector(".queue")?.replaceWith(note);
  }
  private async flush(): Promise<void> {
    if (this.sending || this.queue().length === 0) return this.tell();
    this.sending = true;
    let trouble: string | undefined;
    try {
      for (const one of this.queue()) {
        const response = await this.post({ id: one.id, sealed: one.sealed, notice: one.notice, key: this.key });
        // A key that ended, a form that closed, a notice that changed: nothing is thrown away, somebody has
        // to look. What the server says is wrong in itself does not get better by waiting.
        const wrong = response.status === 400 || response.status === 422;
        if (!response.ok && !wrong) {
          if (response.status < 500) trouble = this.say.stuck;
          break;
        }
        if (wrong) trouble = this.say.leftOut;
        localStorage.setItem(this.store(), JSON.stringify(this.queue().filter((other) => other.id !== one.id)));
      }
    } catch {
      // No network: later.
    }
    this.sending = false;
    this.tell(trouble);
  }
}

// The page behind the link in a message. A program that looks at the link ahead confirms nothing.
async function confirmation(host: HTMLElement, server: string, locale: string): Promise<void> {
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  const tongue = locale.startsWith("zh") ? "zh-CN" : "en";
  const say = words[tongue];
  const box = make("section");
  box.lang = tongue;
  root.append(box);
  const button = make("button", say.confirmGo);
  const message = make("p");
  message.setAttribute("role", "status");
  box.append(make("h1", say.confirmTitle), make("p", say.confirmAsk), message, button);
  const token = location.hash.slice(1);
  button.addEventListener("click", () => {
    button.disabled = true;
    void fetch(`${server}/v1/confirmations`, { method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token }) })
      .then(async (response) => {
        if (!response.ok) throw new Error(String(response.status));
        const { thanks } = (await response.json()) as { thanks: Both };
        const heading = make("h1", say.confirmed);
        heading.tabIndex = -1;
        box.replaceChildren(heading, make("p", thanks[tongue] || say.thanksText));
        heading.focus();
        history.replaceState(null, "", location.pathname);
      })
      .catch((error: unknown) => {
        button.disabled = false;
        message.className = "wrong";
        message.textContent = error instanceof Error && error.message === "404" ? say.confirmGone : say.failed;
      });
  });
}

const script = document.currentScript as HTMLScriptElement | null;
if (script !== null) {
  const server = new URL(script.src).origin;
  const locale = script.dataset.locale ?? (document.documentElement.lang || navigator.language);
  const place = make("div");
  script.after(place);
  if (script.dataset.form !== undefined) {
    void new Form(place, server, script.dataset.form, locale, "").start();
  } else if (server === location.origin && location.pathname.startsWith("/f/")) {
    const code = location.pathname.slice(3);
    const own = new URLSearchParams(location.search).get("lang") ?? navigator.language;
    document.documentElement.lang = own.startsWith("zh") ? "zh-CN" : "en";
    if (code === "confirm") {
      void confirmation(place, server, own);
    } else {
      // A quick-capture page keeps itself for when there is no network; the key stays in the address.
      const key = new URLSearchParams(location.hash.slice(1)).get("k") ?? "";
      if (key !== "" && "serviceWorker" in navigator) void navigator.serviceWorker.register("/f/worker.js", { scope: "/f/" });
      void new Form(place, server, code, own, key).start();
    }
  }
}
