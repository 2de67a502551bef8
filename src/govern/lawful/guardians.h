// Who speaks for a minor: put on record by one person of the house against a proof, confirmed by
// another, and over by itself on the day the law lets the minor speak.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "govern/lawful/person.h"
#include "guard/register_book.h"

namespace fiducia::govern {

struct Guardianship {
  Uuid id;
  uint32_t version = 0;
  Uuid minor;
  Uuid guardian;          // a customer too: that is how they sign in
  std::string relation;   // parent, legal_guardian, court_appointed
  std::string reference;  // of the proof that was seen: no words about people
  Uuid by;
  int64_t at_ms = 0;
  Uuid confirmed_by;
  int64_t confirmed_ms = 0;
  Uuid ended_by;
  int64_t ended_ms = 0;

  // proposed, confirmed or ended.
  std::string state() const;
};

// Who speaks: the person, or a guardian for the person.
struct Self {
  model::SubjectRef subject;
  Uuid guardian;    // customer; nil: the person
  Bytes pseudonym;  // of the guardian
};

// Thread safe. All parts must outlive it.
class Guardians {
 public:
  struct Parts {
    const process::RecordReader& records;
    const gate::Gate& gate;
    const guard::RegisterBook& book;
    const Clock& clock;
    Rng& rng;
    std::string jurisdiction;  // where the company is established
  };
  static Result<std::unique_ptr<Guardians>> Open(Parts parts);

  // Errors: kRoleRefused, kConflict for somebody of age, for a guardian who needs one, and for one
  // that is on record already; kInvalidInput.
  Result<Guardianship> Propose(const model::Access& access, const Uuid& minor, const Uuid& guardian,
                               const std::string& relation, const std::string& reference);
  // By somebody else. Errors: kDenied, kNotFound, kConflict.
  Result<Guardianship> Confirm(const model::Access& access, const Uuid& minor, const Uuid& id);
  Result<Guardianship> End(const model::Access& access, const Uuid& minor, const Uuid& id);
  // Of a minor, all there were. Errors: kRoleRefused.
  Result<std::vector<Guardianship>> List(const model::Access& access, const Uuid& minor) const;

  // Those whom `guardian` may speak for now.
  std::vector<Guardianship> WardsOf(const Uuid& guardian) const;
  // Errors: kNotFound for every reason alike.
  Result<Self> Speak(const Uuid& guardian, const Uuid& minor) const;
  // The minor's name, for the guardian to choose by; on record with the minor. Errors: kNotFound.
  Result<model::Sensitive> NameFor(const Uuid& guardian, const Uuid& minor) const;
  // What a person who was erased takes along.
  Status Forget(const Uuid& customer);

 private:
  explicit Guardians(Parts parts) : parts_(std::move(parts)) {}
  Result<Guardianship> Find(const Uuid& minor, const Uuid& id) const;
  Result<bool> IsMinor(const Uuid& customer) const;
  Status Save(const model::Access& access, Guardianship& one, std::string_view op);

  Parts parts_;
  mutable std::mutex mutex_;
  std::map<Uuid, Guardianship> known_;
};

}  // namespace fiducia::govern
