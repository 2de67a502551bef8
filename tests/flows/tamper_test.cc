// A hostile hand in the files: every change is found and named, and nothing readable is in them.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "audit/publisher.h"
#include "base/rng.h"
#include "testing/world.h"

namespace fiducia {

namespace {

namespace fs = std::filesystem;
using testing::Body;
using testing::World;

bool Found(const audit::VerifyReport& report, const std::string& what) {
  for (const audit::Finding& finding : report.findings) {
    if (finding.what == what) {
      return true;
    }
  }
  return false;
}

std::string Summary(const audit::VerifyReport& report) {
  std::string text;
  for (const audit::Finding& finding : report.findings) {
    text += finding.what + "@" + std::to_string(finding.place) + " ";
  }
  return text;
}

// Reads one blob, or writes it, in the database itself, on whichever server it lies.
std::string Blob(const World& world, db::Which which, const std::string& query,
                 std::initializer_list<db::Param> params = {}) {
  std::string value;
  const db::Statement statement{"test", db::Tag::kReference, query};
  for (const auto& session : world.BareServers(which)) {
    EXPECT_TRUE(session->Query(statement, params, [&](const db::Row& row) -> Status {
      value = std::string(row.Bytes(0));
      return {};
    }));
  }
  return value;
}

void Write(const World& world, db::Which which, const std::string& sql,
           std::initializer_list<db::Param> params) {
  const db::Statement statement{"test", db::Tag::kReference, sql};
  for (const auto& session : world.BareServers(which)) {
    ASSERT_TRUE(session->Post(statement, params));
  }
}

std::string ReadCode(World& world, const std::string& id) {
  const auto response = world.Send("agent", "GET", "/api/v1/customers/" + id, "service");
  return response.status == 200 ? "ok" : JsonText(Body(response), "code");
}

TEST(TamperTest, EveryFlippedByteOfAStoredRecordIsFound) {
  testing::Covers("D2");
  testing::Covers("F5");
  World world;
  const std::string id = world.AddCustomer({{"name_full", "Ana"}, {"mobile", "13800138000"}});
  ASSERT_EQ(ReadCode(world, id), "ok");
  for (const std::string column : {"body", "mac"}) {
    const std::string good = Blob(world, db::Which::kData, "SELECT " + column + " FROM subjects");
    ASSERT_GT(good.size(), 15U);
    for (size_t i = 0; i < good.size(); ++i) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
      Write(world, db::Which::kData, "UPDATE subjects SET " + column + "=$1",
            {db::Param::Blob(bad)});
      ASSERT_EQ(ReadCode(world, id), "corrupt") << column << " byte " << i;
    }
    Write(world, db::Which::kData, "UPDATE subjects SET " + column + "=$1",
          {db::Param::Blob(good)});
    ASSERT_EQ(ReadCode(world, id), "ok");
  }
}

TEST(TamperTest, EveryFlippedByteOfAKeyIsFound) {
  testing::Covers("D2");
  World world;
  const std::string id = world.AddCustomer({{"name_full", "Ana"}});
  for (const std::string column : {"wrapped", "commitment"}) {
    const std::string good =
        Blob(world, db::Which::kKeys, "SELECT " + column + " FROM subject_keys");
    for (size_t i = 0; i < good.size(); i += 5) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 4);
      Write(world, db::Which::kKeys, "UPDATE subject_keys SET " + column + "=$1",
            {db::Param::Blob(bad)});
      world.clock().Advance(61000);  // past the cache
      ASSERT_EQ(ReadCode(world, id), "corrupt") << column << " byte " << i;
    }
    Write(world, db::Which::kKeys, "UPDATE subject_keys SET " + column + "=$1",
          {db::Param::Blob(good)});
  }
  EXPECT_EQ(ReadCode(world, id), "ok");
}

