// What WeChat and WeCom ask of who is called by them: SHA-1 over the sorted parts, and AES-256-CBC
// with a length before the text. Theirs, and for nothing else: both are out of date.
#pragma once

#include <string>
#include <vector>

#include "crypto/secret.h"

namespace fiducia::crypto {

// Of the parts in order of their bytes, in hex.
std::string WeComDigest(std::vector<std::string> parts);

// `key`: EncodingAESKey, 43 characters. Errors: kInvalidInput.
Result<Bytes> OpenWeCom(const std::string& key, BytesView sealed);
// For tests: what they would send. `to` is the receiver's id.
Result<Bytes> SealWeCom(const std::string& key, BytesView text, const std::string& to, Rng& rng);

}  // namespace fiducia::crypto
