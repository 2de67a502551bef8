#include "process/resolve/values.h"

#include <algorithm>

#include "base/text.h"

namespace fiducia::process {

namespace {

constexpr uint64_t kSeed = 0xcbf29ce484222325ULL;

uint64_t Hash(std::string_view text, uint64_t seed = kSeed) {
  uint64_t h = seed;
  for (const char c : text) {
    h = (h ^ static_cast<uint8_t>(c)) * 0x100000001b3ULL;
  }
  h ^= h >> 29;
  h *= 0xbf58476d1ce4e5b9ULL;
  h ^= h >> 32;
  return h == 0 ? 1 : h;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }

bool IsAscii(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<uint8_t>(c) > 127; });
}

std::string Digits(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (IsDigit(c)) {
      out.push_back(c);
    }
  }
  return out;
}

// Letters, digits and other scripts; anything else parts words.
std::vector<std::string> Words(std::string_view folded) {
  std::vector<std::string> words(1);
  for (const char c : folded) {
    if (IsLetter(c) || IsDigit(c) || static_cast<uint8_t>(c) > 127) {
      words.back().push_back(c);
    } else if (c != '\'' && !words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) {
    words.pop_back();
  }
  return words;
}

std::string Join(const std::vector<std::string>& words, char with = ' ') {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty() && with != '\0') {
      out.push_back(with);
    }
    out += word;
  }
  return out;
}

// How a Latin word sounds, roughly: classes of consonants, doubles once, vowels only at the start.
std::string Sound(std::string_view word) {
  static constexpr std::string_view kClass = "0123012d022455012623010202";
  //                                          abcdefghijklmnopqrstuvwxyz
  std::string out;
  char last = '\0';
  for (size_t i = 0; i < word.size() && out.size() < 5; ++i) {
    const char c = word[i];
    if (!IsLetter(c)) {
      continue;
    }
    char code = kClass[static_cast<size_t>(c - 'a')];
    if (c == 'h' || c == 'w') {
      continue;
    }
    if (out.empty()) {
      const bool k_like = c == 'c' || c == 'q';
      out.push_back(k_like ? 'k' : c == 'p' && i + 1 < word.size() && word[i + 1] == 'h' ? 'f' : c);
    } else if (code != '0' && code != last) {
      out.push_back(code);
    }
    last = code;
  }
  return out;
}

std::u32string Simplified(std::u32string text) {
  for (char32_t& c : text) {
    c = SimplifiedHan(c);
  }
  return text;
}

// Titles after a name, as people write them in forms and notes.
constexpr std::array<std::u32string_view, 10> kTitles = {
    U"先生", U"女士", U"小姐", U"太太", U"老师", U"经理", U"总", U"师傅", U"同志", U"阿姨"};
constexpr std::array<std::string_view, 12> kLatinTitles = {
    "mr", "mrs", "ms", "miss", "dr", "prof", "sir", "madam", "jr", "sr", "lord", "lady"};

constexpr std::array<std::u32string_view, 20> kDoubleSurnames = {
    U"欧阳", U"上官", U"司马", U"诸葛", U"东方", U"皇甫", U"尉迟", U"公孙", U"慕容", U"令狐",
    U"宇文", U"长孙", U"司徒", U"夏侯", U"南宫", U"端木", U"百里", U"轩辕", U"呼延", U"独孤"};

// `alone`: nothing but a family name is left.
size_t SurnameSize(std::u32string_view name, bool alone) {
  for (const std::u32string_view surname : kDoubleSurnames) {
    if (name.starts_with(surname) && (name.size() > 2 || alone)) {
      return 2;
    }
  }
  return 1;
}

// "zhang wei" for both 张伟 and "Wei ZHANG": syllables in the order of the alphabet.
std::string Readings(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  return Join(words);
}

MatchValue HanName(std::u32string name) {
  MatchValue value;
  name = Simplified(std::move(name));
  std::erase_if(name, [](char32_t c) { return !IsHan(c); });
  for (const std::u32string_view title : kTitles) {
    if (name.size() > title.size() && name.ends_with(title) &&
        (title.size() > 1 || name.size() <= 2)) {
      name.resize(name.size() - title.size());
      value.partial = name.size() <= SurnameSize(name, true);
      break;
    }
  }
  if (name.empty()) {
    return value;
  }
  value.text = EncodeUtf8(name);
  // Syllables run together, so that "王晓雯" and "Xiaowen Wang" have the same letters.
  const std::string spelled = Pinyin(value.text);
  std::vector<std::string> words = Words(spelled);
  const size_t surname = std::min(SurnameSize(name, value.partial), words.size());
  const std::string family =
      Join({words.begin(), words.begin() + static_cast<long>(surname)}, '\0');
  const std::string given = Join({words.begin() + static_cast<long>(surname), words.end()}, '\0');
  value.other = given.empty() ? family : Readings({family, given});
  value.spelled = {static_cast<uint32_t>(Hash(family + given)),
                   static_cast<uint32_t>(Hash(given + family))};
  value.keys[0] = Hash(value.other);
  value.keys[1] = Hash(family, 2);
  if (name.size() > 1) {
    value.keys[2] = Hash(given, 3);
  }
  return value;
}