TEST(TamperTest, ValuesSwappedBetweenCustomersOrPutBackFromThePastAreFound) {
  testing::Covers("D2");
  World world;
  const std::string ana = world.AddCustomer({{"name_full", "Ana"}, {"mobile", "13800138000"}});
  const std::string old_body = Blob(world, db::Which::kData, "SELECT body FROM subjects");
  ASSERT_EQ(
      world
          .Send("agent", "PATCH", "/api/v1/customers/" + ana, "service",
                R"({"fields":{"mobile":"13900139000"},"source":"shop"})", {{"if-match", "\"1\""}})
          .status,
      200);
  const std::string new_body = Blob(world, db::Which::kData, "SELECT body FROM subjects");
  Write(world, db::Which::kData, "UPDATE subjects SET body=$1", {db::Param::Blob(old_body)});
  EXPECT_EQ(ReadCode(world, ana), "corrupt");
  Write(world, db::Which::kData, "UPDATE subjects SET body=$1", {db::Param::Blob(new_body)});
  EXPECT_EQ(ReadCode(world, ana), "ok");

  const std::string bo = world.AddCustomer({{"name_full", "Bo"}, {"mobile", "13700137000"}});
  const Uuid bo_id = *Uuid::Parse(bo);
  const std::string bos =
      Blob(world, db::Which::kData, "SELECT body FROM subjects WHERE subject=$1", {bo_id});
  Write(world, db::Which::kData, "UPDATE subjects SET body=$1 WHERE subject=$2",
        {db::Param::Blob(bos), *Uuid::Parse(ana)});
  EXPECT_EQ(ReadCode(world, ana), "corrupt");
  EXPECT_EQ(ReadCode(world, bo), "ok");
}

class LogTamperTest : public ::testing::Test {
 protected:
  void SetUp() override {
    id_ = world_.AddCustomer({{"name_full", "Ana"}, {"mobile", "13800138000"}});
    for (int i = 0; i < 300; ++i) {
      ASSERT_EQ(ReadCode(world_, id_), "ok");
    }
    world_.Close();
    const auto report = server::VerifyHome(world_.home());
    ASSERT_TRUE(report.ok()) << Summary(report);
    ASSERT_GT(report.size, 300U);
  }
  World world_;
  std::string id_;
};

TEST_F(LogTamperTest, ADeletedLeafIsNamed) {
  testing::Covers("F5");
  world_.Tamper(db::Which::kData, "DELETE FROM audit_leaves WHERE seq=17");
  const auto report = server::VerifyHome(world_.home());
  EXPECT_TRUE(Found(report, "database_leaf_missing")) << Summary(report);
  EXPECT_EQ(report.findings[0].place, 17);
}

TEST_F(LogTamperTest, AnAlteredLeafIsNamed) {
  const std::string body =
      Blob(world_, db::Which::kData, "SELECT body FROM audit_leaves WHERE seq=20");
  std::string bad = body;
  bad[bad.size() - 3] = static_cast<char>(bad[bad.size() - 3] ^ 1);
  Write(world_, db::Which::kData, "UPDATE audit_leaves SET body=$1 WHERE seq=20",
        {db::Param::Blob(bad)});
  const auto report = server::VerifyHome(world_.home());
  EXPECT_TRUE(Found(report, "database_leaf_altered")) << Summary(report);
  EXPECT_EQ(report.findings[0].place, 20);
}

TEST_F(LogTamperTest, ReorderedLeavesAreNamed) {
  world_.Tamper(db::Which::kData,
                "UPDATE audit_leaves SET seq=100000 WHERE seq=30; UPDATE audit_leaves SET seq=30 "
                "WHERE seq=31; UPDATE audit_leaves SET seq=31 WHERE seq=100000");
  const auto report = server::VerifyHome(world_.home());
  EXPECT_TRUE(Found(report, "database_leaf_altered")) << Summary(report);
}

TEST_F(LogTamperTest, LeavesCutFromTheEndAreNamedAndStopTheStart) {
  world_.Tamper(db::Which::kData, "DELETE FROM audit_leaves WHERE seq>100");
  const auto report = server::VerifyHome(world_.home());
  EXPECT_TRUE(Found(report, "database_behind_checkpoint")) << Summary(report);
  EXPECT_NE(world_.TryOpen().find("older than the signed checkpoint"), std::string::npos);
}

