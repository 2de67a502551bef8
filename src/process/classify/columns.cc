#include "process/classify/columns.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <unordered_set>

#include "base/letters.h"
#include "base/text.h"
#include "process/classify/column_facts.h"
#include "process/classify/column_names.h"

namespace fiducia::process {

namespace {

using Kind = ColumnKind;

constexpr double kSureFromValues = 0.55;  // below this, values alone say nothing

// How well values alone fit each kind, 0 to 1.
class Judge {
 public:
  explicit Judge(const ColumnFacts& facts) : f_(facts) {}

  std::array<double, kColumnKinds> Scores() {
    Numbered();
    Dates();
    Figures();
    Words();
    Names();
    Codes();
    return scores_;
  }

 private:
  void Put(Kind kind, double score) {
    double& held = scores_[static_cast<size_t>(kind)];
    held = std::max(held, std::clamp(score, 0.0, 1.0));
  }
  double Of(Kind kind) const { return scores_[static_cast<size_t>(kind)]; }

  void Numbered() {
    Put(Kind::kEmail, f_.email);
    Put(Kind::kNationalId, std::max(f_.resident_id, f_.ssn));
    Put(Kind::kIpAddress, f_.ip);
    Put(Kind::kCardNumber, std::max(f_.card, f_.masked_card));
    Put(Kind::kBankAccount, f_.iban);
    Put(Kind::kCompanyCode, f_.company_code);
    Put(Kind::kPassport, f_.passport * 0.9);
    Put(Kind::kPlate, f_.plate);
    Put(Kind::kDomain, f_.domain);
    Put(Kind::kDevice, f_.agent);
    Put(Kind::kTrackingId, f_.parcel);
    Put(Kind::kPhone, f_.phone);
    Put(Kind::kGeo, std::max(f_.coordinates, f_.far_decimal));
  }

  void Dates() {
    if (f_.date > 0.6) {
      // People are born over many years, most of them long ago; what happens to them is not.
      const bool long_ago = f_.year_mean < f_.this_year - 22 && f_.year_mean > 1915;
      const bool wide = f_.year_spread > 7;
      if (long_ago && wide && f_.future < 0.05 && !f_.has_time) {
        Put(Kind::kBirthDate, 0.85 * f_.date);
      }
    }
    Put(Kind::kCardExpiry, f_.month_of_year * 0.9);
  }

  void Figures() {
    if (f_.number < 0.9) {
      return;
    }
    const bool whole = f_.integer > 0.95;
    if (whole && f_.min >= 0 && f_.max <= 112 && f_.mean > 22 && f_.mean < 70 && f_.spread > 7 &&
        f_.spread < 23 && f_.distinct_values > 15 && f_.min >= 14) {
      Put(Kind::kAge, 0.75);
    }
    if (f_.size_spread < 0.01 && f_.mean_size > 2.9 && f_.mean_size < 4.1 && whole &&
        f_.distinct > 0.5 && f_.values > 20 && f_.mean_size < 3.1 && f_.max < 1000 &&
        f_.spread > 200) {
      Put(Kind::kCardCode, 0.6);
    }
    // Heights in centimeters, weights in pounds or kilograms.
    if (f_.min > 120 && f_.max < 220 && f_.mean > 155 && f_.mean < 185 && f_.spread > 4 &&
        f_.spread < 16) {
      Put(Kind::kHealth, 0.7);
    }
    if (!whole && f_.decimals < 1.5 && f_.min > 35 && f_.max < 420 && f_.spread > 10 &&
        ((f_.mean > 58 && f_.mean < 100 && f_.spread < 26 && f_.max < 160) ||
         (f_.mean > 125 && f_.mean < 215 && f_.spread < 55)) &&
        f_.distinct > 0.5) {
      Put(Kind::kHealth, 0.6);
    }
    if (whole && f_.size_spread < 0.6 && f_.distinct > 0.5) {
      if (f_.mean_size > 3.4 && f_.mean_size < 5.2 && f_.max_size <= 5 && f_.min_size >= 3 &&
          !f_.in_order && f_.values > 20) {
        Put(Kind::kPostcode,
            f_.zero_first > 0.02 || f_.max_size == 5 || f_.size_spread < 0.01 ? 0.62 : 0.56);
      }
      if ((f_.mean_size > 9.9 && f_.mean_size < 10.1 && f_.zero_first > 0.02) ||
          (f_.min_size == 8 && f_.max_size == 8 && f_.date < 0.3)) {
        Put(Kind::kTrackingId, 0.57);
      }
    }
    // Numbers of records that went through a spreadsheet: "17850.0".
    if (whole && f_.decimals > 0.95 && f_.decimals < 1.05 && f_.distinct_values > 20 &&
        f_.min > 999) {
      Put(Kind::kRecordId, 0.6);
    }
    if (whole && f_.distinct > 0.97 && f_.values > 10 && f_.max_size >= 6 && f_.size_spread < 0.3 &&
        Of(Kind::kTrackingId) < 0.5 && Of(Kind::kPhone) < 0.5) {
      Put(Kind::kRecordId, 0.7);
    }
    if (whole && f_.in_order && f_.values > 10 && f_.distinct_values > 8 && f_.date < 0.5 &&
        f_.min >= 0) {
      Put(Kind::kRecordId, f_.distinct > 0.97 ? 0.66 : 0.62);
    }
  }

