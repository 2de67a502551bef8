#include "process/resolve/index.h"

#include <algorithm>

namespace fiducia::process {

namespace {

constexpr uint32_t kNone = UINT32_MAX;
constexpr uint32_t kMembersWeighed = 64;  // of one group

}  // namespace

MatchIndex::MatchIndex(MatchTable table, Resolution resolution, const ResolveOptions& options)
    : table_(std::move(table)),
      resolution_(std::move(resolution)),
      options_(options),
      scale_(table_, resolution_.weights),
      first_(resolution_.passes.size()),
      new_(resolution_.passes.size()),
      group_(resolution_.group),
      next_(group_.size(), kNone) {
  for (size_t p = 0; p < first_.size(); ++p) {
    for (uint32_t r = 0; r < table_.size(); ++r) {
      if (const uint32_t key = KeyOf(table_, resolution_.passes[p], r); key != 0) {
        first_[p].push_back({key, r});
      }
    }
    std::sort(first_[p].begin(), first_[p].end(), [](const Keyed& a, const Keyed& b) {
      return a.key != b.key ? a.key < b.key : a.record < b.record;
    });
  }
  // A group is a chain that begins with the record it is named after.
  for (uint32_t r = 0; r < group_.size(); ++r) {
    if (group_[r] != r) {
      next_[r] = next_[group_[r]];
      next_[group_[r]] = r;
    }
  }
  resolution_.links = {};
  resolution_.group = {};
}

void MatchIndex::Candidates(uint32_t record, std::vector<uint32_t>& found) {
  for (size_t p = 0; p < first_.size(); ++p) {
    const uint32_t key = KeyOf(table_, resolution_.passes[p], record);
    if (key == 0) {
      continue;
    }
    const auto from = std::lower_bound(first_[p].begin(), first_[p].end(), key,
                                       [](const Keyed& a, uint32_t k) { return a.key < k; });
    auto to = from;
    size_t count = new_[p].count(key);
    while (to != first_[p].end() && to->key == key && count <= options_.block_most) {
      ++to;
      ++count;
    }
    // A key that too many share is none.
    if (count > options_.block_most) {
      continue;
    }
    for (auto at = from; at != to; ++at) {
      found.push_back(at->record);
    }
    const auto [begin, end] = new_[p].equal_range(key);
    for (auto at = begin; at != end; ++at) {
      found.push_back(at->second);
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
}

void MatchIndex::Keep(uint32_t record) {
  for (size_t p = 0; p < new_.size(); ++p) {
    if (const uint32_t key = KeyOf(table_, resolution_.passes[p], record); key != 0) {
      new_[p].emplace(key, record);
    }
  }
}

double MatchIndex::Average(uint32_t record, uint32_t group) {
  double sum = 0;
  uint32_t count = 0;
  for (uint32_t r = group; r != kNone && count < kMembersWeighed; r = next_[r]) {
    sum += scale_.Weigh(record, r);
    ++count;
  }
  return sum / count;
}

MatchIndex::Added MatchIndex::Add(std::span<const std::string_view> values) {
  Added added;
  added.record = table_.Append(values);
  added.group = added.record;
  std::vector<uint32_t> candidates;
  Candidates(added.record, candidates);
  for (const uint32_t candidate : candidates) {
    const double weight = scale_.Weigh(added.record, candidate);
    if (weight >= options_.link) {
      added.matches.push_back({candidate, weight});
    }
  }
  std::sort(added.matches.begin(), added.matches.end(),
            [](const Match& a, const Match& b) { return a.weight > b.weight; });
  // The group that it fits best as a whole, if it fits any.
  double best = 0;
  std::vector<uint32_t> looked;
  for (const Match& match : added.matches) {
    const uint32_t group = group_[match.record];
    if (std::find(looked.begin(), looked.end(), group) != looked.end()) {
      continue;
    }
    looked.push_back(group);
    const bool alone = next_[group] == kNone;
    const double average = Average(added.record, group);
    const bool fits = average >= (alone ? options_.pair : resolution_.cut);
    if (fits && (added.group == added.record || average > best)) {
      best = average;
      added.group = group;
    }
  }
  group_.push_back(added.group);
  next_.push_back(kNone);
  if (added.group != added.record) {
    next_[added.record] = next_[added.group];
    next_[added.group] = added.record;
  }
  Keep(added.record);
  return added;
}

}  // namespace fiducia::process
