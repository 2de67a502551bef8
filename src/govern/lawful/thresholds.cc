#include "govern/lawful/thresholds.h"

#include "base/clock.h"
#include "store/disclosures.h"

namespace fiducia::govern {

namespace {

constexpr int64_t kFreshMs = 3600000;
constexpr int64_t kDayMs = 86400000;

int64_t YearStart(int64_t now_ms) {
  const CivilDate today = CivilFromDays(now_ms / kDayMs);
  return DaysFromCivil(today.year, 1, 1) * kDayMs;
}

}  // namespace

Result<std::vector<ThresholdCount>> Thresholds::Count(const model::Access& access) {
  const Authorizations::Parts& common = authorizations_.parts();
  FID_TRY(common.gate.Require(access.actor, "records.read"));
  const int64_t now = common.clock.NowMs();
  const std::lock_guard lock(mutex_);
  if (!population_ || now - counted_ms_ > kFreshMs || now < counted_ms_) {
    FID_ASSIGN(population_, authorizations_.Population());
    counted_ms_ = now;
  }
  store::ExportedPeople exported;
  {
    FID_ASSIGN(const auto lease, common.records.engine().Read());
    FID_ASSIGN(exported,
               store::CountExported(lease->session(store::Which::kData), 0, YearStart(now)));
  }
  const rules::Jurisdictions& laws = common.gate.policy().laws;
  const std::string own = laws.RegimeOf(common.jurisdiction);
  std::vector<ThresholdCount> counts;
  for (const auto& [regime, pack] : laws.packs()) {
    const auto head = population_->by_regime.find(regime);
    const bool concerned = regime == own || head != population_->by_regime.end();
    for (const rules::Rule& rule : pack.rules) {
      if (!concerned || rule.effect != rules::Effect::kThreshold || !rule.InForceOn(now / kDayMs)) {
        continue;
      }
      const int64_t held = head == population_->by_regime.end() ? 0 : head->second.people;
      // What leaves the country is counted by the law of the house alone.
      const int64_t left = regime == own ? exported.people : 0;
      const int64_t left_sensitive = regime == own ? exported.sensitive : 0;
      counts.push_back({&rule, rule.measure == "people"     ? held
                               : rule.measure == "exported" ? left
                                                            : left_sensitive});
    }
  }
  return counts;
}

}  // namespace fiducia::govern