MatchValue LatinName(std::string_view folded) {
  MatchValue value;
  std::vector<std::string> words = Words(folded);
  std::erase_if(words, [&](const std::string& word) {
    return words.size() > 1 &&
           std::find(kLatinTitles.begin(), kLatinTitles.end(), word) != kLatinTitles.end();
  });
  if (words.empty()) {
    return value;
  }
  value.text = Join(words);
  value.other = Readings(words);
  for (const std::string& word : words) {
    value.tokens.push_back(static_cast<uint32_t>(Hash(word)));
  }
  std::sort(value.tokens.begin(), value.tokens.end());
  std::vector<std::string> turned(words.rbegin(), words.rend());
  value.spelled = {static_cast<uint32_t>(Hash(Join(words, '\0'))),
                   static_cast<uint32_t>(Hash(Join(turned, '\0')))};
  value.keys[0] = Hash(value.other);
  const std::string first = Sound(words.front());
  const std::string last = Sound(words.back());
  value.keys[1] = first.empty() ? 0 : Hash(first, 2);
  value.keys[2] =
      words.size() < 2 || last.empty() ? Hash(words.front().substr(0, 3), 3) : Hash(last, 3);
  return value;
}

MatchValue NameValue(std::string_view folded) {
  if (HasHan(folded)) {
    return HanName(DecodeUtf8(folded));
  }
  return LatinName(folded);
}

// Year, month and day as eight digits, in whatever order and form they are written. What is no date
// keeps its digits: a typing error is evidence too.
MatchValue DateValue(std::string_view folded) {
  MatchValue value;
  std::vector<std::string> groups(1);
  for (const char c : folded) {
    if (IsDigit(c)) {
      groups.back().push_back(c);
    } else if (!groups.back().empty()) {
      groups.emplace_back();
    }
  }
  if (groups.back().empty()) {
    groups.pop_back();
  }
  const auto two = [](const std::string& text) { return text.size() == 1 ? "0" + text : text; };
  if (groups.size() >= 3 && groups[0].size() == 4) {
    value.text = groups[0] + two(groups[1]) + two(groups[2]);
  } else if (groups.size() >= 3 && groups[2].size() == 4) {
    const bool month_first = groups[0].size() <= 2 && std::stoi(groups[1]) > 12;
    value.text = groups[2] + two(groups[month_first ? 0 : 1]) + two(groups[month_first ? 1 : 0]);
  } else {
    value.text = Join(groups, '\0');
  }
  if (value.text.size() > 8) {
    value.text.resize(8);
  }
  if (value.text.size() == 8) {
    value.keys[0] = Hash(value.text);
    value.keys[1] = Hash(std::string_view(value.text).substr(4), 2);     // month and day
    value.keys[2] = Hash(std::string_view(value.text).substr(0, 6), 3);  // year and month
  } else if (!value.text.empty()) {
    value.keys[0] = Hash(value.text);
    value.keys[2] = Hash(std::string_view(value.text).substr(0, 4), 3);
  }
  return value;
}

// A number as people give it, with stars where it was masked.
MatchValue NumberValue(std::string_view folded, bool phone) {
  MatchValue value;
  for (const char c : folded) {
    if (IsDigit(c) || c == '*' || (!phone && IsLetter(c))) {
      value.text.push_back(c);
    }
  }
  if (phone) {
    for (const std::string_view code : {"0086", "86"}) {
      if (value.text.size() == 11 + code.size() && value.text.starts_with(code)) {
        value.text.erase(0, code.size());
      }
    }
  } else if (value.text.size() == 15 && Digits(value.text).size() == 15) {
    value.text = value.text.substr(0, 6) + "19" + value.text.substr(6) + "*";
  }
  value.partial = value.text.find('*') != std::string::npos;
  if (Digits(value.text).size() < 4) {
    value.text.clear();
    return value;
  }
  const std::string_view text = value.text;
  if (!value.partial) {
    value.keys[0] = Hash(text);
  }
  const size_t half = text.size() / 2;
  const std::string_view head = text.substr(0, phone ? half + 1 : std::max<size_t>(half, 6));
  const std::string_view tail = text.substr(half);
  if (head.find('*') == std::string_view::npos) {
    value.keys[1] = Hash(head, 2);
  }
  if (tail.find('*') == std::string_view::npos) {
    value.keys[2] = Hash(tail, 3);
  }
  return value;
}