  void Words() {
    const auto list = [&](Kind kind, double share, size_t most_distinct, double least) {
      if (f_.distinct_values <= most_distinct && share >= least) {
        Put(kind, share * 0.95);
      }
    };
    list(Kind::kSex, f_.IsWord(Kind::kSex), 6, 0.8);
    list(Kind::kTitle, f_.IsWord(Kind::kTitle), 12, 0.8);
    list(Kind::kMaritalStatus, f_.IsWord(Kind::kMaritalStatus), 12, 0.7);
    list(Kind::kEducation, f_.IsWord(Kind::kEducation), 25, 0.6);
    list(Kind::kEthnicity, f_.IsWord(Kind::kEthnicity), 20, 0.7);
    list(Kind::kEmployment, f_.IsWord(Kind::kEmployment), 12, 0.6);
    list(Kind::kReligion, f_.IsWord(Kind::kReligion), 15, 0.7);
    list(Kind::kHealth, f_.IsWord(Kind::kHealth), 10, 0.8);
    Put(Kind::kHealth, f_.feet_inches * 0.95);
    Put(Kind::kRegion, f_.IsWord(Kind::kRegion) * (f_.distinct_values > 1 ? 0.92 : 0.6));
    if (f_.two_capitals > 0.8 && f_.distinct_values >= 3 && f_.country_code < 0.9) {
      Put(Kind::kRegion, 0.6);
    }
    Put(Kind::kCountry, std::max(f_.country_name * 0.95,
                                 f_.country_code > 0.95 && f_.distinct_values > 2 ? 0.7 : 0));
    Put(Kind::kPostcode, f_.letter_postcode * 0.95);
    if (f_.occupation > 0.5 && f_.distinct_values > 5) {
      Put(Kind::kOccupation, 0.45 + f_.occupation * 0.5);
    }
    if (f_.income_band > 0.6) {
      Put(Kind::kIncome, f_.income_band * 0.9);
    }
  }

