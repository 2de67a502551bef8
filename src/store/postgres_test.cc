// What only PostgreSQL can do to a write or a read: conflicts between transactions, and buckets
// that other servers own.
#include <gtest/gtest.h>

#include "db/pg_router.h"
#include "store/registry.h"
#include "testing/covers.h"
#include "testing/world.h"

namespace fiducia::store {

namespace {

using db::Param;
using db::Row;
using db::Statement;
using db::Tag;

class PostgresConflictTest : public ::testing::Test {
 protected:
  PostgresConflictTest() : folder_(testing::TempFolder()), address_(testing::FreshStore(folder_)) {
    if (address_.data.find("serializable") == std::string::npos) {
      address_.data += "&options=-c%20default_transaction_isolation%3Dserializable";
    }
  }
  std::string folder_;
  db::StoreAddress address_;
};

constexpr Statement kCount{"t.count", Tag::kReference, "SELECT COUNT(*) FROM settings"};
constexpr Statement kPut{"t.put", Tag::kReference,
                         "INSERT INTO settings(name, value) VALUES($1, $2)"};

int64_t CountOf(db::Session& session) {
  int64_t count = -1;
  EXPECT_TRUE(session.Query(kCount, {}, [&](const Row& row) -> Status {
    count = row.Int(0);
    return {};
  }));
  return count;
}

TEST_F(PostgresConflictTest, AWriteThatLosesAgainstAnotherIsDoneAgainAndOnce) {
  testing::Covers("D1");
  const auto engine = db::OpenStore(address_, Migrations());
  ASSERT_TRUE(engine);
  const auto rival = db::OpenBare(address_, db::Which::kData, db::Access::kWrite);
  ASSERT_TRUE(rival);
  ASSERT_TRUE((*rival)->Run("BEGIN ISOLATION LEVEL SERIALIZABLE"));
  EXPECT_EQ(CountOf(**rival), 0);
  int runs = 0;
  std::vector<int64_t> seen;
  db::Job job;
  job.data = [&](db::Session& data) -> Status {
    seen.push_back(CountOf(data));
    if (++runs == 1) {
      // Each has read what the other is about to change: the server refuses whom it hears last.
      EXPECT_TRUE((*rival)->Execute(kPut, {Param::Text("rival"), Param::Text("v")}));
      EXPECT_TRUE((*rival)->Run("COMMIT"));
    }
    return data.Post(kPut, {Param::Text("ours"), Param::Text("v")});
  };
  EXPECT_TRUE((*engine)->SubmitAndWait(std::move(job)));
  EXPECT_EQ(seen, (std::vector<int64_t>{0, 1}));
  const auto lease = (*engine)->Read();
  ASSERT_TRUE(lease);
  EXPECT_EQ(CountOf((*lease)->session(db::Which::kData)), 2);
}

// A server that is short of room to remember who met whom refuses for a while, whoever asks.
TEST_F(PostgresConflictTest, AWriteIsDoneAgainUntilTheOthersAreOutOfItsWay) {
  testing::Covers("D1");
  constexpr int kRounds = 12;
  const auto engine = db::OpenStore(address_, Migrations());
  ASSERT_TRUE(engine);
  const auto rival = db::OpenBare(address_, db::Which::kData, db::Access::kWrite);
  ASSERT_TRUE(rival);
  std::vector<int64_t> seen;
  db::Job job;
  job.data = [&](db::Session& data) -> Status {
    seen.push_back(CountOf(data));
    if (std::ssize(seen) <= kRounds) {
      EXPECT_TRUE((*rival)->Run("BEGIN ISOLATION LEVEL SERIALIZABLE"));
      CountOf(**rival);
      const std::string key = "rival " + std::to_string(seen.size());
      EXPECT_TRUE((*rival)->Execute(kPut, {Param::Text(key), Param::Text("v")}));
      EXPECT_TRUE((*rival)->Run("COMMIT"));
    }
    return data.Post(kPut, {Param::Text("ours"), Param::Text("v")});
  };
  EXPECT_TRUE((*engine)->SubmitAndWait(std::move(job)));
  EXPECT_EQ(std::ssize(seen), kRounds + 1);
  EXPECT_EQ(seen.back(), kRounds);
}

// A lane that is not what its name says would pass for nothing.
TEST(PostgresLaneTest, TheStoreIsWhatTheLaneIsCalled) {
  const db::StoreAddress address = testing::FreshStore(testing::TempFolder());
  ASSERT_TRUE(db::OpenStore(address, Migrations()));
  const auto session = db::OpenBare(address, db::Which::kData, db::Access::kRead);
  ASSERT_TRUE(session);
  std::string isolation;
  static constexpr Statement kIsolation{"t.isolation", Tag::kReference,
                                        "SELECT current_setting('default_transaction_isolation')"};
  EXPECT_TRUE((*session)->Query(kIsolation, {}, [&](const Row& row) -> Status {
    isolation = std::string(row.Bytes(0));
    return {};
  }));
  int64_t partitions = -1;
  static constexpr Statement kPartitions{
      "t.partitions", Tag::kReference,
      "SELECT COUNT(*) FROM pg_inherits WHERE inhparent = 'subjects'::regclass"};
  EXPECT_TRUE((*session)->Query(kPartitions, {}, [&](const Row& row) -> Status {
    partitions = row.Int(0);
    return {};
  }));
  const std::string kind = testing::StoreKind();
  EXPECT_TRUE(kind == "plain" || kind == "partitioned" || kind == "serializable") << kind;
  EXPECT_EQ(isolation == "serializable", kind == "serializable") << kind;
  EXPECT_EQ(partitions > 0, kind == "partitioned") << kind;
}

// The host in a connection string of the tests: a folder with the server's socket.
std::string HostOf(const std::string& dsn) {
  const size_t from = dsn.find("host=") + 5;
  return dsn.substr(from, dsn.find('&', from) - from);
}

TEST(PostgresRouterTest, AReadGoesToTheOwnerAndAroundOneThatIsGone) {
  testing::Covers("I2");
  const std::string folder = testing::TempFolder();
  const db::StoreAddress address = testing::FreshStore(folder);
  const auto engine = db::OpenStore(address, Migrations());
  ASSERT_TRUE(engine);
  static constexpr Statement kIntend{
      "t.intend", Tag::kSingleBucket,
      "INSERT INTO erasure_intents(bucket, tenant, subject, intent_ms) VALUES($1, $2, $3, $4)"};
  static constexpr Statement kFind{"t.find", Tag::kSingleBucket,
                                   "SELECT intent_ms FROM erasure_intents WHERE bucket=$1"};
  db::Job job;
  job.data = [](db::Session& data) -> Status {
    FID_TRY(data.Post(kIntend, {1, 0, Param::Blob("a"), 11}));
    return data.Post(kIntend, {2, 0, Param::Blob("b"), 22});
  };
  ASSERT_TRUE((*engine)->SubmitAndWait(std::move(job)));

  int loads = 0;
  const std::string host = HostOf(address.data);
  db::PgRouter router(address.data, address.schema + "_data", [&]() -> Result<db::Placement> {
    db::Placement placement;
    placement.nodes = {{host, 5432}, {++loads == 1 ? folder : host, 5432}};
    placement.node_of[2] = 1;
    return placement;
  });
  const auto lease = (*engine)->Read();
  ASSERT_TRUE(lease);
  db::PgRoutedSession session(router, (*lease)->session(db::Which::kData));
  const auto find = [&](int bucket) {
    int64_t found = -1;
    EXPECT_TRUE(session.Query(kFind, {bucket}, [&](const Row& row) -> Status {
      found = row.Int(0);
      return {};
    }));
    return found;
  };
  EXPECT_EQ(find(1), 11);
  EXPECT_EQ(session.routed(), 1);
  EXPECT_EQ(find(2), 22);  // nobody is at its owner's address: the detour
  EXPECT_EQ(session.routed(), 1);
  EXPECT_EQ(find(2), 22);
  EXPECT_EQ(session.routed(), 2);
  EXPECT_EQ(loads, 2);
}

}  // namespace

}  // namespace fiducia::store
