// What forms say by themselves.
export interface Words {
  [name: string]: string | Record<string, string>;
  optional: string; send: string; keep: string; sending: string; thanks: string; thanksText: string; confirm: string; confirmText: string;
  nothing: string; nothingText: string; allow: string; usedFor: string; notice: string; sealed: string; ofAge: string; guardian: string; guardianText: string;
  gone: string; failed: string; offline: string; kept: string; waiting: string; allSent: string; stuck: string; leftOut: string;
  npsLeast: string; npsMost: string; csatLeast: string; csatMost: string;
  confirmTitle: string; confirmAsk: string; confirmGo: string; confirmed: string; confirmGone: string; problems: Record<string, string>;
}

export const words: Record<"en" | "zh-CN", Words> = {
  en: {
    optional: "(optional)", send: "Send", keep: "Keep", sending: "Sending …", thanks: "Thank you", thanksText: "Your answers are in good hands.",
    confirm: "Please look into your mailbox", confirmText: "We have sent a link. Nothing is kept before somebody opens it; without that, your answers are deleted after seven days.",
    nothing: "Nothing was kept", nothingText: "You allowed no use of your answers, so they were not kept.",
    allow: "You decide what we may use this for", usedFor: "We need this for:", notice: "Privacy notice", sealed: "Your answers are encrypted before they leave this page.",
    ofAge: "I am {age} or older", guardian: "E-mail of who is responsible for you", guardianText: "We ask them for their consent. Nothing is kept before.",
    gone: "There is no open form at this address.", failed: "That did not work. Please try again.", offline: "There is no network. Your answers are still here: try again later.",
    kept: "Kept. Next, please.", waiting: "{count} wait for the network, encrypted on this device.", allSent: "Everything is sent.", stuck: "What waits cannot be sent: open this page anew with its link, or ask for a new one.", leftOut: "An entry was refused and is not kept.",
    npsLeast: "Not at all likely", npsMost: "Extremely likely", csatLeast: "Very dissatisfied", csatMost: "Very satisfied",
    confirmTitle: "Please confirm", confirmAsk: "Somebody entered your address in one of our forms. Was it you, or do you agree?", confirmGo: "Yes, confirm", confirmed: "Confirmed", confirmGone: "This link is used up or has run out.",
    problems: { invalid_value: "Please check this answer.", conflict: "The page has changed meanwhile. Please read it and send again.", denied: "You cannot answer this alone.", invalid_input: "Please check your answers and send again.", unavailable: "Too many answers at once. Please try again later." },
  },
  "zh-CN": {
    optional: "（选填）", send: "提交", keep: "保存", sending: "正在提交…", thanks: "谢谢", thanksText: "您的回答已妥善保管。",
    confirm: "请查看您的邮箱", confirmText: "我们已发送一个链接。打开链接之前不会保存任何内容；若不打开，七天后您的回答将被删除。",
    nothing: "未保存任何内容", nothingText: "您没有同意任何用途，因此您的回答未被保存。",
    allow: "由您决定我们可以用于什么", usedFor: "我们需要这些内容用于：", notice: "隐私声明", sealed: "您的回答在离开本页之前即已加密。",
    ofAge: "我已年满 {age} 周岁", guardian: "监护人的电子邮箱", guardianText: "我们会征得监护人的同意；在此之前不会保存任何内容。",
    gone: "此地址没有开放的表单。", failed: "操作未成功，请重试。", offline: "当前没有网络。您的回答仍在此页，请稍后重试。",
    kept: "已保存，请录入下一位。", waiting: "{count} 条已加密保存在本机，等待网络。", allSent: "已全部提交。", stuck: "等待的内容无法提交：请用链接重新打开本页，或索取新的链接。", leftOut: "有一条内容被拒绝，未保存。",
    npsLeast: "完全不可能", npsMost: "非常可能", csatLeast: "非常不满意", csatMost: "非常满意",
    confirmTitle: "请确认", confirmAsk: "有人在我们的表单中填写了您的地址。是您本人填写，或者您同意吗？", confirmGo: "是，确认", confirmed: "已确认", confirmGone: "此链接已使用或已过期。",
    problems: { invalid_value: "请检查此项回答。", conflict: "页面内容已有变化，请阅读后重新提交。", denied: "您不能独自填写。", invalid_input: "请检查您的回答后重新提交。", unavailable: "同时提交的人太多，请稍后再试。" },
  },
};
