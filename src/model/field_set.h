// A set of catalog fields as 512 bits: the gate decides a whole dossier with a handful of ANDs.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "base/bytes.h"

namespace fiducia::model {

using FieldNo = uint16_t;  // declared in the catalog, never reused
constexpr FieldNo kFieldMax = 512;

class FieldSet {
 public:
  constexpr FieldSet() = default;
  static constexpr FieldSet Of(std::initializer_list<FieldNo> fields) {
    FieldSet set;
    for (const FieldNo field : fields) {
      set.Add(field);
    }
    return set;
  }
  static constexpr FieldSet All() {
    FieldSet set;
    set.words_.fill(~uint64_t{0});
    return set;
  }
  constexpr void Add(FieldNo field) { words_[field / 64] |= uint64_t{1} << (field % 64); }
  constexpr void Remove(FieldNo field) { words_[field / 64] &= ~(uint64_t{1} << (field % 64)); }
  constexpr bool Has(FieldNo field) const { return (words_[field / 64] >> (field % 64) & 1) != 0; }
  constexpr bool empty() const { return *this == FieldSet(); }
  constexpr int count() const {
    int n = 0;
    for (const uint64_t word : words_) {
      n += std::popcount(word);
    }
    return n;
  }
  friend constexpr FieldSet operator&(FieldSet a, const FieldSet& b) {
    for (size_t i = 0; i < 8; ++i) {
      a.words_[i] &= b.words_[i];
    }
    return a;
  }
  friend constexpr FieldSet operator|(FieldSet a, const FieldSet& b) {
    for (size_t i = 0; i < 8; ++i) {
      a.words_[i] |= b.words_[i];
    }
    return a;
  }
  // The fields of `a` that are not in `b`.
  friend constexpr FieldSet operator-(FieldSet a, const FieldSet& b) {
    for (size_t i = 0; i < 8; ++i) {
      a.words_[i] &= ~b.words_[i];
    }
    return a;
  }
  bool operator==(const FieldSet&) const = default;

  template <typename F>
  void ForEach(F&& each) const {
    for (size_t i = 0; i < 8; ++i) {
      for (uint64_t word = words_[i]; word != 0; word &= word - 1) {
        each(static_cast<FieldNo>(i * 64 + static_cast<size_t>(std::countr_zero(word))));
      }
    }
  }

  // Little-endian bits without trailing zero bytes: the form in audit leaves.
  Bytes Pack() const {
    Bytes bytes;
    for (const uint64_t word : words_) {
      for (int shift = 0; shift < 64; shift += 8) {
        bytes.push_back(static_cast<char>((word >> shift) & 0xff));
      }
    }
    while (!bytes.empty() && bytes.back() == '\0') {
      bytes.pop_back();
    }
    return bytes;
  }
  static FieldSet Unpack(BytesView bytes) {
    FieldSet set;
    for (size_t i = 0; i < bytes.size() && i < 64; ++i) {
      set.words_[i / 8] |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * (i % 8));
    }
    return set;
  }

 private:
  std::array<uint64_t, 8> words_{};
};

}  // namespace fiducia::model
