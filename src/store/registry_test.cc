// Holds every statement to the contract that lets it run on a distributed engine.
#include "store/registry.h"

#include <filesystem>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "db/pg_placement.h"
#include "store/subjects.h"
#include "testing/covers.h"
#include "testing/world.h"

namespace fiducia::store {

namespace {

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest() : folder_(testing::TempFolder()), address_(testing::FreshStore(folder_)) {
    EXPECT_TRUE(db::OpenStore(address_, Migrations()));
  }
  ~RegistryTest() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
  db::StoreAddress address_;
};

size_t CountOf(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// The plan of one statement. PostgreSQL: of its generic plan, as it is used, for bucket 5.
std::string PlanOf(db::SchemaSession& session, const db::Statement& statement) {
  const std::string sql(statement.sql);
  std::string explain = "EXPLAIN QUERY PLAN " + sql;
  // Unbound parameters are NULL: the plan does not depend on them.
  std::vector<db::Param> params(CountOf(sql, "$"), db::Param::Null());
  int column = 3;
  if (testing::OnPostgres()) {
    EXPECT_TRUE(session.Run("DEALLOCATE ALL; PREPARE it AS " + sql)) << statement.name;
    explain = "EXPLAIN (COSTS OFF) EXECUTE it";
    for (size_t i = 0; i < params.size(); ++i) {
      explain += i == 0 ? "('5'" : ", '5'";
    }
    explain += params.empty() ? "" : ")";
    params.clear();
    column = 0;
  }
  std::string plan;
  const db::Statement asked{statement.name, statement.tag, explain};
  EXPECT_TRUE(session.Query(asked, std::span<const db::Param>(params),
                            [&](const db::Row& row) -> Status {
                              plan += std::string(row.Bytes(column)) + "\n";
                              return {};
                            }))
      << statement.name;
  return plan;
}

// How many of the sixteen partitions a plan looks into.
size_t PartitionsOf(const std::string& plan) {
  std::set<std::string> seen;
  static const std::regex kScan(R"(Scan[^\n]* on \w+_p(\d+)\b)");
  for (std::sregex_iterator at(plan.begin(), plan.end(), kScan); at != std::sregex_iterator();
       ++at) {
    seen.insert((*at)[1]);
  }
  return seen.size();
}

TEST_F(RegistryTest, HotStatementsTouchOneBucketThroughAnIndex) {
  testing::Covers("D1");
  testing::Covers("I2");
  std::set<std::string> names;
  size_t fanned_out = 0;
  for (const StatementsOf& group : AllStatements()) {
    ASSERT_FALSE(group.statements.empty());
    for (const db::Statement* statement : group.statements) {
      EXPECT_TRUE(names.insert(std::string(statement->name)).second) << statement->name;
      // A session knows a statement by its address: each gets a session of its own.
      const auto session = db::OpenBare(address_, group.which, db::Access::kWrite);
      ASSERT_TRUE(session);
      const std::string plan = PlanOf(**session, *statement);
      fanned_out += PartitionsOf(plan) > 1 ? 1 : 0;
      if (statement->tag != db::Tag::kSingleBucket) {
        continue;
      }
      EXPECT_TRUE(db::BucketParameter(*statement)) << statement->name;
      EXPECT_LE(PartitionsOf(plan), 1U) << statement->name << "\n" << plan;
      if (!testing::OnPostgres()) {
        EXPECT_EQ(plan.find("SCAN"), std::string::npos) << statement->name << "\n" << plan;
        if (!plan.empty()) {
          EXPECT_NE(plan.find("bucket=?"), std::string::npos) << statement->name << "\n" << plan;
        }
      }
    }
  }
  EXPECT_GT(names.size(), 50U);
  // The check can fail: statements that do walk all buckets are seen to.
  EXPECT_EQ(fanned_out > 0, address_.partitioned);
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
  const auto refused = db::OpenStore(address_, edited);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::kCorrupt);
  auto newer = Migrations();
  newer.push_back({db::Which::kData, 9999, "data.9999", "CREATE TABLE later(a INTEGER)"});
  ASSERT_TRUE(db::OpenStore(address_, newer));
  const auto older = db::OpenStore(address_, Migrations());
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code(), Code::kConflict);
}

// An installation of before data.0012, where the timeline lay in the order of its key.
TEST(MigrationTest, ATimelineOfBeforeIsAllThereAfterwards) {
  const std::string folder = testing::TempFolder();
  const db::StoreAddress address = testing::FreshStore(folder);
  auto before = Migrations();
  std::erase_if(before, [](const db::Migration& one) {
    return one.which == db::Which::kData && one.number >= 12;
  });
  ASSERT_LT(before.size(), Migrations().size());
  const model::SubjectRef one{0, Uuid::V7(SystemClock(), SystemRng())};
  const model::SubjectRef other{0, Uuid::V7(SystemClock(), SystemRng())};
  const auto insert = [&](db::Engine& engine, const model::SubjectRef& subject, int64_t at_ms) {
    db::Job job;
    job.data = [&](db::Session& data) {
      return InsertEvent(data, subject,
                         {at_ms, Uuid::V7(SystemClock(), SystemRng()),
                          "of " + subject.id.Text() + std::to_string(at_ms)});
    };
    return engine.SubmitAndWait(std::move(job));
  };
  {
    const auto engine = db::OpenStore(address, before);
    ASSERT_TRUE(engine);
    for (int i = 0; i < 50; ++i) {
      EXPECT_TRUE(insert(**engine, i % 2 == 0 ? one : other, 1000 - i));
    }
  }
  const auto engine = db::OpenStore(address, Migrations());
  ASSERT_TRUE(engine);
  EXPECT_TRUE(insert(**engine, one, 2000));
  const auto lease = (*engine)->Read();
  const auto rows = LoadTimeline((*lease)->session(db::Which::kData), one, INT64_MAX, Uuid(), 100);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 26U);
  EXPECT_EQ(rows->front().at_ms, 2000);
  for (size_t i = 1; i < rows->size(); ++i) {
    EXPECT_EQ((*rows)[i].at_ms, 1000 - 2 * static_cast<int64_t>(i - 1));
    EXPECT_EQ((*rows)[i].body, "of " + one.id.Text() + std::to_string((*rows)[i].at_ms));
  }
  std::filesystem::remove_all(folder);
}

TEST_F(RegistryTest, AFailedJobUndoesItselfAndNobodyElse) {
  const auto engine = db::OpenStore(address_, Migrations());
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