TEST_F(LogTamperTest, AnOlderDatabaseUnderANewerCheckpointIsRefused) {
  testing::Covers("F5");
  world_.Tamper(db::Which::kData, "CREATE TABLE saved AS SELECT * FROM audit_leaves");
  world_.Reopen();
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(ReadCode(world_, id_), "ok");
  }
  world_.Close();
  world_.Tamper(db::Which::kData,
                "DELETE FROM audit_leaves; INSERT INTO audit_leaves SELECT * FROM saved");
  const auto report = server::VerifyHome(world_.home());
  EXPECT_TRUE(Found(report, "database_behind_checkpoint")) << Summary(report);
  EXPECT_NE(world_.TryOpen().find("older than the signed checkpoint"), std::string::npos);
}

TEST_F(LogTamperTest, EveryAttackOnTheFilesIsNamed) {
  const std::string folder = world_.home().Audit();
  const auto attack = [&](const std::string& file,
                          const std::function<void(std::string&)>& change) {
    const std::string path = folder + "/" + file;
    const std::string good = *audit::ReadWholeFile(path);
    std::string bad = good;
    change(bad);
    std::ofstream(path, std::ios::binary) << bad;
    const auto report = server::VerifyHome(world_.home());
    std::ofstream(path, std::ios::binary) << good;
    return report;
  };
  EXPECT_TRUE(Found(attack("tile/entries/000", [](std::string& s) { s[s.size() / 2] ^= 1; }),
                    "leaf_altered"));
  EXPECT_TRUE(Found(attack("tile/entries/000", [](std::string& s) { s.resize(s.size() / 2); }),
                    "bundle_malformed"));
  EXPECT_TRUE(Found(attack("tile/0/000", [](std::string& s) { s[40] ^= 1; }), "leaf_altered"));
  EXPECT_TRUE(Found(attack("checkpoint", [](std::string& s) { s[s.find('\n') + 1] = '1'; }),
                    "checkpoint_not_signed_by_this_log"));
  EXPECT_TRUE(Found(attack("checkpoint", [](std::string& s) { s.clear(); }),
                    "checkpoint_not_signed_by_this_log"));
  EXPECT_TRUE(Found(attack("verifier", [](std::string& s) { s[s.size() - 6] ^= 1; }),
                    "checkpoint_not_signed_by_this_log"));
  // Entry and tile changed together: the root gives it away.
  const std::string tile = *audit::ReadWholeFile(folder + "/tile/0/000");
  const auto both = attack("tile/entries/000", [&](std::string& s) {
    s[100] ^= 1;
    const auto entries = *audit::SplitBundle(s);
    std::string fresh;
    for (const Bytes& entry : entries) {
      fresh += crypto::View(audit::LeafHash(entry));
    }
    std::ofstream(folder + "/tile/0/000", std::ios::binary) << fresh;
  });
  std::ofstream(folder + "/tile/0/000", std::ios::binary) << tile;
  EXPECT_TRUE(Found(both, "root_mismatch")) << Summary(both);
  EXPECT_TRUE(server::VerifyHome(world_.home()).ok());
}

crypto::Digest DigestOf(const std::string& base64) {
  crypto::Digest digest{};
  FromBase64(base64)->copy(digest.data(), digest.size());
  return digest;
}

std::vector<crypto::Digest> Hashes(const Json& proof) {
  std::vector<crypto::Digest> hashes;
  for (const Json& hash : proof["hashes"]) {
    hashes.push_back(DigestOf(hash.get<std::string>()));
  }
  return hashes;
}

