// A page of a shop, to see the library at work: /f/demo#wk_… with the write key of a stream. What leaves the
// page stands on the page.
const zh = navigator.language.startsWith("zh");
const words = zh
  ? { title: "茶铺", lead: "这是一家使用 Fiducia 的商店的页面。请选择您允许的用途，然后随意点击。", who: "我是 ana@example.com", mind: "更改我的选择", sent: "本页发出的内容", sentText: "在您同意之前，这里不会有任何内容。资料在离开本页之前加密。", add: "加入购物车", teas: ["绿茶", "红茶", "乌龙茶"], none: "请在地址后加上事件流的写入密钥：/f/demo#wk_…" }
  : { title: "Tea shop", lead: "A page of a shop that uses Fiducia. Say what you allow, and click around.", who: "I am ana@example.com", mind: "Change my mind", sent: "What this page has sent", sentText: "Nothing, before you said yes. Traits are encrypted before they leave the page.", add: "Add to cart", teas: ["Green tea", "Black tea", "Oolong"], none: "Put the write key of a stream behind the address: /f/demo#wk_…" };
document.documentElement.lang = zh ? "zh-CN" : "en";
for (const node of document.querySelectorAll("[data-say]")) node.textContent = words[node.dataset.say];
document.title = words.title;

const calls = document.querySelector("#calls");
const send = window.fetch;
window.fetch = async (address, options) => {
  const answer = await send(address, options);
  if (options?.method === "POST") {
    for (const event of JSON.parse(options.body).batch) {
      const line = document.createElement("li");
      const code = document.createElement("code");
      code.textContent = `${answer.status}  ${JSON.stringify(event)}`;
      line.append(code);
      calls.prepend(line);
    }
  }
  return answer;
};
for (const tea of words.teas) {
  const button = document.createElement("button");
  button.textContent = `${tea}: ${words.add}`;
  button.addEventListener("click", () => window.fiducia.track("Product Added", { product_name: tea }));
  const item = document.createElement("li");
  item.append(button);
  document.querySelector("#teas").append(item);
}
document.querySelector("#who").addEventListener("click", () => window.fiducia.identify("customer-1", { email: "ana@example.com" }));
document.querySelector("#mind").addEventListener("click", () => window.fiducia.ask());
const key = location.hash.slice(1);
if (key.startsWith("wk_")) {
  window.fiducia.init({ key, locale: zh ? "zh-CN" : "en", seal: "traits", notice: `/notices/privacy/current/${zh ? "zh-CN" : "en"}` });
  window.fiducia.page();
} else {
  calls.textContent = words.none;
}
