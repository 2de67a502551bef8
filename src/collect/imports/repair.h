// Looking through a table before it comes in: what is wrong in it, and a copy with the repairs that
// need no look, each on record with what stood there before.
#pragma once

#include <ostream>

#include "collect/imports/table_reader.h"
#include "process/clean/profile.h"

namespace fiducia::collect {

// A table in memory: at most this many cells. Errors: kTooLarge.
constexpr size_t kProfiledCells = 20000000;

struct HeldTable {
  std::vector<std::string> names;
  std::vector<std::vector<model::Sensitive>> rows;
};
Result<HeldTable> ReadWhole(TableReader& table);

process::TableProfile ProfileOf(const HeldTable& table);

// Writes the table as CSV with the certain repairs made, and each change to `changes`: row (1 is
// the first after the header), column, rule, before, after. Gives how many there were.
size_t WriteRepaired(const HeldTable& table, const process::TableProfile& profile,
                     std::ostream& out, std::ostream& changes);

}  // namespace fiducia::collect