MatchValue EmailValue(std::string_view folded) {
  MatchValue value;
  std::string text;
  for (const char c : folded) {
    if (c != ' ') {
      text.push_back(c);
    }
  }
  const size_t at = text.find('@');
  if (text.empty() || at == 0) {
    return value;
  }
  value.text = text;
  value.other = text.substr(0, at);
  value.keys[0] = Hash(text);
  value.keys[1] = Hash(value.other, 2);
  std::string letters;
  for (const char c : value.other) {
    if (IsLetter(c)) {
      letters.push_back(c);
    }
  }
  value.spelled[0] = static_cast<uint32_t>(Hash(letters));
  value.keys[2] = letters.size() < 4 ? 0 : Hash(letters, 3);
  return value;
}

// Words that say what kind of place something is, and not which.
constexpr std::u32string_view kPlaceSuffixes = U"省市区县縣區州盟旗镇鎮乡鄉村";
constexpr std::array<std::string_view, 12> kOrdinals = {"first", "second", "third",    "fourth",
                                                        "fifth", "sixth",  "seventh",  "eighth",
                                                        "ninth", "tenth",  "eleventh", "twelfth"};
constexpr std::array<std::string_view, 29> kStreetWords = {
    "th",        "nd",   "sts",   "street", "st",   "road", "rd",    "avenue",  "ave",   "av",
    "boulevard", "blvd", "drive", "dr",     "lane", "ln",   "place", "pl",      "court", "ct",
    "highway",   "hwy",  "the",   "at",     "in",   "and",  "of",    "between", "off"};

// Numbers stand apart from characters: "26号楼3单元" and "26-3" have the same. Han text gives pairs
// of characters, Latin text words.
void AddTokens(std::string_view folded, MatchValue& value, std::vector<std::string>& numbers) {
  std::u32string run;
  std::string word;
  std::vector<std::string> words;
  const auto end_run = [&] {
    for (size_t i = 0; i + 1 < run.size(); ++i) {
      words.push_back(EncodeUtf8(run.substr(i, 2)));
    }
    if (run.size() == 1) {
      words.push_back(EncodeUtf8(run));
    }
    run.clear();
  };
  const auto end_word = [&] {
    if (!word.empty()) {
      const bool number = std::all_of(word.begin(), word.end(), IsDigit);
      if (number) {
        word.erase(0, std::min(word.find_first_not_of('0'), word.size() - 1));
        numbers.push_back(word);
      }
      const auto ordinal = std::find(kOrdinals.begin(), kOrdinals.end(), word);
      if (ordinal != kOrdinals.end()) {
        words.push_back(std::to_string(ordinal - kOrdinals.begin() + 1));
      } else if (number ||
                 std::find(kStreetWords.begin(), kStreetWords.end(), word) == kStreetWords.end()) {
        words.push_back(word);
      }
    }
    word.clear();
  };
  bool was_number = false;
  for (const char32_t c : Simplified(DecodeUtf8(folded))) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = c >= 'a' && c <= 'z';
    if (digit || letter) {
      end_run();
      if (!word.empty() && was_number != digit) {
        end_word();
      }
      was_number = digit;
      word.push_back(static_cast<char>(c));
    } else if (IsHan(c)) {
      end_word();
      if (kPlaceSuffixes.find(c) == std::u32string_view::npos) {
        run.push_back(c);
      } else {
        end_run();
      }
    } else {
      end_word();
      end_run();
    }
  }
  end_word();
  end_run();
  for (const std::string& one : words) {
    value.tokens.push_back(static_cast<uint32_t>(Hash(one)));
  }
  std::sort(value.tokens.begin(), value.tokens.end());
}

