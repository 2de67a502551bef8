#include "db/pg_placement.h"

#include <algorithm>
#include <charconv>

namespace fiducia::db {

namespace {

// All tables are co-located: what holds for one holds for all.
constexpr Statement kCitus{
    "citus.placement", Tag::kReference,
    "SELECT b::bigint, n.nodename::text, n.nodeport::bigint FROM generate_series(0, 4095) AS b "
    "JOIN pg_dist_placement p ON p.shardid = "
    "get_shard_id_for_distribution_column($1::text::regclass, b) AND p.shardstate = 1 "
    "JOIN pg_dist_node n ON n.groupid = p.groupid AND n.noderole = 'primary' ORDER BY b"};

}  // namespace

Result<Placement> LoadPlacement(PgSession& session, PgKind kind, const std::string& table) {
  Placement placement;
  if (kind != PgKind::kCitus) {
    return placement;
  }
  size_t placed = 0;
  FID_TRY(session.Query(kCitus, {Param::Text(table)}, [&](const Row& row) -> Status {
    const auto bucket = static_cast<size_t>(row.Int(0));
    if (bucket != placed || bucket >= kPlacedBuckets) {
      return Fail(Code::kCorrupt, "the engine places a bucket twice or not at all", row.Int(0));
    }
    const PgNode node{std::string(row.Bytes(1)), static_cast<int>(row.Int(2))};
    auto at = std::find(placement.nodes.begin(), placement.nodes.end(), node);
    if (at == placement.nodes.end()) {
      at = placement.nodes.insert(at, node);
    }
    placement.node_of[placed++] = static_cast<uint16_t>(at - placement.nodes.begin());
    return {};
  }));
  if (placed != kPlacedBuckets) {
    return Fail(Code::kCorrupt, "the engine places a bucket twice or not at all",
                static_cast<int64_t>(placed));
  }
  return placement;
}

std::optional<size_t> BucketParameter(const Statement& statement) {
  if (statement.tag != Tag::kSingleBucket) {
    return std::nullopt;
  }
  if (statement.sql.starts_with("INSERT")) {
    return 0;  // the registry's test holds every insertion to it
  }
  constexpr std::string_view kIs = "bucket=$";
  const size_t at = statement.sql.find(kIs);
  size_t number = 0;
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view rest = statement.sql.substr(at + kIs.size());
  (void)std::from_chars(rest.data(), rest.data() + rest.size(), number);
  return number - 1;
}

}  // namespace fiducia::db
