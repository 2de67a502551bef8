// Identity numbers, credit codes, cards and accounts.
#include <array>
#include <set>

#include "base/clock.h"
#include "base/text.h"
#include "process/clean/parts.h"
#include "rules/policy.h"

namespace fiducia::process {

namespace {

bool AllDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

char ResidentCheck(std::string_view first17) {
  constexpr std::array<int, 17> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) {
    sum += (first17[i] - '0') * kWeights[i];
  }
  return "10X98765432"[sum % 11];
}

int Number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    value = value * 10 + (c - '0');
  }
  return value;
}

const std::set<std::string, std::less<>>& Regions() {
  static const std::set<std::string, std::less<>> codes = [] {
    std::set<std::string, std::less<>> known;
    for (const std::string_view line :
         Split(rules::EmbeddedText("reference/cn_regions.csv"), '\n')) {
      const std::string_view code = line.substr(0, line.find(','));
      if (AllDigits(code)) {
        known.emplace(code);
      }
    }
    return known;
  }();
  return codes;
}

}  // namespace

bool IsKnownRegion(std::string_view code6) {
  return Regions().contains(code6) || Regions().contains(code6.substr(0, 4));
}

Result<ResidentId> CleanResidentId(std::string_view compact, const Hints& hints) {
  if (compact.find('*') != std::string_view::npos) {
    return Fail(Code::kInvalidValue, "the id number is masked");
  }
  ResidentId id;
  id.number = compact;
  if (compact.size() == 15 && AllDigits(compact)) {
    id.number = std::string(compact.substr(0, 6)) + "19" + std::string(compact.substr(6));
    id.number.push_back(ResidentCheck(id.number));
    id.from_15_digits = true;
  }
  if (id.number.size() != 18) {
    return Fail(Code::kInvalidValue, "a resident id number has 18 characters");
  }
  const std::string_view n = id.number;
  if (!AllDigits(n.substr(0, 17)) || (n[17] != 'X' && (n[17] < '0' || n[17] > '9'))) {
    return Fail(Code::kInvalidValue, "a resident id number has 17 digits and a check character");
  }
  if (ResidentCheck(n) != n[17]) {
    return Fail(Code::kInvalidValue, "the check character of the id number is wrong");
  }
  const int year = Number(n.substr(6, 4));
  const int month = Number(n.substr(10, 2));
  const int day = Number(n.substr(12, 2));
  if (!IsValidDate(year, month, day) || year < 1850 ||
      (hints.today_days != 0 && DaysFromCivil(year, month, day) > hints.today_days + 1)) {
    return Fail(Code::kInvalidValue, "the birth date inside the id number is impossible");
  }
  if (!Regions().contains(n.substr(0, 2)) && n.substr(0, 2) != "71" && n.substr(0, 2) != "81" &&
      n.substr(0, 2) != "82" && n.substr(0, 2) != "83") {
    return Fail(Code::kInvalidValue, "the id number names no province");
  }
  id.known_region = IsKnownRegion(n.substr(0, 6));
  return id;
}

bool IsCreditCode(std::string_view code) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  constexpr std::array<int, 17> kWeights = {1,  3,  9,  27, 19, 26, 16, 17, 20,
                                            29, 25, 13, 8,  24, 10, 30, 28};
  if (code.size() != 18) {
    return false;
  }
  int sum = 0;
  for (size_t i = 0; i < 18; ++i) {
    const size_t digit = kAlphabet.find(code[i]);
    if (digit == std::string_view::npos) {
      return false;
    }
    if (i < 17) {
      sum += static_cast<int>(digit) * kWeights[i];
    } else {
      return static_cast<int>(digit) == (31 - sum % 31) % 31;
    }
  }
  return false;
}

bool IsLuhn(std::string_view digits) {
  if (!AllDigits(digits)) {
    return false;
  }
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    int d = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) {
      d = d * 2 > 9 ? d * 2 - 9 : d * 2;
    }
    sum += d;
  }
  return sum % 10 == 0;
}

bool IsIban(std::string_view compact) {
  if (compact.size() < 15 || compact.size() > 34) {
    return false;
  }
  int rest = 0;
  const std::string turned = std::string(compact.substr(4)) + std::string(compact.substr(0, 4));
  for (const char c : turned) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'A' || c > 'Z')) {
      return false;
    }
    rest = digit ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
  }
  return rest == 1;
}

}  // namespace fiducia::process
