#include "collect/forms/forms.h"

#include <algorithm>

#include "base/text.h"
#include "store/config_rows.h"

namespace fiducia::collect {

namespace {

constexpr std::string_view kKind = "form";
constexpr std::string_view kCapability = "forms.manage";
constexpr size_t kSecretBytes = 18;
constexpr std::string_view kKeyPrefix = "fc_";

Json DocumentOf(const Form& form) {
  return {{"spec", ToJson(form.spec)},  {"state", Name(form.state)},
          {"created", form.created_ms}, {"opened", form.opened_ms},
          {"closed", form.closed_ms},   {"key", ToBase64(form.key_hash)}};
}

Result<Form> FormOf(const guard::Document& document) {
  const Json& json = document.json;
  Form form;
  form.id = document.id;
  form.version = document.version;
  FID_ASSIGN(form.spec, FormSpecOf(json.value("spec", Json::object())));
  const std::string state = JsonText(json, "state");
  form.state = state == "open"     ? FormState::kOpen
               : state == "closed" ? FormState::kClosed
                                   : FormState::kDraft;
  form.created_ms = json.value("created", int64_t{0});
  form.opened_ms = json.value("opened", int64_t{0});
  form.closed_ms = json.value("closed", int64_t{0});
  FID_ASSIGN(form.key_hash, FromBase64(JsonText(json, "key")));
  return form;
}

// As what its answers are taken in.
StreamSpec StreamSpecOf(const FormSpec& spec, const rules::Catalog& catalog) {
  StreamSpec stream;
  stream.source = spec.source;
  stream.label = spec.code;
  for (const FormPurpose& purpose : spec.purposes) {
    stream.purposes.push_back(purpose.id);
    stream.bases[purpose.id] = purpose.basis;
  }
  for (const Question& question : spec.questions) {
    if (const rules::Field* field = catalog.Find(question.field); field != nullptr) {
      stream.fields.push_back(field->id);
      stream.paths[PathOf(*field)] = field->id;
    }
  }
  return stream;
}

}  // namespace

FormPtr Forms::Made(Form form) const {
  const rules::Catalog& catalog = parts_.gate.policy().catalog;
  Stream stream;
  stream.id = form.id;
  stream.version = form.version;
  stream.spec = StreamSpecOf(form.spec, catalog);
  const bool capture = form.spec.kind == FormKind::kCapture;
  stream.manner.channel = capture ? "desk" : "form";
  stream.manner.operation = "form.submit";
  stream.manner.consent = model::ConsentType::kExpress;
  stream.manner.evidence = {capture ? "desk" : "form", "switch",
                            "form:" + form.spec.code + "@" + std::to_string(form.version), Uuid()};
  form.stream = collect::Made(std::move(stream), catalog);
  return std::make_shared<const Form>(std::move(form));
}

Result<std::unique_ptr<Forms>> Forms::Open(Parts parts) {
  std::unique_ptr<Forms> made(new Forms(parts));
  FID_ASSIGN(const auto documents, parts.book.Load(kKind));
  for (const guard::Document& document : documents) {
    FID_ASSIGN(Form form, FormOf(document));
    made->known_[document.id] = made->Made(std::move(form));
  }
  return made;
}

std::vector<FormProblem> Forms::Problems(const FormSpec& spec) const {
  const rules::Policy& policy = parts_.gate.policy();
  model::Access as;
  Stream stream;
  stream.spec = StreamSpecOf(spec, policy.catalog);
  const StreamPtr made = collect::Made(std::move(stream), policy.catalog);
  as.actor = made->actor;
  as.purpose = spec.purposes.empty() ? "" : spec.purposes[0].id;
  const auto lease = parts_.engine.Read();
  const bool has_source =
      lease && store::RequireSource((*lease)->session(store::Which::kData), 0, spec.source);
  return ProblemsOf(spec, policy, parts_.gate.Writable(as, made->spec.purposes), has_source);
}

Result<std::vector<FormProblem>> Forms::Check(const model::Access& access, const FormSpec& spec) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  std::vector<FormProblem> problems = Problems(spec);
  model::FieldSet over;
  for (const FormProblem& problem : problems) {
    const rules::Field* field = parts_.gate.policy().catalog.Find(problem.where);
    if ((problem.code == "not_needed" || problem.code == "sensitive") && field != nullptr) {
      over.Add(field->number);
    }
  }
  if (!over.empty()) {
    // Who asked for more than is needed stands on record, and for what.
    audit::Leaf leaf = parts_.gate.NewLeaf(access, "form.check", "refused");
    leaf.reason = "not_needed_for_purpose";
    leaf.masked = over;
    FID_TRY(parts_.book.Record(leaf));
  }
  return problems;
}

