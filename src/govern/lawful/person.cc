#include "govern/lawful/person.h"

#include <algorithm>

#include "base/clock.h"

namespace fiducia::govern {

namespace {

constexpr int64_t kDayMs = 86400000;

}  // namespace

Result<PersonFacts> FactsOf(const process::RecordReader& records, const gate::Gate& gate,
                            const process::LoadedRecord& record, const std::string& home,
                            int64_t now_ms) {
  const rules::Policy& policy = gate.policy();
  PersonFacts facts;
  const auto add = [&](std::string_view place) {
    if (const std::string regime = policy.laws.RegimeOf(place); !regime.empty()) {
      facts.regimes.insert(regime);
    }
  };
  add(home);
  for (const store::BasisState& basis : record.dossier.standing.bases) {
    add(basis.jurisdiction);
  }
  const rules::Field* birth = policy.catalog.Find("birth_date");
  const rules::Field* country = policy.catalog.Find("country");
  for (const store::Cell& cell : record.dossier.cells) {
    const bool is_birth = birth != nullptr && cell.field == birth->number;
    const bool is_country = country != nullptr && cell.field == country->number;
    if (!is_birth && !is_country) {
      continue;
    }
    FID_ASSIGN(
        const model::Sensitive value,
        records.builder().vault().Open(
            gate.SystemPermit(record.dossier.subject), *record.key,
            {record.dossier.subject, vault::kDossierTable, cell.field, cell.ordinal, cell.version},
            cell.sealed));
    if (is_country) {
      add(value.Reveal());
    } else if (const auto day = rules::ParseDay(value.Reveal())) {
      facts.age = WholeYears(*day, now_ms / kDayMs);
    }
  }
  return facts;
}

Result<model::Sensitive> FirstValue(const process::RecordReader& records, const gate::Gate& gate,
                                    const process::LoadedRecord& record, std::string_view id) {
  const rules::Field* field = gate.policy().catalog.Find(id);
  for (const store::Cell& cell : record.dossier.cells) {
    if (field != nullptr && cell.field == field->number) {
      return records.builder().vault().Open(
          gate.SystemPermit(record.dossier.subject), *record.key,
          {record.dossier.subject, vault::kDossierTable, cell.field, cell.ordinal, cell.version},
          cell.sealed);
    }
  }
  return model::Sensitive();
}

bool NeedsGuardian(const rules::Jurisdictions& laws, const PersonFacts& facts, int64_t now_ms) {
  return facts.age && laws.AsksOfAge(facts.regimes, *facts.age, now_ms / kDayMs, "guardian");
}

}  // namespace fiducia::govern
