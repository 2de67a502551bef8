// The laws as data: packs of dated rules with typed conditions and typed effects. There is no
// scripting, so a pack can be linted, tried against its own vectors and compared with the next one.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/embedded.h"
#include "base/json.h"
#include "rules/clock.h"
#include "rules/texts.h"

namespace fiducia::rules {

// What is known of a case. The names are closed lists (FactKinds); what is not in here is unknown.
struct Facts {
  std::map<std::string, std::set<std::string>, std::less<>> words;
  std::map<std::string, int64_t, std::less<>> numbers;
  std::map<std::string, bool, std::less<>> flags;
};

// From {"right": ["access"], "people": 1200, "malicious": true}. Errors: kInvalidInput for a name
// or word that is not declared.
Result<Facts> FactsFrom(const Json& json);

struct Condition {
  enum class Kind { kAnyOf, kAtLeast, kUnder, kIs };
  std::string fact;
  Kind kind = Kind::kAnyOf;
  std::set<std::string> words;
  int64_t number = 0;
  bool flag = false;
  bool operator==(const Condition&) const = default;
};

enum class Truth { kNo, kUnknown, kYes };

enum class Effect {
  kClock,              // a task in time
  kBasis,              // the lawful bases there are
  kRight,              // the person has these rights
  kRequireConsent,     // of this kind
  kDeny,               // not allowed at all
  kStepUp,             // identity shown anew
  kRetainMin,          // keep at least this long
  kRetainMax,          // and no longer than this
  kRequireAssessment,  // before it starts
  kRequireRecord,      // to be kept, and how long
  kThreshold,          // counted over distinct people
  kNotify,             // whom, and what the notice says
  kDisclose,           // in the notice to customers
  kContract,           // clauses with a processor
  kTransfer,           // ways to send data abroad
  kHumanReview,        // of an automated decision, on request
};
std::string_view Name(Effect effect);

struct Review {
  std::string by;
  std::string on;
};

struct Rule {
  std::string id;
  std::string regime;
  std::string cite;
  std::string status;           // in_force, proposed, repealed
  int64_t valid_from = 0;       // days since 1970-01-01
  int64_t valid_to = 0;         // the last day; 0: open
  std::string event;            // what happened: request, breach, consent …
  std::vector<Condition> when;  // all of them
  Effect effect = Effect::kDeny;
  ClockRule clock;              // of kClock
  std::set<std::string> words;  // bases, rights, kinds of consent, clauses, ways
  std::string period;           // ISO 8601, of what is kept
  int64_t count = 0;            // of kThreshold
  std::string measure;          // what is counted: people, exported, exported_sensitive, staff
  Texts text;
  std::optional<Review> review;  // by a lawyer; without one the rule advises and never blocks

  bool InForceOn(int64_t day) const;
  bool Blocks() const { return review.has_value(); }
  // What a review is of: it is void once any of this changes.
  std::string Substance() const;
};

struct Pack {
  std::string regime;
  std::string parent;  // of a state: the country's; may be empty
  Texts name;
  Texts law;
  std::string calendar;
  std::vector<std::string> countries;  // ISO 3166, of residence
  int rank = 0;                        // strictness; used where nothing is known of a person
  std::vector<Rule> rules;
};

struct Vector {
  std::string file;
  int number = 0;  // in the file, from 1
  std::string rule;
  int64_t on = 0;  // a day
  Json facts = Json::object();
  std::optional<bool> applies;
  std::string start;
  std::string due;  // a day, or an instant
  std::string extended_at;
  bool told = true;
  std::vector<std::array<std::string, 3>> pauses;  // from, to, reason
  std::string refused;                             // part of the refusal's text
};

struct Applied {
  const Rule* rule = nullptr;
  Truth truth = Truth::kYes;  // kUnknown: a fact is missing, it may apply
};

class Jurisdictions {
 public:
  const std::map<std::string, Pack, std::less<>>& packs() const { return packs_; }
  const Calendars& calendars() const { return calendars_; }
  const std::vector<Vector>& vectors() const { return vectors_; }
  const Rule* Find(std::string_view id) const;
  const Pack* FindPack(std::string_view regime) const;
  // The pack's regime for a country or state code; "" if none is enabled for it.
  std::string RegimeOf(std::string_view country) const;
  // Those of these regimes that a day and the facts call for, also where a fact is missing. A
  // regime that no pack describes brings in the strictest one.
  std::vector<Applied> Applying(const std::set<std::string>& regimes, std::string_view event,
                                const Facts& facts, int64_t day) const;

  // Whether consent of somebody of this age takes what `word` says: guardian, all_sensitive.
  bool AsksOfAge(const std::set<std::string>& regimes, int64_t age, int64_t day,
                 const std::string& word) const;
  // The least age, in whole years, at which no rule asks for a guardian's consent.
  int AgeOfOwnConsent(const std::set<std::string>& regimes, int64_t day) const;

  // Used by the loader only.
  void Add(Calendar calendar) { calendars_[calendar.id] = std::move(calendar); }
  void Add(Pack pack);
  void Add(Vector vector) { vectors_.push_back(std::move(vector)); }

 private:
  std::map<std::string, Pack, std::less<>> packs_;
  std::map<std::string, std::pair<std::string, size_t>, std::less<>> by_id_;
  Calendars calendars_;
  std::vector<Vector> vectors_;
};

// Whether this effect may name the word: a clause of an agreement, a way abroad, a kind of consent.
bool IsWordOf(Effect effect, std::string_view word);

// Reads jurisdictions/*.toml and calendars/*.toml out of `files`; others are passed over. Throws
// TomlTable::Fault.
Jurisdictions ReadJurisdictions(std::span<const EmbeddedFile> files);

// Tries one vector. "" if it holds, else what came out instead.
std::string TryVector(const Jurisdictions& jurisdictions, const Vector& vector);

// The strictest of kinds of consent: separate before written, explicit, express, opt_in, opt_out.
std::string StrictestConsent(const std::set<std::string>& kinds);
// When a value is due to go under several laws at once, from the moment its clock started: erased
// at the least maximum; but where a law wants it kept longer than that, restricted until then.
struct Retention {
  int64_t erase_day = 0;     // 0: no law says
  int64_t restrict_day = 0;  // 0: none; else it is kept from then on and used for nothing else
};
Retention RetentionOf(std::span<const Applied> rules, int64_t start_day);
// The day after an ISO 8601 period such as P3Y, P6M or P30D. Errors: kInvalidInput.
Result<int64_t> AfterPeriod(int64_t day, std::string_view period);

// What differs between two sets of packs, rule by rule.
struct RuleChange {
  enum class Kind { kAdded, kRemoved, kChanged };
  Kind kind = Kind::kChanged;
  std::string rule;
  std::string regime;
  std::vector<std::string> parts;  // "length: 45cd -> 30cd"
};
std::string_view Name(RuleChange::Kind kind);
std::vector<RuleChange> DiffRules(const Jurisdictions& before, const Jurisdictions& after);

}  // namespace fiducia::rules
