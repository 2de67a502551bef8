// Postal addresses of mainland China, Hong Kong, Macau and Taiwan, and of the rest of the world:
// one form for comparing, and how sure it is that this is one.
#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "process/clean/parts.h"

namespace fiducia::process {

namespace {

using Words = std::vector<std::string>;

// Districts and counties that say where an address lies, in the simplified script.
constexpr std::array<std::u32string_view, 22> kHongKong = {
    U"香港", U"九龙",   U"新界",   U"中西区", U"湾仔", U"铜锣湾", U"北角", U"观塘",
    U"旺角", U"油麻地", U"尖沙咀", U"深水埗", U"沙田", U"大埔",   U"元朗", U"屯门",
    U"荃湾", U"葵涌",   U"西贡",   U"将军澳", U"离岛", U"黄大仙"};
constexpr std::array<std::u32string_view, 5> kMacau = {U"澳门", U"氹仔", U"路环", U"凼仔", U"路氹"};
constexpr std::array<std::u32string_view, 22> kTaiwan = {
    U"台北", U"新北", U"桃园", U"台中", U"台南", U"高雄", U"基隆", U"新竹",
    U"嘉义", U"苗栗", U"彰化", U"南投", U"云林", U"屏东", U"宜兰", U"花莲",
    U"台东", U"澎湖", U"金门", U"连江", U"台湾", U"马祖"};

constexpr std::array<std::u32string_view, 9> kLeftOut = {
    U"中华人民共和国", U"中国",   U"特别行政区", U"中华民国", U"台湾省",
    U"台湾地区",       U"维吾尔", U"壮族",       U"回族"};

// Long and short forms of words in addresses, in lower case.
const std::map<std::string, std::string, std::less<>>& Abbreviations() {
  static const std::map<std::string, std::string, std::less<>> kWords = {
      {"st", "street"},      {"str", "street"},     {"rd", "road"},        {"ave", "avenue"},
      {"av", "avenue"},      {"blvd", "boulevard"}, {"ln", "lane"},        {"dr", "drive"},
      {"ct", "court"},       {"pl", "place"},       {"sq", "square"},      {"hwy", "highway"},
      {"pkwy", "parkway"},   {"ter", "terrace"},    {"cres", "crescent"},  {"est", "estate"},
      {"bldg", "building"},  {"blk", "block"},      {"fl", "floor"},       {"apt", "unit"},
      {"apartment", "unit"}, {"flat", "unit"},      {"flt", "unit"},       {"rm", "unit"},
      {"room", "unit"},      {"ste", "unit"},       {"suite", "unit"},     {"n", "north"},
      {"s", "south"},        {"e", "east"},         {"w", "west"},         {"ne", "northeast"},
      {"nw", "northwest"},   {"se", "southeast"},   {"sw", "southwest"},   {"twr", "tower"},
      {"hse", "house"},      {"mt", "mount"},       {"ft", "fort"},        {"sec", "section"},
      {"dist", "district"},  {"cnty", "county"},    {"strasse", "street"}, {"straße", "street"}};
  return kWords;
}

int DigitOf(char32_t c) {
  constexpr std::u32string_view kDigits = U"〇一二三四五六七八九";
  const size_t at = kDigits.find(c);
  return c == U'零'                        ? 0
         : c == U'两'                      ? 2
         : at == std::u32string_view::npos ? -1
                                           : static_cast<int>(at);
}

bool IsCounter(char32_t c) {
  return std::u32string_view(U"楼层号室段巷弄单栋幢座期街").find(c) != std::u32string_view::npos;
}

// "三十二号" as "32号"; a number that counts nothing, as in a name, stays.
std::u32string WithDigits(const std::u32string& text) {
  std::u32string made;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    int value = 0;
    int pending = -1;
    for (; end < text.size() && end - at < 5; ++end) {
      const int digit = DigitOf(text[end]);
      if (digit >= 0) {
        pending = pending < 0 ? digit : pending * 10 + digit;
      } else if (text[end] == U'十' || text[end] == U'百') {
        value += (pending < 0 ? 1 : pending) * (text[end] == U'十' ? 10 : 100);
        pending = -1;
      } else {
        break;
      }
    }
    // "五四路" is a name: only what counts floors, houses and rooms is a number.
    if (end > at && end < text.size() && IsCounter(text[end]) && text[end] != U'街') {
      for (const char c : std::to_string(value + std::max(pending, 0))) {
        made.push_back(static_cast<char32_t>(c));
      }
      at = end;
    } else {
      made.append(text, at, std::max<size_t>(1, end - at));
      at = std::max(at + 1, end);
    }
  }
  return made;
}

std::u32string HanKey(std::string_view folded) {
  std::u32string plain;
  for (const char32_t c : DecodeUtf8(folded)) {
    const char32_t one = SimplifiedHan(c);
    if (std::u32string_view(U" ,.，。、;；:：()（）").find(one) == std::u32string_view::npos) {
      plain.push_back(one == U'之' ? U'-' : one == U'樓' ? U'楼' : one);
    }
  }
  for (const std::u32string_view left_out : kLeftOut) {
    if (const size_t at = plain.find(left_out);
        at != std::u32string::npos && plain.size() > left_out.size() + 2) {
      plain.erase(at, left_out.size());
    }
  }
  return WithDigits(plain);
}

template <size_t N>
bool Names(const std::u32string& key, const std::array<std::u32string_view, N>& places) {
  return std::any_of(places.begin(), places.end(), [&](std::u32string_view place) {
    return key.find(place) != std::u32string::npos;
  });
}

bool IsDigits(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

// "12/f", "12f" and "12th" floor are one; "#5" is a unit; "no. 7" is 7.
void AddWord(std::string_view word, Words& words) {
  if (word.empty() || word == "no" || word == "number" || word == "nr") {
    return;
  }
  const bool numbered = word[0] >= '0' && word[0] <= '9';
  if (word[0] == '#' && word.size() > 1) {
    words.emplace_back("unit");
    words.emplace_back(word.substr(1));
  } else if (numbered && word.ends_with("/f")) {
    words.emplace_back("floor");
    words.emplace_back(word.substr(0, word.size() - 2));
  } else if (numbered && word.ends_with("f") && IsDigits(word.substr(0, word.size() - 1))) {
    words.emplace_back("floor");
    words.emplace_back(word.substr(0, word.size() - 1));
  } else if (const auto known = Abbreviations().find(word);
             known != Abbreviations().end() && !(words.empty() && word == "st")) {
    words.push_back(known->second);
  } else {
    words.emplace_back(word);
  }
}

Words WordsOf(std::string_view folded) {
  Words words;
  size_t from = 0;
  for (size_t at = 0; at <= folded.size(); ++at) {
    if (at == folded.size() ||
        std::string_view(" ,.;:()\n").find(folded[at]) != std::string_view::npos) {
      AddWord(folded.substr(from, at - from), words);
      from = at + 1;
    }
  }
  return words;
}

Address Latin(std::string_view folded) {
  const Words words = WordsOf(folded);
  Address made;
  bool number = false;
  for (const std::string& word : words) {
    made.key += (made.key.empty() ? "" : " ") + word;
    number = number || word.find_first_of("0123456789") != std::string::npos;
  }
  made.confidence = number && words.size() >= 3 ? 80 : 50;
  return made;
}

}  // namespace

Address CleanAddress(std::string_view text, const Hints& hints) {
  const std::string folded = FoldCase(text);
  if (!HasHan(folded)) {
    return Latin(folded);
  }
  const std::u32string key = HanKey(folded);
  Address made{EncodeUtf8(key), 60};
  const auto code = RegionCodeOf(made.key);
  if (code && !code->starts_with("71") && !code->starts_with("8")) {
    made.confidence = code->size() == 6 ? 100 : 80;
  } else if (Names(key, kHongKong) || Names(key, kMacau) || Names(key, kTaiwan)) {
    made.confidence = key.find_first_of(U"0123456789") == std::u32string::npos ? 80 : 95;
  } else if (hints.region != "CN" && key.find_first_of(U"0123456789") != std::u32string::npos) {
    made.confidence = 80;
  }
  return made;
}

}  // namespace fiducia::process