MatchValue AddressValue(std::string_view folded) {
  MatchValue value;
  std::vector<std::string> numbers;
  AddTokens(folded, value, numbers);
  if (value.tokens.empty()) {
    return value;
  }
  const std::u32string plain = Simplified(DecodeUtf8(folded));
  std::u32string kept;
  for (const char32_t c : plain) {
    if (c != ' ' && c != '-' && c != ',' && c != '.') {
      kept.push_back(c);
    }
  }
  value.text = EncodeUtf8(kept);
  value.other = Join(numbers, '-');
  value.keys[0] = Hash(value.text);
  if (numbers.size() >= 3) {
    // House, building, room: the last three say where somebody lives.
    value.keys[1] = Hash(Join({numbers.end() - 3, numbers.end()}, '-'), 2);
  } else if (!numbers.empty()) {
    value.keys[1] = Hash(value.other, 2);
  }
  const std::vector<std::string> words = Words(folded);
  for (const std::string& word : words) {
    if (IsLetter(word[0]) && word.size() > 2 &&
        std::find(kStreetWords.begin(), kStreetWords.end(), word) == kStreetWords.end()) {
      value.keys[2] = Hash(Sound(word), 3);
      break;
    }
  }
  return value;
}

constexpr std::array<std::string_view, 16> kLegalForms = {
    "inc", "ltd", "llc", "corp", "co",  "company",    "limited", "gmbh",
    "plc", "sa",  "ag",  "bv",   "the", "restaurant", "cafe",    "of"};
constexpr std::array<std::u32string_view, 6> kHanLegalForms = {
    U"有限责任公司", U"股份有限公司", U"有限公司", U"集团", U"公司", U"分公司"};

MatchValue OrganizationValue(std::string_view folded) {
  MatchValue value;
  std::u32string plain = Simplified(DecodeUtf8(folded));
  for (const std::u32string_view form : kHanLegalForms) {
    if (plain.size() > form.size() && plain.ends_with(form)) {
      plain.resize(plain.size() - form.size());
      break;
    }
  }
  const std::string text = EncodeUtf8(plain);
  std::vector<std::string> words = Words(text);
  const std::vector<std::string> all = words;
  std::erase_if(words, [](const std::string& word) {
    return std::find(kLegalForms.begin(), kLegalForms.end(), word) != kLegalForms.end();
  });
  if (words.empty()) {
    words = all;
  }
  if (words.empty()) {
    return value;
  }
  value.text = Join(words);
  value.other = Readings(words);
  std::vector<std::string> numbers;
  AddTokens(value.text, value, numbers);
  value.keys[0] = Hash(value.other);
  const std::string sound = Sound(words.front());
  value.keys[1] = Hash(sound.empty() ? words.front() : sound, 2);
  const std::string second = words.size() > 1 ? Sound(words[1]) : "";
  value.keys[2] = second.empty() ? 0 : Hash(second, 3);
  return value;
}

MatchValue PlainValue(MatchKind kind, std::string_view folded) {
  MatchValue value;
  value.text = Join(Words(EncodeUtf8(Simplified(DecodeUtf8(folded)))));
  if (value.text.empty()) {
    return value;
  }
  value.keys[0] = Hash(value.text);
  if (kind == MatchKind::kPlace || kind == MatchKind::kText) {
    const std::string sound = Sound(value.text);
    value.keys[1] = sound.empty() ? 0 : Hash(sound, 2);
    std::vector<std::string> numbers;
    AddTokens(value.text, value, numbers);
  } else if (kind == MatchKind::kPostcode && value.text.size() > 3) {
    value.keys[1] = Hash(std::string_view(value.text).substr(0, value.text.size() - 2), 2);
  }
  return value;
}

MatchValue ByKind(MatchKind kind, std::string_view folded) {
  switch (kind) {
    case MatchKind::kFullName:
    case MatchKind::kGivenName:
    case MatchKind::kFamilyName:
      return NameValue(folded);
    case MatchKind::kDate:
      return DateValue(folded);
    case MatchKind::kPhone:
      return NumberValue(folded, true);
    case MatchKind::kIdNumber:
      return NumberValue(folded, false);
    case MatchKind::kEmail:
      return EmailValue(folded);
    case MatchKind::kAddress:
      return AddressValue(folded);
    case MatchKind::kOrganization:
      return OrganizationValue(folded);
    case MatchKind::kPlace:
    case MatchKind::kPostcode:
    case MatchKind::kCategory:
    case MatchKind::kText:
      return PlainValue(kind, folded);
  }
  return {};
}

}  // namespace

MatchValue MakeMatchValue(MatchKind kind, std::string_view raw) {
  const std::string folded = FoldCase(raw);
  if (folded.empty()) {
    return {};
  }
  MatchValue value = ByKind(kind, folded);
  if (!IsAscii(value.text)) {
    value.wide = DecodeUtf8(value.text);
    for (const char32_t c : value.wide) {
      value.marks |= uint64_t{1} << (c * 0x9e3779b1U >> 26 & 63U);
    }
  } else {
    for (const char c : value.text) {
      value.marks |= uint64_t{1} << (static_cast<uint32_t>(c) & 63U);
    }
  }
  return value;
}

}  // namespace fiducia::process
