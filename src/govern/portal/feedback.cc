#include "govern/portal/feedback.h"

#include <algorithm>

namespace fiducia::govern {

namespace {

constexpr std::string_view kKind = "feedback";
constexpr std::string_view kCapability = "feedback.answer";
constexpr size_t kLeast = 3;
constexpr size_t kMost = 4000;
constexpr int kOpenMost = 5;

Json ToJson(const Opinion& opinion) {
  return {{"customer", opinion.customer.Text()},
          {"text", opinion.text.Reveal()},
          {"at", opinion.at_ms},
          {"answer", opinion.answer.Reveal()},
          {"answered", opinion.answered_ms},
          {"by", opinion.answered_by.Text()}};
}

bool Fits(const model::Sensitive& text) {
  return text.Reveal().size() >= kLeast && text.Reveal().size() <= kMost;
}

}  // namespace

Result<std::unique_ptr<Feedback>> Feedback::Open(Parts parts) {
  std::unique_ptr<Feedback> made(new Feedback(parts));
  FID_ASSIGN(const auto documents, parts.book.Load(kKind));
  for (const guard::Document& document : documents) {
    Opinion opinion;
    opinion.id = document.id;
    opinion.version = document.version;
    FID_ASSIGN(opinion.customer, Uuid::Parse(JsonText(document.json, "customer")));
    opinion.text = model::Sensitive(JsonText(document.json, "text"));
    opinion.at_ms = document.json.value("at", int64_t{0});
    opinion.answer = model::Sensitive(JsonText(document.json, "answer"));
    opinion.answered_ms = document.json.value("answered", int64_t{0});
    FID_ASSIGN(opinion.answered_by, Uuid::Parse(JsonText(document.json, "by")));
    made->Keep(std::move(opinion));
  }
  return made;
}

void Feedback::Keep(Opinion opinion) {
  const std::lock_guard lock(mutex_);
  const Uuid id = opinion.id;
  known_[id] = std::move(opinion);
}

std::vector<Opinion> Feedback::Of(const Uuid& customer) const {
  const std::lock_guard lock(mutex_);
  std::vector<Opinion> own;
  for (const auto& [id, opinion] : known_) {
    if (opinion.customer == customer) {
      own.push_back(opinion);
    }
  }
  std::reverse(own.begin(), own.end());  // the newest first: ids grow with time
  return own;
}

Result<Opinion> Feedback::Say(const Self& self, model::Sensitive text) {
  if (!Fits(text)) {
    return Fail(Code::kInvalidInput, "write 3 to 4,000 characters");
  }
  const std::vector<Opinion> own = Of(self.subject.id);
  if (std::count_if(own.begin(), own.end(), [](const Opinion& o) { return o.answered_ms == 0; }) >=
      kOpenMost) {
    return Fail(Code::kTooManyRequests, "five of yours wait for an answer: please wait for it");
  }
  const Authorizations::Parts& common = parts_.authorizations.parts();
  FID_ASSIGN(const process::LoadedRecord record, common.records.LoadFresh(self.subject));
  Opinion opinion;
  opinion.id = Uuid::V7(parts_.clock, parts_.rng);
  opinion.version = 1;
  opinion.customer = self.subject.id;
  opinion.text = std::move(text);
  opinion.at_ms = common.clock.NowMs();
  FID_TRY(parts_.book.Commit(
      {{std::string(kKind), opinion.id, 1, ToJson(opinion)}},
      {common.gate.LeafOfSubject({record.dossier, *record.key, self.pseudonym}, "feedback.say")}));
  Keep(opinion);
  return opinion;
}

Status Feedback::Forget(const Uuid& customer) {
  std::vector<guard::DocumentChange> changes;
  for (const Opinion& opinion : Of(customer)) {
    changes.push_back({std::string(kKind), opinion.id, opinion.version, std::nullopt});
  }
  FID_TRY(parts_.book.Commit(changes, {}));
  const std::lock_guard lock(mutex_);
  std::erase_if(known_, [&](const auto& entry) { return entry.second.customer == customer; });
  return {};
}

Result<std::vector<Opinion>> Feedback::List(const model::Access& access) const {
  FID_TRY(parts_.authorizations.parts().gate.Require(access.actor, kCapability));
  const std::lock_guard lock(mutex_);
  std::vector<Opinion> all;
  all.reserve(known_.size());
  for (const auto& [id, opinion] : known_) {
    all.push_back(opinion);
  }
  std::stable_sort(all.begin(), all.end(), [](const Opinion& a, const Opinion& b) {
    return std::pair(a.answered_ms != 0, -a.at_ms) < std::pair(b.answered_ms != 0, -b.at_ms);
  });
  return all;
}

Result<Opinion> Feedback::Answer(const model::Access& access, const Uuid& id,
                                 model::Sensitive text) {
  const gate::Gate& gate = parts_.authorizations.parts().gate;
  FID_TRY(gate.Require(access.actor, kCapability));
  if (!Fits(text)) {
    return Fail(Code::kInvalidInput, "write 3 to 4,000 characters");
  }
  Opinion opinion;
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(id);
    if (found == known_.end()) {
      return Fail(Code::kNotFound, "there is no such message");
    }
    opinion = found->second;
  }
  if (opinion.answered_ms != 0) {
    return Fail(Code::kConflict, "this was answered already");
  }
  ++opinion.version;
  opinion.answer = std::move(text);
  opinion.answered_ms = parts_.clock.NowMs();
  opinion.answered_by = access.actor.id;
  FID_TRY(parts_.book.Commit({{std::string(kKind), id, opinion.version, ToJson(opinion)}},
                             {gate.NewLeaf(access, "feedback.answer", "done")}));
  Keep(opinion);
  return opinion;
}

}  // namespace fiducia::govern
