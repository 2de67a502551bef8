// Notices and laws: what was not told does not happen, and what is told says the same in each
// language.
#include <filesystem>
#include <fstream>
#include <regex>

#include <gtest/gtest.h>

#include "audit/checkpoint.h"
#include "govern/lawful/notices.h"
#include "server/pack_signatures.h"
#include "testing/canary.h"
#include "testing/person.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::World;

const Json kAna = {{"name_full", "Ana López"}, {"email", "ana@example.com"}, {"city", "Shanghai"}};

void WriteFile(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << text;
}

std::string ShippedNotice() { return std::string(rules::EmbeddedText("notices/privacy.toml")); }

// Without the clause about one purpose.
std::string Without(std::string notice, const std::string& purpose) {
  const size_t at = notice.find("[[clause]]\npurpose = \"" + purpose + "\"");
  const size_t end = notice.find("[[clause]]", at + 5);
  notice.erase(at, end == std::string::npos ? std::string::npos : end - at);
  return notice;
}

// The clauses of a page in order, with the parts of each.
std::vector<std::string> ShapeOf(const std::string& html) {
  std::vector<std::string> shape;
  const std::regex mark("data-(clause|part)=\"([^\"]+)\"");
  for (std::sregex_iterator at(html.begin(), html.end(), mark), end; at != end; ++at) {
    shape.push_back((*at)[2]);
  }
  return shape;
}

TEST(NoticeTest, TheFirstVersionIsPublishedAndPutOnRecord) {
  testing::Covers("G5");
  World world;
  const Json list = Body(world.Send("", "GET", "/api/v1/notices"));
  ASSERT_EQ(list["notices"].size(), 1U);
  const Json notice = list["notices"][0];
  EXPECT_EQ(notice["version"], 1);
  EXPECT_TRUE(list["pending"]["privacy"].empty());
  for (const char* locale : {"zh-CN", "en"}) {
    const auto page = world.Send("", "GET", JsonText(notice["pages"][locale], "path"));
    ASSERT_EQ(page.status, 200);
    const std::string hash = ToHex(world.instance().vault().HashOf(page.body));
    EXPECT_EQ(JsonText(notice["pages"][locale], "sha256"), hash);
    const auto leaves = world.Send("privacy_officer", "GET", "/api/v1/audit/leaves?from=0&to=20");
    EXPECT_NE(leaves.body.find(hash), std::string::npos);
  }
  EXPECT_EQ(world.Send("", "GET", "/notices/privacy/current/en").status, 200);
  EXPECT_EQ(world.Send("", "GET", "/notices/privacy/2/en").status, 404);
  EXPECT_EQ(world.Send("", "GET", "/notices/privacy/1/fr").status, 404);
  EXPECT_EQ(world.Send("", "GET", "/notices/other/1/en").status, 404);
}

TEST(NoticeTest, BothLanguagesSayTheSameClauseForClause) {
  testing::Covers("I3");
  World world;
  const auto page = [&](const char* locale) {
    return world.Send("", "GET", std::string("/notices/privacy/1/") + locale).body;
  };
  const std::string zh = page("zh-CN");
  const std::string en = page("en");
  EXPECT_EQ(ShapeOf(zh), ShapeOf(en));
  EXPECT_GT(ShapeOf(en).size(), 80U);
  EXPECT_TRUE(testing::Lacks(zh, "></dd>")) << "a part without text";
  EXPECT_TRUE(testing::Lacks(en, "></dd>")) << "a part without text";
  // As many fields in each purpose: names differ, their number does not.
  const std::regex fields("data-part=\"fields\">([^<]*)<");
  auto a = std::sregex_iterator(zh.begin(), zh.end(), fields);
  auto b = std::sregex_iterator(en.begin(), en.end(), fields);
  for (; a != std::sregex_iterator() && b != std::sregex_iterator(); ++a, ++b) {
    const std::string chinese = (*a)[1];
    const std::string english = (*b)[1];
    int marks = 0;
    for (size_t at = chinese.find("、"); at != std::string::npos; at = chinese.find("、", at + 3)) {
      ++marks;
    }
    EXPECT_EQ(marks, std::count(english.begin(), english.end(), ',')) << english;
  }
}

TEST(NoticeTest, APurposeWithoutAClauseDoesNotRun) {
  testing::Covers("G5");
  World world;
  const std::string id = world.AddCustomer(kAna);
  const std::string path = "/api/v1/customers/" + id;
  EXPECT_EQ(world.Send("agent", "GET", path, "service").status, 200);
  WriteFile(world.home().Policy() + "/notices/privacy.toml", Without(ShippedNotice(), "service"));
  world.Reopen();
  // Drafted is not published.
  EXPECT_EQ(world.Send("agent", "GET", path, "service").status, 200);
  const Json pending = Body(world.Send("", "GET", "/api/v1/notices"))["pending"]["privacy"];
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_EQ(JsonText(pending[0], "what"), "purpose_removed");
  EXPECT_EQ(world.Send("agent", "POST", "/api/v1/notices/privacy/publish").status, 403);
  ASSERT_EQ(world.Send("privacy_officer", "POST", "/api/v1/notices/privacy/publish").status, 201);
  const auto refused = world.Send("agent", "GET", path, "service");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(JsonText(Body(refused), "code"), "purpose_refused");
  EXPECT_EQ(world.Send("privacy_officer", "POST", "/api/v1/notices/privacy/publish").status, 409);
}

