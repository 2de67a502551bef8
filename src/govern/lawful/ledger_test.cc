// The ledger of authorizations against a model that knows no state: it looks at the events each
// time.
#include <gtest/gtest.h>

#include "base/rng.h"
#include "govern/lawful/authorizations.h"
#include "testing/covers.h"

namespace fiducia::govern {

namespace {

using model::BasisAction;
using model::BasisEvent;
using model::BasisKind;

const rules::Policy& ThePolicy() {
  static const rules::Policy policy = *rules::LoadPolicy();
  return policy;
}

bool Soft(BasisKind basis) {
  return basis == BasisKind::kLegitimateInterest || basis == BasisKind::kPublicInterest ||
         basis == BasisKind::kPublicSource;
}

bool IsPart(const BasisEvent& e) { return e.scope.fields || !e.scope.departments.empty(); }

bool SaysNo(const BasisEvent& e) {
  return e.action == BasisAction::kWithdrawn || e.action == BasisAction::kRefused ||
         e.action == BasisAction::kObjected;
}

// Whether event `g` still stands at `t`, by what came after it.
bool Stands(const std::vector<BasisEvent>& events, const BasisEvent& g, int64_t t) {
  uint32_t uses = 0;
  for (const BasisEvent& e : events) {
    if (e.at_ms > t || e.seq <= g.seq) {
      continue;
    }
    const bool same_place = e.action == BasisAction::kGiven && e.purpose == g.purpose &&
                            e.basis == g.basis && e.kind == g.kind &&
                            e.scope.fields == g.scope.fields &&
                            e.scope.departments == g.scope.departments &&
                            e.kind != model::AuthorizationKind::kTemporary;
    const bool named = e.of == g.seq && (SaysNo(e) || e.action == BasisAction::kEnded);
    const bool whole_no = SaysNo(e) && e.of == 0 && !IsPart(e) && e.purpose == g.purpose;
    const bool objected = whole_no && e.action == BasisAction::kObjected &&
                          (g.basis == BasisKind::kConsent || Soft(g.basis));
    const bool taken_back = whole_no && e.action != BasisAction::kObjected && e.basis == g.basis;
    if (same_place || named || objected || taken_back) {
      return false;
    }
    uses += e.action == BasisAction::kUsed && e.of == g.seq ? 1U : 0U;
  }
  return g.from_ms <= t && (g.until_ms == 0 || t < g.until_ms) &&
         (g.max_uses == 0 || uses < g.max_uses);
}

bool TakenOut(const std::vector<BasisEvent>& events, const BasisEvent& g, model::FieldNo field,
              const std::string& department, int64_t t) {
  for (const BasisEvent& e : events) {
    if (e.at_ms > t || !SaysNo(e) || e.of != 0 || e.purpose != g.purpose) {
      continue;
    }
    const bool objection = e.action == BasisAction::kObjected;
    if (!IsPart(e) && !objection) {
      continue;  // a whole "no" has ended what it could
    }
    const bool bears = g.basis == BasisKind::kConsent ? e.seq > g.seq : objection && Soft(g.basis);
    const bool here = e.scope.departments.empty() ||
                      std::find(e.scope.departments.begin(), e.scope.departments.end(),
                                department) != e.scope.departments.end();
    if (bears && here && (!e.scope.fields || e.scope.fields->Has(field))) {
      return true;
    }
  }
  return false;
}

bool Naive(const std::vector<BasisEvent>& events, const StandingQuestion& q) {
  const rules::Purpose& purpose = *ThePolicy().FindPurpose(q.purpose);
  const model::FieldNo field = ThePolicy().catalog.Find(q.field)->number;
  bool restricted = false;
  for (const BasisEvent& e : events) {
    if (e.at_ms <= q.at_ms && e.action == BasisAction::kRestricted) {
      restricted = true;
    } else if (e.at_ms <= q.at_ms && e.action == BasisAction::kLifted) {
      restricted = false;
    }
  }
  if (restricted && !purpose.overriding) {
    return false;
  }
  for (const BasisEvent& g : events) {
    const bool given = g.action == BasisAction::kGiven && g.at_ms <= q.at_ms &&
                       g.purpose == q.purpose && purpose.AllowsBasis(g.basis);
    const bool reaches =
        given && purpose.fields.Has(field) && (!g.scope.fields || g.scope.fields->Has(field)) &&
        (g.scope.operations & q.operation) != 0 &&
        (g.scope.departments.empty() ||
         std::find(g.scope.departments.begin(), g.scope.departments.end(), q.department) !=
             g.scope.departments.end());
    if (reaches && Stands(events, g, q.at_ms) &&
        !TakenOut(events, g, field, q.department, q.at_ms)) {
      return true;
    }
  }
  return false;
}

const std::vector<std::string> kPurposes = {"service", "marketing_email", "personalization"};
const std::vector<std::string> kFields = {"name_full", "email", "order", "city"};
const std::vector<std::string> kDepartments = {"care", "shop"};

model::Scope RandomScope(SeededRandom& random) {
  model::Scope scope;
  if (random.Chance(400)) {
    scope.fields = model::FieldSet();
    for (const std::string& field : kFields) {
      if (random.Chance(500)) {
        scope.fields->Add(ThePolicy().catalog.Find(field)->number);
      }
    }
  }
  if (random.Chance(250)) {
    scope.departments = {kDepartments[random.Below(2)]};
  }
  return scope;
}

std::vector<BasisEvent> RandomHistory(SeededRandom& random) {
  std::vector<BasisEvent> events;
  int64_t at = 1000;
  for (uint64_t n = 1 + random.Below(14); n > 0; --n) {
    BasisEvent e;
    at += static_cast<int64_t>(random.Below(3));
    e.at_ms = at;
    e.seq = static_cast<uint32_t>(events.size() + 1);
    e.purpose = kPurposes[random.Below(kPurposes.size())];
    const BasisKind kinds[] = {BasisKind::kConsent, BasisKind::kConsent, BasisKind::kContract,
                               BasisKind::kLegitimateInterest};
    e.basis = kinds[random.Below(4)];
    const uint64_t what = random.Below(100);
    e.action = what < 45   ? BasisAction::kGiven
               : what < 58 ? BasisAction::kWithdrawn
               : what < 68 ? BasisAction::kObjected
               : what < 74 ? BasisAction::kRefused
               : what < 80 ? BasisAction::kUsed
               : what < 86 ? BasisAction::kEnded
               : what < 90 ? BasisAction::kRequested
               : what < 95 ? BasisAction::kRestricted
                           : BasisAction::kLifted;
    e.restriction = model::kRestrictedBySubject;
    e.scope = e.action == BasisAction::kRestricted || e.action == BasisAction::kLifted
                  ? model::Scope()
                  : RandomScope(random);
    if (e.action == BasisAction::kUsed || e.action == BasisAction::kEnded ||
        (SaysNo(e) && random.Chance(200))) {
      e.of = static_cast<uint32_t>(1 + random.Below(events.size() + 1));
      const bool there = e.of <= events.size();
      e.purpose = there ? events[e.of - 1].purpose : e.purpose;
      e.basis = there ? events[e.of - 1].basis : e.basis;
    }
    if (e.action == BasisAction::kGiven) {
      e.kind = static_cast<model::AuthorizationKind>(1 + random.Below(3));
      e.from_ms = random.Chance(800) ? 0 : at + static_cast<int64_t>(random.Below(6));
      e.until_ms = random.Chance(600) ? 0 : at + static_cast<int64_t>(random.Below(12));
      e.max_uses = random.Chance(850) ? 0 : 1 + static_cast<uint32_t>(random.Below(2));
      e.scope.operations = random.Chance(850) ? model::kInHouse : uint8_t{model::kContact};
    }
    events.push_back(std::move(e));
  }
  return events;
}

// Whether anything of the basis is left by what was taken out.
bool Counts(const store::Standing& standing, const store::BasisState& state) {
  return state.live &&
         std::none_of(standing.exclusions.begin(), standing.exclusions.end(), [&](const auto& e) {
           return e.department.empty() && e.fields == model::FieldSet::All() && e.BearsOn(state);
         });
}

TEST(LedgerTest, TenThousandRandomHistoriesAgreeWithANaiveModelAtEveryMoment) {
  for (const char* row : {"G2", "G3", "G4"}) {
    testing::Covers(row);
  }
  SeededRandom random(20261126);
  int yes = 0;
  int asked = 0;
  for (int i = 0; i < 10000; ++i) {
    const std::vector<BasisEvent> events = RandomHistory(random);
    for (int q = 0; q < 8; ++q, ++asked) {
      const StandingQuestion question{kPurposes[random.Below(kPurposes.size())],
                                      random.Chance(700) ? model::kView : model::kContact,
                                      kFields[random.Below(kFields.size())],
                                      kDepartments[random.Below(2)],
                                      998 + static_cast<int64_t>(random.Below(40))};
      const bool naive = Naive(events, question);
      yes += naive ? 1 : 0;
      ASSERT_EQ(AnswerOf(ThePolicy(), events, question).yes, naive)
          << "history " << i << ", " << question.purpose << " " << question.field << " at "
          << question.at_ms;
    }
  }
  EXPECT_GT(yes, asked / 20);
}

TEST(LedgerTest, EventsAndStandingsComeBackAsTheyWereWritten) {
  SeededRandom random(3);
  for (int i = 0; i < 2000; ++i) {
    std::vector<BasisEvent> events = RandomHistory(random);
    store::Dossier dossier;
    for (BasisEvent& event : events) {
      event.notice = random.Chance(500) ? "privacy@3" : "";
      const Bytes body = store::EncodeBasisEvent(event);
      const auto back = store::DecodeBasisEvent(event.seq, body);
      ASSERT_TRUE(back);
      EXPECT_EQ(store::EncodeBasisEvent(*back), body);
      EXPECT_FALSE(store::DecodeBasisEvent(event.seq, body.substr(0, body.size() - 1)));
      store::Apply(event, dossier.standing);
    }
    const Bytes body = store::EncodeDossier(dossier);
    const auto back = store::DecodeDossier({}, 0, body);
    ASSERT_TRUE(back);
    EXPECT_EQ(store::EncodeDossier(*back), body);
  }
}

TEST(LedgerTest, TwoPeopleFoundToBeOneKeepTheMoreRestrictiveAnswer) {
  testing::Covers("G4");
  SeededRandom random(17);
  for (int i = 0; i < 3000; ++i) {
    const std::vector<BasisEvent> a = RandomHistory(random);
    const std::vector<BasisEvent> b = RandomHistory(random);
    const store::Standing one = store::Unite(
        store::StandingAt(a, 2000), a.empty() ? 0 : a.back().seq, store::StandingAt(b, 2000));
    // A whole "no" of either, not answered anew by the same one, closes every consent.
    for (const auto* events : {&a, &b}) {
      for (const std::string& purpose : kPurposes) {
        const BasisEvent* last = nullptr;
        for (const BasisEvent& e : *events) {
          const bool answers =
              (e.action == BasisAction::kGiven && e.basis == BasisKind::kConsent) ||
              (SaysNo(e) && e.of == 0 && !IsPart(e) &&
               (e.basis == BasisKind::kConsent || e.action == BasisAction::kObjected));
          if (e.purpose == purpose && answers) {
            last = &e;
          }
        }
        if (last == nullptr || !SaysNo(*last)) {
          continue;
        }
        for (const store::BasisState& state : one.bases) {
          EXPECT_FALSE(Counts(one, state) && state.purpose == purpose &&
                       state.basis == BasisKind::kConsent);
        }
      }
    }
    EXPECT_EQ(one.restrictions,
              store::StandingAt(a, 2000).restrictions | store::StandingAt(b, 2000).restrictions);
  }
}

TEST(LedgerTest, UnitingTwoIsTheSameWhoeverComesFirst) {
  BasisEvent yes;
  yes.seq = 1;
  yes.purpose = "marketing_email";
  yes.at_ms = 10;
  BasisEvent no = yes;
  no.action = BasisAction::kWithdrawn;
  no.at_ms = 5;
  for (const auto& [a, b] : {std::pair(std::vector{yes}, std::vector{no}),
                             std::pair(std::vector{no}, std::vector{yes})}) {
    store::Standing one = store::Unite(store::StandingAt(a, 100), 1, store::StandingAt(b, 100));
    for (const store::BasisState& state : one.bases) {
      EXPECT_FALSE(Counts(one, state)) << "the no of one stands against the yes of the other";
    }
    // Said yes anew, as one person: that counts.
    BasisEvent anew = yes;
    anew.seq = 2;
    anew.at_ms = 200;
    store::Standing own = store::StandingAt(a, 100);
    store::Apply(anew, own);
    one = store::Unite(own, 1, store::StandingAt(b, 100));
    EXPECT_TRUE(std::any_of(one.bases.begin(), one.bases.end(),
                            [&](const auto& state) { return Counts(one, state); }));
    EXPECT_TRUE(store::StandingAt(std::vector{yes}, 100).bases[0].live);
    EXPECT_FALSE(store::StandingAt(std::vector{no}, 100).bases[0].live);
  }
}

}  // namespace

}  // namespace fiducia::govern
