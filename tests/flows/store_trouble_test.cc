// What can be wrong with a store, each with one clear message and nothing changed.
#include <filesystem>

#include <gtest/gtest.h>

#include "server/store_file.h"
#include "testing/world.h"

namespace fiducia {

namespace {

namespace fs = std::filesystem;
using testing::World;

class StoreTroubleTest : public ::testing::Test {
 protected:
  StoreTroubleTest() {
    home_.folder = testing::TempFolder();
    fs::remove(home_.folder);
    const db::StoreAddress address = testing::FreshStore(home_.Db());
    options_.store = address.data;
    options_.keys_store = address.keys;
    options_.schema = address.schema;
  }
  ~StoreTroubleTest() override {
    std::error_code error;
    fs::remove_all(home_.folder, error);
  }

  // Tries to set up; gives the message, after seeing that nothing was left.
  std::string Trouble() {
    const auto made = server::Instance::Init(home_, options_);
    EXPECT_FALSE(fs::exists(home_.folder)) << "something was left behind";
    return made ? "it worked" : made.error().text;
  }
  static bool Says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  server::Home home_;
  server::InitOptions options_;
};

TEST_F(StoreTroubleTest, AddressesThatCannotWorkAreRefusedBeforeAnythingIsMade) {
  testing::Covers("I2");
  options_.keys_store = "";
  options_.store = "postgresql://nobody@127.0.0.1:1/none";
  EXPECT_TRUE(Says(Trouble(), "--store and --keys-store go together"));
  options_.keys_store = "postgresql://nobody@127.0.0.1:1/keys";
  EXPECT_TRUE(Says(Trouble(), "does not answer"));
  options_.store = "mysql://somewhere";
  EXPECT_TRUE(Says(Trouble(), "postgresql://"));
  options_.keys_store = options_.store = "postgresql://host/?nonsense=1";
  EXPECT_TRUE(Says(Trouble(), "malformed"));
  options_.schema = "x\"; DROP SCHEMA public";
  EXPECT_TRUE(Says(Trouble(), "schema has at most 40"));
}

TEST_F(StoreTroubleTest, AReadOnlyFolderIsToldAndLeftAlone) {
  World world;
  world.Close();
  const std::string lock = world.home().Db() + "/lock";
  fs::remove(lock);
  fs::create_directories(lock);  // not even root can open this for writing
  EXPECT_TRUE(Says(world.TryOpen(), "cannot be written"));
  fs::remove(lock);
  world.Reopen();
}

TEST_F(StoreTroubleTest, AnIncompleteAnAlteredAndANewerSchemaAreToldApart) {
  World world;
  world.Tamper(db::Which::kData, "INSERT INTO schema_migrations(number, checksum) VALUES(9999, 1)");
  EXPECT_TRUE(Says(world.TryOpen(), "newer version of Fiducia (at 9999)"));
  world.Tamper(db::Which::kData, "DELETE FROM schema_migrations WHERE number=9999");
  world.Reopen();
  world.Tamper(db::Which::kKeys, "UPDATE schema_migrations SET checksum=1 WHERE number=1");
  EXPECT_TRUE(Says(world.TryOpen(), "a migration differs from the one applied here (at 1)"));
}

class PostgresTroubleTest : public StoreTroubleTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(testing::OnPostgres()) << "run as pg_plain or pg_partitioned";
    admin_ = *db::OpenBare(testing::FreshStore(""), db::Which::kData, db::Access::kWrite);
  }
  // The same address with another part.
  static std::string With(std::string dsn, const std::string& old, const std::string& fresh) {
    return dsn.replace(dsn.find(old), old.size(), fresh);
  }
  std::unique_ptr<db::SchemaSession> admin_;
};

TEST_F(PostgresTroubleTest, WrongNamesAndMissingPrivilegesAreTold) {
  testing::Covers("D1");
  const std::string good = options_.store;
  options_.store = With(good, "/fiducia?", "/nowhere?");
  EXPECT_TRUE(Says(Trouble(), "there is no such database"));
  options_.store = With(good, "fiducia@", "stranger@");
  EXPECT_TRUE(Says(Trouble(), "refuses this user"));
  options_.store = good;
  options_.keys_store = good;
  EXPECT_TRUE(Says(Trouble(), "the keys need a database of their own"));
  options_ = {};
  const db::StoreAddress address = testing::FreshStore("");
  const std::string user = "u" + address.schema;
  ASSERT_TRUE(admin_->Run("CREATE ROLE " + user + " LOGIN"));
  options_.store = With(address.data, "fiducia@", user + "@");
  options_.keys_store = With(address.keys, "fiducia@", user + "@");
  options_.schema = address.schema;
  EXPECT_TRUE(Says(Trouble(), "may not create schemas"));
  ASSERT_TRUE(admin_->Run("DROP ROLE " + user));
}

TEST_F(PostgresTroubleTest, ASecondInstallationCannotWriteToTheSameStore) {
  World world;
  const db::StoreAddress address = *server::ReadStoreFile(world.home());
  options_.schema = address.schema;
  EXPECT_TRUE(Says(Trouble(), "another installation writes to this store"));
  // Its lease runs out if it falls silent; then what is there is seen.
  world.Tamper(db::Which::kData, "UPDATE engine_writers SET until_ms=0");
  world.Tamper(db::Which::kKeys, "UPDATE engine_writers SET until_ms=0");
  world.Tamper(db::Which::kIndex, "UPDATE engine_writers SET until_ms=0");
  EXPECT_TRUE(Says(Trouble(), "there is an installation in this store already"));
}

TEST_F(PostgresTroubleTest, AWriterThatWasReplacedWritesNothingMore) {
  World world;
  const std::string id = world.AddCustomer({{"name_full", "Ana"}, {"mobile", "13800138000"}});
  ASSERT_EQ(world.Send("agent", "GET", "/api/v1/customers/" + id, "service").status, 200);
  ASSERT_TRUE(world.Bare(db::Which::kData)->Run("UPDATE engine_writers SET owner='\\x00'"));
  const auto refused = world.Send("agent", "GET", "/api/v1/customers/" + id, "service");
  EXPECT_EQ(refused.status, 503) << refused.body;
  EXPECT_FALSE(Says(refused.body, "138"));
}

TEST_F(PostgresTroubleTest, ConnectionsThatDieAreMadeAnew) {
  World world;
  const std::string id = world.AddCustomer({{"name_full", "Ana"}, {"mobile", "13800138000"}});
  const std::string read = "/api/v1/customers/" + id;
  ASSERT_EQ(world.Send("agent", "GET", read, "service").status, 200);
  ASSERT_TRUE(
      admin_->Run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                  "WHERE application_name='" +
                  server::ReadStoreFile(world.home())->schema + "'"));
  EXPECT_EQ(world.Send("agent", "GET", read, "service").status, 200);
  EXPECT_NE(world.AddCustomer({{"name_full", "Bo"}, {"mobile", "13700137000"}}), "");
}

}  // namespace

}  // namespace fiducia
