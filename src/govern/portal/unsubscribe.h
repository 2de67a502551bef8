// One-click unsubscribe (RFC 8058): the address alone names person and purpose, sealed, so that it
// tells nothing to who sees it and needs no sign-in.
#pragma once

#include <string>

#include "govern/portal/self_service.h"

namespace fiducia::govern {

class Unsubscribe {
 public:
  // Both must outlive it.
  Unsubscribe(const vault::Vault& vault, const SelfService& self) : vault_(vault), self_(self) {}

  // The last part of the address.
  std::string TokenFor(const model::SubjectRef& subject, const std::string& purpose) const;
  // Takes the purpose back. `done` is told the same whatever the token was: there is no oracle.
  void Take(const std::string& token, std::move_only_function<void()> done) const;

 private:
  const vault::Vault& vault_;
  const SelfService& self_;
};

}  // namespace fiducia::govern
