// The laws as data: every dated vector, what clocks refuse, and what packs must not contain.
#include "rules/jurisdictions.h"

#include <set>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/zone.h"
#include "rules/policy.h"
#include "testing/covers.h"

namespace fiducia::rules {

namespace {

Policy Shipped() {
  auto policy = LoadPolicy();
  EXPECT_TRUE(policy) << policy.error().Text();
  return std::move(*policy);
}

TEST(JurisdictionTest, EveryDatedVectorComesOutAsTheLawSays) {
  testing::Covers("G1");
  testing::Covers("G15");
  const Policy policy = Shipped();
  std::map<std::string, int> by_regime;
  for (const Vector& vector : policy.laws.vectors()) {
    EXPECT_EQ(TryVector(policy.laws, vector), "")
        << vector.file << " vector " << vector.number << ", " << vector.rule;
    ++by_regime[policy.laws.Find(vector.rule)->regime];
  }
  EXPECT_GE(policy.laws.vectors().size(), 120U);
  for (const char* regime : {"CN", "EU", "US-CA", "JP", "AU"}) {
    EXPECT_GE(by_regime[regime], 15) << regime;
  }
}

TEST(JurisdictionTest, EveryClockHasAVector) {
  const Policy policy = Shipped();
  std::set<std::string> tried;
  for (const Vector& vector : policy.laws.vectors()) {
    tried.insert(vector.rule);
  }
  for (const auto& [regime, pack] : policy.laws.packs()) {
    for (const Rule& rule : pack.rules) {
      const bool state = pack.parent == "US" && regime != "US-CA";
      if (rule.effect == Effect::kClock && !state) {
        const bool same_clock = rule.id == "eu.rights.refuse" || rule.id == "cn.breach.loss" ||
                                rule.id.starts_with("jp.breach.");
        EXPECT_TRUE(tried.contains(rule.id) || same_clock) << rule.id;
      }
    }
  }
}

TEST(JurisdictionTest, AWrongVectorIsFoundOut) {
  const Policy policy = Shipped();
  Vector vector = policy.laws.vectors().front();
  ASSERT_FALSE(vector.due.empty());
  vector.due = "2026-12-23";
  EXPECT_NE(TryVector(policy.laws, vector), "");
  vector.rule = "cn.nothing";
  EXPECT_NE(TryVector(policy.laws, vector), "");
}

TEST(JurisdictionTest, NothingUnreviewedBlocks) {
  const Policy policy = Shipped();
  for (const auto& [regime, pack] : policy.laws.packs()) {
    for (const Rule& rule : pack.rules) {
      EXPECT_EQ(rule.Blocks(), rule.review.has_value()) << rule.id;
    }
  }
}

TEST(JurisdictionTest, WhereNothingIsKnownOfAPersonTheStrictestPackSpeaks) {
  const Policy policy = Shipped();
  const auto applied = policy.laws.Applying({}, "request", {}, *ParseDay("2026-12-01"));
  ASSERT_FALSE(applied.empty());
  EXPECT_EQ(applied[0].rule->regime, "EU");
  const auto far = policy.laws.Applying({"XX"}, "request", {}, *ParseDay("2026-12-01"));
  EXPECT_EQ(far.size(), applied.size());
  EXPECT_EQ(policy.laws.RegimeOf("FR"), "EU");
  EXPECT_EQ(policy.laws.RegimeOf("US-CA"), "US-CA");
  EXPECT_EQ(policy.laws.RegimeOf("XX"), "");
}

TEST(JurisdictionTest, AMissingFactMeansItMayApply) {
  const Policy policy = Shipped();
  const auto applied = policy.laws.Applying({"CN"}, "breach", {}, *ParseDay("2026-12-01"));
  bool seen = false;
  for (const Applied& one : applied) {
    if (one.rule->id == "cn.breach.major") {
      seen = true;
      EXPECT_EQ(one.truth, Truth::kUnknown);
    }
  }
  EXPECT_TRUE(seen);
}

TEST(JurisdictionTest, SeveralLawsAtOnceTheStrictestWins) {
  testing::Covers("G7");
  EXPECT_EQ(StrictestConsent({"opt_out", "separate", "express"}), "separate");
  EXPECT_EQ(StrictestConsent({"opt_out", "opt_in"}), "opt_in");
  EXPECT_EQ(StrictestConsent({}), "");
}

TEST(JurisdictionTest, WhatMustStayLongerThanItMayIsRestrictedInBetween) {
  testing::Covers("D6");
  Rule least;
  least.effect = Effect::kRetainMin;
  least.period = "P5Y";
  Rule most;
  most.effect = Effect::kRetainMax;
  most.period = "P3Y";
  const int64_t start = *ParseDay("2026-02-28");
  const std::vector<Applied> both = {{&least, Truth::kYes}, {&most, Truth::kYes}};
  const Retention conflict = RetentionOf(both, start);
  EXPECT_EQ(FormatDay(conflict.restrict_day), "2029-02-28");
  EXPECT_EQ(FormatDay(conflict.erase_day), "2031-02-28");
  least.period = "P1Y";
  const Retention fine = RetentionOf(both, start);
  EXPECT_EQ(fine.restrict_day, 0);
  EXPECT_EQ(FormatDay(fine.erase_day), "2029-02-28");
}

TEST(JurisdictionTest, TwoPacksAreComparedRuleByRule) {
  const Policy policy = Shipped();
  std::vector<EmbeddedFile> files(embedded_files().begin(), embedded_files().end());
  std::string changed;
  for (EmbeddedFile& file : files) {
    if (file.name == "jurisdictions/jp.toml") {
      changed = std::string(file.content);
      const size_t at = changed.find("length = \"14cd\"");
      ASSERT_NE(at, std::string::npos);
      changed.replace(at, 15, "length = \"10cd\"");
      changed.replace(changed.find("jp.consent.abroad"), 17, "jp.consent.beyond");
      // Its vectors spoke of the old name.
      for (size_t v = changed.find("\"jp.consent.abroad\""); v != std::string::npos;
           v = changed.find("\"jp.consent.abroad\"")) {
        changed.replace(v, 19, "\"jp.consent.beyond\"");
      }
      file.content = changed;
    }
  }
  const auto changes = DiffRules(policy.laws, ReadJurisdictions(files));
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[0].rule, "jp.consent.beyond");
  EXPECT_EQ(Name(changes[0].kind), "added");
  EXPECT_EQ(changes[1].rule, "jp.rights.answer");
  ASSERT_EQ(changes[1].parts.size(), 1U);
  EXPECT_EQ(changes[1].parts[0], "length: 14cd → 10cd");
  EXPECT_EQ(Name(changes[2].kind), "removed");
}

std::string WhyRefused(const std::string& text) {
  std::vector<EmbeddedFile> files(embedded_files().begin(), embedded_files().end());
  files.push_back({"jurisdictions/zz.toml", text});
  try {
    ReadJurisdictions(files);
    return "";
  } catch (const TomlTable::Fault& fault) {
    return fault.error.Text();
  }
}

TEST(JurisdictionTest, APackWithAMistakeIsRefusedWithItsLine) {
  const std::string head =
      "regime = \"ZZ\"\nname = { zh-CN = \"z\", en = \"z\" }\nlaw = { zh-CN = \"z\", en = \"z\" }\n"
      "calendar = \"EU\"\ncountries = []\nrank = 1\n";
  const auto rule = [&](const std::string& lines) {
    return head + "[[rule]]\nid = \"zz.one\"\ncite = \"Art. 1\"\nvalid_from = \"2026-01-01\"\n" +
           "text = { zh-CN = \"z\", en = \"z\" }\n" + lines;
  };
  EXPECT_EQ(WhyRefused(rule("event = \"request\"\neffect = \"deny\"\n")), "");
  for (const char* wrong :
       {"event = \"party\"\neffect = \"deny\"\n", "event = \"request\"\neffect = \"please\"\n",
        "event = \"request\"\neffect = \"deny\"\nwhen = { moon_min = 3 }\n",
        "event = \"request\"\neffect = \"deny\"\nwhen = { right = [\"fly\"] }\n",
        "event = \"request\"\neffect = \"right\"\n",
        "event = \"request\"\neffect = \"deny\"\nwords = [\"access\"]\n",
        "event = \"request\"\neffect = \"clock\"\n",
        R"(event = "request"
effect = "clock"
clock = { task = "answer", start = "received_at", length = "soon" }
)",
        R"(event = "request"
effect = "clock"
clock = { task = "answer", start = "received_at", length = "9cd", calendar = "MARS" }
)",
        "event = \"retain\"\neffect = \"retain_min\"\nperiod = \"long\"\n",
        "event = \"population\"\neffect = \"threshold\"\nwords = [\"audit\"]\n",
        "event = \"request\"\neffect = \"deny\"\nscript = \"rm\"\n"}) {
    EXPECT_NE(WhyRefused(rule(wrong)).find("jurisdictions/zz.toml:"), std::string::npos) << wrong;
  }
}

