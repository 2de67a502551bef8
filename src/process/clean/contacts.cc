// Phones, e-mail addresses, places.
#include <algorithm>
#include <unordered_map>
#include <vector>

#include <phonenumbers/phonenumberutil.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include "base/text.h"
#include "process/clean/parts.h"
#include "rules/policy.h"

namespace fiducia::process {

namespace {

std::string DigitsOf(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits.push_back(c);
    }
  }
  return digits;
}

bool IsMainlandMobile(std::string_view n) {
  return n.size() == 11 && n[0] == '1' && n[1] >= '3' && n[1] <= '9';
}

bool IsNorthAmerican(std::string_view n) { return n.size() == 10 && n[0] >= '2' && n[3] >= '2'; }

Result<Phone> ParseWithLibrary(std::string_view text, const std::string& region) {
  using i18n::phonenumbers::PhoneNumber;
  using i18n::phonenumbers::PhoneNumberUtil;
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  if (util.Parse(std::string(text), region, &number) != PhoneNumberUtil::NO_PARSING_ERROR) {
    return Fail(Code::kInvalidValue, "this is not a phone number");
  }
  switch (util.IsPossibleNumberWithReason(number)) {
    case PhoneNumberUtil::IS_POSSIBLE:
      break;
    case PhoneNumberUtil::TOO_SHORT:
      return Fail(Code::kInvalidValue, "the phone number is too short");
    case PhoneNumberUtil::TOO_LONG:
      return Fail(Code::kInvalidValue, "the phone number is too long");
    default:
      return Fail(Code::kInvalidValue, "no phone number of that country has this length");
  }
  Phone phone;
  util.Format(number, PhoneNumberUtil::E164, &phone.e164);
  phone.verified_plan = util.IsValidNumber(number);
  return phone;
}

}  // namespace

Result<Phone> CleanPhone(std::string_view text, const Hints& hints) {
  if (text.find('*') != std::string_view::npos) {
    return Fail(Code::kInvalidValue, "the phone number is masked");
  }
  const std::string digits = DigitsOf(text);
  const bool plus = text.starts_with('+') || text.starts_with("00");
  const std::string_view national =
      std::string_view(digits).substr(digits.starts_with("0086")                        ? 4
                                      : digits.starts_with("86") && digits.size() == 13 ? 2
                                                                                        : 0);
  const bool mainland =
      !plus ? hints.region == "CN" : digits.starts_with("86") || digits.starts_with("0086");
  if (text.find_first_not_of("0123456789+-() ./") != std::string_view::npos &&
      text.find("ext") == std::string_view::npos) {
    return Fail(Code::kInvalidValue, "the phone number has characters that do not belong there");
  }
  if (mainland && IsMainlandMobile(national)) {
    return Phone{"+86" + std::string(national), true};
  }
  if (mainland && !plus && !digits.empty() && digits[0] == '1') {
    return Fail(Code::kInvalidValue, "a mainland mobile number has 11 digits and starts 13 to 19");
  }
  if (plus && digits[0] == '1' && IsNorthAmerican(std::string_view(digits).substr(1))) {
    return Phone{"+" + digits, true};
  }
  return ParseWithLibrary(text, hints.region);
}

Result<std::string> CleanEmail(std::string_view text) {
  const size_t at = text.rfind('@');
  const auto bad = [] { return Fail(Code::kInvalidValue, "this is not an e-mail address"); };
  if (at == std::string_view::npos || at == 0 || at > 64 || at + 4 > text.size() ||
      text.size() > 254 || text.find('@') != at) {
    return bad();
  }
  if (text.find('*') != std::string_view::npos) {
    return Fail(Code::kInvalidValue, "the e-mail address is masked");
  }
  const std::string domain = LowerAscii(text.substr(at + 1));
  for (const char c : text.substr(0, at)) {
    if (static_cast<uint8_t>(c) <= ' ' || c == '"' || c == '(' || c == ')' || c == ',' ||
        c == ':' || c == ';' || c == '<' || c == '>' || c == '[' || c == ']' || c == '\\') {
      return bad();
    }
  }
  size_t labels = 0;
  for (const std::string_view label : Split(domain, '.')) {
    const bool good = !label.empty() && label.size() <= 63 && label.front() != '-' &&
                      label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                               static_cast<uint8_t>(c) >= 0x80;
                      });
    if (!good) {
      return bad();
    }
    ++labels;
  }
  if (labels < 2 || text[0] == '.' || text[at - 1] == '.' ||
      text.substr(0, at).find("..") != std::string_view::npos) {
    return bad();
  }
  return std::string(text.substr(0, at)) + "@" + domain;
}

