// Words about other people in what is written about a customer: hidden from the customer wherever
// the customer sees the text, in the portal, in a download and in the package of a request.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "guard/register_book.h"
#include "model/sensitive.h"

namespace fiducia::govern {

// Thread safe. All parts must outlive it.
class Redactions {
 public:
  struct Parts {
    const guard::RegisterBook& book;
    const Clock& clock;
    Rng& rng;
  };
  static Result<std::unique_ptr<Redactions>> Open(Parts parts);

  std::vector<model::Sensitive> Of(const Uuid& customer) const;
  struct Draft {
    Uuid customer;
    std::vector<model::Sensitive> words;
    guard::DocumentChange change;  // for the caller to commit, with its leaf; then Keep
  };
  // These words in the place of those before. One at a time. Errors: kInvalidInput for more than
  // 200 words and for one that has not 2 to 80 characters.
  Result<Draft> Prepare(const Uuid& customer, std::vector<model::Sensitive> words) const;
  void Keep(Draft draft);
  // The text without them; letters are compared without case.
  model::Sensitive Hide(const Uuid& customer, model::Sensitive text) const;
  // Those of a person who was erased go.
  Status Forget(const Uuid& customer);

 private:
  struct Known {
    Uuid id;
    uint32_t version = 0;
    std::vector<model::Sensitive> words;
  };
  explicit Redactions(Parts parts) : parts_(parts) {}

  Parts parts_;
  mutable std::mutex mutex_;
  std::map<Uuid, Known> known_;  // by customer
};

}  // namespace fiducia::govern