Result<FormPtr> Forms::Save(const model::Access& access, Form form, std::string_view op) {
  audit::Leaf leaf = parts_.gate.NewLeaf(access, op, "done");
  leaf.detail = form.id.Text() + " " + form.spec.code + "@" + std::to_string(form.version);
  FID_TRY(
      parts_.book.Commit({{std::string(kKind), form.id, form.version, DocumentOf(form)}}, {leaf}));
  const Uuid id = form.id;
  FormPtr made = Made(std::move(form));
  const std::unique_lock lock(mutex_);
  return known_[id] = std::move(made);
}

Result<Form> Forms::Load(const Uuid& id) const {
  const std::shared_lock lock(mutex_);
  const auto found = known_.find(id);
  if (found == known_.end()) {
    return Fail(Code::kNotFound, "there is no such form");
  }
  Form form = *found->second;
  ++form.version;
  return form;
}

Result<FormPtr> Forms::Add(const model::Access& access, FormSpec spec) {
  FID_ASSIGN(const auto problems, Check(access, spec));
  if (!problems.empty()) {
    return Fail(Code::kInvalidInput, "the form is not in order: check it");
  }
  const std::lock_guard changing(changing_);
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, form] : known_) {
      if (form->spec.code == spec.code) {
        return Fail(Code::kConflict, "there is a form of this code");
      }
    }
  }
  Form form;
  form.id = Uuid::V7(parts_.clock, parts_.rng);
  form.version = 1;
  form.spec = std::move(spec);
  form.created_ms = parts_.clock.NowMs();
  return Save(access, std::move(form), "form.add");
}

Result<FormPtr> Forms::Change(const model::Access& access, const Uuid& id, FormSpec spec) {
  FID_ASSIGN(const auto problems, Check(access, spec));
  const std::lock_guard changing(changing_);
  FID_ASSIGN(Form form, Load(id));
  if (form.state == FormState::kClosed || form.spec.code != spec.code) {
    return Fail(Code::kConflict, "a closed form and the code of one do not change");
  }
  if (!problems.empty()) {
    return Fail(Code::kInvalidInput, "the form is not in order: check it");
  }
  form.spec = std::move(spec);
  return Save(access, std::move(form), "form.change");
}

Result<FormPtr> Forms::Turn(const model::Access& access, const Uuid& id, FormState state) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  const std::lock_guard changing(changing_);
  FID_ASSIGN(Form form, Load(id));
  const bool opens = state == FormState::kOpen && form.state == FormState::kDraft;
  const bool closes = state == FormState::kClosed && form.state == FormState::kOpen;
  if (!opens && !closes) {
    return Fail(Code::kConflict, "a draft is opened, an open form is closed");
  }
  // What was in order when it was written may not be any more.
  if (opens && !Problems(form.spec).empty()) {
    return Fail(Code::kConflict, "the form is not in order any more: check it");
  }
  form.state = state;
  (opens ? form.opened_ms : form.closed_ms) = parts_.clock.NowMs();
  return Save(access, std::move(form), opens ? "form.open" : "form.close");
}

Result<std::string> Forms::NewKey(const model::Access& access, const Uuid& id) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  const std::lock_guard changing(changing_);
  FID_ASSIGN(Form form, Load(id));
  if (form.spec.kind != FormKind::kCapture) {
    return Fail(Code::kInvalidInput, "only a capture page has a key");
  }
  Bytes secret(kSecretBytes, '\0');
  parts_.rng.Fill(secret);
  std::string key = std::string(kKeyPrefix) + ToHex(secret);
  form.key_hash = parts_.vault.HashOf(key);
  FID_TRY(Save(access, std::move(form), "form.key"));
  return key;
}

Result<std::vector<Forms::Listed>> Forms::List(const model::Access& access) const {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  std::vector<Listed> all;
  const std::shared_lock lock(mutex_);
  all.reserve(known_.size());
  for (const auto& [id, form] : known_) {
    all.push_back({form, parts_.streams.CountsOf(id)});
  }
  std::reverse(all.begin(), all.end());
  return all;
}

Result<FormPtr> Forms::Find(std::string_view code) const {
  const std::shared_lock lock(mutex_);
  for (const auto& [id, form] : known_) {
    if (form->spec.code == code && form->state == FormState::kOpen) {
      return form;
    }
  }
  return Fail(Code::kNotFound, "there is no open form at this address");
}

bool Forms::IsKey(const Form& form, std::string_view key) const {
  return !form.key_hash.empty() && key.starts_with(kKeyPrefix) &&
         EqualConstantTime(parts_.vault.HashOf(key), form.key_hash);
}

}  // namespace fiducia::collect