  void Names() {
    if (f_.number < 0.3 && f_.code < 0.5) {
      Put(Kind::kAddress, std::max(f_.address, f_.han_address) * 0.97);
    }
    if (f_.street_word > 0.4 && f_.digit_share < 0.3) {
      Put(Kind::kAddressPart, 0.4 + f_.street_word * 0.5);
    }
    if (f_.mean_size > 4.5 && f_.distinct_values > 5 && f_.country_name < 0.5 && f_.code < 0.5) {
      Put(Kind::kOrganization, f_.organization > 0.2 && f_.words > 1.2
                                   ? 0.5 + f_.organization * 0.45
                                   : f_.organization * 0.95);
    }
    if (f_.han_name > 0.6) {
      Put(Kind::kFullName, f_.han_name * 0.95);
    }
    if (f_.words > 1.7 && f_.words < 4 && f_.digit_share < 0.05) {
      Put(Kind::kFullName, f_.full_name * 0.95 - f_.organization * 0.4 - f_.place_name * 0.4);
    }
    // One word each: given names and family names overlap, and so do towns.
    if (f_.words < 1.6 && f_.digit_share < 0.05 && f_.distinct_values > 8 && f_.letters > 0.9) {
      const double first = f_.first_name;
      const double family = f_.family_name;
      const double place = f_.place_name;
      const double own = std::max(first, family);
      if (own > 0.38 && own > 1.3 * place && f_.plain_word < (own > 0.6 ? 0.75 : 0.4)) {
        Put(first > family ? Kind::kGivenName : Kind::kSurname, 0.4 + own * 0.5);
        Put(first > family ? Kind::kSurname : Kind::kGivenName,
            0.2 + std::min(first, family) * 0.5);
      }
    }
    if (f_.place_name > 0.1 && f_.digit_share < 0.05 && f_.words < 3 && f_.distinct_values > 4 &&
        f_.country_name < 0.6 && f_.plain_word < 0.4) {
      const double own = std::max(f_.first_name, f_.family_name);
      if (f_.place_name >= own * 0.95) {
        Put(Kind::kCity, 0.52 + f_.place_name * 0.45 - f_.organization * 0.2);
      }
    }
    if (f_.words > 6 && (f_.names_person > 0.2)) {
      Put(Kind::kFreeText, 0.7);
    }
  }

  void Codes() {
    Put(Kind::kRecordId, f_.uuid);
    if (f_.hex > 0.9 && f_.uuid < 0.5 && f_.mean_size >= 12 && f_.mixed_code > 0.5) {
      Put(Kind::kDevice, 0.7);
    }
    // "C000123": one form, many values.
    if (f_.code > 0.85 && f_.distinct_values > 15 && f_.number < 0.5 && f_.letter_postcode < 0.5 &&
        f_.phone < 0.5 && f_.date < 0.3 && f_.one_form > 0.7 && f_.parcel < 0.3) {
      Put(Kind::kRecordId, 0.66);
    }
    if (f_.secret > 0.7 && f_.distinct > 0.9 && f_.one_form < 0.5 && f_.email < 0.1) {
      Put(Kind::kSecret, 0.62);
    }
    if (f_.handle > 0.85 && f_.distinct > 0.9 && f_.secret < 0.5 && f_.first_name < 0.45 &&
        f_.family_name < 0.45 && f_.place_name < 0.3 && f_.plain_word < 0.3 && f_.one_form < 0.75) {
      Put(Kind::kUsername, 0.58);
    }
  }

