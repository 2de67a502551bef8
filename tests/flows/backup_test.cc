// A backup taken under load brings everything back but what was erased since.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "recovery/archive.h"
#include "recovery/operations.h"
#include "server/restore.h"
#include "testing/canary.h"
#include "testing/world.h"

namespace fiducia {

namespace {

namespace fs = std::filesystem;
using testing::World;

// SQLite only: PostgreSQL has tools of its own, and says so.
class SqliteBackupTest : public ::testing::Test {
 protected:
  SqliteBackupTest() : folder_(testing::TempFolder()) {
    FID_CHECK(!testing::OnPostgres());
    root_key_ = folder_ + "/root.key";
    fs::copy_file(world_.home().RootKey(), root_key_);
    target_.folder = folder_ + "/restored";
    scratch_ = folder_ + "/drill";
  }
  ~SqliteBackupTest() override { fs::remove_all(folder_); }

  std::string Add(int i) {
    const std::string digits = std::to_string(100000000 + i).substr(1);
    return world_.AddCustomer({{"name_full", "Ana"}, {"mobile", "+86139" + digits}});
  }
  void BackUp() {
    const auto response = world_.Local("POST", "/api/v1/system/backup", "",
                                       "{\"folder\":\"" + folder_ + "/backup\"}");
    ASSERT_EQ(response.status, 200) << response.body;
  }
  void Erase(const std::string& id) {
    ASSERT_EQ(
        world_.Send("privacy_officer", "DELETE", "/api/v1/customers/" + id, "legal_compliance")
            .status,
        200);
  }
  server::RestoreOptions Options() const { return {folder_ + "/backup", root_key_, "", 0}; }
  // The trouble of a restore, or "".
  std::string Restore(const server::RestoreOptions& options) {
    fs::remove_all(target_.folder);
    auto restored = server::Restore(target_, options);
    if (!restored) {
      EXPECT_FALSE(fs::exists(target_.folder));
      return restored.error().text;
    }
    result_ = *restored;
    return "";
  }
  // How a read of the customer ends in the restored installation.
  static int Read(server::Instance& instance, const std::string& id) {
    http::Request request;
    request.method = "GET";
    request.path = "/api/v1/customers/" + id;
    request.headers["fiducia-purpose"] = "service";
    return instance.Call(std::move(request)).status;
  }

  World world_;
  std::string folder_;
  std::string root_key_;
  std::string scratch_;
  server::Home target_;
  server::RestoreResult result_;
};

TEST_F(SqliteBackupTest, TakenUnderLoadItBringsBackAllButTheErased) {
  testing::Covers("D3");
  testing::Covers("H6");
  std::vector<std::string> ids;
  ids.reserve(30);
  for (int i = 0; i < 30; ++i) {
    ids.push_back(Add(i));
  }
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 1000; !stop; ++i) {
      Add(i);
    }
  });
  BackUp();
  BackUp();
  stop = true;
  writer.join();
  const std::string late = Add(500);
  BackUp();
  for (int i = 0; i < 10; ++i) {
    Erase(ids[static_cast<size_t>(i)]);
  }
  // The keys go on; the data stays as it was with the erased still in it.
  const auto before = fs::file_size(world_.home().Db() + "/data.db");
  BackUp();
  EXPECT_GT(before, 0U);
  server::RestoreOptions options = Options();
  ASSERT_EQ(Restore(options), "");
  EXPECT_EQ(result_.replay.erasures, 10);
  EXPECT_EQ(result_.replay.opened, 0);
  EXPECT_FALSE(result_.behind);
  auto instance = server::Instance::Open(target_, {.clock = &world_.clock()});
  ASSERT_TRUE(instance) << instance.error().text;
  for (size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(Read(**instance, ids[i]), i < 10 ? 410 : 200) << i;
  }
  EXPECT_EQ(Read(**instance, late), 200);
  // The index was made anew.
  http::Request search;
  search.method = "POST";
  search.path = "/api/v1/customers/search";
  search.headers["fiducia-purpose"] = "service";
  search.headers["content-type"] = "application/json";
  search.body = R"({"where":{"mobile":"+8613900000500"}})";
  EXPECT_NE((*instance)->Call(std::move(search)).body.find(late), std::string::npos);
  const auto checked = recovery::Fsck((*instance)->recovery());
  ASSERT_TRUE(checked);
  EXPECT_TRUE(checked->ok()) << checked->findings[0].what;
  (*instance).reset();
  EXPECT_TRUE(server::VerifyHome(target_).ok());
}

TEST_F(SqliteBackupTest, OlderDataWithTheNewestKeysKeepsTheErasedErased) {
  testing::Covers("D6");
  const std::string ana = Add(1);
  const std::string bo = Add(2);
  BackUp();
  world_.clock().Advance(60000);
  const int64_t then = world_.clock().NowMs();
  world_.clock().Advance(60000);
  Erase(ana);
  BackUp();
  server::RestoreOptions options = Options();
  options.until_ms = then;
  ASSERT_EQ(Restore(options), "");
  EXPECT_EQ(result_.replay.removed, 1);
  EXPECT_EQ(result_.replay.opened, 0);
  ASSERT_TRUE(result_.behind);
  // The log was cut back: nothing serves before somebody has said why.
  const auto refused = server::Instance::Open(target_, {.clock = &world_.clock()});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("fiducia recover"), std::string::npos);
  EXPECT_FALSE(server::Recover(target_, {}, "short"));
  const auto statement = server::Recover(target_, {}, "the disk of the data was lost");
  ASSERT_TRUE(statement) << statement.error().text;
  const auto instance = server::Instance::Open(target_, {.clock = &world_.clock()});
  ASSERT_TRUE(instance) << instance.error().text;
  EXPECT_EQ(Read(**instance, ana), 410);
  EXPECT_EQ(Read(**instance, bo), 200);
  options.until_ms = 1000;
  EXPECT_NE(Restore(options).find("as old as that"), std::string::npos);
}

