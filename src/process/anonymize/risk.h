// How easily rows can be told to be about somebody known: by groups of rows that are alike in what
// others may know of a person.
#pragma once

#include <cstdint>
#include <vector>

namespace fiducia::process {

struct LinkRisk {
  int64_t rows = 0;
  int64_t groups = 0;
  int64_t smallest = 0;    // rows of the smallest group; 0 without rows
  int64_t unique = 0;      // rows that are alone
  int64_t under_five = 0;  // rows in groups of fewer than five
  // The chance that a row picked for somebody known to be among them is theirs, on average.
  double average = 0;
};

// One number for each row: rows that are alike have the same.
LinkRisk LinkRiskOf(std::vector<uint64_t> rows);

}  // namespace fiducia::process
