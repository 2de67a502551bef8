#include "collect/forms/answers.h"

#include <algorithm>

#include "base/clock.h"
#include "base/text.h"

namespace fiducia::collect {

namespace {

constexpr size_t kAnswerMax = 8000;

// Whether it is 0 to 10 or 1 to 5.
bool IsOnScale(std::string_view scale, std::string_view text) {
  const bool nps = scale == "nps";
  const bool digit = text.size() == 1 && text >= (nps ? "0" : "1") && text <= (nps ? "9" : "5");
  return digit || (nps && text == "10");
}

Status CheckAnswer(const Question& question, const rules::Field& field,
                   const model::Sensitive& value) {
  const auto& choices = question.choices;
  const bool offered =
      choices.empty() || std::any_of(choices.begin(), choices.end(), [&](const Choice& choice) {
        return choice.value == value.Reveal();
      });
  if (!offered) {
    return Fail(Code::kInvalidValue, "the answer is not one of the choices", field.number);
  }
  if (!question.scale.empty() && !IsOnScale(question.scale, value.Reveal())) {
    return Fail(Code::kInvalidValue, "the answer is not on the scale", field.number);
  }
  return {};
}

}  // namespace

Result<Answers> ReadAnswers(const model::Sensitive& plain) {
  FID_ASSIGN(Json json, ParseJson(plain.Reveal()));
  if (!json.is_object()) {
    return Fail(Code::kInvalidInput, "what is sealed is not an answer");
  }
  Answers answers;
  answers.locale = JsonText(json, "locale") == "zh-CN" ? "zh-CN" : "en";
  answers.at = JsonText(json, "at");
  answers.guardian = model::Sensitive(JsonText(json, "guardian"));
  answers.of_age = json.contains("of_age") && json["of_age"] == Json(true);
  const Json consent = json.value("consent", Json::object());
  for (const auto& [purpose, given] : consent.items()) {
    answers.consent[purpose] = given == Json(true);
  }
  const Json values = json.value("answers", Json::object());
  for (const auto& [field, value] : values.items()) {
    const Json all = value.is_array() ? value : Json::array({value});
    for (const Json& one : all) {
      if (!one.is_string() || one.get_ref<const std::string&>().size() > kAnswerMax) {
        return Fail(Code::kInvalidInput, "an answer is a text, and not too long");
      }
      if (!TrimAscii(one.get_ref<const std::string&>()).empty()) {
        answers.by_field[field].emplace_back(one.get<std::string>());
      }
    }
  }
  return answers;
}

Status CheckAnswers(const FormSpec& spec, const Answers& answers, const rules::Catalog& catalog,
                    const process::Cleaner& cleaner, const process::Hints& hints) {
  for (const auto& [field, values] : answers.by_field) {
    const bool asked =
        std::any_of(spec.questions.begin(), spec.questions.end(),
                    [&, &id = field](const Question& one) { return one.field == id; });
    if (!asked) {
      return Fail(Code::kInvalidInput, "an answer is to a question that is not asked");
    }
  }
  for (const Question& question : spec.questions) {
    const rules::Field& field = *catalog.Find(question.field);
    const auto found = answers.by_field.find(question.field);
    if (found == answers.by_field.end()) {
      if (question.required) {
        return Fail(Code::kInvalidInput, "a required answer is missing", field.number);
      }
      continue;
    }
    if (found->second.size() > 1 && (!field.many || !question.scale.empty())) {
      return Fail(Code::kInvalidValue, "the field takes one value only", field.number);
    }
    for (const model::Sensitive& value : found->second) {
      FID_TRY(CheckAnswer(question, field, value));
      FID_TRY(cleaner.Clean(field, value, hints));
    }
  }
  return {};
}

Json EventOf(const Answers& answers, const std::string& id, bool proven,
             const rules::Catalog& catalog) {
  Json event = {{"type", "track"}, {"event", "Form Submitted"}, {"messageId", id}};
  Json traits = Json::object();
  Json properties = Json::object();
  for (const auto& [field, values] : answers.by_field) {
    const rules::Field* known = catalog.Find(field);
    Json list = Json::array();
    for (const model::Sensitive& value : values) {
      list.push_back(std::string(value.Reveal()));
    }
    const bool happened = PathOf(*known).starts_with("properties.");
    (happened ? properties : traits)[field] = std::move(list);
  }
  event["properties"] = std::move(properties);
  event["context"] = {{"traits", std::move(traits)},
                      {"consent", {{"categoryPreferences", answers.consent}}}};
  // Who opened the mailbox is the one who answers from it again; others are not known apart.
  const auto email = answers.by_field.find("email");
  if (proven && email != answers.by_field.end()) {
    event["userId"] = std::string(email->second.front().Reveal());
  } else {
    event["anonymousId"] = id;
  }
  if (ParseTime(answers.at)) {
    event["originalTimestamp"] = answers.at;
  }
  return event;
}

}  // namespace fiducia::collect
