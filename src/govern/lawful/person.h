// What the laws ask about a person: under which of them the record falls, and how old the person
// is. Read inside the vault boundary; nothing but the answer leaves.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "process/record/reader.h"

namespace fiducia::govern {

struct PersonFacts {
  std::set<std::string> regimes;  // of rules::Jurisdictions: residence, collection, establishment
  std::optional<int64_t> age;     // whole years; none: no birth date on record
};

// `home` is where the company is established.
Result<PersonFacts> FactsOf(const process::RecordReader& records, const gate::Gate& gate,
                            const process::LoadedRecord& record, const std::string& home,
                            int64_t now_ms);

// The first value of a field; empty if there is none. For sending to it, not for showing.
Result<model::Sensitive> FirstValue(const process::RecordReader& records, const gate::Gate& gate,
                                    const process::LoadedRecord& record, std::string_view field);

// Whether a guardian has to speak for the person under any of these laws.
bool NeedsGuardian(const rules::Jurisdictions& laws, const PersonFacts& facts, int64_t now_ms);

}  // namespace fiducia::govern