TEST(NoticeTest, WhoAgreedUnderAnOlderNoticeAgreedToWhatThatSaid) {
  testing::Covers("G5");
  World world;
  const std::string id = world.AddCustomer(kAna);
  const std::string path = "/api/v1/customers/" + id;
  const auto give = [&](const std::string& notice) {
    return world
        .Send("privacy_officer", "POST", path + "/basis", "legal_compliance",
              WriteJson({{"action", "given"},
                         {"purpose", "marketing_email"},
                         {"basis", "consent"},
                         {"source", "shop"},
                         {"notice", notice}}))
        .status;
  };
  ASSERT_EQ(give("privacy@1"), 201);
  // The purpose comes to use one more field.
  std::string purpose(rules::EmbeddedText("purposes/marketing_email.toml"));
  purpose.replace(purpose.find("\"order\"]"), 8, "\"order\", \"occupation\"]");
  WriteFile(world.home().Policy() + "/purposes/marketing_email.toml", purpose);
  world.Reopen();
  const Json pending = Body(world.Send("", "GET", "/api/v1/notices"))["pending"]["privacy"];
  ASSERT_EQ(pending.size(), 1U) << WriteJson(pending);
  EXPECT_EQ(JsonText(pending[0], "what"), "fields_added");
  EXPECT_TRUE(pending[0]["material"].get<bool>());
  const auto could = [&] {
    return JsonText(
        Body(world.Send("privacy_officer", "POST", path + "/explain", "legal_compliance",
                        R"({"role":"marketer","purpose":"marketing_email"})")),
        "code");
  };
  EXPECT_EQ(could(), "");
  const auto patch = [&] {
    return world.Send("privacy_officer", "GET", path, "legal_compliance").status;
  };
  EXPECT_EQ(patch(), 200);
  ASSERT_EQ(world.Send("privacy_officer", "POST", "/api/v1/notices/privacy/publish").status, 201);
  const Json list = Body(world.Send("", "GET", "/api/v1/notices"));
  EXPECT_TRUE(list["notices"][0]["material"].get<bool>());
  const gate::Told told = *world.instance().gate().told();
  const model::FieldNo occupation =
      world.instance().gate().policy().catalog.Find("occupation")->number;
  EXPECT_TRUE(told.Now("marketing_email").Has(occupation));
  EXPECT_FALSE(told.Of("privacy@1", "marketing_email").Has(occupation));
  EXPECT_FALSE(told.Of("", "marketing_email").Has(occupation)) << "nobody was shown the new one";
  ASSERT_EQ(give("privacy@2"), 201);
  EXPECT_EQ(give("privacy@7"), 400) << "there is no such notice";
}

TEST(NoticeTest, ANoticeThatPromisesLessThanThePurposeDoesStopsTheStart) {
  World world;
  std::string notice = ShippedNotice();
  notice.replace(notice.find("\"P24M\""), 6, "\"P12M\"");
  WriteFile(world.home().Policy() + "/notices/privacy.toml", notice);
  world.Close();
  EXPECT_NE(world.TryOpen().find("notices/privacy.toml:"), std::string::npos);
}

TEST(PackTest, AnAddedPackOfLawIsSignedOrStopsTheStart) {
  testing::Covers("G1");
  World world;
  const std::string file = world.home().Policy() + "/jurisdictions/jp.toml";
  std::string pack(rules::EmbeddedText("jurisdictions/jp.toml"));
  pack.replace(pack.find("length = \"14cd\""), 15, "length = \"10cd\"");
  WriteFile(file, pack);
  const std::string note = world.instance().log().Sign(server::PackStatement("jp.toml", pack));
  const std::string others = World().instance().log().Sign(server::PackStatement("jp.toml", pack));
  world.Close();
  EXPECT_NE(world.TryOpen().find("no good signature"), std::string::npos);
  WriteFile(file + ".sig", others);
  EXPECT_NE(world.TryOpen().find("no good signature"), std::string::npos);
  WriteFile(file + ".sig", note);
  EXPECT_EQ(world.TryOpen(), "");
  const Json book = Body(world.Send("agent", "GET", "/api/v1/rules?regime=JP"));
  bool seen = false;
  const Json rules = book["packs"][0]["rules"];
  for (const Json& rule : rules) {
    if (JsonText(rule, "id") == "jp.rights.answer") {
      seen = JsonText(rule["clock"], "length") == "10cd";
    }
  }
  EXPECT_TRUE(seen);
  world.Close();
  WriteFile(file, pack + "# one more line\n");
  EXPECT_NE(world.TryOpen().find("no good signature"), std::string::npos);
}

TEST(PackTest, ADiffCountsTheCustomersItBearsOn) {
  World world;
  world.AddCustomer(kAna);
  std::string pack(rules::EmbeddedText("jurisdictions/cn.toml"));
  pack.replace(pack.find("length = \"15bd\""), 15, "length = \"10bd\"");
  const auto diff = [&](const Json& body) {
    return Body(world.Send("privacy_officer", "POST", "/api/v1/rules/diff", "", WriteJson(body)));
  };
  const Json changes = diff({{"new", {{"jurisdictions/cn.toml", pack}}}});
  ASSERT_EQ(changes["changes"].size(), 1U);
  EXPECT_EQ(JsonText(changes["changes"][0], "rule"), "cn.rights.answer");
  EXPECT_EQ(changes["changes"][0]["customers"], 1);
  EXPECT_EQ(changes["customers"], 1);
  EXPECT_EQ(JsonText(diff({{"new", {{"jurisdictions/cn.toml", "rank = 1"}}}}), "code"),
            "invalid_input");
  EXPECT_EQ(JsonText(diff({{"new", 7}}), "code"), "invalid_input");
}

}  // namespace

}  // namespace fiducia
