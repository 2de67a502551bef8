#include "rules/onboarding.h"

#include <algorithm>

namespace fiducia::rules {

namespace {

int Between(const TomlTable& table, std::string_view key, int least, int most) {
  const int64_t number = table.Number(key);
  if (number < least || number > most) {
    table.Refuse(key, "'" + std::string(key) + "' must lie between " + std::to_string(least) +
                          " and " + std::to_string(most));
  }
  return static_cast<int>(number);
}

Course::Question ReadQuestion(const TomlTable& table) {
  table.AllowOnly({"text", "choice"});
  Course::Question question{table.Both("text"), {}};
  for (const TomlTable& choice : table.Tables("choice")) {
    choice.AllowOnly({"text", "right"});
    question.choices.push_back({choice.Both("text"), choice.Flag("right")});
  }
  const auto right = std::count_if(question.choices.begin(), question.choices.end(),
                                   [](const Course::Choice& c) { return c.right; });
  if (question.choices.size() < 2 || right != 1) {
    table.Refuse("choice", "a question has two choices or more, and one of them is right");
  }
  return question;
}

}  // namespace

void ReadOnboarding(const TomlTable& file, Policy& policy) {
  if (!file.Has("question")) {
    file.AllowOnly({"id", "version", "title", "text"});
    if (!policy.agreement.id.empty()) {
      file.Refuse("id", "there is one confidentiality agreement");
    }
    policy.agreement = {file.Text("id"), file.Text("version"), file.Both("title"),
                        file.Both("text")};
    return;
  }
  file.AllowOnly({"id", "version", "title", "summary", "minutes", "valid_days", "pass_mark",
                  "grace_days", "question"});
  Course course;
  course.id = file.Text("id");
  course.version = file.Text("version");
  course.title = file.Both("title");
  course.summary = file.Both("summary");
  course.minutes = Between(file, "minutes", 1, 600);
  course.valid_days = Between(file, "valid_days", 1, 3650);
  course.grace_days = Between(file, "grace_days", 0, 365);
  for (const TomlTable& table : file.Tables("question")) {
    course.questions.push_back(ReadQuestion(table));
  }
  course.pass_mark = Between(file, "pass_mark", 1, static_cast<int>(course.questions.size()));
  policy.courses.push_back(std::move(course));
}

}  // namespace fiducia::rules
