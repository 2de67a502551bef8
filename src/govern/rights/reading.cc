#include "govern/rights/reading.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace fiducia::govern {

namespace {

struct Phrase {
  Right right;
  std::string_view text;
};

// As people write it. Folded: lower case, half width, single blanks. "删除" alone is a wish to
// erase; a phrase that holds another right's word stands before it and takes it away.
constexpr std::array kPhrases = {
    Phrase{Right::kHumanReview, "human review"},
    Phrase{Right::kHumanReview, "automated decision"},
    Phrase{Right::kHumanReview, "decided by a computer"},
    Phrase{Right::kHumanReview, "decided by a machine"},
    Phrase{Right::kHumanReview, "a person to look"},
    Phrase{Right::kHumanReview, "a human to look"},
    Phrase{Right::kHumanReview, "自动化决策"},
    Phrase{Right::kHumanReview, "自动决策"},
    Phrase{Right::kHumanReview, "人工复核"},
    Phrase{Right::kHumanReview, "人工审核"},
    Phrase{Right::kHumanReview, "人工复审"},
    Phrase{Right::kAccess, "subject access"},
    Phrase{Right::kAccess, "access request"},
    Phrase{Right::kAccess, "right of access"},
    Phrase{Right::kAccess, "access to my"},
    Phrase{Right::kAccess, "copy of my"},
    Phrase{Right::kAccess, "copy of all"},
    Phrase{Right::kAccess, "copy of the data"},
    Phrase{Right::kAccess, "copy of the personal"},
    Phrase{Right::kAccess, "data do you hold"},
    Phrase{Right::kAccess, "data you hold"},
    Phrase{Right::kAccess, "information do you hold"},
    Phrase{Right::kAccess, "information you hold"},
    Phrase{Right::kAccess, "information you have about me"},
    Phrase{Right::kAccess, "what you know about me"},
    Phrase{Right::kAccess, "right to know"},
    Phrase{Right::kAccess, "dsar"},
    Phrase{Right::kAccess, "查阅"},
    Phrase{Right::kAccess, "查询我的"},
    Phrase{Right::kAccess, "我的个人信息副本"},
    Phrase{Right::kAccess, "信息副本"},
    Phrase{Right::kAccess, "数据副本"},
    Phrase{Right::kAccess, "复制我的"},
    Phrase{Right::kAccess, "哪些个人信息"},
    Phrase{Right::kAccess, "哪些信息"},
    Phrase{Right::kAccess, "什么信息"},
    Phrase{Right::kPortability, "portab"},
    Phrase{Right::kPortability, "machine-readable"},
    Phrase{Right::kPortability, "machine readable"},
    Phrase{Right::kPortability, "transfer my data"},
    Phrase{Right::kPortability, "move my data"},
    Phrase{Right::kPortability, "可携带"},
    Phrase{Right::kPortability, "转移我的"},
    Phrase{Right::kPortability, "转移到"},
    Phrase{Right::kPortability, "迁移"},
    Phrase{Right::kRectify, "correct my"},
    Phrase{Right::kRectify, "correct the"},
    Phrase{Right::kRectify, "rectif"},
    Phrase{Right::kRectify, "is wrong"},
    Phrase{Right::kRectify, "is incorrect"},
    Phrase{Right::kRectify, "out of date"},
    Phrase{Right::kRectify, "update my"},
    Phrase{Right::kRectify, "更正"},
    Phrase{Right::kRectify, "改正"},
    Phrase{Right::kRectify, "修改我的"},
    Phrase{Right::kRectify, "有误"},
    Phrase{Right::kRectify, "写错"},
    Phrase{Right::kErase, "delete my"},
    Phrase{Right::kErase, "delete all"},
    Phrase{Right::kErase, "delete everything"},
    Phrase{Right::kErase, "delete the data"},
    Phrase{Right::kErase, "deletion of"},
    Phrase{Right::kErase, "erase"},
    Phrase{Right::kErase, "erasure"},
    Phrase{Right::kErase, "forget me"},
    Phrase{Right::kErase, "be forgotten"},
    Phrase{Right::kErase, "remove my data"},
    Phrase{Right::kErase, "remove all my"},
    Phrase{Right::kErase, "close my account"},
    Phrase{Right::kErase, "删除"},
    Phrase{Right::kErase, "注销"},
    Phrase{Right::kErase, "销毁"},
    Phrase{Right::kRestrict, "restrict"},
    Phrase{Right::kRestrict, "limit the use"},
    Phrase{Right::kRestrict, "limit the processing"},
    Phrase{Right::kRestrict, "stop using my data until"},
    Phrase{Right::kRestrict, "限制处理"},
    Phrase{Right::kRestrict, "限制使用"},
    Phrase{Right::kRestrict, "限制对我"},
    Phrase{Right::kRestrict, "暂停处理"},
    Phrase{Right::kRestrict, "暂停使用"},
    Phrase{Right::kObject, "object to"},
    Phrase{Right::kObject, "i object"},
    Phrase{Right::kObject, "opt out"},
    Phrase{Right::kObject, "opt-out"},
    Phrase{Right::kObject, "unsubscribe"},
    Phrase{Right::kObject, "do not sell"},
    Phrase{Right::kObject, "stop selling"},
    Phrase{Right::kObject, "stop sending"},
    Phrase{Right::kObject, "stop emailing"},
    Phrase{Right::kObject, "stop calling"},
    Phrase{Right::kObject, "no more marketing"},
    Phrase{Right::kObject, "反对"},
    Phrase{Right::kObject, "拒绝营销"},
    Phrase{Right::kObject, "退订"},
    Phrase{Right::kObject, "不要再发"},
    Phrase{Right::kObject, "别再发"},
    Phrase{Right::kObject, "停止发送"},
    Phrase{Right::kObject, "停止营销"},
    Phrase{Right::kObject, "不再接收"},
};

bool IsMailLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._%+-").find(c) != std::string_view::npos;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

constexpr size_t kDigitsLeast = 7;
constexpr size_t kDigitsMost = 15;  // E.164

}  // namespace

