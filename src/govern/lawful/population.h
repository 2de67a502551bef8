// How many people the house holds data of, by law and kind: what thresholds are measured against.
#pragma once

#include <map>
#include <string>

#include "process/record/reader.h"

namespace fiducia::govern {

struct Head {
  int64_t people = 0;
  int64_t sensitive = 0;  // of whom something is held that this law calls sensitive
};

struct Population {
  int64_t people = 0;
  std::map<std::string, Head>
      by_regime;  // under which data was collected; one may be under several
};

// Counts every record, without opening one. Seconds for a million.
Result<Population> CountPeople(const process::RecordReader& records, const rules::Policy& policy,
                               const std::string& home);

// The flags of the catalog that a law calls sensitive.
std::set<std::string> SensitiveFlags(const std::string& regime);

}  // namespace fiducia::govern
