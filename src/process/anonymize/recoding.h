// Local recoding: every group of rows is made only as coarse as it has to be.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "process/anonymize/microdata.h"

namespace fiducia::process {

struct Recoding {
  std::vector<std::vector<uint8_t>> levels;  // by column, then row
  std::vector<uint32_t> group;               // by row; UINT32_MAX: left out
  uint32_t groups = 0;
  uint32_t suppressed = 0;
  double loss = 0;  // 0 nothing, 1 all
};

// From one group of all rows down, as long as every part is what the model asks for; then parts
// that are larger than they have to be are parted by likeness. Errors: kInvalidInput for no rows;
// kNotFound if even all rows together are not what the model asks.
Result<Recoding> RecodeLocally(const Microdata& data, const PrivacyModel& model);

}  // namespace fiducia::process
