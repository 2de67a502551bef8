// An installation moves from SQLite to PostgreSQL whole, or stays where it is.
#include "server/migrate.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "db/dbcheck.h"
#include "server/store_file.h"
#include "store/registry.h"
#include "testing/world.h"

namespace fiducia {

namespace {

namespace fs = std::filesystem;

class PostgresMigrateTest : public ::testing::Test {
 protected:
  PostgresMigrateTest() : address_(testing::FreshStore("")) {
    home_.folder = testing::TempFolder();
    fs::remove(home_.folder);
    EXPECT_TRUE(server::Instance::Init(home_, {}));
    Open();
    Ask("POST", "/api/v1/sources", R"({"id":"shop","channel":"api","owner":"ops"})");
    for (int i = 0; i < 50; ++i) {
      const auto made = Ask("POST", "/api/v1/customers",
                            R"({"kind":"person","source":"shop","basis":"contract","fields":)"
                            R"({"name_full":"Ana","mobile":"+861380013)" +
                                std::to_string(8000 + i) + "\"}}");
      ids_.push_back(JsonText(testing::Body(made), "id"));
    }
    EXPECT_EQ(Ask("DELETE", "/api/v1/customers/" + ids_[3], "", "legal_compliance").status, 200);
    instance_.reset();
  }
  ~PostgresMigrateTest() override { fs::remove_all(home_.folder); }

  void Open() {
    auto opened = server::Instance::Open(home_);
    ASSERT_TRUE(opened) << opened.error().text;
    instance_ = std::move(*opened);
  }
  http::Response Ask(const std::string& method, const std::string& path,
                     const std::string& body = "", const std::string& purpose = "service") {
    http::Request request;
    request.method = method;
    request.path = path;
    request.headers["content-type"] = "application/json";
    request.headers["fiducia-purpose"] = purpose;
    request.body = body;
    return instance_->Call(std::move(request));
  }
  server::Outcome<server::MigrateResult> Migrate() {
    return server::Migrate(home_, {}, address_.data, address_.keys, address_.schema);
  }

  db::StoreAddress address_;
  server::Home home_;
  std::unique_ptr<server::Instance> instance_;
  std::vector<std::string> ids_;
};

TEST_F(PostgresMigrateTest, EverythingArrivesAndGoesOn) {
  testing::Covers("I2");
  const auto moved = Migrate();
  ASSERT_TRUE(moved) << moved.error().text;
  EXPECT_EQ(moved->fsck.customers, 49);
  EXPECT_GT(moved->tables.size(), 15U);
  for (const char* file : {"keys.db", "index.db", "data.db"}) {
    fs::remove(home_.Db() + "/" + file);
  }
  Open();
  for (size_t i = 0; i < ids_.size(); ++i) {
    EXPECT_EQ(Ask("GET", "/api/v1/customers/" + ids_[i]).status, i == 3 ? 410 : 200);
  }
  EXPECT_NE(Ask("POST", "/api/v1/customers/search", R"({"where":{"mobile":"+8613800138010"}})")
                .body.find(ids_[10]),
            std::string::npos);
  instance_.reset();
  EXPECT_TRUE(server::VerifyHome(home_).ok());
  const auto again = Migrate();
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().text.find("on PostgreSQL already"), std::string::npos);
}

TEST_F(PostgresMigrateTest, IntoAStoreThatIsNotEmptyNothingGoes) {
  testing::World other;
  address_ = *server::ReadStoreFile(other.home());
  other.Close();
  for (const db::Which which : {db::Which::kKeys, db::Which::kIndex, db::Which::kData}) {
    ASSERT_TRUE(other.Bare(which)->Run("UPDATE engine_writers SET until_ms=0"));
  }
  const auto refused = Migrate();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("not empty"), std::string::npos) << refused.error().text;
  Open();
  EXPECT_EQ(Ask("GET", "/api/v1/customers/" + ids_[0]).status, 200);
}

TEST(PostgresDbCheckTest, ARealServerPassesAndAWrongAddressIsTold) {
  testing::Covers("D1");
  std::vector<db::StatementToCheck> statements;
  for (const store::StatementsOf& group : store::AllStatements()) {
    for (const db::Statement* statement : group.statements) {
      statements.push_back({group.which, statement});
    }
  }
  const db::StoreAddress address = testing::FreshStore("");
  const auto report = db::CheckEngine(address.data, store::Migrations(), statements);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->engine, "PostgreSQL");
  for (const db::CheckedTrait& trait : report->traits) {
    // The cluster of the tests runs without fsync: that must be said.
    EXPECT_EQ(trait.good || !trait.needed, trait.name != "fsync") << trait.name << trait.note;
  }
  // A statement that walks buckets though it says it does not is found.
  static constexpr db::Statement kWrong{"wrong", db::Tag::kSingleBucket,
                                        "SELECT version FROM subjects WHERE subject=$1"};
  static constexpr db::Statement kBroken{"broken", db::Tag::kSingleBucket, "SELECT nothing"};
  statements.push_back({db::Which::kData, &kWrong});
  statements.push_back({db::Which::kData, &kBroken});
  const auto worse = db::CheckEngine(address.data, store::Migrations(), statements);
  ASSERT_TRUE(worse);
  int bad = 0;
  for (const db::CheckedTrait& trait : worse->traits) {
    bad += trait.note.find(" wrong") != std::string::npos ||
                   trait.note.find(" broken") != std::string::npos
               ? 1
               : 0;
  }
  EXPECT_EQ(bad, 2);
  std::string words;
  EXPECT_FALSE(db::CheckEngine("postgresql://nobody@127.0.0.1:1/none", store::Migrations(),
                               statements, &words));
  EXPECT_NE(words, "");
}

}  // namespace

}  // namespace fiducia
