#include "govern/lawful/population.h"

#include <algorithm>

namespace fiducia::govern {

namespace {

constexpr int kPage = 1000;

model::FieldSet FieldsWith(const rules::Catalog& catalog, const std::set<std::string>& flags) {
  model::FieldSet fields;
  for (const rules::Field& field : catalog.fields()) {
    if (std::any_of(field.flags.begin(), field.flags.end(),
                    [&](const std::string& flag) { return flags.contains(flag); })) {
      fields.Add(field.number);
    }
  }
  return fields;
}

}  // namespace

std::set<std::string> SensitiveFlags(const std::string& regime) {
  if (regime == "CN") {
    return {"cn_sensitive"};
  }
  if (regime == "EU") {
    return {"eu_special", "eu_criminal"};
  }
  if (regime == "JP") {
    return {"jp_special_care"};
  }
  if (regime == "AU") {
    return {"au_sensitive"};
  }
  return {"us_ca_sensitive"};
}

Result<Population> CountPeople(const process::RecordReader& records, const rules::Policy& policy,
                               const std::string& home) {
  Population population;
  std::map<std::string, model::FieldSet> sensitive;
  for (const auto& [regime, pack] : policy.laws.packs()) {
    sensitive[regime] = FieldsWith(policy.catalog, SensitiveFlags(regime));
  }
  std::map<std::string, std::string, std::less<>> regimes;  // by what stands in records
  const auto regime_of = [&](const std::string& place) -> const std::string& {
    const auto known = regimes.find(place);
    return known != regimes.end() ? known->second : regimes[place] = policy.laws.RegimeOf(place);
  };
  FID_ASSIGN(const auto lease, records.engine().Read());
  db::Session& data = lease->session(store::Which::kData);
  model::Bucket bucket = 0;
  Uuid after;
  for (;;) {
    FID_ASSIGN(const auto page, store::WalkSubjects(data, 0, bucket, after, kPage));
    for (const store::WalkedSubject& walked : page) {
      FID_ASSIGN(const store::Dossier dossier,
                 store::DecodeDossier(walked.subject, walked.row.version, walked.row.body));
      ++population.people;
      std::set<std::string> under = {regime_of(home)};
      for (const store::BasisState& basis : dossier.standing.bases) {
        if (!basis.jurisdiction.empty()) {
          under.insert(regime_of(basis.jurisdiction));
        }
      }
      const model::FieldSet held = dossier.held();
      for (const std::string& regime : under) {
        if (!regime.empty()) {
          Head& head = population.by_regime[regime];
          ++head.people;
          head.sensitive += (held & sensitive[regime]).empty() ? 0 : 1;
        }
      }
    }
    if (page.size() < kPage) {
      return population;
    }
    bucket = page.back().bucket;
    after = page.back().subject.id;
  }
}

}  // namespace fiducia::govern
