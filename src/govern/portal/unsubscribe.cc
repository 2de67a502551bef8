#include "govern/portal/unsubscribe.h"

namespace fiducia::govern {

namespace {

constexpr size_t kIdText = 36;

vault::RegisterPlace Place() { return {0, "unsubscribe", Uuid(), 1}; }

}  // namespace

std::string Unsubscribe::TokenFor(const model::SubjectRef& subject,
                                  const std::string& purpose) const {
  return ToBase64Url(
      vault_.SealRegister(Place(), model::Sensitive(subject.id.Text() + " " + purpose)));
}

void Unsubscribe::Take(const std::string& token, std::move_only_function<void()> done) const {
  const auto sealed = FromBase64Url(token);
  const auto text = sealed ? vault_.OpenRegister(Place(), *sealed)
                           : Fail(Code::kInvalidInput, "the address is not one of ours");
  if (!text || text->Reveal().size() < kIdText + 2) {
    return done();
  }
  const auto id = Uuid::Parse(text->Reveal().substr(0, kIdText));
  if (!id) {
    return done();
  }
  Switch change;
  change.purpose = text->Reveal().substr(kIdText + 1);
  change.channel = "mail";
  change.method = "one_click";
  self_.Set(Self{{0, *id}, Uuid(), {}}, change, false,
            [done = std::move(done)](const Result<Recorded>&) mutable { done(); });
}

}  // namespace fiducia::govern
