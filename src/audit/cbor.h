// The part of CBOR (RFC 8949) that audit leaves use: unsigned numbers, byte strings, text, arrays
// and maps with small numbers as keys, all in their shortest form.
#pragma once

#include <map>
#include <variant>

#include "base/bytes.h"

namespace fiducia::audit {

class CborWriter {
 public:
  explicit CborWriter(Bytes& out) : out_(out) {}
  void Number(uint64_t v) { Head(0, v); }
  void Blob(BytesView v) {
    Head(2, v.size());
    out_.append(v);
  }
  void Text(std::string_view v) {
    Head(3, v.size());
    out_.append(v);
  }
  void Array(size_t n) { Head(4, n); }
  void Map(size_t n) { Head(5, n); }

 private:
  void Head(unsigned major, uint64_t v);
  Bytes& out_;
};

struct CborValue {
  enum class Kind { kNumber, kBlob, kText } kind = Kind::kNumber;
  uint64_t number = 0;
  BytesView view;
};
using CborMap = std::map<uint64_t, CborValue>;

class CborReader {
 public:
  explicit CborReader(BytesView in) : in_(in) {}
  // Errors: kCorrupt if the next item is of another kind.
  Result<uint64_t> Number() { return Head(0); }
  Result<BytesView> Blob() { return String(2); }
  Result<size_t> Array() { return Head(4); }
  Result<CborMap> Map();
  bool done() const { return in_.empty(); }

 private:
  Result<uint64_t> Head(unsigned major);
  Result<BytesView> String(unsigned major);
  BytesView in_;
};

}  // namespace fiducia::audit
