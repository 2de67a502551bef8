// How customers come in: a link that works once and soon, sent to a contact we already know or
// handed over at the desk; and the session it opens. Who asks for a link learns nothing from the
// answer.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "courier/outbox.h"
#include "govern/lawful/authorizations.h"
#include "guard/sessions.h"
#include "guard/throttle.h"

namespace fiducia::govern {

constexpr int64_t kLinkMs = 15 * 60000;

struct HandedLink {
  std::string url;
  int64_t until_ms = 0;
};

// Thread safe. All parts must outlive it.
class Doors {
 public:
  struct Parts {
    const Authorizations& authorizations;
    const guard::RegisterBook& book;
    const vault::Vault& vault;
    courier::Outbox& outbox;
    guard::Sessions& sessions;  // of customers
    const Clock& clock;
    Rng& rng;
  };
  static Result<std::unique_ptr<Doors>> Open(Parts parts);

  // Where the portal is seen from outside: https://host:port.
  void set_base(std::string url);
  const std::string& base() const { return base_; }

  // Sends links to everybody who has this contact. Answers nothing about whether there is anybody:
  // the caller has answered already. Errors: kTooManyRequests, put on record.
  Status SendLinks(const model::Sensitive& contact, const std::string& locale,
                   const std::string& peer);
  // The customers who have this contact, at most three. Errors: of the store.
  Result<std::vector<Uuid>> Whose(const model::Sensitive& contact) const;
  // A link handed to a customer who stands at the desk and was recognized. Errors: kRoleRefused,
  // kReasonRequired.
  Result<HandedLink> HandLink(const model::Access& access, const model::SubjectRef& subject);
  // Uses a link up. Errors: kUnauthenticated for every fault alike; kTooManyRequests.
  Result<guard::Sessions::Opened> Enter(const std::string& token, const std::string& device,
                                        const std::string& peer);
  // What other ways in have in common with links. A failure counts against `what` and `peer`, is on
  // record, and says the same for every fault. Errors: kTooManyRequests; kUnauthenticated.
  Status MayTry(BytesView what, const std::string& peer);
  Result<guard::Sessions::Opened> Refuse(BytesView what, const std::string& peer);
  // A session for a customer, with what else changes. Errors: kErased, kNotFound.
  Result<guard::Sessions::Opened> Open(const model::SubjectRef& subject, const std::string& device,
                                       std::vector<guard::DocumentChange> with);
  // The leaf of what a customer does at the door. Errors: kErased, kNotFound.
  Result<audit::Leaf> LeafFor(const Uuid& customer, std::string_view op) const;
  // Whether who is in came in so lately that weighty things may be done. Errors: kStepUpRequired.
  Status RequireFresh(const guard::Session& session) const;
  Status Leave(const guard::Session& session);
  // Links and sessions of a person who was erased go.
  Status Forget(const Uuid& customer);

  guard::Sessions& sessions() { return parts_.sessions; }

 private:
  struct Link {
    Uuid id;
    uint32_t version = 0;
    model::SubjectRef subject;
    int64_t until_ms = 0;
  };
  explicit Doors(Parts parts) : parts_(parts), asking_(parts.clock), entering_(parts.clock) {}
  Result<std::string> MakeLink(const model::SubjectRef& subject, const audit::Leaf& leaf);
  // Who has this contact, and where to write to.
  struct Known {
    process::LoadedRecord record;
    model::Sensitive address;
  };
  // `reachable`: only those with an address to write to.
  Result<std::vector<Known>> WhoHas(const rules::Field& field, const model::Sensitive& contact,
                                    bool reachable) const;

  Parts parts_;
  std::string base_ = "https://localhost";
  guard::Throttle asking_;
  guard::Throttle entering_;
  std::mutex mutex_;
  std::map<Bytes, Link> links_;  // by hash of the token
};

}  // namespace fiducia::govern
