// The library for pages: asks visitors what they allow, purpose by purpose, and sends what they do to
// their own company's server and to nobody else. No cookies, ever; nothing is kept in the browser and
// nothing is sent before the visitor has said yes. Global Privacy Control is a no.
//
//   <script src="https://fiducia.example/sdk/fiducia.js" data-key="wk_…" async></script>
//   fiducia.track("Product Added", { product_name: "Tea" })

import { seal, type SealingKey } from "./seal";

type Values = Record<string, unknown>;
type Consent = Record<string, boolean>;
interface Message { type: string; messageId: string; originalTimestamp: string; [member: string]: unknown }
interface Purpose { id: string; name: Record<string, string>; description: Record<string, string>; opt_out_signal: boolean }
interface Config { asks: boolean; notice: string; key: SealingKey; purposes: Purpose[] }
// `seal`: traits, properties or both, separated by blanks: sealed to the organization's key in this page.
interface Options { key: string; host?: string; locale?: string; notice?: string; banner?: boolean; seal?: string }

const words = {
  en: { title: "Your privacy", text: "We would like to know how you use this site, for these purposes. You decide, and can change your mind at any time.", all: "Allow all", none: "Allow none", some: "Allow the chosen", notice: "Privacy notice" },
  zh: { title: "您的隐私", text: "我们希望了解您如何使用本网站，用于以下目的。由您决定，并可随时更改。", all: "全部允许", none: "全部拒绝", some: "允许所选", notice: "隐私声明" },
};
const kept = "fiducia";
const waitingMost = 200; // events, held until the visitor has answered or the network is back
const batchMost = 50;