  const ColumnFacts& f_;
  std::array<double, kColumnKinds> scores_{};
};

// A name that fits two things is settled by the values; a name that the values deny counts for
// nothing.
Kind Settled(Kind named, const ColumnFacts& f, const std::array<double, kColumnKinds>& scores) {
  const auto of = [&](Kind kind) { return scores[static_cast<size_t>(kind)]; };
  switch (named) {
    case Kind::kTitle:
      return f.IsWord(Kind::kTitle) > 0.5          ? named
             : f.words > 1.1 && f.occupation > 0.2 ? Kind::kOccupation
                                                   : Kind::kNone;
    case Kind::kFullName:
      if (f.han_name < 0.3 && (f.organization > f.full_name || f.organization > 0.4)) {
        return Kind::kOrganization;
      }
      return f.letters < 0.5                                           ? Kind::kNone
             : f.words < 1.2 && f.han_name < 0.3 && f.first_name > 0.6 ? Kind::kGivenName
                                                                       : named;
    case Kind::kGeo:
      return f.coordinates > 0.3 || f.far_decimal > 0.3 || f.number > 0.9 ? named
             : of(Kind::kAddress) > 0.4                                   ? Kind::kAddress
             : f.place_name > 0.3                                         ? Kind::kCity
                                                                          : Kind::kNone;
    case Kind::kAddressPart:
      return f.address > 0.5 || f.han_address > 0.5 ? Kind::kAddress : named;
    case Kind::kPhone:
      return f.mean_digits >= 5 ? named : Kind::kNone;
    case Kind::kBirthDate:
      return f.date > 0.3 || (f.integer > 0.9 && f.min > 1880 && f.max < 2100) ? named
                                                                               : Kind::kNone;
    case Kind::kCardExpiry:
      return f.month_of_year > 0.3 || f.date > 0.3 ? named : Kind::kNone;
    case Kind::kCardCode:
      return f.mean_size < 5 ? named : Kind::kNone;
    case Kind::kHealth:
      return named;
    case Kind::kAge:
      return f.number > 0.8 && f.max > 150 ? Kind::kNone : named;
    case Kind::kCardNumber:
      return f.mean_digits >= 3 || f.card > 0.2 || f.masked_card > 0.2 ? named : Kind::kNone;
    case Kind::kCity:
      return f.number > 0.8 ? Kind::kNone : f.country_name > 0.8 ? Kind::kCountry : named;
    case Kind::kCountry:
    case Kind::kRegion:
    case Kind::kOrganization:
    case Kind::kOccupation:
      return f.number > 0.8 && f.max_size > 2 ? Kind::kRecordId : named;
    case Kind::kEmail:
      return f.email > 0.1 ? named : Kind::kNone;
    case Kind::kDomain:
      return f.domain > 0.2 || f.letters > 0.3 ? named : Kind::kNone;
    case Kind::kIpAddress:
      return f.ip > 0.2 ? named : Kind::kNone;
    case Kind::kRecordId:
      // Ids of a person's papers say so by their form.
      return f.resident_id > 0.5 || f.ssn > 0.8 ? Kind::kNationalId
             : f.email > 0.6                    ? Kind::kEmail
                                                : named;
    default:
      return named;
  }
}

}  // namespace

std::string_view Name(ColumnKind kind) {
  static constexpr std::array<std::string_view, kColumnKinds> kNames = {
      "none",         "address",      "address_part",   "age",
      "birth_date",   "card_cvv",     "card_expiry",    "card_number",
      "city",         "country",      "device",         "domain",
      "education",    "email",        "employment",     "ethnicity",
      "full_name",    "geo",          "given_name",     "health",
      "income",       "ip_address",   "marital_status", "national_id",
      "occupation",   "organization", "phone",          "postcode",
      "record_id",    "region",       "secret",         "sex",
      "surname",      "title",        "tracking_id",    "username",
      "passport",     "plate",        "messenger",      "bank_account",
      "company_code", "religion",     "free_text"};
  return kNames[static_cast<size_t>(kind)];
}

ColumnFinding ClassifyColumn(std::string_view name, const std::vector<std::string_view>& values) {
  const ColumnFacts facts = FactsOf(values);
  const auto named = KindByName(name);
  if (facts.values == 0) {
    return named ? ColumnFinding{*named, 0.4} : ColumnFinding{};
  }
  const std::array<double, kColumnKinds> scores = Judge(facts).Scores();
  const auto best =
      static_cast<size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
  if (named) {
    const Kind kind = Settled(*named, facts, scores);
    const double fit = scores[static_cast<size_t>(kind)];
    // Only what is sure by its form overrules a name.
    const auto sure = static_cast<Kind>(best);
    const bool by_form = sure == Kind::kEmail || sure == Kind::kCardNumber ||
                         sure == Kind::kNationalId || sure == Kind::kBankAccount ||
                         sure == Kind::kIpAddress || sure == Kind::kCompanyCode;
    if (kind == Kind::kNone && !(by_form && scores[best] > 0.8)) {
      return {kind, 0.8};
    }
    if (kind == Kind::kNone || (by_form && scores[best] > 0.9 && fit < 0.3)) {
      return {sure, scores[best]};
    }
    return {kind, 0.7 + 0.3 * fit};
  }
  return scores[best] >= kSureFromValues ? ColumnFinding{static_cast<Kind>(best), scores[best]}
                                         : ColumnFinding{Kind::kNone, 1 - scores[best]};
}

}  // namespace fiducia::process
