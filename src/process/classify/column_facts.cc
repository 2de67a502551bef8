#include "process/classify/column_facts.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <map>
#include <string>
#include <unordered_set>

#include "base/letters.h"
#include "base/text.h"
#include "process/classify/column_names.h"
#include "process/classify/entities.h"
#include "process/classify/recognizers.h"
#include "process/clean/parts.h"

namespace fiducia::process {

namespace {

constexpr size_t kLongestValue = 400;  // bytes of one that are looked at
constexpr size_t kTagged = 200;        // values that the tagger reads

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

bool All(std::string_view text, bool (*test)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), test);
}

struct Moments {
  double sum = 0;
  double squares = 0;
  double count = 0;
  void Add(double x) {
    sum += x;
    squares += x * x;
    count += 1;
  }
  double Mean() const { return count > 0 ? sum / count : 0; }
  double Spread() const {
    return count > 0 ? std::sqrt(std::max(0.0, squares / count - Mean() * Mean())) : 0;
  }
};

// "Aa-99": runs of one kind, once each.
std::string FormOf(std::string_view value) {
  std::string form;
  for (const char c : value.substr(0, 64)) {
    const char kind = IsDigit(c)                        ? '9'
                      : IsUpper(c)                      ? 'A'
                      : IsLower(c)                      ? 'a'
                      : static_cast<uint8_t>(c) >= 0x80 ? 'u'
                                                        : c;
    if (form.empty() || form.back() != kind) {
      form.push_back(kind);
    }
  }
  return form;
}

constexpr std::array<std::string_view, 46> kTrades = {
    "clerk",        "manager",    "engineer",       "assistant",     "technician",  "worker",
    "operator",     "specialist", "teacher",        "nurse",         "analyst",     "secretary",
    "supervisor",   "officer",    "inspector",      "mechanic",      "attendant",   "agent",
    "consultant",   "director",   "developer",      "designer",      "driver",      "accountant",
    "lawyer",       "therapist",  "scientist",      "installer",     "repairer",    "cleaner",
    "cleaners",     "executive",  "representative", "administrator", "coordinator", "sales",
    "craft-repair", "professor",  "physician",      "student",       "编辑",        "工程师",
    "经理",         "教师",       "会计",           "司机"};
constexpr std::array<std::string_view, 8> kTradeEnds = {"er",  "or", "ist", "ian",
                                                        "ant", "员", "师",  "工"};

class Counter {
 public:
  ColumnFacts Run(const std::vector<std::string_view>& values) {
    for (const std::string_view raw : values) {
      const std::string_view value = TrimAscii(raw).substr(0, kLongestValue);
      if (!value.empty()) {
        One(value);
      }
    }
    Finish();
    return f_;
  }

 private:
  void One(std::string_view value) {
    ++f_.values;
    const std::string lower = LowerAscii(value);
    seen_.insert(std::hash<std::string_view>()(lower));
    const size_t size = CountCharacters(value);
    sizes_.Add(static_cast<double>(size));
    f_.min_size = f_.values == 1 ? size : std::min(f_.min_size, size);
    f_.max_size = std::max(f_.max_size, size);
    const auto digits = static_cast<double>(std::count_if(value.begin(), value.end(), IsDigit));
    f_.digit_share += digits > 0 ? 1 : 0;
    f_.mean_digits += digits;
    ++forms_[FormOf(value)];
    Form(value, digits);
    Shape(value);
    Number(value);
    Date(value);
    Lists(value, lower);
    WordsOf(value);
    if (f_.values <= kTagged) {
      Tag(value);
    }
  }

