// Private to rules: agreements and courses, read from data/onboarding.
#pragma once

#include "rules/policy.h"
#include "rules/toml_reader.h"

namespace fiducia::rules {

// One file: an agreement, or a course if it has questions.
void ReadOnboarding(const TomlTable& file, Policy& policy);

}  // namespace fiducia::rules
