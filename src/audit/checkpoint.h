// Signed checkpoints: a C2SP note over origin, size and root, with one Ed25519 signature line.
#pragma once

#include <string>

#include "crypto/hash.h"
#include "crypto/sign.h"

namespace fiducia::audit {

struct Checkpoint {
  std::string origin;
  uint64_t size = 0;
  crypto::Digest root{};
};

// The public half, to be kept outside: "<name>+<key id>+<base64>".
std::string VerifierText(const std::string& name, BytesView public_key);

// A C2SP note: the text, a blank line, one signature line.
std::string SignNote(const std::string& text, const std::string& name,
                     const crypto::SigningKey& key);
// The text that a note signs. Errors: kCorrupt if it is malformed or no signature of `verifier` is
// good.
Result<std::string> OpenNote(std::string_view note, std::string_view verifier);
std::string SignCheckpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key);

// Errors: kCorrupt if the note is malformed or no signature of `verifier` is good.
Result<Checkpoint> OpenCheckpoint(std::string_view note, std::string_view verifier);

}  // namespace fiducia::audit
