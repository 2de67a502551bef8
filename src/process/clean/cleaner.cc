#include "process/clean/cleaner.h"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>

#include "base/text.h"
#include "process/clean/parts.h"

namespace fiducia::process {

namespace {

// Without blanks, hyphens and dots; letters in upper case.
std::string Compact(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '-' && c != '.' && c != '_') {
      out.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
    }
  }
  return out;
}

bool IsAlnum(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

bool HasDigit(std::string_view text) {
  return text.find_first_of("0123456789") != std::string_view::npos;
}

}  // namespace

Result<std::string> CleanAmount(std::string_view text, const Hints& hints) {
  struct Sign {
    std::string_view text;
    std::string_view code;
  };
  constexpr Sign kSigns[] = {{"¥", "CNY"}, {"元", "CNY"}, {"RMB", "CNY"}, {"$", "USD"},
                             {"€", "EUR"}, {"£", "GBP"},  {"円", "JPY"}};
  std::string rest(text);
  std::string currency = hints.currency;
  for (const Sign& sign : kSigns) {
    const size_t at = rest.find(sign.text);
    if (at != std::string::npos) {
      rest.erase(at, sign.text.size());
      currency = sign.code;
    }
  }
  std::string digits;
  std::string letters;
  size_t points = 0;
  for (const char c : rest) {
    if ((c >= '0' && c <= '9') || c == '.' || (c == '-' && digits.empty())) {
      digits.push_back(c);
      points += c == '.' ? 1 : 0;
    } else if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) {
      letters.push_back(static_cast<char>(c & 0xdf));
    } else if (c != ',' && c != ' ') {
      return Fail(Code::kInvalidValue, "this is not an amount");
    }
  }
  if (!HasDigit(digits) || points > 1 || (!letters.empty() && letters.size() != 3)) {
    return Fail(Code::kInvalidValue, "this is not an amount");
  }
  currency = letters.empty() ? currency : letters;
  return currency.empty() ? digits : digits + " " + currency;
}