TEST(ProofTest, AnOutsiderCanCheckOneAccessAndTheGrowthOfTheLog) {
  testing::Covers("F5");
  World world;
  const auto get = [&](const std::string& path) {
    const auto response = world.Send("privacy_officer", "GET", "/api/v1/audit/" + path);
    EXPECT_EQ(response.status, 200) << path << " " << response.body;
    return response;
  };
  const std::string verifier = get("verifier").body;
  const std::string id = world.AddCustomer({{"name_full", "Ana"}});
  const auto first = audit::OpenCheckpoint(get("checkpoint").body, verifier);
  for (int i = 0; i < 700; ++i) {
    ASSERT_EQ(ReadCode(world, id), "ok");
  }
  const auto second = audit::OpenCheckpoint(get("checkpoint").body, verifier);
  ASSERT_TRUE(first && second);
  ASSERT_GT(second->size, first->size + 600);
  const std::string size = std::to_string(second->size);
  const Json grown =
      Body(get("proof/consistency?from=" + std::to_string(first->size) + "&to=" + size));
  EXPECT_TRUE(audit::VerifyConsistency(first->size, second->size, first->root, second->root,
                                       Hashes(grown)));
  // The newest access of the customer, as its history names it, is in the signed tree.
  const Json history =
      Body(world.Send("privacy_officer", "GET", "/api/v1/customers/" + id + "/accesses?limit=5",
                      "legal_compliance"));
  const auto leaf = history["accesses"][0]["leaf"].get<uint64_t>();
  ASSERT_LT(leaf, second->size);
  const std::string place = std::to_string(leaf);
  const Json entry =
      Body(get("leaves?from=" + place + "&to=" + std::to_string(leaf + 1)))["leaves"][0];
  const Json path = Body(get("proof/inclusion?leaf=" + place + "&size=" + size));
  const crypto::Digest hash = audit::LeafHash(*FromBase64(JsonText(entry, "entry")));
  EXPECT_TRUE(audit::VerifyInclusion(leaf, second->size, hash, Hashes(path), second->root));
  EXPECT_FALSE(audit::VerifyInclusion(leaf, second->size, audit::LeafHash("forged"), Hashes(path),
                                      second->root));
}

TEST(SecrecyTest, NoFileHoldsAnyPartOfACustomerInClear) {
  for (const char* row : {"D2", "B9", "F2"}) {
    testing::Covers(row);
  }
  World world;
  SeededRandom random(5);
  std::vector<std::string> markers;
  for (int i = 0; i < 60; ++i) {
    const std::string tag = std::to_string(100000 + random.Below(900000));
    const std::string number = "139" + std::to_string(10000000 + random.Below(90000000));
    const Json fields = {
        {"name_full", "Marker Quexito" + std::string(1, static_cast<char>('a' + i % 26))},
        {"email", "marker" + tag + "@example.com"},
        {"mobile", number},
        {"street", "Canary Road " + tag}};
    const std::string id = world.AddCustomer(fields);
    world.Send("agent", "GET", "/api/v1/customers/" + id, "service");
    world.Send("agent", "POST", "/api/v1/customers/search", "service",
               R"({"where":{"mobile":")" + number + "\"}}");
    world.Send("agent", "POST", "/api/v1/customers/" + id + "/reveal", "service",
               R"({"fields":["mobile"],"reason":"secretreason)" + tag + "\"}");
    world.Send(
        "agent", "POST", "/api/v1/customers/" + id + "/timeline", "service",
        R"({"kind":"interaction","occurred_at":"2026-11-09T10:00:00Z","fields":{"complaint_text":"grievance)" +
            tag + R"("},"source":"shop"})");
    for (const std::string& marker :
         {"marker" + tag, number, "Canary Road " + tag, "secretreason" + tag, "grievance" + tag}) {
      markers.push_back(marker);
    }
  }
  markers.emplace_back("Quexito");
  for (const bool closed : {false, true}) {
    if (closed) {
      world.Close();
    }
    EXPECT_EQ(world.HeldInClear(markers), "");
  }
}

TEST(ErasureTest, AnErasedCustomerIsGoneAlsoFromAnOldCopyOfTheData) {
  testing::Covers("D6");
  World world;
  const std::string id = world.AddCustomer({{"name_full", "Ana"}, {"mobile", "13800138000"}});
  world.Tamper(db::Which::kData, "CREATE TABLE saved AS SELECT * FROM subjects");
  world.Reopen();
  const std::string path = "/api/v1/customers/" + id;
  EXPECT_EQ(world.Send("agent", "DELETE", path, "service").status, 403);
  EXPECT_EQ(world.Send("privacy_officer", "DELETE", path, "legal_compliance").status, 200);
  EXPECT_EQ(world.Send("agent", "GET", path, "service").status, 410);
  EXPECT_EQ(Body(world.Send("agent", "POST", "/api/v1/customers/search", "service",
                            R"({"where":{"mobile":"13800138000"}})"))["customers"]
                .size(),
            0U);
  EXPECT_EQ(Blob(world, db::Which::kIndex, "SELECT token FROM tokens"), "");
  // The old row comes back; the key does not.
  const std::string body = Blob(world, db::Which::kData, "SELECT subject FROM subjects");
  EXPECT_EQ(body, "");
  world.Tamper(db::Which::kData, "INSERT INTO subjects SELECT * FROM saved");
  world.Reopen();
  EXPECT_EQ(world.Send("agent", "GET", path, "service").status, 410);
}