function random(): string {
  return crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

class Fiducia {
  private options: Options | undefined;
  private config: Config | undefined;
  private consent: Consent | undefined; // undefined: not answered
  private anonymousId = random();
  private userId: string | undefined;
  private waiting: Message[] = [];
  private toSeal: Message[] = []; // in memory only
  private sending = false;
  private pause = 1000;
  private panel: HTMLElement | undefined;

  // Begins. Calls made before wait for it.
  async init(options: Options): Promise<void> {
    this.options = options;
    this.restore();
    const answer = await fetch(`${this.host()}/v1/config?writeKey=${encodeURIComponent(options.key)}`, { credentials: "omit" });
    if (!answer.ok) return;
    this.config = (await answer.json()) as Config;
    if (!this.config.asks) this.consent ??= Object.fromEntries(this.config.purposes.map((p) => [p.id, true]));
    const signal = (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl === true;
    if (signal && this.consent === undefined) this.answer(Object.fromEntries(this.config.purposes.map((p) => [p.id, false])));
    if (this.consent === undefined && options.banner !== false) this.ask();
    addEventListener("online", () => void this.flush());
    addEventListener("pagehide", () => this.leave());
    addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") this.leave(); });
    void this.flush();
  }
  identify(userId: string | Values, traits: Values = {}): void {
    if (typeof userId === "string") this.userId = userId;
    this.put("identify", { traits: typeof userId === "string" ? traits : userId });
    this.save();
  }
  track(event: string, properties: Values = {}): void {
    this.put("track", { event, properties });
  }
  page(name = document.title, properties: Values = {}): void {
    // Without the query: it may hold what nobody meant to tell.
    this.put("page", { name, properties: { path: location.pathname, ...properties } });
  }
  // Who comes next is somebody else.
  reset(): void {
    this.userId = undefined;
    this.anonymousId = random();
    this.save();
  }
  // What the visitor allows now; undefined if they have not said.
  allowed(): Consent | undefined {
    return this.consent === undefined ? undefined : { ...this.consent };
  }
  // The visitor's own answer, by purpose.
  answer(consent: Consent): void {
    const before = this.consent;
    this.consent = { ...before, ...consent };
    const took = before !== undefined && Object.entries(this.consent).some(([id, on]) => !on && before[id]);
    this.panel?.remove();
    this.panel = undefined;
    if (!this.may()) {
      this.waiting = [];
      this.toSeal = [];
    }
    if (took) this.put("track", { event: "Segment Consent Preference Updated" }, true);
    this.save();
    void this.flush();
  }
  // The panel, also later, to change one's mind.
  ask(): void {
    if (this.config === undefined || this.panel !== undefined) return;
    const zh = (this.options?.locale ?? document.documentElement.lang ?? navigator.language).startsWith("zh");
    const say = zh ? words.zh : words.en;
    const tongue = zh ? "zh-CN" : "en";
    const host = document.createElement("div");
    const root = host.attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = ":host{all:initial}section{position:fixed;inset:auto 12px 12px;max-width:520px;margin:0 auto;z-index:2147483000;background:#fff;color:#1d2733;border:1px solid #c9c4b8;border-radius:12px;padding:18px;font:15px/1.5 system-ui,'PingFang SC','Noto Sans CJK SC',sans-serif;box-shadow:0 8px 30px #0003;max-height:80vh;overflow:auto;box-sizing:border-box}h2{font-size:17px;margin:0 0 6px}p{margin:0 0 10px}ul{list-style:none;margin:0 0 12px;padding:0}li{padding:6px 0}label{display:flex;gap:10px;align-items:start;cursor:pointer}input{width:18px;height:18px;margin:2px 0 0;accent-color:#0f5b5f}small{display:block;color:#566170}div{display:flex;flex-wrap:wrap;gap:8px}button{flex:1 1 30%;font:inherit;padding:10px 12px;border:1px solid #0f5b5f;border-radius:8px;background:#fff;color:#0f5b5f;cursor:pointer}a{color:#0f5b5f}:focus-visible{outline:3px solid #0f5b5f66;outline-offset:2px}@media(prefers-color-scheme:dark){section{background:#1d252d;color:#e8e6e1;border-color:#44505b}small{color:#a9b3bd}button{background:#1d252d;color:#8fd3d0;border-color:#8fd3d0}a{color:#8fd3d0}}";
    const make = <K extends keyof HTMLElementTagNameMap>(name: K, text = "", ...inside: Node[]) => {
      const node = document.createElement(name);
      if (text !== "") node.textContent = text;
      node.append(...inside);
      return node;
    };
    const boxes = new Map<string, HTMLInputElement>();
    const list = make("ul");
    for (const purpose of this.config.purposes) {
      const box = make("input");
      box.type = "checkbox";
      box.checked = this.consent?.[purpose.id] ?? false; // never chosen beforehand
      boxes.set(purpose.id, box);
      list.append(make("li", "", make("label", "", box, make("span", purpose.name[tongue] ?? purpose.id, make("small", purpose.description[tongue] ?? "")))));
    }
    const all = (on: boolean) => Object.fromEntries([...boxes.keys()].map((id) => [id, on]));
    const button = (text: string, consent: () => Consent) => {
      const node = make("button", text);
      node.type = "button";
      node.addEventListener("click", () => this.answer(consent()));
      return node;
    };
    const section = make("section", "", make("h2", say.title), make("p", say.text), list);
    section.setAttribute("role", "dialog");
    section.setAttribute("aria-label", say.title);
    section.lang = tongue;
    if (this.options?.notice !== undefined) {
      const link = make("a", say.notice);
      link.href = this.options.notice;
      section.append(make("p", "", link));
    }
    // None is as near as all.
    section.append(make("div", "", button(say.none, () => all(false)), button(say.some, () => Object.fromEntries([...boxes].map(([id, box]) => [id, box.checked]))), button(say.all, () => all(true))));
    root.append(style, section);
    document.body.append(host);
    this.panel = host;
  }

  private host(): string {
    return this.options?.host ?? "";
  }
  private may(): boolean {
    return this.consent !== undefined && Object.values(this.consent).some((on) => on);
  }
  private put(type: string, members: Values, aboutConsent = false): void {
    if (this.consent !== undefined && !this.may() && !aboutConsent) return;
    const message: Message = {
      type, messageId: random(), originalTimestamp: new Date().toISOString(), anonymousId: this.anonymousId,
      ...(this.userId === undefined ? {} : { userId: this.userId }), ...members,
    };
    const list = this.options?.seal === undefined ? this.waiting : this.toSeal;
    list.push(message);
    list.splice(0, Math.max(0, list.length - waitingMost));
    this.save();
    void this.flush();
  }
  // What is marked leaves the page, and waits in it, only sealed.
  private async sealAll(): Promise<void> {
    const { config } = this;
    if (config === undefined) return;
    for (let message = this.toSeal[0]; message !== undefined; message = this.toSeal[0]) {
      const hidden: Values = {};
      const open: Message = { ...message };
      for (const member of (this.options?.seal ?? "").split(" ")) {
        if (open[member] === undefined) continue;
        hidden[member] = open[member];
        delete open[member];
      }
      const sealed = await seal(config.key, "fiducia event", message.messageId, JSON.stringify(hidden));
      if (this.toSeal.shift() !== message) return; // taken back meanwhile
      this.waiting.push({ ...open, context: { sealed } });
    }
    this.save();
  }
  // Consent is what holds when it is sent, not when it was done.
  private body(batch: Message[]): string {
    const context = { consent: { categoryPreferences: this.consent }, locale: document.documentElement.lang || navigator.language };
    return JSON.stringify({ batch, context, sentAt: new Date().toISOString(), writeKey: this.options?.key });
  }
  private async flush(): Promise<void> {
    if (this.sending || this.consent === undefined || this.config === undefined || this.waiting.length + this.toSeal.length === 0) return;
    this.sending = true;
    await this.sealAll();
    const batch = this.waiting.slice(0, batchMost);
    let taken = false;
    try {
      const answer = await fetch(`${this.host()}/v1/batch`, { method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" }, body: this.body(batch) });
      // What is wrong does not get better by being sent again.
      taken = answer.ok || (answer.status < 500 && answer.status !== 429);
    } catch {
      taken = false;
    }
    this.sending = false;
    if (taken) {
      const gone = new Set(batch.map((message) => message.messageId));
      this.waiting = this.waiting.filter((message) => !gone.has(message.messageId));
      this.pause = 1000;
      this.save();
      if (this.waiting.length > 0) void this.flush();
    } else {
      setTimeout(() => void this.flush(), this.pause);
      this.pause = Math.min(this.pause * 2, 60000);
    }
  }
  // The page goes: what waits goes with it, once; the server knows what came twice.
  private leave(): void {
    if (this.consent === undefined || this.config === undefined || this.waiting.length === 0) return;
    navigator.sendBeacon(`${this.host()}/beacon/v1/batch`, new Blob([this.body(this.waiting.slice(0, batchMost))], { type: "text/plain" }));
  }
  // Only with a yes is anything kept but the answer itself.
  private save(): void {
    try {
      if (this.consent === undefined) return;
      localStorage.setItem(kept, JSON.stringify(this.may() ? { consent: this.consent, anonymousId: this.anonymousId, userId: this.userId, waiting: this.waiting } : { consent: this.consent }));
    } catch {
      // A browser that keeps nothing: the answer holds for this page.
    }
  }
  private restore(): void {
    try {
      const state = JSON.parse(localStorage.getItem(kept) ?? "{}") as { consent?: Consent; anonymousId?: string; userId?: string; waiting?: Message[] };
      this.consent = state.consent;
      this.anonymousId = state.anonymousId ?? this.anonymousId;
      this.userId ??= state.userId;
      this.waiting = [...(state.waiting ?? []), ...this.waiting];
    } catch {
      // As if nothing had been kept.
    }
  }
}

export {};
declare global {
  interface Window { fiducia: Fiducia }
}
window.fiducia ??= new Fiducia();
const script = document.currentScript as HTMLScriptElement | null;
if (script?.dataset.key !== undefined) {
  const { key, locale, notice, banner, seal: sealed } = script.dataset;
  void window.fiducia.init({ key, host: new URL(script.src).origin, banner: banner !== "off", ...(locale === undefined ? {} : { locale }), ...(notice === undefined ? {} : { notice }), ...(sealed === undefined ? {} : { seal: sealed }) });
}
