// Pairs that may be of one person, and merges on their way. All take the session of the data
// database.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/session.h"
#include "model/types.h"

namespace fiducia::store {

enum class PairState : uint8_t { kOpen = 0, kMerged = 1, kRejected = 2 };
struct MatchPair {
  model::SubjectRef subject;  // the one with the smaller id
  Uuid other;
  PairState state = PairState::kOpen;
  int64_t weight = 0;   // log2 odds that they are one person, in thousandths
  std::string reasons;  // JSON, by column; no value
  int64_t found_ms = 0;
  int64_t decided_ms = 0;
  Uuid actor;  // who decided
};
// Keeps a pair; one that was decided stays as it is.
Status PutFoundPair(db::Session& data, const MatchPair& pair);
// Errors: kNotFound.
Result<MatchPair> LoadPair(db::Session& data, const model::SubjectRef& subject, const Uuid& other);
Status DecidePair(db::Session& data, const MatchPair& pair);
// The heaviest first, of weights below `below`; each bucket gives at most `limit`.
Result<std::vector<MatchPair>> ListPairs(db::Session& data, model::TenantId tenant, PairState state,
                                         int64_t below, int limit);
struct PairCount {
  PairState state = PairState::kOpen;
  int64_t weight = 0;  // whole log2 odds
  int64_t count = 0;
};
Result<std::vector<PairCount>> CountPairs(db::Session& data, model::TenantId tenant);

struct MergeIntent {
  model::SubjectRef subject;  // whose row was changed first
  Uuid merge;
  Uuid other;
  bool parting = false;
  std::string fields;  // numbers of preferred fields, parted by commas
};
Status AddMergeIntent(db::Session& data, const MergeIntent& intent);
Status RemoveMergeIntent(db::Session& data, const MergeIntent& intent);
Result<std::vector<MergeIntent>> LoadMergeIntents(db::Session& data);

}  // namespace fiducia::store
