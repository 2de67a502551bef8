#include "rules/policy.h"

#include <gtest/gtest.h>

#include "testing/covers.h"

namespace fiducia::rules {

namespace {

// The embedded files with one text replaced in one of them.
Loaded<Policy> LoadWith(std::string_view name, std::string_view from, std::string_view to) {
  std::vector<EmbeddedFile> files;
  for (const EmbeddedFile& file : embedded_files()) {
    files.push_back(file);
    if (file.name == name) {
      const size_t at = files.back().content.find(from);
      EXPECT_NE(at, std::string::npos) << from;
      files.back().content.replace(at, from.size(), to);
    }
  }
  return LoadPolicyFrom(files);
}

TEST(PolicyTest, TheShippedPolicyIsWhole) {
  for (const char* row : {"A1", "A2", "A3", "A4", "A5", "A6", "A7", "E6"}) {
    testing::Covers(row);
  }
  const auto policy = LoadPolicy();
  ASSERT_TRUE(policy) << policy.error().Text();
  EXPECT_EQ(policy->catalog.fields().size(), 83U);
  EXPECT_EQ(policy->roles.size(), 13U);
  EXPECT_GE(policy->purposes.size(), 10U);
  for (const Field& field : policy->catalog.fields()) {
    EXPECT_FALSE(field.name.zh.empty()) << field.id;
    EXPECT_FALSE(field.description.en.empty()) << field.id;
    EXPECT_TRUE(field.dpv.starts_with("pd:")) << field.id;
    EXPECT_TRUE(field.fideslang.starts_with("user.")) << field.id;
    EXPECT_EQ(policy->catalog.Find(field.number)->id, field.id);
  }
  EXPECT_EQ(policy->catalog.Find("mobile")->level, model::Level::kL3);
  EXPECT_EQ(policy->catalog.Find("income")->level, model::Level::kL4);
  EXPECT_FALSE(policy->FindPurpose("service")->fields.Has(policy->catalog.Find("income")->number));
}

TEST(PolicyTest, ABadFileIsRefusedWithFileLineAndReason) {
  struct Case {
    const char* file;
    const char* from;
    const char* to;
    const char* reason;
  };
  const Case cases[] = {
      {"catalog/contact.toml", "level = \"L3\"", "level = \"L9\"", "'level' has an unknown word"},
      {"catalog/contact.toml", "number = 31", "number = 30", "the number 30 is taken"},
      {"catalog/contact.toml", "id = \"email\"", "id = \"mobile\"", "declared twice"},
      {"catalog/contact.toml", "many = true", "many = 1", "must be true or false"},
      {"catalog/contact.toml", "type = \"email\"", "type = \"e-mail\"", "is not declared"},
      {"catalog/contact.toml", "mask = \"phone\"", "colour = \"red\"", "unknown key 'colour'"},
      {"catalog/contact.toml", "[[field]]", "[[field", ""},
      {"purposes/service.toml", "\"income\"", "\"incomes\"", "is not in the catalog"},
      {"roles/agent.toml", "\"service\"", "\"curiosity\"", "is not declared"},
      {"roles/agent.toml", "\"customers.read\"", "\"customers.steal\"", "unknown word"},
      {"roles/agent.toml", "read = \"L2\"", "read = \"L4\"", "ends at L2"},
      {"roles/agent.toml", "\"customers.read\"", "\"customers.read\", \"people.manage\"",
       "works for no purpose"},
      {"roles/admin.toml", "reveal = \"none\"", "reveal = \"L3\"", "works for no purpose"},
      {"catalog/combinations.toml", "\"page_view\"", "\"page_views\"", "is not in the catalog"},
      {"catalog/combinations.toml", "raised = [\"visit_log\"]", "raised = [\"city\"]",
       "is one of the fields"},
      {"catalog/combinations.toml", "level = \"L3\"", "level = \"L2\"", "is L3 or L4"},
  };
  for (const Case& c : cases) {
    const auto policy = LoadWith(c.file, c.from, c.to);
    ASSERT_FALSE(policy) << c.to;
    EXPECT_EQ(policy.error().file, c.file);
    EXPECT_GT(policy.error().line, 0) << c.to;
    EXPECT_NE(policy.error().reason.find(c.reason), std::string::npos) << policy.error().Text();
  }
}

TEST(PolicyTest, ANewFieldNeedsNoCode) {
  testing::Covers("E6");
  std::vector<EmbeddedFile> files(embedded_files().begin(), embedded_files().end());
  for (EmbeddedFile& file : files) {
    if (file.name == "catalog/preference.toml") {
      file.content += R"(
[[field]]
id = "shoe_size"
number = 300
level = "L1"
flags = []
type = "number"
many = false
mask = "none"
index = []
leakage = "none: not searchable"
retention = { after = "last_confirmed", period = "P1Y" }
fideslang = "user.demographic"
dpv = "pd:Physical"
name = { zh-CN = "鞋码", en = "Shoe size" }
description = { zh-CN = "鞋码", en = "Shoe size" }
)";
    }
  }
  const auto policy = LoadPolicyFrom(files);
  ASSERT_TRUE(policy) << policy.error().Text();
  EXPECT_TRUE(policy->FindPurpose("service")->fields.Has(300));
}

}  // namespace

}  // namespace fiducia::rules
