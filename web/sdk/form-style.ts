export const style = `:host{all:initial;display:block}
section{--ink:#1d2733;--soft:#566170;--line:#c9c4b8;--page:#fff;--accent:#0f5b5f;--bad:#a3261b;--good:#1c6b3a;max-width:640px;margin:0 auto;padding:20px;box-sizing:border-box;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,'PingFang SC','Noto Sans CJK SC',sans-serif;border:1px solid var(--line);border-radius:12px}
h1{font-size:22px;line-height:1.3;margin:0 0 8px;outline:none}p{margin:0 0 14px}small{color:var(--soft);font-size:13.5px;font-weight:400}
.question{margin:0 0 18px;padding:0;border:0;min-width:0}.question>label,legend{display:block;font-weight:600;margin:0 0 6px;padding:0}
input:not([type=checkbox]):not([type=radio]),select,textarea{font:inherit;color:inherit;background:var(--page);width:100%;box-sizing:border-box;padding:10px 12px;border:1px solid #8a8f96;border-radius:8px;min-height:44px}
textarea{resize:vertical}fieldset{border:0;margin:0 0 14px;padding:0;min-width:0}
.check,.choices label{display:flex;gap:10px;align-items:start;padding:7px 0;cursor:pointer}.check small{display:block}
input[type=checkbox],input[type=radio]{width:20px;height:20px;margin:2px 0 0;flex:none;accent-color:var(--accent)}
.scale{display:flex;flex-wrap:wrap;gap:6px}.scale label{position:relative;flex:1 1 40px;cursor:pointer}.scale input{position:absolute;opacity:0;inset:0;width:100%;height:100%;margin:0;cursor:pointer}
.scale span{display:flex;align-items:center;justify-content:center;min-height:44px;border:1px solid #8a8f96;border-radius:8px}.scale input:checked+span{background:var(--accent);border-color:var(--accent);color:#fff}.scale input:focus-visible+span{outline:3px solid #0f5b5f66;outline-offset:2px}
.ends{display:flex;justify-content:space-between;gap:12px;margin-top:4px}
.trap{position:absolute;left:-9999px;width:1px;height:1px;overflow:hidden}.wrong{color:var(--bad);margin:6px 0 0}.wrong:empty{display:none}.good{color:var(--good)}.queue{margin:16px 0 0;color:var(--soft);font-size:14px}.queue.wrong{color:var(--bad)}
button{font:inherit;font-weight:600;min-height:46px;padding:10px 22px;border:0;border-radius:8px;background:var(--accent);color:#fff;cursor:pointer}button:disabled{opacity:.6;cursor:default}a{color:var(--accent)}[hidden]{display:none!important}
:focus-visible{outline:3px solid #0f5b5f66;outline-offset:2px}
@media(max-width:480px){section{border:0;border-radius:0;padding:16px}button{width:100%}.scale label{flex-basis:calc(100%/6 - 6px)}}
@media(prefers-color-scheme:dark){section{--ink:#e8e6e1;--soft:#a9b3bd;--line:#44505b;--page:#1d252d;--accent:#8fd3d0;--bad:#ff9d92;--good:#86d9a3}button,.scale input:checked+span{color:#0d2425}}`;
