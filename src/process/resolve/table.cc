#include "process/resolve/table.h"

#include <algorithm>
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

void MatchTable::FillRarity(const Part& part, MatchValue& value) const {
  value.rarity.clear();
  for (const uint32_t token : value.tokens) {
    const auto found = part.words.find(token);
    const uint32_t count = found == part.words.end() ? 1 : std::max(found->second, 1U);
    value.rarity.push_back(std::log2(1 + static_cast<float>(size_) / static_cast<float>(count)));
  }
}

void MatchTable::Finish(bool grows) {
  for (Part& part : parts_) {
    part.sounds.clear();
    part.words.clear();
    for (size_t v = 1; v < part.values.size(); ++v) {
      part.sounds[part.values[v].keys[0]] += part.counts[v];
      for (const uint32_t token : part.values[v].tokens) {
        part.words[token] += part.counts[v];
      }
    }
    for (MatchValue& value : part.values) {
      FillRarity(part, value);
    }
    for (size_t slot = 0; slot < kValueKeys; ++slot) {
      part.keys[slot].clear();
      for (const MatchValue& value : part.values) {
        part.keys[slot].push_back(value.keys[slot]);
      }
    }
    part.sounding.assign(part.values.size(), 0);
    for (size_t v = 1; v < part.values.size(); ++v) {
      part.sounding[v] = part.sounds[part.values[v].keys[0]];
    }
    if (!grows) {
      part.sounds = {};
      part.words = {};
    }
  }
}

uint32_t MatchTable::Append(std::span<const std::string_view> values) {
  const uint32_t record = Add(values);
  for (size_t c = 0; c < columns_.size(); ++c) {
    Part& part = parts_[c];
    const ValueNo number = part.of[record];
    if (number == 0) {
      continue;
    }
    const uint32_t sounding = ++part.sounds[part.values[number].keys[0]];
    for (const uint32_t token : part.values[number].tokens) {
      ++part.words[token];
    }
    if (number == part.sounding.size()) {  // a value that nobody had before
      FillRarity(part, part.values[number]);
      for (size_t slot = 0; slot < kValueKeys; ++slot) {
        part.keys[slot].push_back(part.values[number].keys[slot]);
      }
      part.sounding.push_back(0);
    }
    part.sounding[number] = sounding;
  }
  return record;
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