namespace {

template <typename D>
Status CleanNameStep(D& d, const Hints&) {
  if (HasDigit(d.value) || d.value.find('*') != std::string::npos) {
    return Fail(Code::kInvalidValue, "a name holds no digits and no asterisks");
  }
  const std::u32string letters = DecodeUtf8(d.value);
  if (std::none_of(letters.begin(), letters.end(),
                   [](char32_t c) { return c > 0x7f || (c >= 'A' && c <= 'z'); })) {
    return Fail(Code::kInvalidValue, "a name has at least one letter");
  }
  d.key = FoldCase(d.value);
  if (HasHan(d.key)) {
    std::erase(d.key, ' ');
  }
  d.sound = NameSound(d.value);
  return {};
}

template <typename D>
Status CleanSexStep(D& d, const Hints&) {
  const std::string word = FoldCase(d.value);
  for (const auto* known : {"m", "male", "man", "男", "男性"}) {
    if (word == known) {
      d.value = "M";
    }
  }
  for (const auto* known : {"f", "female", "woman", "女", "女性"}) {
    if (word == known) {
      d.value = "F";
    }
  }
  for (const auto* known : {"x", "other", "non-binary", "nonbinary", "其他"}) {
    if (word == known) {
      d.value = "X";
    }
  }
  for (const auto* known :
       {"u", "unknown", "prefer not to say", "not stated", "n/a", "未知", "保密"}) {
    if (word == known) {
      d.value = "U";
    }
  }
  if (d.value != "M" && d.value != "F" && d.value != "X" && d.value != "U") {
    return Fail(Code::kInvalidValue, "sex is M, F, X or U (not stated)");
  }
  return {};
}

template <typename D>
Status CleanDateStep(D& d, const Hints& hints) {
  FID_ASSIGN(d.value, CleanDate(d.value, hints));
  return {};
}

template <typename D>
Status CleanNationalIdStep(D& d, const Hints& hints) {
  d.value = Compact(d.value);
  const bool shaped = d.value.size() == 18 || d.value.size() == 15;
  if (hints.region == "CN" || (shaped && CleanResidentId(d.value, hints))) {
    FID_ASSIGN(const ResidentId id, CleanResidentId(d.value, hints));
    d.confidence = id.from_15_digits ? 80 : id.known_region ? 100 : 90;
    d.value = id.number;
    return {};
  }
  if (d.value.size() < 4 || d.value.size() > 20 || !IsAlnum(d.value) || !HasDigit(d.value)) {
    return Fail(Code::kInvalidValue, "an id number has 4 to 20 letters and digits");
  }
  d.confidence = 70;
  return {};
}

template <typename D>
Status CleanPhoneStep(D& d, const Hints& hints) {
  FID_ASSIGN(const Phone phone, CleanPhone(d.value, hints));
  d.value = phone.e164;
  d.confidence = phone.verified_plan ? 100 : 60;
  return {};
}

template <typename D>
Status CleanEmailStep(D& d, const Hints&) {
  FID_ASSIGN(d.value, CleanEmail(d.value));
  d.key = FoldCase(d.value);
  return {};
}

template <typename D>
Status CleanAmountStep(D& d, const Hints& hints) {
  FID_ASSIGN(d.value, CleanAmount(d.value, hints));
  return {};
}

template <typename D>
Status CleanNumberStep(D& d, const Hints&) {
  std::erase(d.value, ',');
  if (!HasDigit(d.value) || d.value.find_first_not_of("0123456789.-+%") != std::string::npos) {
    return Fail(Code::kInvalidValue, "this is not a number");
  }
  return {};
}

template <typename D>
Status CleanCountryStep(D& d, const Hints&) {
  FID_ASSIGN(d.value, CleanCountry(d.value));
  return {};
}

template <typename D>
Status CleanPassportStep(D& d, const Hints&) {
  d.value = Compact(d.value);
  if (d.value.size() < 5 || d.value.size() > 12 || !IsAlnum(d.value) || !HasDigit(d.value)) {
    return Fail(Code::kInvalidValue, "a passport number has 5 to 12 letters and digits");
  }
  return {};
}

template <typename D>
Status CleanBankCardStep(D& d, const Hints&) {
  d.value = Compact(d.value);
  if (d.value.find('*') != std::string::npos) {
    return Fail(Code::kInvalidValue, "the card number is masked");
  }
  if (d.value.size() < 12 || d.value.size() > 19 || !IsLuhn(d.value)) {
    return Fail(Code::kInvalidValue, "the check digit of the card number is wrong");
  }
  return {};
}

template <typename D>
Status CleanBankAccountStep(D& d, const Hints&) {
  d.value = Compact(d.value);
  const bool iban_like = d.value.size() > 4 && d.value[0] >= 'A' && d.value[1] >= 'A';
  if (iban_like ? !IsIban(d.value)
                : (d.value.size() < 5 || d.value.size() > 34 || !IsAlnum(d.value) ||
                   !HasDigit(d.value))) {
    return Fail(Code::kInvalidValue, "this is not a bank account or IBAN");
  }
  return {};
}

template <typename D>
Status CleanTaxIdStep(D& d, const Hints& hints) {
  d.value = Compact(d.value);
  if (d.value.size() == 18 && hints.region == "CN") {
    if (!IsCreditCode(d.value) && !CleanResidentId(d.value, hints)) {
      return Fail(Code::kInvalidValue,
                  "the check character of the unified social credit code is wrong");
    }
    return {};
  }
  if (d.value.size() < 5 || d.value.size() > 20 || !IsAlnum(d.value) || !HasDigit(d.value)) {
    return Fail(Code::kInvalidValue, "a tax id has 5 to 20 letters and digits");
  }
  d.confidence = 70;
  return {};
}

template <typename D>
Status CleanPostcodeStep(D& d, const Hints& hints) {
  const std::string compact = Compact(d.value);
  const bool six =
      compact.size() == 6 && compact.find_first_not_of("0123456789") == std::string::npos;
  if (hints.region == "CN"
          ? !six
          : compact.size() < 3 || compact.size() > 10 || !IsAlnum(compact) || !HasDigit(compact)) {
    return Fail(Code::kInvalidValue, "this is not a postcode of that country");
  }
  d.value = compact;
  return {};
}

template <typename D>
Status CleanAddressStep(D& d, const Hints& hints) {
  Address address = CleanAddress(d.value, hints);
  d.confidence = address.confidence;
  d.key = std::move(address.key);
  return {};
}

template <typename D>
Status CleanLanguageStep(D& d, const Hints&) {
  if (d.value.size() < 2 || !IsAlnum(d.value.substr(0, 2)) || HasHan(d.value)) {
    return Fail(Code::kInvalidValue, "a language is a BCP 47 tag such as zh-CN");
  }
  return {};
}

template <typename D>
Status CleanIpStep(D& d, const Hints&) {
  unsigned char raw[16];
  if (inet_pton(AF_INET, d.value.c_str(), raw) != 1 &&
      inet_pton(AF_INET6, d.value.c_str(), raw) != 1) {
    return Fail(Code::kInvalidValue, "this is not an IP address");
  }
  return {};
}

template <typename D>
Status CleanGeoStep(D& d, const Hints&) {
  double latitude = 0;
  double longitude = 0;
  if (std::sscanf(d.value.c_str(), "%lf , %lf", &latitude, &longitude) != 2 || latitude < -90 ||
      latitude > 90 || longitude < -180 || longitude > 180) {
    return Fail(Code::kInvalidValue, "a location is 'latitude,longitude' in degrees");
  }
  return {};
}

template <typename D>
Status CleanTextStep(D&, const Hints&) {
  return {};
}

}  // namespace

