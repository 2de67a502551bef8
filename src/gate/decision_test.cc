#include "gate/decision.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "testing/covers.h"
#include "testing/oracle.h"

namespace fiducia::gate {

namespace {

using testing::Verdict;

constexpr int64_t kNow = 1795521600000;

const rules::Policy& ThePolicy() {
  static const rules::Policy policy = *rules::LoadPolicy();
  return policy;
}

const Decider& TheDecider() {
  static const Decider decider(ThePolicy());
  return decider;
}

Verdict Ask(const Situation& s, model::FieldNo field) {
  const Masks masks = TheDecider().Decide(s);
  return masks.clear.Has(field)    ? Verdict::kClear
         : masks.masked.Has(field) ? Verdict::kMasked
                                   : Verdict::kRefused;
}

std::vector<std::string> Keys(const auto& map) {
  std::vector<std::string> keys;
  keys.reserve(map.size());
  for (const auto& [key, value] : map) {
    keys.push_back(key);
  }
  return keys;
}

constexpr model::Op kOps[] = {model::Op::kRead,   model::Op::kReveal, model::Op::kWrite,
                              model::Op::kSearch, model::Op::kErase,  model::Op::kExport,
                              model::Op::kShare};

model::FieldSet RandomFields(SeededRandom& random) {
  model::FieldSet fields;
  for (const rules::Field& field : ThePolicy().catalog.fields()) {
    if (random.Chance(500)) {
      fields.Add(field.number);
    }
  }
  return fields;
}

store::BasisState RandomBasis(SeededRandom& random, const std::vector<std::string>& purposes) {
  store::BasisState basis;
  basis.purpose = purposes[random.Below(purposes.size())];
  basis.basis = static_cast<model::BasisKind>(1 + random.Below(7));
  basis.live = random.Chance(800);
  basis.separate = random.Chance(400);
  basis.until_ms = random.Chance(700) ? 0 : kNow - 2 + static_cast<int64_t>(random.Below(5));
  basis.from_ms = random.Chance(930) ? 0 : kNow - 2 + static_cast<int64_t>(random.Below(5));
  basis.seq = 1 + static_cast<uint32_t>(random.Below(6));
  basis.max_uses = random.Chance(930) ? 0 : 2;
  basis.uses = static_cast<uint32_t>(random.Below(4));
  if (random.Chance(200)) {
    basis.scope.fields = RandomFields(random);
  }
  if (random.Chance(200)) {
    basis.scope.departments = {random.Chance(500) ? "care" : "shop"};
  }
  if (random.Chance(100)) {
    basis.scope.operations = static_cast<uint8_t>(random.Below(64));
  }
  return basis;
}

store::Standing RandomStanding(SeededRandom& random, const std::vector<std::string>& purposes,
                               std::vector<store::BasisState> bases) {
  store::Standing standing;
  standing.bases = std::move(bases);
  for (uint64_t n = random.Chance(600) ? 0 : random.Below(3); n > 0; --n) {
    standing.exclusions.push_back({purposes[random.Below(purposes.size())],
                                   random.Chance(500) ? "" : "care", RandomFields(random),
                                   random.Chance(400), 1 + static_cast<uint32_t>(random.Below(6))});
  }
  standing.restrictions = random.Chance(150) ? static_cast<uint32_t>(1 + random.Below(15)) : 0U;
  return standing;
}

std::vector<model::Lease> Only(const std::string& role) { return {{.role = role}}; }

template <typename T>
std::optional<std::vector<T>> Some(SeededRandom& random, const std::vector<T>& all) {
  if (random.Chance(600)) {
    return std::nullopt;
  }
  std::vector<T> chosen;
  for (const T& one : all) {
    if (random.Chance(500)) {
      chosen.push_back(one);
    }
  }
  return chosen;
}

const std::vector<std::string> kClasses = {"identity",   "contact", "transaction", "interaction",
                                           "preference", "credit",  "social"};

model::Lease RandomLease(SeededRandom& random, const std::vector<std::string>& roles,
                         const std::vector<std::string>& purposes) {
  model::Lease lease;
  lease.role = roles[random.Below(roles.size())];
  lease.purposes = Some(random, purposes);
  lease.classes = Some(random, kClasses);
  lease.level_max =
      random.Chance(700) ? model::Level::kL4 : static_cast<model::Level>(1 + random.Below(4));
  lease.department = random.Chance(400) ? "" : random.Chance(500) ? "care" : "shop";
  lease.case_id = random.Chance(800) ? "" : random.Chance(500) ? "C-1" : "C-2";
  lease.from_ms = random.Chance(800) ? 0 : kNow - 2 + static_cast<int64_t>(random.Below(5));
  lease.until_ms = random.Chance(700) ? 0 : kNow - 2 + static_cast<int64_t>(random.Below(5));
  Compile(lease, ThePolicy().catalog);
  return lease;
}

TEST(DecisionTest, AgreesWithTheOracleOnAMillionRandomCases) {
  testing::Covers("G8");
  SeededRandom random(20261124);
  std::vector<std::string> roles = Keys(ThePolicy().roles);
  std::vector<std::string> purposes = Keys(ThePolicy().purposes);
  roles.emplace_back("nobody");
  purposes.emplace_back("curiosity");
  const auto& fields = ThePolicy().catalog.fields();
  int64_t cases = 0;
  int64_t allowed = 0;
  // `./dev crash` asks for a hundred million.
  const char* wanted = std::getenv("FIDUCIA_DECISIONS");
  const int64_t enough = wanted == nullptr ? 1200000 : std::atoll(wanted);
  while (cases < enough) {
    std::vector<store::BasisState> bases;
    for (uint64_t n = random.Below(4); n > 0; --n) {
      bases.push_back(RandomBasis(random, purposes));
    }
    // Half the time a basis for the very purpose, or nearly everything would be refused.
    const std::string& purpose = purposes[random.Below(purposes.size())];
    if (random.Chance(500)) {
      bases.push_back(RandomBasis(random, {purpose}));
    }
    std::vector<model::Lease> leases;
    for (uint64_t n = random.Chance(500) ? 1 : random.Below(4); n > 0; --n) {
      leases.push_back(RandomLease(random, roles, purposes));
    }
    // Likewise a role that works for it.
    if (random.Chance(500)) {
      const std::string& role = roles[random.Below(roles.size())];
      const rules::Role* known = ThePolicy().FindRole(role);
      if (known != nullptr && known->purposes.contains(purpose)) {
        leases.push_back({.role = role});
      }
    }
    const store::Standing standing = RandomStanding(random, {purpose, "service"}, bases);
    const Situation s{leases,
                      purpose,
                      kOps[random.Below(6)],
                      &standing,
                      kNow,
                      random.Chance(500) ? "C-1" : "",
                      random.Chance(800),
                      random.Chance(500)};
    for (int i = 0; i < 12; ++i, ++cases) {
      const rules::Field& field = fields[random.Below(fields.size())];
      const Verdict verdict = Ask(s, field.number);
      allowed += verdict != Verdict::kRefused;
      ASSERT_EQ(verdict, testing::AskOracle(ThePolicy(), s, field))
          << (leases.empty() ? "" : leases[0].role) << " " << s.purpose << " "
          << static_cast<int>(s.op) << " " << field.id;
      ASSERT_EQ(verdict == Verdict::kClear,
                TheDecider().Explain(s, field.number) == Reason::kAllowed);
    }
  }
  EXPECT_GT(allowed, cases / 75);
}

TEST(DecisionTest, AgreesWithTheOracleOnTheWholeSmallLattice) {
  // Every role, purpose, operation, basis kind, separateness, term, restriction and training, for
  // every field.
  int64_t cases = 0;
  for (const std::string& role : Keys(ThePolicy().roles)) {
    const std::vector<model::Lease> leases = Only(role);
    for (const std::string& purpose : Keys(ThePolicy().purposes)) {
      for (const model::Op op : kOps) {
        for (int kind = 0; kind <= 7; ++kind) {
          for (const bool separate : {false, true}) {
            for (const int64_t until : {int64_t{0}, kNow, kNow + 1}) {
              for (const uint32_t restrictions : {0U, 1U}) {
                store::Standing standing;
                standing.restrictions = restrictions;
                if (kind > 0) {
                  standing.bases.push_back(
                      {purpose, static_cast<model::BasisKind>(kind), true, separate, until, 1});
                }
                const bool trained = kind % 2 == 0 || !separate;
                const Situation s{leases, purpose, op, &standing, kNow, "", trained};
                for (const rules::Field& field : ThePolicy().catalog.fields()) {
                  ++cases;
                  ASSERT_EQ(Ask(s, field.number), testing::AskOracle(ThePolicy(), s, field))
                      << role << " " << purpose << " " << field.id;
                }
              }
            }
          }
        }
      }
    }
  }
  EXPECT_GT(cases, 3000000);
}

TEST(DecisionTest, TakingABasisAwayNeverWidens) {
  SeededRandom random(7);
  const std::vector<std::string> roles = Keys(ThePolicy().roles);
  const std::vector<std::string> purposes = Keys(ThePolicy().purposes);
  for (int i = 0; i < 20000; ++i) {
    const store::Standing both = RandomStanding(
        random, purposes, {RandomBasis(random, purposes), RandomBasis(random, purposes)});
    const std::vector<model::Lease> leases = Only(roles[random.Below(roles.size())]);
    Situation s{leases, purposes[random.Below(purposes.size())], kOps[random.Below(6)], &both,
                kNow};
    const Masks with = TheDecider().Decide(s);
    store::Standing fewer = both;
    fewer.bases.erase(fewer.bases.begin() + static_cast<ptrdiff_t>(random.Below(2)));
    s.standing = &fewer;
    const Masks without = TheDecider().Decide(s);
    // Another basis may carry the purpose, and may be a separate one; the fields shown never grow.
    EXPECT_TRUE(((without.clear | without.masked) - (with.clear | with.masked)).empty());
  }
}

TEST(DecisionTest, TakingAGrantAwayOrNarrowingItNeverWidens) {
  testing::Covers("F7");
  SeededRandom random(11);
  const std::vector<std::string> roles = Keys(ThePolicy().roles);
  const std::vector<std::string> purposes = Keys(ThePolicy().purposes);
  for (int i = 0; i < 40000; ++i) {
    const std::string& purpose = purposes[random.Below(purposes.size())];
    const store::Standing standing =
        RandomStanding(random, {purpose}, {RandomBasis(random, {purpose})});
    const std::vector<model::Lease> leases = {RandomLease(random, roles, purposes),
                                              RandomLease(random, roles, purposes)};
    Situation s{leases, purpose, kOps[random.Below(6)], &standing, kNow, "C-1"};
    const Masks with = TheDecider().Decide(s);
    std::vector<model::Lease> fewer = leases;
    const size_t which = random.Below(2);
    if (random.Chance(500)) {
      fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(which));
    } else {
      fewer[which].level_max = static_cast<model::Level>(1 + random.Below(2));
      fewer[which].level_max = std::min(fewer[which].level_max, leases[which].level_max);
      Compile(fewer[which], ThePolicy().catalog);
    }
    s.leases = fewer;
    const Masks without = TheDecider().Decide(s);
    EXPECT_TRUE((without.clear - with.clear).empty());
    EXPECT_TRUE(((without.clear | without.masked) - (with.clear | with.masked)).empty());
    s.trained = false;
    const Masks untrained = TheDecider().Decide(s);
    EXPECT_TRUE((untrained.clear - without.clear).empty());
  }
}

TEST(DecisionTest, WhatThePersonTakesOutIsGoneAndNothingElse) {
  testing::Covers("G4");
  SeededRandom random(13);
  const std::vector<std::string> roles = Keys(ThePolicy().roles);
  const std::vector<std::string> purposes = Keys(ThePolicy().purposes);
  for (int i = 0; i < 40000; ++i) {
    const std::string& purpose = purposes[random.Below(purposes.size())];
    const store::Standing before =
        RandomStanding(random, {purpose}, {RandomBasis(random, {purpose})});
    const std::vector<model::Lease> leases = {RandomLease(random, roles, purposes)};
    Situation s{leases, purpose, kOps[random.Below(6)], &before, kNow, "C-1"};
    const Masks with = TheDecider().Decide(s);
    model::BasisEvent event;
    event.action =
        random.Chance(500) ? model::BasisAction::kWithdrawn : model::BasisAction::kObjected;
    event.basis = before.bases[0].basis;
    event.purpose = purpose;
    event.seq = 20;
    event.scope.fields = RandomFields(random);
    store::Standing after = before;
    store::Apply(event, after);
    s.standing = &after;
    const Masks without = TheDecider().Decide(s);
    EXPECT_TRUE((without.clear - with.clear).empty());
    EXPECT_TRUE(((without.clear | without.masked) - (with.clear | with.masked)).empty());
    const bool heeded = before.bases[0].basis == model::BasisKind::kConsent &&
                        !ThePolicy().FindPurpose(purpose)->overriding;
    if (heeded) {
      EXPECT_TRUE(((without.clear | without.masked) & *event.scope.fields).empty());
      EXPECT_EQ((with.clear | with.masked) - *event.scope.fields, without.clear | without.masked);
    }
  }
}

TEST(DecisionTest, BesideOtherFieldsAFieldIsOfAHigherLevel) {
  testing::Covers("C4");
  const rules::Catalog& catalog = ThePolicy().catalog;
  const rules::Field& visits = *catalog.Find("visit_log");
  ASSERT_EQ(visits.level, model::Level::kL2);
  // Service knows who somebody is and on which device: when they came is a trail.
  EXPECT_EQ(ThePolicy().FindPurpose("service")->LevelOf(visits), model::Level::kL3);
  // Analytics never learns who it was.
  EXPECT_EQ(ThePolicy().FindPurpose("analytics")->LevelOf(visits), model::Level::kL2);
  store::BasisState basis;
  basis.purpose = "service";
  basis.basis = model::BasisKind::kContract;
  basis.live = true;
  basis.seq = 1;
  store::Standing standing;
  standing.bases = {basis};
  const std::vector<model::Lease> agent = Only("agent");
  Situation s{agent, "service", model::Op::kRead, &standing, kNow};
  EXPECT_EQ(Ask(s, visits.number), Verdict::kMasked);
  EXPECT_EQ(Ask(s, catalog.Find("call_log")->number), Verdict::kClear);
  EXPECT_EQ(TheDecider().Explain(s, visits.number), Reason::kMasked);
  s.op = model::Op::kReveal;
  EXPECT_EQ(Ask(s, visits.number), Verdict::kClear);
  s.trained = false;
  EXPECT_EQ(Ask(s, visits.number), Verdict::kMasked);
}

TEST(DecisionTest, NoContextMeansNo) {
  const store::Standing none;
  const std::vector<model::Lease> agent = Only("agent");
  for (const rules::Field& field : ThePolicy().catalog.fields()) {
    EXPECT_EQ(Ask({{}, "", model::Op::kRead, &none, kNow}, field.number), Verdict::kRefused);
    EXPECT_EQ(Ask({agent, "service", model::Op::kRead, &none, kNow}, field.number),
              Verdict::kRefused);
  }
}

}  // namespace

}  // namespace fiducia::gate
