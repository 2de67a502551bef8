// Labeled data that lies beside the repository on some machines.
#pragma once

#include <string>

#include "process/anonymize/microdata.h"

namespace fiducia::testing {

// A file or folder of it, or "" where there is none. FIDUCIA_DATA names another place.
std::string SharedData(const std::string& name);

// The Adult table with ARX's hierarchies, all nine columns; no rows if the folder does not hold it.
process::Microdata ReadAdult(const std::string& folder);

}  // namespace fiducia::testing
