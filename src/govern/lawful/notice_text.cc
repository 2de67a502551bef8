// A notice as a page: the same sections in every language, made from the same clauses.
#include "govern/lawful/notices.h"
#include "model/names.h"

namespace fiducia::govern {

namespace {

// What the page says around the names of the catalog.
struct Phrases {
  const char* lang;
  const char* version;
  const char* who;
  const char* contact;
  const char* purposes;
  const char* what;
  const char* why;
  const char* basis;
  const char* need;
  const char* recipients;
  const char* only_us;
  const char* countries;
  const char* stays;
  const char* term;
  const char* automated;
  const char* automated_yes;
  const char* automated_no;
  const char* rights;
  const char* rights_text;
  const char* complaint;
  const char* separate;
};

constexpr Phrases kChinese = {
    "zh-CN",
    "版本",
    "谁处理您的信息",
    "如何联系我们",
    "我们为哪些目的使用哪些信息",
    "使用的信息",
    "做什么",
    "依据",
    "为什么需要",
    "谁可以得到",
    "只有本公司负责此事的部门",
    "送往哪些国家或地区",
    "不送往境外",
    "最长保存",
    "是否由机器作决定",
    "参与决定。您可以要求说明理由,并要求由人复核",
    "不参与决定",
    "您的权利",
    "您可以随时在客户门户查看我们持有您的哪些信息、谁在何时为何看过,"
    "更正、下载、删除、限制使用、反对,以及像给予时一样容易地撤回同意。撤回不影响此前的使用。",
    "投诉",
    "单独授权后才使用",
};

constexpr Phrases kEnglish = {
    "en",
    "Version",
    "Who uses your information",
    "How to reach us",
    "What we use for which purpose",
    "Information used",
    "What for",
    "On what ground",
    "Why it is needed",
    "Who may get it",
    "Only the departments of the company that deal with it",
    "Where it is sent",
    "It stays where it is collected",
    "Kept at most",
    "Do machines decide",
    "They take part. You can ask for the reasons, and for a person to look at it",
    "They do not",
    "Your rights",
    "In the customer portal you can see at any time what we hold about you and who looked at it, "
    "when and why; you can "
    "correct it, download it, have it erased or restricted, object, and take consent back as "
    "easily as you gave it. What "
    "was done before stays lawful.",
    "Complaints",
    "only after you have authorized it separately",
};

struct BasisNames {
  const char* word;
  const char* zh;
  const char* en;
};
constexpr BasisNames kBases[] = {
    {"consent", "您的同意", "your consent"},
    {"contract", "与您的合同", "our contract with you"},
    {"legal_obligation", "法定义务", "a duty under the law"},
    {"legitimate_interest", "正当利益(中国内地不适用)",
     "our legitimate interest (not in mainland China)"},
    {"vital_interest", "生命健康的紧急情况", "an emergency of life and health"},
    {"public_interest", "公共利益", "the public interest"},
    {"public_source", "您已自行公开", "you have made it public"},
};

std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string Term(const std::string& period, bool zh) {
  const std::string number = period.substr(1, period.size() - 2);
  const char unit = period.back();
  if (zh) {
    return number + (unit == 'Y' ? " 年" : unit == 'M' ? " 个月" : " 天");
  }
  return number + (unit == 'Y' ? " years" : unit == 'M' ? " months" : " days");
}

class Page {
 public:
  Page(const rules::Policy& policy, const Json& snapshot, const std::string& locale)
      : policy_(policy),
        snapshot_(snapshot),
        locale_(locale),
        zh_(locale == "zh-CN"),
        say_(zh_ ? kChinese : kEnglish) {}

  std::string Write(int version, const std::string& day) {
    const std::string title = Own("title");
    out_ = "<!doctype html><html lang=\"" + std::string(say_.lang) +
           "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
           "content=\"width=device-width,initial-scale=1\"><title>" +
           title + "</title><style>" + kStyle + "</style></head><body><main><h1>" + title +
           "</h1><p class=\"v\">" + say_.version + " " + std::to_string(version) + " · " + day +
           "</p>";
    Section("controller", say_.who, Own("controller"));
    Section("contact", say_.contact, Own("contact"));
    out_ += "<h2>" + std::string(say_.purposes) + "</h2>";
    const Json clauses = snapshot_.value("clauses", Json::array());
    for (const Json& clause : clauses) {
      Clause(clause);
    }
    Section("rights", say_.rights, say_.rights_text);
    Section("complaint", say_.complaint, Own("complaint"));
    out_ += "</main></body></html>\n";
    return std::move(out_);
  }

