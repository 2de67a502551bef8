#include "process/resolve/table.h"

#include <cmath>

namespace fiducia::process {

MatchTable::MatchTable(std::vector<MatchColumn> columns) : columns_(std::move(columns)) {
  parts_.resize(columns_.size());
  for (Part& part : parts_) {
    part.values.emplace_back();
    part.counts.push_back(0);
  }
}

ValueNo MatchTable::Intern(size_t column, std::string_view raw) {
  Part& part = parts_[column];
  const auto [seen, is_new] = part.raw.try_emplace(std::string(raw), 0);
  if (is_new) {
    MatchValue value = MakeMatchValue(columns_[column].kind, raw);
    if (!value.text.empty()) {
      // A masked number and a bare family name are not the same as themselves.
      const std::string key = value.text + (value.partial ? "\n" : "");
      const auto [made, fresh] =
          part.made.try_emplace(key, static_cast<ValueNo>(part.values.size()));
      if (fresh) {
        part.values.push_back(std::move(value));
        part.counts.push_back(0);
      }
      seen->second = made->second;
    }
  }
  return seen->second;
}

void MatchTable::Finish() {
  for (Part& part : parts_) {
    std::unordered_map<uint64_t, uint32_t> sums;
    for (size_t v = 1; v < part.values.size(); ++v) {
      sums[part.values[v].keys[0]] += part.counts[v];
    }
    std::unordered_map<uint32_t, uint32_t> words;
    for (size_t v = 1; v < part.values.size(); ++v) {
      for (const uint32_t token : part.values[v].tokens) {
        words[token] += part.counts[v];
      }
    }
    for (MatchValue& value : part.values) {
      value.rarity.clear();
      for (const uint32_t token : value.tokens) {
        value.rarity.push_back(
            std::log2(1 + static_cast<float>(size_) / static_cast<float>(words[token])));
      }
    }
    for (size_t slot = 0; slot < kValueKeys; ++slot) {
      part.keys[slot].clear();
      for (const MatchValue& value : part.values) {
        part.keys[slot].push_back(value.keys[slot]);
      }
    }
    part.sounding.assign(part.values.size(), 0);
    for (size_t v = 1; v < part.values.size(); ++v) {
      part.sounding[v] = sums[part.values[v].keys[0]];
    }
  }
}

uint32_t MatchTable::Add(std::span<const std::string_view> values) {
  for (size_t c = 0; c < columns_.size(); ++c) {
    const ValueNo number = values[c].empty() ? 0 : Intern(c, values[c]);
    parts_[c].of.push_back(number);
    ++parts_[c].counts[number];
  }
  return size_++;
}

}  // namespace fiducia::process
