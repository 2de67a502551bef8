#include "audit/checkpoint.h"

#include <charconv>

#include "base/text.h"

namespace fiducia::audit {

namespace {

constexpr char kEd25519 = '\x01';
constexpr std::string_view kDash = "\xE2\x80\x94 ";  // em dash and a blank

Bytes KeyId(std::string_view name, BytesView public_key) {
  const crypto::Digest digest = crypto::Sha256({name, "\n", BytesView(&kEd25519, 1), public_key});
  return Bytes(crypto::View(digest).substr(0, 4));
}

std::unexpected<Error> Malformed() { return Fail(Code::kCorrupt, "the checkpoint is malformed"); }

}  // namespace

std::string VerifierText(const std::string& name, BytesView public_key) {
  return name + "+" + ToHex(KeyId(name, public_key)) + "+" +
         ToBase64(Bytes(1, kEd25519) + Bytes(public_key));
}

std::string SignNote(const std::string& text, const std::string& name,
                     const crypto::SigningKey& key) {
  const Bytes signature = KeyId(name, key.public_key) + crypto::Sign(key, text);
  return text + "\n" + std::string(kDash) + name + " " + ToBase64(signature) + "\n";
}

std::string SignCheckpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key) {
  return SignNote(checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
                      ToBase64(crypto::View(checkpoint.root)) + "\n",
                  checkpoint.origin, key);
}

Result<std::string> OpenNote(std::string_view note, std::string_view verifier) {
  const std::vector<std::string_view> key_parts = Split(TrimAscii(verifier), '+');
  if (key_parts.size() < 3) {
    return Fail(Code::kCorrupt, "the verifier key is malformed");
  }
  const std::string_view name = key_parts[0];
  // Base64 may itself hold '+': the key is all that follows the second one.
  const size_t at = name.size() + key_parts[1].size() + 2;
  FID_ASSIGN(const Bytes raw_key, FromBase64(TrimAscii(verifier).substr(at)));
  const size_t blank = note.find("\n\n");
  if (blank == std::string_view::npos || raw_key.size() != 33 || raw_key[0] != kEd25519) {
    return Malformed();
  }
  const std::string_view text = note.substr(0, blank + 1);
  const BytesView public_key = BytesView(raw_key).substr(1);
  if (ToHex(KeyId(name, public_key)) != key_parts[1]) {
    return Fail(Code::kCorrupt, "the verifier key is malformed");
  }
  bool good = false;
  for (const std::string_view line : Split(note.substr(blank + 2), '\n')) {
    if (!line.starts_with(kDash)) {
      continue;
    }
    const size_t space = line.rfind(' ');
    const auto signature = FromBase64(line.substr(space + 1));
    good = good || (line.substr(kDash.size(), space - kDash.size()) == name && signature &&
                    signature->substr(0, 4) == KeyId(name, public_key) &&
                    crypto::Verify(public_key, text, BytesView(*signature).substr(4)));
  }
  if (!good) {
    return Fail(Code::kCorrupt, "the checkpoint carries no good signature of this log");
  }
  return std::string(text);
}

Result<Checkpoint> OpenCheckpoint(std::string_view note, std::string_view verifier) {
  FID_ASSIGN(const std::string text, OpenNote(note, verifier));
  const std::vector<std::string_view> lines = Split(text, '\n');
  Checkpoint checkpoint;
  if (lines.size() < 4) {
    return Malformed();
  }
  checkpoint.origin = lines[0];
  const auto [end, error] =
      std::from_chars(lines[1].data(), lines[1].data() + lines[1].size(), checkpoint.size);
  FID_ASSIGN(const Bytes root, FromBase64(lines[2]));
  if (error != std::errc() || end != lines[1].data() + lines[1].size() || root.size() != 32) {
    return Malformed();
  }
  std::memcpy(checkpoint.root.data(), root.data(), 32);
  return checkpoint;
}

}  // namespace fiducia::audit