TEST_F(SqliteBackupTest, OlderDataNeverBringsBackWhatAPersonTookBack) {
  testing::Covers("G3");
  testing::Covers("G4");
  const std::string ana = Add(1);
  const std::string bo = Add(2);
  const auto put = [&](const std::string& id, const std::string& action) {
    const auto response = world_.Send("privacy_officer", "POST",
                                      "/api/v1/customers/" + id + "/basis", "legal_compliance",
                                      WriteJson({{"purpose", "marketing_email"},
                                                 {"basis", "consent"},
                                                 {"action", action},
                                                 {"source", "shop"}}));
    ASSERT_EQ(response.status, 201) << response.body;
  };
  const auto read = [](server::Instance& instance, const std::string& id) {
    http::Request request;
    request.method = "GET";
    request.path = "/api/v1/customers/" + id;
    request.headers["fiducia-purpose"] = "marketing_email";
    return instance.Call(std::move(request)).status;
  };
  put(ana, "given");
  put(bo, "given");
  BackUp();
  world_.clock().Advance(60000);
  const int64_t then = world_.clock().NowMs();
  world_.clock().Advance(60000);
  put(ana, "withdrawn");
  put(ana, "given");
  put(ana, "withdrawn");
  BackUp();
  server::RestoreOptions options = Options();
  options.until_ms = then;
  ASSERT_EQ(Restore(options), "");
  EXPECT_EQ(result_.replay.refusals, 2);
  ASSERT_TRUE(server::Recover(target_, {}, "the disk of the data was lost"));
  {
    const auto instance = server::Instance::Open(target_, {.clock = &world_.clock()});
    ASSERT_TRUE(instance) << instance.error().text;
    EXPECT_EQ(read(**instance, ana), 403);
    EXPECT_EQ(read(**instance, bo), 200);
    const auto checked = recovery::Fsck((*instance)->recovery());
    ASSERT_TRUE(checked);
    EXPECT_TRUE(checked->ok()) << checked->findings[0].what;
  }
  // Nothing is said twice: not by another look, and not to the newest data, which knows it all.
  {
    auto instance = server::Instance::Open(target_, {.clock = &world_.clock()});
    ASSERT_TRUE(instance);
    const auto again = recovery::ReplayAnswers((*instance)->recovery());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->refusals, 0);
  }
  options.until_ms = 0;
  ASSERT_EQ(Restore(options), "");
  EXPECT_EQ(result_.replay.refusals, 0);
}

TEST_F(SqliteBackupTest, ADrillProvesItAndLeavesNothing) {
  testing::Covers("H6");
  for (int i = 0; i < 20; ++i) {
    Add(i);
  }
  const std::string gone = Add(77);
  BackUp();
  Erase(gone);
  BackUp();
  const auto drill = server::Drill(scratch_, Options());
  ASSERT_TRUE(drill) << drill.error().text;
  EXPECT_TRUE(drill->ok());
  EXPECT_EQ(drill->fsck.customers, 20);
  EXPECT_EQ(drill->restored.replay.erasures, 1);
  EXPECT_EQ(drill->audit.root.empty(), false);
  EXPECT_FALSE(fs::exists(scratch_));
}

TEST_F(SqliteBackupTest, WhateverIsAlteredCutOrMissingIsRefused) {
  Add(1);
  BackUp();
  Add(2);
  BackUp();
  ASSERT_EQ(Restore(Options()), "");
  for (const auto& entry : fs::recursive_directory_iterator(folder_ + "/backup")) {
    if (!entry.is_regular_file()) {
      continue;
    }
    const std::string path = entry.path();
    std::ifstream in(path, std::ios::binary);
    const std::string good((std::istreambuf_iterator<char>(in)), {});
    const auto with = [&](const std::string& bad) {
      std::ofstream(path, std::ios::binary) << bad;
      const std::string trouble = Restore(Options());
      std::ofstream(path, std::ios::binary) << good;
      return trouble;
    };
    std::string flipped = good;
    flipped[good.size() / 2] = static_cast<char>(flipped[good.size() / 2] ^ 4);
    EXPECT_NE(with(flipped), "") << path;
    if (!path.ends_with("manifest")) {
      EXPECT_NE(with(good.substr(0, good.size() / 2)), "") << path;
      fs::rename(path, path + ".away");
      EXPECT_NE(Restore(Options()), "") << path;
      fs::rename(path + ".away", path);
    }
    // No name or number is in it.
    EXPECT_TRUE(testing::Lacks(good, "13900000001"));
  }
  ASSERT_EQ(Restore(Options()), "");
  // Another installation's root key opens nothing.
  World stranger;
  server::RestoreOptions options = Options();
  options.root_key = stranger.home().RootKey();
  EXPECT_NE(Restore(options).find("root key"), std::string::npos);
  options.from = folder_ + "/nothing";
  EXPECT_NE(Restore(options), "");
}

TEST(PostgresBackupTest, PostgresSaysWhoseBusinessItIs) {
  World world;
  const auto response = world.Local("POST", "/api/v1/system/backup", "", R"({"folder":"/tmp/x"})");
  EXPECT_EQ(response.status, 501) << response.body;
  EXPECT_NE(response.body.find("pgBackRest"), std::string::npos);
}

}  // namespace

}  // namespace fiducia
