// The registers as documents: opened when read, sealed when written, every change in one
// transaction with its leaf.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "gate/gate.h"
#include "store/session.h"

namespace fiducia::guard {

struct Document {
  Uuid id;
  uint32_t version = 0;
  Json json;
};

// What a commit does to one document. `version` is the one it will have: 1 makes a new one.
struct DocumentChange {
  std::string kind;
  Uuid id;
  uint32_t version = 1;
  std::optional<Json> json;  // none: it goes
};

// Thread safe.
class RegisterBook {
 public:
  // All must outlive the book.
  RegisterBook(store::Engine& engine, const vault::Vault& vault, const gate::Gate& gate)
      : engine_(engine), vault_(vault), gate_(gate) {}

  // Errors: kCorrupt for a document that was altered or put back from elsewhere.
  Result<std::vector<Document>> Load(std::string_view kind) const;
  // All of it, or nothing; waits until it is durable. Nothing at all is done at once. With no leaf
  // of the caller's the log still tells that something of this kind was kept. Errors:
  // kVersionMismatch, kConflict.
  Status Commit(const std::vector<DocumentChange>& changes,
                const std::vector<audit::Leaf>& leaves) const;
  // Puts a leaf on record without a change, and waits.
  Status Record(const audit::Leaf& leaf) const { return Commit({}, {leaf}); }

 private:
  audit::Leaf KeepLeaf(const std::string& kind) const;

  store::Engine& engine_;
  const vault::Vault& vault_;
  const gate::Gate& gate_;
};

}  // namespace fiducia::guard