TEST(RotationTest, EveryRecordOpensAfterAllKeysWereReWrapped) {
  testing::Covers("D2");
  World world;
  std::vector<std::string> ids;
  ids.reserve(30);
  for (int i = 0; i < 30; ++i) {
    ids.push_back(world.AddCustomer({{"name_full", "Ana"}, {"mobile", "13800138000"}}));
  }
  const uint32_t before = world.instance().keys().epoch();
  const auto report = world.instance().keys().Rewrap();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->epoch, 2U);
  EXPECT_EQ(report->rewrapped, 30);
  // Old epochs go only where a backup is known to hold the current one.
  EXPECT_EQ(world.instance().keys().DestroyOldEpochs(before).error().code(), Code::kConflict);
  const auto destroyed = world.instance().keys().DestroyOldEpochs(report->epoch);
  ASSERT_TRUE(destroyed);
  EXPECT_EQ(*destroyed, 1);
  world.Reopen();
  for (const std::string& id : ids) {
    EXPECT_EQ(ReadCode(world, id), "ok");
  }
  EXPECT_EQ(Body(world.Send("agent", "POST", "/api/v1/customers/search", "service",
                            R"({"where":{"mobile":"13800138000"},"limit":100})"))["customers"]
                .size(),
            30U);
}

TEST(HomeTest, AWrongRootKeyOrOneThatOthersCanReadOpensNothing) {
  World world;
  world.Close();
  const std::string path = world.home().RootKey();
  const std::string good = *audit::ReadWholeFile(path);
  fs::permissions(path, fs::perms::owner_read | fs::perms::others_read);
  EXPECT_NE(world.TryOpen().find("chmod 600"), std::string::npos);
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  std::ofstream(path) << "keyfile " << std::string(64, 'a') << "\n";
  EXPECT_NE(world.TryOpen().find("does not open these keys"), std::string::npos);
  std::ofstream(path) << good;
  EXPECT_EQ(world.TryOpen(), "");
}

TEST(HomeTest, ABadPolicyFileStopsTheStartWithFileAndLine) {
  testing::Covers("E6");
  World world;
  world.Close();
  fs::create_directories(world.home().Policy() + "/purposes");
  std::ofstream(world.home().Policy() + "/purposes/service.toml")
      << "id = \"service\"\ncolour = 3\n";
  const std::string trouble = world.TryOpen();
  EXPECT_NE(trouble.find("purposes/service.toml:2: unknown key 'colour'"), std::string::npos)
      << trouble;
}

TEST(HomeTest, ALoweredLevelIsOnRecordAndARoleThatOpensTooMuchStopsTheStart) {
  testing::Covers("F7");
  World world;
  const auto changes = [&] { return world.Leaves("policy.change"); };
  EXPECT_EQ(changes(), 1);  // the first
  world.Reopen();
  EXPECT_EQ(changes(), 1);
  const auto overlay = [&](const std::string& file, const std::string& from,
                           const std::string& to) {
    std::string text(rules::EmbeddedText(file));
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << file;
    text.replace(at, from.size(), to);
    fs::create_directories(fs::path(world.home().Policy() + "/" + file).parent_path());
    std::ofstream(world.home().Policy() + "/" + file) << text;
  };
  world.Close();
  overlay("catalog/contact.toml", "level = \"L3\"", "level = \"L2\"");
  world.Reopen();
  EXPECT_EQ(changes(), 2);
  world.Close();
  overlay("roles/agent.toml", "read = \"L2\"", "read = \"L3\"");
  EXPECT_NE(world.TryOpen().find("ends at L2"), std::string::npos);
  overlay("roles/agent.toml", "read = \"L2\"", "read = \"L1\"");
  world.Reopen();
  EXPECT_EQ(changes(), 3);
}

}  // namespace

}  // namespace fiducia
