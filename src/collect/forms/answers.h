// What was answered to a form: read from what the browser sealed, held against the questions, and
// turned into the event that it is taken in as.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collect/forms/forms.h"
#include "process/clean/cleaner.h"

namespace fiducia::collect {

struct Answers {
  std::map<std::string, std::vector<model::Sensitive>> by_field;  // empty ones are left out
  std::map<std::string, bool> consent;                            // by purpose
  model::Sensitive guardian;                                      // their address
  bool of_age = false;
  std::string locale = "en";
  std::string at;  // when it was answered, by the device's clock
};

// Errors: kInvalidInput.
Result<Answers> ReadAnswers(const model::Sensitive& plain);

// Errors: kInvalidInput and kInvalidValue at the field's number: a missing answer, one that was not
// asked for, not offered, not on the scale, or no value of its field.
Status CheckAnswers(const FormSpec& spec, const Answers& answers, const rules::Catalog& catalog,
                    const process::Cleaner& cleaner, const process::Hints& hints);

// `id`: of the submission. `proven`: whoever answered opened the mailbox, and is known by it.
Json EventOf(const Answers& answers, const std::string& id, bool proven,
             const rules::Catalog& catalog);

}  // namespace fiducia::collect