 private:
  static constexpr const char* kStyle =
      ":root{color-scheme:light dark}body{margin:0;font:16px/1.6 system-ui,'PingFang "
      "SC','Microsoft "
      "YaHei','Noto Sans CJK SC',sans-serif}main{max-width:44rem;margin:0 auto;padding:1.5rem 1rem "
      "4rem}h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.2rem;margin:2rem 0 "
      ".5rem}section{margin:1rem "
      "0}section.c{border:1px solid color-mix(in srgb,currentColor "
      "18%,transparent);border-radius:10px;"
      "padding:.75rem 1rem}h3{font-size:1.05rem;margin:.25rem 0}dl{margin:.5rem 0 0;display:grid;"
      "grid-template-columns:minmax(7rem,11rem) 1fr;gap:.35rem "
      "1rem}dt{opacity:.7}dd{margin:0}.v{opacity:.7}"
      "@media(max-width:30rem){dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .5rem}}";

  std::string Own(const char* key) const {
    const Json texts = snapshot_.value(key, Json::object());
    return Escape(JsonText(texts, locale_));
  }
  std::string Both(const rules::Texts& texts) const { return Escape(zh_ ? texts.zh : texts.en); }

  void Section(const char* id, const std::string& heading, const std::string& text) {
    out_ += "<section data-clause=\"" + std::string(id) + "\"><h2>" + heading + "</h2><p>" + text +
            "</p></section>";
  }
  void Row(const char* id, const std::string& name, const std::string& text) {
    out_ += "<dt>" + name + "</dt><dd data-part=\"" + id + "\">" + text + "</dd>";
  }

  std::string Join(const std::vector<std::string>& parts) const {
    std::string text;
    for (const std::string& part : parts) {
      text += (text.empty() ? "" : zh_ ? "、" : ", ") + part;
    }
    return text;
  }

  std::string Words(const Json& clause, const char* key, const char* none) const {
    std::vector<std::string> words;
    const Json list = clause.value(key, Json::array());
    for (const Json& word : list) {
      words.push_back(Escape(word.get<std::string>()));
    }
    return words.empty() ? std::string(none) : Join(words);
  }

  void Clause(const Json& clause) {
    const std::string id = JsonText(clause, "purpose");
    const rules::Purpose* purpose = policy_.FindPurpose(id);
    if (purpose == nullptr) {
      return;
    }
    out_ += "<section class=\"c\" data-clause=\"purpose." + Escape(id) + "\"><h3>" +
            Both(purpose->name) + "</h3><dl>";
    Row("description", say_.why, Both(purpose->description));
    std::vector<std::string> fields;
    std::vector<std::string> separate;
    const Json list = clause.value("fields", Json::array());
    for (const Json& word : list) {
      const rules::Field* field = policy_.catalog.Find(word.get<std::string>());
      if (field != nullptr) {
        (field->level == model::Level::kL4 ? separate : fields).push_back(Both(field->name));
      }
    }
    std::string what = Join(fields);
    if (!separate.empty()) {
      what += (what.empty() ? ""
               : zh_        ? ";"
                            : "; ") +
              std::string(say_.separate) + (zh_ ? ":" : ": ") + Join(separate);
    }
    Row("fields", say_.what, what);
    std::vector<std::string> bases;
    const Json base_words = clause.value("bases", Json::array());
    for (const Json& word : base_words) {
      for (const BasisNames& basis : kBases) {
        if (word.get<std::string>() == basis.word) {
          bases.emplace_back(zh_ ? basis.zh : basis.en);
        }
      }
    }
    Row("bases", say_.basis, Join(bases));
    const Json need = clause.value("necessity", Json::object());
    Row("necessity", say_.need, Escape(JsonText(need, locale_)));
    Row("recipients", say_.recipients, Words(clause, "recipients", say_.only_us));
    Row("countries", say_.countries, Words(clause, "countries", say_.stays));
    Row("retention", say_.term, Term(JsonText(clause, "retention"), zh_));
    Row("automated", say_.automated,
        clause.value("automated", false) ? say_.automated_yes : say_.automated_no);
    out_ += "</dl></section>";
  }

  const rules::Policy& policy_;
  const Json& snapshot_;
  std::string locale_;
  bool zh_;
  const Phrases& say_;
  std::string out_;
};

}  // namespace

std::string NoticeHtml(const rules::Policy& policy, const Json& snapshot, const std::string& locale,
                       int version, const std::string& day) {
  return Page(policy, snapshot, locale).Write(version, day);
}

}  // namespace fiducia::govern
