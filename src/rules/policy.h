// The declared rules: fields, purposes and roles, read from data/*.toml and checked whole before
// use.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded.h"
#include "model/types.h"
#include "rules/decision_model.h"
#include "rules/jurisdictions.h"
#include "rules/notice.h"

namespace fiducia::rules {

enum class IndexKind { kExact = 0, kPinyin = 1 };

struct IndexDecl {
  IndexKind kind;
  int bits;  // length of the stored token; shorter leaks less and finds more strangers
};

struct Field {
  std::string id;
  model::FieldNo number = 0;
  std::string data_class;
  model::Level level = model::Level::kL4;
  std::vector<std::string> flags;
  std::string type;
  std::string normalizer;
  std::string validator;
  size_t characters_max = 0;
  bool many = false;
  std::string mask;
  std::vector<IndexDecl> index;
  std::string leakage;
  std::string retention_after;
  std::string retention_period;  // ISO 8601 duration
  int fresh_days = 0;            // after which it is to be verified again; 0: never
  // Whether a value last known to be right then is to be verified.
  bool IsStale(int64_t seen_ms, int64_t now_ms) const {
    constexpr int64_t kDayMs = 86400000;
    return fresh_days > 0 && now_ms - seen_ms > fresh_days * kDayMs;
  }
  std::string fideslang;
  std::string dpv;
  // Its value stands for one person: an erased person's is not taken in again unawares.
  bool identifies() const {
    return std::find(flags.begin(), flags.end(), "identifies") != flags.end();
  }
  Texts name;
  Texts description;
};

class Catalog {
 public:
  const std::vector<Field>& fields() const { return fields_; }
  const Field* Find(std::string_view id) const;  // nullptr if undeclared
  const Field* Find(model::FieldNo number) const;
  const model::FieldSet& UpTo(model::Level level) const {
    return up_to_[static_cast<size_t>(level)];
  }
  const model::FieldSet& AtLevel(model::Level level) const {
    return at_[static_cast<size_t>(level)];
  }
  model::FieldSet OfClass(std::string_view data_class) const;
  const model::FieldSet& indexed() const { return indexed_; }

  // Used by the loader only.
  void Add(Field field);

 private:
  std::vector<Field> fields_;
  std::map<std::string, size_t, std::less<>> by_id_;
  std::vector<int> by_number_ = std::vector<int>(model::kFieldMax, -1);
  std::array<model::FieldSet, 5> up_to_{};
  std::array<model::FieldSet, 5> at_{};
  model::FieldSet indexed_;
};

// Fields that together tell more than any of them alone: for a purpose that is about one field of
// each part, what is `raised` is of that level.
struct Combination {
  std::string id;
  Texts name;
  std::vector<model::FieldSet> parts;
  model::Level level = model::Level::kL4;
  model::FieldSet raised;
  bool In(const model::FieldSet& fields) const;
};

struct Purpose {
  std::string id;
  std::string parent;  // a wider purpose; taking that back takes this back too. May be empty
  Texts name;
  Texts description;
  std::string dpv;
  std::string fideslang;
  std::vector<model::BasisKind> bases;
  std::vector<std::string> classes;
  std::vector<std::string> extra_fields;
  std::vector<std::string> without;
  model::Level level_max = model::Level::kL1;
  std::string term;
  std::string owner;
  bool overriding = false;
  bool assessed = false;        // does not run before an impact assessment of it is signed
  bool opt_out_signal = false;  // a Global Privacy Control signal is an objection to it
  model::FieldSet fields;       // compiled from the four above
  model::FieldSet raised_l3;    // of `fields`, by a combination: to this level
  model::FieldSet raised_l4;
  bool AllowsBasis(model::BasisKind basis) const;
  model::Level LevelOf(const Field& field) const;  // beside the others that it is about
};

struct Role {
  std::string id;
  Texts name;
  std::set<std::string> purposes;
  std::vector<std::string> classes;
  std::vector<std::string> masked_fields;
  std::set<std::string> can;
  bool assignable = false;         // to a person
  bool exports = false;            // what it sees may leave in a file
  std::set<std::string> excludes;  // roles that the same person must not hold
  std::optional<model::Level> read;
  std::optional<model::Level> masked;
  std::optional<model::Level> reveal;
  std::optional<model::Level> write;
  std::optional<model::Level> search;
};

// Signed by everybody before the first piece of work.
struct Agreement {
  std::string id;
  std::string version;
  Texts title;
  Texts text;
};

struct Course {
  struct Choice {
    Texts text;
    bool right = false;
  };
  struct Question {
    Texts text;
    std::vector<Choice> choices;
  };
  std::string id;
  std::string version;
  Texts title;
  Texts summary;
  int minutes = 0;
  int valid_days = 0;
  int pass_mark = 0;   // right answers needed
  int grace_days = 0;  // after the account was made, before it is overdue
  std::vector<Question> questions;
};

struct Policy {
  Catalog catalog;
  std::vector<Combination> combinations;
  std::map<std::string, Purpose, std::less<>> purposes;
  std::map<std::string, Role, std::less<>> roles;
  Agreement agreement;
  std::vector<Course> courses;
  Jurisdictions laws;
  std::vector<Notice> notices;                   // one: what customers are told
  std::vector<DecisionModel> decisions;          // that machines make
  std::map<std::string, std::string> law_files;  // packs and calendars, to compare with others
  std::string version;  // first 16 hex digits of a checksum over all policy files
  std::string text;     // all of them, for a hash that cannot be forged

  const Purpose* FindPurpose(std::string_view id) const;
  // All purposes below it in the tree.
  std::vector<const Purpose*> Below(std::string_view id) const;
  const Role* FindRole(std::string_view id) const;
  const DecisionModel* FindDecision(std::string_view id) const;
};

// Files compiled into the binary; see tools/embed.py.
std::span<const EmbeddedFile> embedded_files();

// `overlay_folder` may hold catalog/, purposes/ and roles/ of this installation: a file of the same
// name replaces ours, another one is added. Empty: none.
Loaded<Policy> LoadPolicy(const std::string& overlay_folder = {});
Loaded<Policy> LoadPolicyFrom(std::span<const EmbeddedFile> files);

// Text of an embedded file, for reference tables; empty if absent.
std::string_view EmbeddedText(std::string_view name);

}  // namespace fiducia::rules