  // What the recognizers say if the value is all of it.
  void Form(std::string_view value, double digits) {
    const auto whole = [&](const std::vector<Entity>& found, size_t shift, EntityKind kind) {
      return found.size() == 1 && found[0].kind == kind && found[0].from <= shift + 1 &&
             found[0].to + 1 >= shift + value.size();
    };
    const std::vector<Entity> found = FindNumbered(value);
    f_.email += whole(found, 0, EntityKind::kEmail) ? 1 : 0;
    f_.resident_id += whole(found, 0, EntityKind::kNationalId) ? 1 : 0;
    f_.ip += whole(found, 0, EntityKind::kIpAddress) ? 1 : 0;
    f_.card += whole(found, 0, EntityKind::kBankCard) ? 1 : 0;
    f_.iban += whole(found, 0, EntityKind::kIban) ? 1 : 0;
    f_.company_code += whole(found, 0, EntityKind::kCompanyCode) ? 1 : 0;
    f_.passport += whole(found, 0, EntityKind::kPassport) ? 1 : 0;
    f_.plate += whole(found, 0, EntityKind::kPlate) ? 1 : 0;
    f_.ssn += whole(found, 0, EntityKind::kSocialSecurity) ? 1 : 0;
    const bool host =
        value.find('@') == std::string_view::npos && value.find(' ') == std::string_view::npos;
    const size_t dot = value.rfind('.');
    f_.domain +=
        whole(found, 0, EntityKind::kDomain) ||
                (host && dot != std::string_view::npos && dot > 1 && value.size() - dot > 2 &&
                 value.size() - dot < 8 && digits < static_cast<double>(value.size()) / 2 &&
                 All(value.substr(dot + 1), IsLower))
            ? 1
            : 0;
    Phone(value, digits);
    f_.agent +=
        value.starts_with("Mozilla/") || value.starts_with("Opera/") || value.starts_with("okhttp/")
            ? 1
            : 0;
    f_.parcel += value.size() >= 18 && value.starts_with("1Z") ? 1 : 0;
    // "**** **** **** 1234"
    const auto hidden = std::count_if(value.begin(), value.end(),
                                      [](char c) { return c == '*' || c == 'X' || c == 'x'; });
    f_.masked_card += hidden >= 6 && digits >= 3 && value.size() >= 12 &&
                              std::all_of(value.begin(), value.end(),
                                          [](char c) {
                                            return IsDigit(c) || c == '*' || c == 'X' || c == 'x' ||
                                                   c == '-' || c == ' ';
                                          })
                          ? 1
                          : 0;
  }

  void Phone(std::string_view value, double digits) {
    const bool only = std::all_of(value.begin(), value.end(), [](char c) {
      return IsDigit(c) || c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '+' ||
             c == '/' || c == 'x';
    });
    if (!only || digits < 7 || digits > 15 || value.find('/') != std::string_view::npos) {
      return;
    }
    const bool mobile = digits == 11 && value[0] == '1' && value.size() == 11 && value[1] >= '3';
    const size_t parts = static_cast<size_t>(std::count_if(value.begin(), value.end(), [](char c) {
      return c == ' ' || c == '-' || c == '.' || c == '(';
    }));
    const bool decimal = std::count(value.begin(), value.end(), '.') == 1 || value[0] == '-';
    const bool form = value[0] == '+' || value[0] == '(' || (parts > 0 && !decimal && digits >= 6);
    const bool card = digits >= 13 && digits == static_cast<double>(value.size());
    const bool ssn =
        digits == 9 && parts == 2 && value.size() == 11 && value[3] == '-' && value[6] == '-';
    const bool date = digits == 8 && parts == 2 && value.size() == 10;
    f_.phone += (mobile || form) && !card && !ssn && !date ? 1 : 0;
  }