TEST(ClockTest, PhasesFollowTheTimeUsed) {
  const Policy policy = Shipped();
  const ClockRule& rule = policy.laws.Find("eu.breach.regulator")->clock;
  ClockState state{*ParseTime("2026-12-01T00:00:00Z"), {}, {}, 0};
  const auto phase = [&](const char* at) {
    return std::string(Name(*PhaseOf(rule, state, policy.laws.calendars(), *ParseTime(at))));
  };
  EXPECT_EQ(phase("2026-12-01T01:00:00Z"), "green");
  EXPECT_EQ(phase("2026-12-02T20:00:00Z"), "amber");
  EXPECT_EQ(phase("2026-12-03T12:00:00Z"), "red");
  EXPECT_EQ(phase("2026-12-04T00:00:00.001Z"), "overdue");
  state.met_ms = 1;
  EXPECT_EQ(phase("2026-12-09T00:00:00Z"), "met");
}

TEST(ClockTest, APauseRunsOnceAndMovesTheEnd) {
  const Policy policy = Shipped();
  const ClockRule& rule = policy.laws.Find("eu.rights.answer")->clock;
  ClockState state{*ParseTime("2026-06-15T07:00:00Z"), {}, {}, 0};
  const int64_t now = *ParseTime("2026-06-20T07:00:00Z");
  EXPECT_FALSE(ResumeClock(state, now));
  ASSERT_TRUE(PauseClock(rule, state, "identity_doubt", now));
  EXPECT_FALSE(PauseClock(rule, state, "identity_doubt", now));
  EXPECT_EQ(*PhaseOf(rule, state, policy.laws.calendars(), now), ClockPhase::kPaused);
  ASSERT_TRUE(ResumeClock(state, now + 2 * 86400000));
  const int64_t due = *DueOf(rule, state, policy.laws.calendars(), now);
  EXPECT_EQ(FormatDay(ToLocal(due, "Europe/Brussels")->day), "2026-07-17");
}

TEST(ZoneTest, TheDayDependsOnThePlaceAndTheSeason) {
  const int64_t at = *ParseTime("2026-07-01T22:30:00Z");
  EXPECT_EQ(FormatDay(ToLocal(at, "Europe/Brussels")->day), "2026-07-02");
  EXPECT_EQ(FormatDay(ToLocal(at, "America/Los_Angeles")->day), "2026-07-01");
  EXPECT_EQ(*FromLocal(*ToLocal(at, "Asia/Tokyo"), "Asia/Tokyo"), at);
  EXPECT_FALSE(ToLocal(at, "Europe/Atlantis"));
  EXPECT_EQ(ToLocal(-1, "Etc/UTC")->day, -1);
}

}  // namespace

}  // namespace fiducia::rules
