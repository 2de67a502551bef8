#include "collect/forms/submissions.h"

#include <algorithm>

#include "base/text.h"
#include "collect/forms/answers.h"

namespace fiducia::collect {

namespace {

constexpr std::string_view kKind = "form_pending";
constexpr std::string_view kInfo = "fiducia form";
constexpr int64_t kWaitMs = int64_t{7} * 86400000;
constexpr size_t kWaitingMost = 20000;
constexpr size_t kSecretBytes = 16;

model::Access BySystem() {
  model::Access access;
  access.actor.role = "system";
  return access;
}

bool IsSubmissionId(std::string_view id) { return Uuid::Parse(id).has_value(); }

// In the language that the person answered in.
std::string BodyOf(const Form& form, bool zh, bool guardian, const std::string& link) {
  const std::string& title = zh ? form.spec.title.zh : form.spec.title.en;
  if (zh) {
    return (guardian ? "有人在“" + title + "”中填写了您的地址，说明您是其监护人，需要您的同意。"
                     : "您在“" + title + "”中填写了这个地址。") +
           "\n\n请打开以下链接确认；在此之前我们不会保存任何内容：\n" + link +
           "\n\n链接七天内有效。如果不是您本人所为，无需理会此邮件，所填内容会被删除。\n";
  }
  return (guardian ? "Somebody gave your address in \"" + title +
                         "\" as the one who is responsible for them, and asks for your consent."
                   : "You gave this address in \"" + title + "\".") +
         "\n\nOpen this link to confirm; nothing is kept before:\n" + link +
         "\n\nIt works for seven days. If it was not you, do nothing: what was entered is "
         "deleted.\n";
}

}  // namespace

std::string_view Name(Taken taken) {
  switch (taken) {
    case Taken::kKept:
      return "kept";
    case Taken::kConfirm:
      return "confirm";
    case Taken::kNothing:
      return "nothing";
  }
  return "nothing";
}

Json Submissions::DocumentOf(const Pending& pending) {
  return {{"form", pending.form.Text()},
          {"code", pending.code},
          {"submission", pending.submission},
          {"sealed", pending.sealed},
          {"hash", ToBase64(pending.secret_hash)},
          {"guardian", pending.by_guardian},
          {"until", pending.until_ms}};
}

Result<Submissions::Pending> Submissions::PendingOf(const guard::Document& document) {
  const Json& json = document.json;
  Pending pending;
  pending.id = document.id;
  pending.version = document.version;
  pending.form = Uuid::Parse(JsonText(json, "form")).value_or(Uuid());
  pending.code = JsonText(json, "code");
  pending.submission = JsonText(json, "submission");
  pending.sealed = json.value("sealed", Json::object());
  FID_ASSIGN(pending.secret_hash, FromBase64(JsonText(json, "hash")));
  pending.by_guardian = json.value("guardian", false);
  pending.until_ms = json.value("until", int64_t{0});
  return pending;
}

Result<std::unique_ptr<Submissions>> Submissions::Open(Parts parts) {
  std::unique_ptr<Submissions> made(new Submissions(std::move(parts)));
  FID_ASSIGN(const auto documents, made->parts_.book.Load(kKind));
  for (const guard::Document& document : documents) {
    FID_ASSIGN(Pending pending, PendingOf(document));
    made->pending_[document.id] = std::move(pending);
  }
  return made;
}

Result<Answers> Submissions::Read(const Form& form, const Json& sealed,
                                  const std::string& id) const {
  FID_ASSIGN(const model::Sensitive plain,
             parts_.key.Open(sealed, kInfo, form.spec.code + "\x1f" + id));
  return ReadAnswers(plain);
}

Status Submissions::Check(const Form& form, const Answers& answers) const {
  process::Hints hints;
  hints.region = parts_.jurisdiction.substr(0, 2);
  hints.today_days = parts_.clock.NowMs() / 86400000;
  return CheckAnswers(form.spec, answers, parts_.gate.policy().catalog,
                      parts_.records.builder().cleaner(), hints);
}

audit::Leaf Submissions::LeafOf(const Form& form, std::string_view operation) const {
  audit::Leaf leaf = parts_.gate.NewLeaf(BySystem(), operation, "done");
  leaf.detail = form.id.Text();
  return leaf;
}

void Submissions::Refused(const Form& form, std::string_view reason) {
  StreamCounts counts;
  counts.refused[std::string(reason)] = 1;
  parts_.forms.Count(form, counts);
}

Result<Taken> Submissions::Take(const std::string& code, const Submission& submission) {
  FID_ASSIGN(const FormPtr form, parts_.forms.Find(code));
  if (!IsSubmissionId(submission.id)) {
    return Fail(Code::kInvalidInput, "an answer has an id of its own: a UUID");
  }
  if (form->spec.kind == FormKind::kCapture) {
    if (!parts_.forms.IsKey(*form, submission.key)) {
      Refused(*form, "key");
      return Fail(Code::kUnauthenticated, "the key of this page is not valid any more");
    }
  } else if (const Status worked =
                 parts_.challenges.Check(form->id, submission.challenge, submission.solution);
             !worked) {
    Refused(*form, "spam");
    return std::unexpected(worked.error());
  }
  if (!submission.trap.empty()) {
    // Programs are not told what gave them away.
    Refused(*form, "spam");
    return form->spec.double_opt_in ? Taken::kConfirm : Taken::kKept;
  }
  if (submission.notice != parts_.gate.told()->current) {
    return Fail(Code::kConflict, "the notice is another by now: load the page again");
  }
  const auto answers = Read(*form, submission.sealed, submission.id);
  if (!answers) {
    Refused(*form, "unreadable");
    return std::unexpected(answers.error());
  }
  const bool minor = form->spec.minors != Minors::kNotAsked && !answers->of_age;
  if (minor && (form->spec.minors == Minors::kRefused || answers->guardian.empty())) {
    Refused(*form, "minor");
    return Fail(Code::kDenied, "somebody of this age cannot answer alone");
  }
  if (const Status right = Check(*form, *answers); !right) {
    Refused(*form, "invalid");
    return std::unexpected(right.error());
  }
  if (!minor && !form->spec.double_opt_in) {
    return Keep(form, *answers, submission.id, "");
  }
  FID_TRY(AskToConfirm(form, submission, *answers));
  return Taken::kConfirm;
}

Status Submissions::AskToConfirm(const FormPtr& form, const Submission& submission,
                                 const Answers& answers) {
  const bool guardian = form->spec.minors == Minors::kGuardian && !answers.of_age;
  const rules::Field& email = *parts_.gate.policy().catalog.Find("email");
  const model::Sensitive& typed =
      guardian ? answers.guardian : answers.by_field.at(email.id).front();
  FID_ASSIGN(auto cleaned, parts_.records.builder().cleaner().Clean(email, typed, {}));
  Pending pending;
  pending.id = Uuid::V7(parts_.clock, parts_.rng);
  pending.version = 1;
  pending.form = form->id;
  pending.code = form->spec.code;
  pending.submission = submission.id;
  pending.sealed = submission.sealed;
  pending.by_guardian = guardian;
  pending.until_ms = parts_.clock.NowMs() + kWaitMs;
  Bytes secret(kSecretBytes, '\0');
  parts_.rng.Fill(secret);
  pending.secret_hash = parts_.vault.HashOf(secret);
  {
    const std::lock_guard lock(mutex_);
    // The same page sent twice asks once.
    for (const auto& [id, other] : pending_) {
      if (other.submission == pending.submission) {
        return {};
      }
    }
    if (pending_.size() >= kWaitingMost) {
      return Fail(Code::kUnavailable, "too many answers wait to be confirmed: try again later");
    }
  }
  audit::Leaf leaf = LeafOf(*form, "form.pending");
  FID_TRY(parts_.book.Commit({{std::string(kKind), pending.id, 1, DocumentOf(pending)}}, {leaf}));
  const bool zh = answers.locale == "zh-CN";
  courier::Message message;
  message.to = std::move(cleaned.value);
  message.subject = model::Sensitive(std::string(zh ? "请确认" : "Please confirm"));
  message.body = model::Sensitive(
      BodyOf(*form, zh, guardian,
             submission.base + "/f/confirm#" + ToHex(pending.id.bytes()) + ToHex(secret)));
  message.until_ms = pending.until_ms;
  FID_TRY(parts_.outbox.Queue(std::move(message), LeafOf(*form, "form.ask")));
  const std::lock_guard lock(mutex_);
  pending_[pending.id] = std::move(pending);
  return {};
}

Result<Taken> Submissions::Keep(const FormPtr& form, const Answers& answers, const std::string& id,
                                std::string_view method) {
  const bool proven = method == "double_opt_in";
  auto stream = std::make_shared<Stream>(*form->stream);
  stream->manner.locale = answers.locale;
  stream->manner.own_hand = proven;
  if (!method.empty()) {
    stream->manner.evidence.method = method;
  }
  std::vector<Json> items;
  items.push_back(EventOf(answers, id, proven, parts_.gate.policy().catalog));
  FID_ASSIGN(const auto outcomes,
             parts_.intake.Take(std::move(stream), std::move(items), Json::object()));
  const EventOutcome& outcome = outcomes.front();
  if (outcome.status == "refused") {
    return Fail(Code::kInvalidInput, "the answers cannot be kept like this");
  }
  return outcome.status == "dropped" ? Taken::kNothing : Taken::kKept;
}

Result<FormPtr> Submissions::Confirm(std::string_view token) {
  constexpr size_t kIdDigits = 32;
  const auto unknown = [] {
    return Fail(Code::kNotFound, "this link is used up, has run out, or is none");
  };
  if (token.size() != kIdDigits + 2 * kSecretBytes) {
    return unknown();
  }
  const auto id = FromHex(token.substr(0, kIdDigits));
  const auto secret = FromHex(token.substr(kIdDigits));
  Pending pending;
  {
    const std::lock_guard lock(mutex_);
    const auto found =
        id && secret ? pending_.find(Uuid::FromBytes(*id).value_or(Uuid())) : pending_.end();
    if (found == pending_.end() || found->second.until_ms < parts_.clock.NowMs() ||
        !EqualConstantTime(parts_.vault.HashOf(*secret), found->second.secret_hash)) {
      return unknown();
    }
    pending = found->second;
  }
  FID_ASSIGN(const FormPtr form, parts_.forms.Find(pending.code));
  FID_ASSIGN(const Answers answers, Read(*form, pending.sealed, pending.submission));
  // The form may have changed since: what it does not ask any more is not taken.
  FID_TRY(Check(*form, answers));
  FID_TRY(Keep(form, answers, pending.submission,
               pending.by_guardian ? "guardian_opt_in" : "double_opt_in"));
  // Should this fail, the link works again, and its answer is known by its id.
  FID_TRY(parts_.book.Commit({{std::string(kKind), pending.id, pending.version, std::nullopt}},
                             {LeafOf(*form, "form.confirm")}));
  const std::lock_guard lock(mutex_);
  pending_.erase(pending.id);
  return form;
}

Status Submissions::Tick() {
  std::vector<guard::DocumentChange> gone;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, pending] : pending_) {
      if (pending.until_ms < parts_.clock.NowMs()) {
        gone.push_back({std::string(kKind), id, pending.version, std::nullopt});
      }
    }
  }
  if (gone.empty()) {
    return {};
  }
  audit::Leaf leaf = parts_.gate.NewLeaf(BySystem(), "form.forget", "done");
  leaf.count = gone.size();
  FID_TRY(parts_.book.Commit(gone, {leaf}));
  const std::lock_guard lock(mutex_);
  for (const guard::DocumentChange& change : gone) {
    pending_.erase(change.id);
  }
  return {};
}

int Submissions::OwnAge() const {
  const rules::Jurisdictions& laws = parts_.gate.policy().laws;
  return laws.AgeOfOwnConsent({laws.RegimeOf(parts_.jurisdiction)},
                              parts_.clock.NowMs() / 86400000);
}

size_t Submissions::waiting() const {
  const std::lock_guard lock(mutex_);
  return pending_.size();
}

}  // namespace fiducia::collect