Result<std::string> CleanCountry(std::string_view text) {
  static const std::unordered_map<std::string, std::string> known = [] {
    std::unordered_map<std::string, std::string> map;
    for (const char* const* code = icu::Locale::getISOCountries(); *code != nullptr; ++code) {
      const icu::Locale place("", *code);
      map[LowerAscii(*code)] = *code;
      map[LowerAscii(place.getISO3Country())] = *code;
      for (const icu::Locale& language :
           {icu::Locale::getEnglish(), icu::Locale::getChina(), icu::Locale::getTaiwan()}) {
        icu::UnicodeString name;
        std::string utf8;
        place.getDisplayCountry(language, name).toUTF8String(utf8);
        map[FoldCase(utf8)] = *code;
      }
    }
    for (const auto& [name, code] :
         std::initializer_list<std::pair<const char*, const char*>>{{"usa", "US"},
                                                                    {"uk", "GB"},
                                                                    {"england", "GB"},
                                                                    {"中国大陆", "CN"},
                                                                    {"香港", "HK"},
                                                                    {"澳门", "MO"},
                                                                    {"hong kong", "HK"},
                                                                    {"macau", "MO"},
                                                                    {"prc", "CN"}}) {
      map[name] = code;
    }
    return map;
  }();
  const auto found = known.find(FoldCase(text));
  if (found == known.end()) {
    return Fail(Code::kInvalidValue, "no country or region of this name or code is known");
  }
  return found->second;
}

std::string NameSound(std::string_view name) {
  const std::string sound = FoldCase(Pinyin(FoldCase(name)));
  std::vector<std::string> words;
  std::string word;
  for (const char c : sound + " ") {
    if ((c >= 'a' && c <= 'z') || static_cast<uint8_t>(c) >= 0x80 || (c >= '0' && c <= '9')) {
      word.push_back(c);
    } else if (c != '\'' && !word.empty()) {
      words.push_back(word);
      word.clear();
    }
  }
  std::sort(words.begin(), words.end());
  std::string key;
  for (const std::string& w : words) {
    key += w + " ";
  }
  return key;
}

namespace {

struct Region {
  std::string code;
  std::string name;
};

// Provinces, cities and districts, each list in the order of its codes.
struct RegionTable {
  std::vector<Region> provinces;
  std::vector<Region> cities;
  std::vector<Region> districts;
};

const RegionTable& Table() {
  static const RegionTable table = [] {
    RegionTable made;
    for (const std::string_view line :
         Split(rules::EmbeddedText("reference/cn_regions.csv"), '\n')) {
      const size_t comma = line.find(',');
      if (comma == std::string_view::npos || line.substr(0, comma) == "code") {
        continue;
      }
      Region region{std::string(line.substr(0, comma)),
                    std::string(TrimAscii(line.substr(comma + 1)))};
      auto& list = region.code.size() == 2   ? made.provinces
                   : region.code.size() == 4 ? made.cities
                                             : made.districts;
      list.push_back(std::move(region));
    }
    return made;
  }();
  return table;
}

// The region of `list` below `parent` that `rest` starts with; its name is cut from `rest`. A
// province or city may be written without its last character (省, 市).
const Region* TakeRegion(const std::vector<Region>& list, std::string_view parent,
                         std::string_view& rest) {
  for (const Region& region : list) {
    if (!region.code.starts_with(parent)) {
      continue;
    }
    const std::string_view name = region.name;
    const std::string_view short_name = name.substr(0, name.size() - 3);
    if (rest.starts_with(name)) {
      rest.remove_prefix(name.size());
      return &region;
    }
    if (region.code.size() < 6 && short_name.size() >= 6 && rest.starts_with(short_name)) {
      rest.remove_prefix(short_name.size());
      return &region;
    }
  }
  return nullptr;
}

}  // namespace

std::optional<std::string> RegionCodeOf(std::string_view address) {
  std::string_view rest = address;
  std::string code;
  if (const Region* province = TakeRegion(Table().provinces, "", rest)) {
    code = province->code;
  }
  if (const Region* city = TakeRegion(Table().cities, code, rest)) {
    code = city->code;
  }
  if (!code.empty()) {
    if (const Region* district = TakeRegion(Table().districts, code, rest)) {
      code = district->code;
    }
  }
  return code.empty() ? std::nullopt : std::optional(code);
}

}  // namespace fiducia::process
