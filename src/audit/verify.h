// Checks an audit log from its files alone, and a database against it. Needs no key but the
// verifier.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "store/session.h"

namespace fiducia::audit {

struct Finding {
  std::string what;    // leaf_altered, leaf_missing, root_mismatch … (docs/guide/en/audit.md)
  int64_t place = -1;  // the leaf, where one is at fault
};

struct VerifyReport {
  uint64_t size = 0;      // leaves under the checkpoint
  uint64_t database = 0;  // leaves in the database, if one was given
  std::string root;       // base64
  std::vector<Finding> findings;
  bool ok() const { return findings.empty(); }
};

using Progress = std::function<void(uint64_t done, uint64_t of)>;

// `folder` holds checkpoint and tiles; `verifier` is the public key's text, taken from outside if
// the machine is not trusted. Leaves in the database beyond the checkpoint must carry on its chain.
VerifyReport Verify(const std::string& folder, const std::string& verifier, store::Session* data,
                    const Progress& progress = {});

}  // namespace fiducia::audit
