// A form, a survey or a quick-capture page as it is declared: what is asked, for which purposes,
// and what is wrong with that before anybody has answered.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collect/events/streams.h"

namespace fiducia::collect {

// form: anybody answers; capture: staff at a counter or a fair enter it, with a key.
enum class FormKind : uint8_t { kForm, kCapture };
// Whether minors may answer: all may (nothing is for consent, or it is for adults anyway); nobody
// under the age of the law; with the consent of who is responsible for them.
enum class Minors : uint8_t { kNotAsked, kRefused, kGuardian };
enum class FormState : uint8_t { kDraft, kOpen, kClosed };
std::string_view Name(FormKind kind);
std::string_view Name(Minors minors);
std::string_view Name(FormState state);
Result<FormKind> FormKindNamed(std::string_view name);
Result<Minors> MinorsNamed(std::string_view name);

struct Choice {
  std::string value;
  rules::Texts name;
};

struct Question {
  std::string field;   // id in the catalog
  rules::Texts label;  // empty: the field's own name
  std::string scale;   // "nps": 0 to 10, "csat": 1 to 5; empty: as the field is
  bool required = false;
  std::vector<Choice> choices;  // none: free
};

struct FormPurpose {
  std::string id;
  model::BasisKind basis = model::BasisKind::kConsent;
};

struct FormSpec {
  std::string code;  // in its address: a-z, 0-9 and -
  FormKind kind = FormKind::kForm;
  rules::Texts title;
  rules::Texts intro;
  rules::Texts thanks;
  std::string source;  // registered
  std::vector<FormPurpose> purposes;
  std::vector<Question> questions;
  bool double_opt_in = false;
  Minors minors = Minors::kNotAsked;
  std::vector<std::string> origins;  // pages that may embed it
};

// Something that keeps a form from being opened.
struct FormProblem {
  std::string code;
  std::string where;  // id of a field or a purpose; empty: the whole
};

// What is wrong with it: over-collection, nobody to confirm, a purpose on a basis it cannot rest
// on. `writable`: what may be collected for its purposes at all. `has_source`: it is registered.
std::vector<FormProblem> ProblemsOf(const FormSpec& spec, const rules::Policy& policy,
                                    const model::FieldSet& writable, bool has_source);

// The question whose answer a message can be sent to; nullptr if there is none.
const Question* ContactOf(const FormSpec& spec, const rules::Catalog& catalog);

Json ToJson(const FormSpec& spec);
// Of what ToJson wrote, and of what a person sends. Errors: kInvalidInput with what is wrong.
Result<FormSpec> FormSpecOf(const Json& json);

}  // namespace fiducia::collect
