#include "collect/forms/form.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/names.h"

namespace fiducia::collect {

namespace {

constexpr std::array<std::string_view, 2> kKinds = {"form", "capture"};
constexpr std::array<std::string_view, 3> kMinors = {"not_asked", "refused", "guardian"};
constexpr std::array<std::string_view, 3> kStates = {"draft", "open", "closed"};
constexpr size_t kCodeMax = 40;
constexpr size_t kTitleMax = 200;
constexpr size_t kTextMax = 2000;
constexpr size_t kQuestionsMost = 40;
constexpr size_t kChoicesMost = 60;
constexpr size_t kPurposesMost = 12;
constexpr size_t kOriginsMost = 20;

template <size_t N>
Result<size_t> PlaceOf(const std::array<std::string_view, N>& names, std::string_view name,
                       Literal otherwise) {
  const auto* found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    return Fail(Code::kInvalidInput, otherwise);
  }
  return static_cast<size_t>(found - names.begin());
}

// Absent: empty.
Result<std::string> TextFrom(const Json& json, std::string_view member) {
  const auto found = json.find(std::string(member));
  if (found == json.end()) {
    return std::string();
  }
  if (!found->is_string() || found->get_ref<const std::string&>().size() > kTitleMax) {
    return Fail(Code::kInvalidInput, "a word of the form is no text, or too long");
  }
  return found->get<std::string>();
}

Json TextsJson(const rules::Texts& texts) { return {{"zh-CN", texts.zh}, {"en", texts.en}}; }

Result<rules::Texts> TextsFrom(const Json& json, std::string_view member, size_t most) {
  const Json both = json.value(std::string(member), Json::object());
  if (!both.is_object()) {
    return Fail(Code::kInvalidInput, "a text is given in zh-CN and en");
  }
  const auto zh = both.value("zh-CN", Json(""));
  const auto en = both.value("en", Json(""));
  if (!zh.is_string() || !en.is_string()) {
    return Fail(Code::kInvalidInput, "a text is given in zh-CN and en");
  }
  rules::Texts texts{zh.get<std::string>(), en.get<std::string>()};
  if (texts.zh.size() > most || texts.en.size() > most || !IsUtf8(texts.zh) || !IsUtf8(texts.en)) {
    return Fail(Code::kInvalidInput, "a text of the form is too long");
  }
  return texts;
}

bool IsCode(std::string_view code) {
  return !code.empty() && code.size() <= kCodeMax &&
         code.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

Result<std::vector<Json>> ListFrom(const Json& json, std::string_view member, size_t most) {
  const Json list = json.value(std::string(member), Json::array());
  if (!list.is_array() || list.size() > most) {
    return Fail(Code::kInvalidInput, "a list of the form is no list, or too long");
  }
  std::vector<Json> items(list.begin(), list.end());
  const bool objects =
      std::all_of(items.begin(), items.end(), [](const Json& one) { return one.is_object(); });
  if (!objects) {
    return Fail(Code::kInvalidInput, "a list of the form holds objects");
  }
  return items;
}

Result<Question> QuestionOf(const Json& json) {
  Question question;
  FID_ASSIGN(question.field, TextFrom(json, "field"));
  FID_ASSIGN(question.label, TextsFrom(json, "label", kTitleMax));
  FID_ASSIGN(question.scale, TextFrom(json, "scale"));
  if (!question.scale.empty() && question.scale != "nps" && question.scale != "csat") {
    return Fail(Code::kInvalidInput, "a scale is nps or csat");
  }
  const Json required = json.value("required", Json(false));
  if (!required.is_boolean()) {
    return Fail(Code::kInvalidInput, "an answer is required or not");
  }
  question.required = required.get<bool>();
  FID_ASSIGN(const auto choices, ListFrom(json, "choices", kChoicesMost));
  for (const Json& one : choices) {
    Choice choice;
    FID_ASSIGN(choice.value, TextFrom(one, "value"));
    FID_ASSIGN(choice.name, TextsFrom(one, "name", kTitleMax));
    if (choice.value.empty() || choice.value.size() > kTitleMax || !IsOneLine(choice.value)) {
      return Fail(Code::kInvalidInput, "a choice has a value of one line");
    }
    question.choices.push_back(std::move(choice));
  }
  return question;
}

bool IsNumber(const rules::Field& field) {
  return field.type == "number" || field.type == "amount";
}

void CheckQuestion(const FormSpec& spec, const Question& question, const rules::Field& field,
                   const model::FieldSet& writable, std::vector<FormProblem>& problems) {
  if (field.level == model::Level::kL4) {
    // Sensitive data needs an authorization of its own, which a form cannot take.
    problems.push_back({"sensitive", question.field});
  } else if (!writable.Has(field.number)) {
    problems.push_back({"not_needed", question.field});
  }
  if (std::find(field.flags.begin(), field.flags.end(), "derived") != field.flags.end()) {
    problems.push_back({"derived", question.field});
  }
  if (!question.scale.empty() && !IsNumber(field)) {
    problems.push_back({"scale_needs_number", question.field});
  }
  const auto same =
      std::count_if(spec.questions.begin(), spec.questions.end(),
                    [&](const Question& other) { return other.field == question.field; });
  if (same > 1) {
    problems.push_back({"asked_twice", question.field});
  }
}

}  // namespace

std::string_view Name(FormKind kind) { return kKinds[static_cast<size_t>(kind)]; }
std::string_view Name(Minors minors) { return kMinors[static_cast<size_t>(minors)]; }
std::string_view Name(FormState state) { return kStates[static_cast<size_t>(state)]; }

Result<FormKind> FormKindNamed(std::string_view name) {
  FID_ASSIGN(const size_t place, PlaceOf(kKinds, name, "a form is of the kind form or capture"));
  return static_cast<FormKind>(place);
}

Result<Minors> MinorsNamed(std::string_view name) {
  FID_ASSIGN(const size_t place,
             PlaceOf(kMinors, name, "minors are not_asked, refused or guardian"));
  return static_cast<Minors>(place);
}

const Question* ContactOf(const FormSpec& spec, const rules::Catalog& catalog) {
  const rules::Field* email = catalog.Find("email");
  const auto found = std::find_if(
      spec.questions.begin(), spec.questions.end(),
      [&](const Question& question) { return email != nullptr && question.field == email->id; });
  return found == spec.questions.end() ? nullptr : &*found;
}

std::vector<FormProblem> ProblemsOf(const FormSpec& spec, const rules::Policy& policy,
                                    const model::FieldSet& writable, bool has_source) {
  std::vector<FormProblem> problems;
  if (!IsCode(spec.code)) {
    problems.push_back({"code", ""});
  }
  if (!has_source) {
    problems.push_back({"source", ""});
  }
  if (spec.title.zh.empty() || spec.title.en.empty()) {
    problems.push_back({"title", ""});
  }
  if (spec.purposes.empty()) {
    problems.push_back({"purpose", ""});
  }
  bool consent = false;
  for (const FormPurpose& one : spec.purposes) {
    const rules::Purpose* purpose = policy.FindPurpose(one.id);
    if (purpose == nullptr) {
      problems.push_back({"unknown_purpose", one.id});
    } else if (!purpose->AllowsBasis(one.basis)) {
      problems.push_back({"basis", one.id});
    }
    consent = consent || one.basis == model::BasisKind::kConsent;
  }
  if (spec.questions.empty()) {
    problems.push_back({"question", ""});
  }
  for (const Question& question : spec.questions) {
    const rules::Field* field = policy.catalog.Find(question.field);
    if (field == nullptr) {
      problems.push_back({"unknown_field", question.field});
    } else {
      CheckQuestion(spec, question, *field, writable, problems);
    }
  }
  const Question* contact = ContactOf(spec, policy.catalog);
  if (spec.double_opt_in && (contact == nullptr || !contact->required)) {
    problems.push_back({"opt_in_needs_email", ""});
  }
  if (spec.double_opt_in && spec.kind == FormKind::kCapture) {
    problems.push_back({"opt_in_at_counter", ""});
  }
  // Anybody can type somebody else's address: without a look into the mailbox nobody agreed.
  if (consent && contact != nullptr && !spec.double_opt_in && spec.kind == FormKind::kForm) {
    problems.push_back({"consent_needs_opt_in", ""});
  }
  if (spec.kind == FormKind::kCapture && spec.minors == Minors::kGuardian) {
    problems.push_back({"guardian_at_counter", ""});
  }
  if (!std::all_of(spec.origins.begin(), spec.origins.end(), IsOrigin)) {
    problems.push_back({"origin", ""});
  }
  return problems;
}

Json ToJson(const FormSpec& spec) {
  Json purposes = Json::array();
  for (const FormPurpose& one : spec.purposes) {
    purposes.push_back({{"id", one.id}, {"basis", model::Name(one.basis)}});
  }
  Json questions = Json::array();
  for (const Question& one : spec.questions) {
    Json choices = Json::array();
    for (const Choice& choice : one.choices) {
      choices.push_back({{"value", choice.value}, {"name", TextsJson(choice.name)}});
    }
    questions.push_back({{"field", one.field},
                         {"label", TextsJson(one.label)},
                         {"scale", one.scale},
                         {"required", one.required},
                         {"choices", std::move(choices)}});
  }
  return {{"code", spec.code},
          {"kind", Name(spec.kind)},
          {"title", TextsJson(spec.title)},
          {"intro", TextsJson(spec.intro)},
          {"thanks", TextsJson(spec.thanks)},
          {"source", spec.source},
          {"purposes", std::move(purposes)},
          {"questions", std::move(questions)},
          {"double_opt_in", spec.double_opt_in},
          {"minors", Name(spec.minors)},
          {"origins", spec.origins}};
}

Result<FormSpec> FormSpecOf(const Json& json) {
  FormSpec spec;
  FID_ASSIGN(spec.code, TextFrom(json, "code"));
  FID_ASSIGN(spec.source, TextFrom(json, "source"));
  FID_ASSIGN(const std::string kind, TextFrom(json, "kind"));
  FID_ASSIGN(const std::string minors, TextFrom(json, "minors"));
  if (spec.code.empty()) {
    return Fail(Code::kInvalidInput, "a form has a code, for its address");
  }
  if (!kind.empty()) {
    FID_ASSIGN(spec.kind, FormKindNamed(kind));
  }
  if (!minors.empty()) {
    FID_ASSIGN(spec.minors, MinorsNamed(minors));
  }
  FID_ASSIGN(spec.title, TextsFrom(json, "title", kTitleMax));
  FID_ASSIGN(spec.intro, TextsFrom(json, "intro", kTextMax));
  FID_ASSIGN(spec.thanks, TextsFrom(json, "thanks", kTextMax));
  FID_ASSIGN(const auto purposes, ListFrom(json, "purposes", kPurposesMost));
  for (const Json& one : purposes) {
    FID_ASSIGN(const std::string id, TextFrom(one, "id"));
    FID_ASSIGN(const std::string word, TextFrom(one, "basis"));
    FID_ASSIGN(const model::BasisKind basis, model::ParseBasisKind(word));
    spec.purposes.push_back({id, basis});
  }
  FID_ASSIGN(const auto questions, ListFrom(json, "questions", kQuestionsMost));
  for (const Json& one : questions) {
    FID_ASSIGN(Question question, QuestionOf(one));
    spec.questions.push_back(std::move(question));
  }
  const Json opt_in = json.value("double_opt_in", Json(false));
  const Json origins = json.value("origins", Json::array());
  if (!opt_in.is_boolean() || !origins.is_array() || origins.size() > kOriginsMost) {
    return Fail(Code::kInvalidInput, "double_opt_in is true or false, origins a list");
  }
  spec.double_opt_in = opt_in.get<bool>();
  for (const Json& one : origins) {
    spec.origins.push_back(one.is_string() ? one.get<std::string>() : std::string());
  }
  return spec;
}

}  // namespace fiducia::collect
