// Where answers to forms are taken in: all that it takes.
#pragma once

#include "collect/forms/submissions.h"

namespace fiducia::collect {

struct FormParts {
  Forms& forms;
  Submissions& submissions;
  Challenges& challenges;
  const SealingKey& key;
};

}  // namespace fiducia::collect