  void Shape(std::string_view value) {
    const auto hex = [](char c) {
      return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    const bool uuid =
        value.size() == 36 && value[8] == '-' && value[13] == '-' && value[18] == '-' &&
        value[23] == '-' &&
        std::all_of(value.begin(), value.end(), [&](char c) { return hex(c) || c == '-'; });
    f_.uuid += uuid ? 1 : 0;
    f_.hex += value.size() >= 8 && std::all_of(value.begin(), value.end(), hex) ? 1 : 0;
    const bool plain = std::all_of(value.begin(), value.end(), [](char c) {
      return IsDigit(c) || IsUpper(c) || IsLower(c) || c == '-' || c == '_' || c == '.' || c == '#';
    });
    const bool digit = std::any_of(value.begin(), value.end(), IsDigit);
    const bool upper = std::any_of(value.begin(), value.end(), IsUpper);
    const bool lower = std::any_of(value.begin(), value.end(), IsLower);
    f_.code += plain && digit && value.size() >= 4 && value.size() < 40 ? 1 : 0;
    f_.mixed_code += plain && digit && (upper || lower) ? 1 : 0;
    f_.handle += plain && lower && value.size() >= 4 && value.size() <= 24 &&
                         value.find('@') == std::string_view::npos
                     ? 1
                     : 0;
    // A small letter before a capital or a digit inside: no word is written so.
    bool turns = false;
    for (size_t i = 1; i < value.size(); ++i) {
      turns = turns || (IsLower(value[i - 1]) &&
                        (IsUpper(value[i]) ||
                         (IsDigit(value[i]) && i + 1 < value.size() && !IsDigit(value[i + 1]))));
    }
    f_.secret +=
        plain && lower && upper && digit && turns && value.size() >= 6 && value.size() <= 32 ? 1
                                                                                             : 0;
    const size_t feet = value.find('\'');
    f_.feet_inches += feet == 1 && IsDigit(value[0]) && value.size() <= 7 ? 1 : 0;
    f_.two_capitals += value.size() == 2 && All(value, IsUpper) ? 1 : 0;
    f_.letter_postcode += LettersOfPost(value) ? 1 : 0;
    f_.income_band +=
        value.size() < 24 &&
                (value[0] == '<' || value[0] == '>' || value.find("K-") != std::string_view::npos ||
                 value.find("000-") != std::string_view::npos ||
                 value.find("K+") != std::string_view::npos) &&
                digit
            ? 1
            : 0;
    Coordinates(value);
  }

  // "K1A 0B1", "SW1A 1AA", "1234 AB".
  static bool LettersOfPost(std::string_view value) {
    if (value.size() < 5 || value.size() > 8) {
      return false;
    }
    std::string form;
    for (const char c : value) {
      form.push_back(IsDigit(c) ? '9' : IsUpper(c) || IsLower(c) ? 'A' : c);
    }
    static const std::unordered_set<std::string> kForms = {
        "A9A 9A9", "A9A9A9",   "AA9 9AA", "AA99 9AA",  "A9 9AA",   "A99 9AA",
        "A9A 9AA", "AA9A 9AA", "AA99AA",  "AA999AA",   "A999AA",   "9999 AA",
        "9999AA",  "999 99",   "99-999",  "99999-999", "999-9999", "9999-999"};
    return kForms.contains(form);
  }

  void Coordinates(std::string_view value) {
    const size_t comma = value.find(',');
    const auto far = [](std::string_view part) {
      part = TrimAscii(part);
      double number = 0;
      const auto read = std::from_chars(part.data(), part.data() + part.size(), number);
      const size_t dot = part.find('.');
      return read.ec == std::errc() && read.ptr == part.data() + part.size() &&
             dot != std::string_view::npos && part.size() - dot > 3 && std::abs(number) <= 180;
    };
    if (comma != std::string_view::npos) {
      f_.coordinates += far(value.substr(0, comma)) && far(value.substr(comma + 1)) ? 1 : 0;
    } else {
      const size_t dot = value.find('.');
      f_.far_decimal += far(value) && value.size() - dot > 4 && value.size() - dot < 12 ? 1 : 0;
    }
  }

  void Number(std::string_view value) {
    double number = 0;
    const std::string_view plain = value.starts_with('+') ? value.substr(1) : value;
    const auto read = std::from_chars(plain.data(), plain.data() + plain.size(), number);
    if (read.ec != std::errc() || read.ptr != plain.data() + plain.size() || plain.size() > 24) {
      return;
    }
    numbers_.Add(number);
    const size_t dot = plain.find('.');
    f_.integer += std::abs(number - std::round(number)) < 1e-9 ? 1 : 0;
    f_.decimals += dot == std::string_view::npos ? 0 : static_cast<double>(plain.size() - dot - 1);
    f_.zero_first += plain.size() > 1 && plain[0] == '0' && plain[1] != '.' ? 1 : 0;
    f_.min = numbers_.count == 1 ? number : std::min(f_.min, number);
    f_.max = numbers_.count == 1 ? number : std::max(f_.max, number);
    falls_ = falls_ || (numbers_.count > 1 && number < last_);
    last_ = number;
  }

  void Date(std::string_view value) {
    const bool may =
        value.size() >= 6 && value.size() <= 32 && (IsDigit(value[0]) || IsUpper(value[0]));
    if (!may) {
      // "9/26"
      f_.month_of_year += MonthOfYear(value) ? 1 : 0;
      return;
    }
    if (MonthOfYear(value)) {
      f_.month_of_year += 1;
      return;
    }
    const size_t time = value.find_first_of(" T", 6);
    const bool timed =
        time != std::string_view::npos && value.find(':', time) != std::string_view::npos;
    const std::string_view day = timed ? value.substr(0, time) : value;
    for (const DateOrder order : {DateOrder::kMonthFirst, DateOrder::kDayFirst}) {
      Hints hints;
      hints.date_order = order;
      if (const auto date = CleanDate(day, hints); date && date->size() >= 10) {
        const int year = std::atoi(date->substr(0, 4).c_str());
        if (year >= 1880 && year < 2100) {
          f_.date += 1;
          years_.Add(year);
          f_.future += year > this_year_ ? 1 : 0;
          timed_ += timed ? 1 : 0;
          return;
        }
      }
    }
  }

  static bool MonthOfYear(std::string_view value) {
    const size_t part = value.find_first_of("/-");
    if (part == std::string_view::npos || value.size() > 7 ||
        value.find_first_of("/-", part + 1) != std::string_view::npos) {
      return false;
    }
    const std::string_view a = value.substr(0, part);
    const std::string_view b = value.substr(part + 1);
    if (!All(a, IsDigit) || !All(b, IsDigit)) {
      return false;
    }
    const int first = std::atoi(std::string(a).c_str());
    const int second = std::atoi(std::string(b).c_str());
    const bool month_first = a.size() <= 2 && first >= 1 && first <= 12 &&
                             (b.size() == 2 || (b.size() == 4 && second > 2000 && second < 2060));
    const bool year_first = a.size() == 4 && first > 2000 && first < 2060 && second >= 1 &&
                            second <= 12 && b.size() <= 2;
    return month_first || year_first;
  }

  void Lists(std::string_view value, const std::string& lower) {
    for (const ColumnKind kind :
         {ColumnKind::kSex, ColumnKind::kTitle, ColumnKind::kMaritalStatus, ColumnKind::kEducation,
          ColumnKind::kEthnicity, ColumnKind::kEmployment, ColumnKind::kReligion,
          ColumnKind::kHealth, ColumnKind::kRegion}) {
      f_.of_list[static_cast<size_t>(kind)] += IsWordOf(kind, lower) ? 1 : 0;
    }
    if (value.size() == 2) {
      f_.country_code += IsUpper(value[0]) && IsUpper(value[1]) && CleanCountry(value) ? 1 : 0;
    } else if (value.size() > 3 && value.size() < 60) {
      std::string spaced(value.substr(0, value.find(" (")));
      std::replace(spaced.begin(), spaced.end(), '-', ' ');
      f_.country_name += CleanCountry(spaced) ? 1 : 0;
    }
    // One of its words is a trade.
    bool trade = false;
    size_t from = 0;
    for (size_t i = 0; i <= lower.size() && !trade; ++i) {
      if (i == lower.size() || lower[i] == ' ' || lower[i] == ',' || lower[i] == '-' ||
          lower[i] == '/') {
        const std::string_view word = std::string_view(lower).substr(from, i - from);
        trade = std::find(kTrades.begin(), kTrades.end(), word) != kTrades.end() ||
                (word.size() > 5 &&
                 std::any_of(kTradeEnds.begin(), kTradeEnds.end(), [&](std::string_view end) {
                   return word.ends_with(end) && word != lower;
                 }));
        from = i + 1;
      }
    }
    f_.occupation += trade && !std::any_of(value.begin(), value.end(), IsDigit) ? 1 : 0;
  }

  void WordsOf(std::string_view value) {
    const TaggerModel& model = TaggerModel::Shipped();
    Tokenize(value, {}, model.lexicon, tokens_);
    bool letters = true;
    size_t words = 0;
    size_t han = 0;
    bool first = false;
    bool family = false;
    bool street = false;
    bool company = false;
    size_t first_surname = 0;
    for (size_t i = 0; i < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      if (token.kind == TokenKind::kWord) {
        ++words;
        ++words_;
        first = first || (token.class_ & kFirstName) != 0;
        family = family || (token.class_ & kFamilyName) != 0;
        f_.first_name += (token.class_ & kFirstName) != 0 ? 1 : 0;
        f_.family_name += (token.class_ & kFamilyName) != 0 ? 1 : 0;
        f_.place_name += (token.class_ & kPlaceName) != 0 ? 1 : 0;
        f_.plain_word += (token.class_ & kPlainWord) != 0 ? 1 : 0;
        street = street || (token.class_ & kStreetWord) != 0;
        company = company || (token.class_ & kCompanyWord) != 0;
      } else if (token.kind == TokenKind::kHan) {
        han += 1;
        first_surname += i == 0 && (token.class_ & 1) != 0 ? 1 : 0;
      } else if (token.kind == TokenKind::kNumber) {
        letters = false;
      }
    }
    f_.letters += letters ? 1 : 0;
    f_.words += static_cast<double>(words) + static_cast<double>(han) / 2;
    f_.full_name += words >= 2 && first && family && letters ? 1 : 0;
    f_.street_word += street ? 1 : 0;
    const bool only_han = han == tokens_.size();
    const bool called =
        value.ends_with("先生") || value.ends_with("女士") || value.ends_with("小姐");
    f_.han_name += only_han && first_surname > 0 &&
                           (han == 2 || han == 3 || (han == 4 && called)) &&
                           !IsWordOf(ColumnKind::kRegion, value)
                       ? 1
                       : 0;
    f_.han_address += han >= 6 && RegionCodeOf(value) ? 1 : 0;
    company_ = company;
    street_ = street;
  }

  void Tag(std::string_view value) {
    ++tagged_;
    const std::vector<Entity> found = FindEntities(value);
    const bool digit = std::any_of(value.begin(), value.end(), IsDigit);
    bool address = false;
    bool organization = company_ && !digit;
    for (const Entity& entity : found) {
      const bool most = 2 * (entity.to - entity.from) > value.size();
      address = address || (entity.kind == EntityKind::kAddress && most && digit);
      organization = organization || (entity.kind == EntityKind::kOrganization && most);
      f_.names_person += entity.kind == EntityKind::kPerson && value.size() > 40 ? 1 : 0;
    }
    f_.address += address || (digit && street_ && IsDigit(value[0])) ? 1 : 0;
    f_.organization += organization ? 1 : 0;
  }

  void Finish() {
    f_.distinct_values = seen_.size();
    const auto n = static_cast<double>(std::max<size_t>(f_.values, 1));
    const double all_words = std::max(words_, 1.0);
    for (double* share :
         {&f_.letters,       &f_.words,        &f_.digit_share,  &f_.mean_digits,
          &f_.email,         &f_.phone,        &f_.resident_id,  &f_.ssn,
          &f_.card,          &f_.masked_card,  &f_.iban,         &f_.ip,
          &f_.company_code,  &f_.passport,     &f_.plate,        &f_.domain,
          &f_.agent,         &f_.parcel,       &f_.uuid,         &f_.hex,
          &f_.coordinates,   &f_.far_decimal,  &f_.feet_inches,  &f_.letter_postcode,
          &f_.two_capitals,  &f_.country_code, &f_.country_name, &f_.income_band,
          &f_.month_of_year, &f_.date,         &f_.integer,      &f_.decimals,
          &f_.zero_first,    &f_.full_name,    &f_.han_name,     &f_.han_address,
          &f_.street_word,   &f_.occupation,   &f_.code,         &f_.mixed_code,
          &f_.secret,        &f_.handle,       &f_.future}) {
      *share /= n;
    }
    for (double* share : {&f_.first_name, &f_.family_name, &f_.place_name, &f_.plain_word}) {
      *share /= all_words;
    }
    for (double* share : {&f_.address, &f_.organization, &f_.names_person}) {
      *share /= static_cast<double>(std::max<size_t>(tagged_, 1));
    }
    for (double& share : f_.of_list) {
      share /= n;
    }
    f_.distinct = static_cast<double>(f_.distinct_values) / n;
    f_.mean_size = sizes_.Mean();
    f_.size_spread = sizes_.Spread();
    f_.number = numbers_.count / n;
    f_.mean = numbers_.Mean();
    f_.spread = numbers_.Spread();
    f_.in_order = !falls_ && numbers_.count > 1;
    f_.year_mean = years_.Mean();
    f_.year_spread = years_.Spread();
    f_.has_time = timed_ > n / 4;
    f_.this_year = this_year_;
    size_t most = 0;
    for (const auto& [form, count] : forms_) {
      most = std::max(most, count);
    }
    f_.one_form = static_cast<double>(most) / n;
  }

  ColumnFacts f_;
  std::unordered_set<size_t> seen_;
  std::map<std::string, size_t> forms_;
  std::vector<Token> tokens_;
  Moments sizes_;
  Moments numbers_;
  Moments years_;
  double words_ = 0;
  double last_ = 0;
  double timed_ = 0;
  int this_year_ =
      static_cast<int>(std::chrono::year_month_day(
                           std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()))
                           .year());
  bool falls_ = false;
  bool company_ = false;
  bool street_ = false;
  size_t tagged_ = 0;
};

}  // namespace

ColumnFacts FactsOf(const std::vector<std::string_view>& values) { return Counter().Run(values); }

}  // namespace fiducia::process