std::vector<Right> RightsIn(std::string_view text) {
  const std::string folded = FoldCase(text);
  std::set<Right> found;
  for (const Phrase& phrase : kPhrases) {
    if (folded.find(phrase.text) != std::string::npos) {
      found.insert(phrase.right);
    }
  }
  return {found.begin(), found.end()};
}

std::vector<model::Sensitive> ContactsIn(std::string_view text, size_t most) {
  const std::string folded = FoldWidth(text);
  std::vector<std::string> found;
  const auto add = [&](std::string_view one) {
    if (found.size() < most && std::find(found.begin(), found.end(), one) == found.end()) {
      found.emplace_back(one);
    }
  };
  for (size_t at = folded.find('@'); at != std::string::npos; at = folded.find('@', at + 1)) {
    size_t from = at;
    size_t to = at + 1;
    while (from > 0 && IsMailLetter(folded[from - 1])) {
      --from;
    }
    while (to < folded.size() && IsMailLetter(folded[to])) {
      ++to;
    }
    while (to > at + 1 && !IsDigit(folded[to - 1]) &&
           (folded[to - 1] == '.' || folded[to - 1] == '-')) {
      --to;  // the end of a sentence
    }
    const std::string_view domain = std::string_view(folded).substr(at + 1, to - at - 1);
    if (from < at && domain.find('.') != std::string_view::npos) {
      add(std::string_view(folded).substr(from, to - from));
    }
  }
  for (size_t at = 0; at < folded.size(); ++at) {
    const bool starts = IsDigit(folded[at]) || folded[at] == '+';
    if (!starts || (at > 0 && (IsDigit(folded[at - 1]) || folded[at - 1] == '+'))) {
      continue;
    }
    size_t to = at + 1;
    size_t digits = IsDigit(folded[at]) ? 1 : 0;
    size_t end = to;
    while (to < folded.size() && (IsDigit(folded[to]) ||
                                  std::string_view(" -()").find(folded[to]) != std::string::npos)) {
      digits += IsDigit(folded[to]) ? 1 : 0;
      end = IsDigit(folded[to]) ? to + 1 : end;
      ++to;
    }
    if (digits >= kDigitsLeast && digits <= kDigitsMost) {
      add(std::string_view(folded).substr(at, end - at));
    }
    at = to - 1;
  }
  std::vector<model::Sensitive> contacts;
  contacts.reserve(found.size());
  for (std::string& one : found) {
    contacts.emplace_back(std::move(one));
  }
  return contacts;
}

}  // namespace fiducia::govern
