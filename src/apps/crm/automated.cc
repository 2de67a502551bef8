// Decisions of machines about a customer: on record with their reasons, and looked at by a person
// where the customer asks for it.
#include <algorithm>

#include "apps/answer.h"
#include "apps/crm/customers.h"

namespace fiducia::apps {

namespace {

constexpr size_t kReasonsMost = 5;

std::vector<model::Sensitive> One(std::string text) {
  std::vector<model::Sensitive> values;
  values.emplace_back(std::move(text));
  return values;
}

}  // namespace

// The decision that a review is of, in the customer's timeline.
Status CustomerService::CheckReviewed(const DecisionCommand& command) const {
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  FID_ASSIGN(const Loaded record, parts_.records.Load(*lease, command.subject));
  FID_ASSIGN(const auto events, parts_.records.LoadTimeline(*lease, record, 10000));
  const bool known = std::any_of(events.begin(), events.end(), [&](const auto& event) {
    return event.id == command.reviews && !event.body.provenances.empty() &&
           event.body.provenances[0].channel == kDecisionKind;
  });
  if (!known) {
    return Fail(Code::kNotFound, "the customer has no such decision");
  }
  return {};
}

void CustomerService::RecordDecision(const model::Access& access, const DecisionCommand& command,
                                     const Idempotency& idempotency, Done<Written> done) const {
  const bool review = !command.reviews.is_nil();
  const auto check = [&]() -> Status {
    FID_TRY(parts_.gate.Require(access.actor, review ? "decisions.review" : "decisions.record"));
    FID_TRY(parts_.gate.CheckAccess(access));
    const rules::DecisionModel* model = parts_.gate.policy().FindDecision(command.model);
    if (model == nullptr) {
      return Fail(Code::kInvalidInput, "the decision is not on the register");
    }
    if (model->purpose != access.purpose) {
      return Fail(Code::kPurposeRefused, "the decision is made for another purpose");
    }
    if (model->FindOutcome(command.outcome) == nullptr) {
      return Fail(Code::kInvalidInput, "the decision cannot come to this");
    }
    const bool reasons = std::all_of(
        command.reasons.begin(), command.reasons.end(),
        [&](const std::string& reason) { return model->FindReason(reason) != nullptr; });
    if (!reasons || command.reasons.empty() || command.reasons.size() > kReasonsMost) {
      return Fail(Code::kInvalidInput,
                  "a decision has one to five reasons of its register, the weightiest first");
    }
    return review ? CheckReviewed(command) : Status();
  };
  if (const Status status = check(); !status) {
    return done(std::unexpected(status.error()));
  }
  EventCommand event;
  event.subject = command.subject;
  event.kind = review ? kReviewKind : kDecisionKind;
  event.at_ms = parts_.clock.NowMs();
  event.source = command.source;
  event.fields.emplace_back("decision_model", One(command.model));
  event.fields.emplace_back("decision_outcome", One(command.outcome));
  std::vector<model::Sensitive> reasons;
  reasons.reserve(command.reasons.size());
  for (const std::string& reason : command.reasons) {
    reasons.emplace_back(std::string(reason));
  }
  event.fields.emplace_back("decision_reason", std::move(reasons));
  if (review) {
    event.fields.emplace_back("decision_reviewed", One(command.reviews.Text()));
  }
  WriteEvent(access, std::move(event), idempotency, std::move(done));
}

}  // namespace fiducia::apps
