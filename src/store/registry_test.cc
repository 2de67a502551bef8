// Holds every statement to the contract that lets it run on a distributed engine.
#include "store/registry.h"

#include <deque>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "db/sqlite_session.h"
#include "testing/covers.h"
#include "testing/world.h"

namespace fiducia::store {

namespace {

constexpr const char* kFiles[] = {"keys.db", "index.db", "data.db"};

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest() : folder_(testing::TempFolder()) {
    EXPECT_TRUE(db::OpenSqlite({folder_, Migrations()}));
  }
  ~RegistryTest() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

TEST_F(RegistryTest, HotStatementsTouchOneBucketThroughAnIndex) {
  testing::Covers("D1");
  testing::Covers("I2");
  std::set<std::string> names;
  std::deque<std::string> texts;
  std::deque<db::Statement> explained;
  for (const StatementsOf& group : AllStatements()) {
    auto session = db::SqliteSession::Open(folder_ + "/" + kFiles[static_cast<size_t>(group.which)],
                                           db::SqliteMode::kWrite);
    ASSERT_TRUE(session);
    ASSERT_FALSE(group.statements.empty());
    for (const db::Statement* statement : group.statements) {
      EXPECT_TRUE(names.insert(std::string(statement->name)).second) << statement->name;
      const std::string sql = "EXPLAIN QUERY PLAN " + std::string(statement->sql);
      texts.push_back(sql);
      // Sessions know a statement by its address: each needs one of its own.
      const db::Statement& explain =
          explained.emplace_back(statement->name, statement->tag, texts.back());
      // Unbound parameters are NULL: the plan does not depend on them.
      std::vector<db::Param> none;
      for (size_t at = sql.find('$'); at != std::string::npos; at = sql.find('$', at + 1)) {
        none.push_back(db::Param::Null());
      }
      std::string plan;
      const Status planned = (*session)->Query(explain, none, [&](const db::Row& row) -> Status {
        plan += std::string(row.Bytes(3)) + "\n";
        return {};
      });
      ASSERT_TRUE(planned) << statement->name;
      if (statement->tag == db::Tag::kSingleBucket) {
        EXPECT_EQ(plan.find("SCAN"), std::string::npos) << statement->name << "\n" << plan;
        if (!plan.empty()) {
          EXPECT_NE(plan.find("bucket=?"), std::string::npos) << statement->name << "\n" << plan;
        }
      }
    }
  }
  EXPECT_GT(names.size(), 50U);
}

TEST_F(RegistryTest, StatementsKeepToThePortableSubset) {
  for (const StatementsOf& group : AllStatements()) {
    for (const db::Statement* statement : group.statements) {
      const std::string sql(statement->sql);
      for (const char* word : {"now()", "random", "AUTOINCREMENT", "RETURNING", "datetime",
                               "NOTIFY", "SERIAL", "REPLACE INTO", "rowid", "?"}) {
        EXPECT_EQ(sql.find(word), std::string::npos) << statement->name << " has " << word;
      }
      // Parameters count up: an engine may number them by their first appearance.
      int expected = 1;
      for (size_t at = sql.find('$'); at != std::string::npos; at = sql.find('$', at + 1)) {
        EXPECT_EQ(std::stoi(sql.substr(at + 1)), expected++) << statement->name;
      }
      if (statement->tag == db::Tag::kSingleBucket && sql.starts_with("INSERT")) {
        EXPECT_NE(sql.find("(bucket, tenant, "), std::string::npos) << statement->name;
      }
    }
  }
}

TEST_F(RegistryTest, AChangedMigrationAndANewerDatabaseAreRefused) {
  auto edited = Migrations();
  edited[0].sql += "\n-- edited";
  const auto refused = db::OpenSqlite({folder_, edited});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::kCorrupt);
  auto newer = Migrations();
  newer.push_back({db::Which::kData, 9999, "data.9999", "CREATE TABLE later(a INTEGER)"});
  ASSERT_TRUE(db::OpenSqlite({folder_, newer}));
  const auto older = db::OpenSqlite({folder_, Migrations()});
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code(), Code::kConflict);
}

TEST_F(RegistryTest, AFailedJobUndoesItselfAndNobodyElse) {
  const auto engine = db::OpenSqlite({folder_, Migrations()});
  ASSERT_TRUE(engine);
  constexpr int kJobs = 200;
  std::atomic<int> good{0};
  std::atomic<int> bad{0};
  for (int i = 0; i < kJobs; ++i) {
    db::Job job;
    job.data = [i](db::Session& data) -> Status {
      static const db::Statement kPut{"t", db::Tag::kReference,
                                      "INSERT INTO settings(name, value) VALUES($1, $2)"};
      FID_TRY(data.Execute(kPut, {db::Param::Text("k" + std::to_string(i)), db::Param::Text("v")}));
      return i % 3 == 0 ? Status(Fail(Code::kConflict, "on purpose")) : Status();
    };
    job.done = [&](const Status& status) { status ? ++good : ++bad; };
    (*engine)->Submit(std::move(job));
  }
  db::Job last;
  last.data = [](db::Session&) -> Status { return {}; };
  ASSERT_TRUE((*engine)->SubmitAndWait(std::move(last)));
  EXPECT_EQ(bad, (kJobs + 2) / 3);
  EXPECT_EQ(good, kJobs - bad);
  const auto lease = (*engine)->Read();
  static const db::Statement kCount{"c", db::Tag::kReference, "SELECT COUNT(*) FROM settings"};
  int64_t rows = 0;
  ASSERT_TRUE(
      (*lease)->session(db::Which::kData).Query(kCount, {}, [&](const db::Row& row) -> Status {
        rows = row.Int(0);
        return {};
      }));
  EXPECT_EQ(rows, good);
}

}  // namespace

}  // namespace fiducia::store