Cleaner::Cleaner()
    : steps_{{"name", CleanNameStep<Draft>},
             {"sex", CleanSexStep<Draft>},
             {"date", CleanDateStep<Draft>},
             {"word", CleanTextStep<Draft>},
             {"text", CleanTextStep<Draft>},
             {"reference", CleanTextStep<Draft>},
             {"amount", CleanAmountStep<Draft>},
             {"number", CleanNumberStep<Draft>},
             {"country", CleanCountryStep<Draft>},
             {"national_id", CleanNationalIdStep<Draft>},
             {"passport", CleanPassportStep<Draft>},
             {"mobile", CleanPhoneStep<Draft>},
             {"email", CleanEmailStep<Draft>},
             {"address", CleanAddressStep<Draft>},
             {"postcode", CleanPostcodeStep<Draft>},
             {"language", CleanLanguageStep<Draft>},
             {"bank_card", CleanBankCardStep<Draft>},
             {"bank_account", CleanBankAccountStep<Draft>},
             {"tax_id", CleanTaxIdStep<Draft>},
             {"ip", CleanIpStep<Draft>},
             {"geo", CleanGeoStep<Draft>}} {}

Result<Cleaned> Cleaner::Clean(const rules::Field& field, const model::Sensitive& raw,
                               const Hints& hints) const {
  const std::string_view text = raw.Reveal();
  if (!IsUtf8(text) || text.find('\0') != std::string_view::npos) {
    return Fail(Code::kInvalidValue, "the value is not valid text", field.number);
  }
  Draft draft;
  // Free text keeps its lines; everything else is one line in one width.
  draft.value = field.normalizer == "lines" || field.normalizer == "trim"
                    ? std::string(TrimAscii(text))
                    : FoldWidth(text);
  if (draft.value.empty()) {
    return Fail(Code::kInvalidValue, "the value is empty", field.number);
  }
  if (CountCharacters(draft.value) > field.characters_max) {
    return Fail(Code::kInvalidValue, "the value is longer than its field allows", field.number);
  }
  const auto step = steps_.find(field.validator);
  if (step == steps_.end()) {
    return Fail(Code::kInternal, "the catalog names a validator that does not exist", field.number);
  }
  FID_TRY(step->second(draft, hints));
  if (draft.key.empty()) {
    draft.key = draft.value;
  }
  Cleaned cleaned{model::Sensitive(std::move(draft.value)), model::Sensitive(std::move(draft.key)),
                  model::Sensitive(std::move(draft.sound)), draft.confidence};
  return cleaned;
}

}  // namespace fiducia::process
