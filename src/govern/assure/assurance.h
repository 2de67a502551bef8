// All that answers for lawful use, for who offers it to others.
#pragma once

#include "govern/assure/assessments.h"
#include "govern/assure/duties.h"
#include "govern/assure/processing_records.h"
#include "govern/lawful/recipients.h"
#include "govern/lawful/thresholds.h"

namespace fiducia::govern {

struct Assurance {
  Recipients& recipients;
  Thresholds& thresholds;
  Assessments& assessments;
  Duties& duties;
  ProcessingRecords& records;
};

}  // namespace fiducia::govern
