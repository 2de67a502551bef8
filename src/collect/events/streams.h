// Streams of events: a website, an app, a server, each with a key that can only write, the purposes
// its events are for, and the fields it may bring. What was left out is counted, without values.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "guard/tallies.h"

namespace fiducia::collect {

// What becomes of an address that a request came from.
enum class IpPolicy : uint8_t { kDrop, kTruncate, kKeep };
std::string_view Name(IpPolicy policy);
Result<IpPolicy> IpPolicyNamed(std::string_view name);

struct StreamSpec {
  std::string source;  // registered
  std::string label;
  std::vector<std::string> purposes;
  model::BasisKind basis = model::BasisKind::kConsent;
  std::vector<std::string> fields;           // ids; those the purposes need at most
  std::map<std::string, std::string> paths;  // of a value to a field, over the usual ones
  std::vector<std::string> origins;          // https://shop.example; none: from no browser
  IpPolicy ip = IpPolicy::kDrop;
  bool refuse_unknown = false;  // an event with more than these fields: refused, else without them
  std::map<std::string, model::BasisKind> bases;  // of purposes that rest on another basis

  model::BasisKind BasisOf(const std::string& purpose) const {
    const auto own = bases.find(purpose);
    return own == bases.end() ? basis : own->second;
  }
};

// How what comes by a stream is put on record.
struct Manner {
  std::string channel = "event";
  std::string operation = "events.take";  // of its leaf
  model::Evidence evidence = {"event", "consent", "", Uuid()};
  model::ConsentType consent = model::ConsentType::kNone;
  std::string locale;  // in which the person was asked; may be empty
  // The person said it themselves and now: a yes counts after a no, and after an erasure.
  bool own_hand = false;
  // Made by the house: what comes may open tickets, and find a customer by a value.
  bool trusted = false;
};

struct StreamCounts {
  int64_t accepted = 0;
  int64_t duplicates = 0;
  std::map<std::string, int64_t> dropped;   // by reason: what the person did not allow
  std::map<std::string, int64_t> refused;   // by reason: what was wrong
  std::map<std::string, int64_t> left_out;  // by path: values that the stream is not for
  int64_t last_ms = 0;

  void Add(const StreamCounts& more);
  Json ToJson() const;
  static StreamCounts FromJson(const Json& json);
};

struct Stream {
  Uuid id;
  uint32_t version = 0;
  StreamSpec spec;
  Manner manner;
  Bytes secret_hash;
  int64_t created_ms = 0;
  int64_t ended_ms = 0;
  // Made once.
  model::Actor actor;
  model::FieldSet fields;  // that its role may write for its purposes
  std::map<std::string, const rules::Field*, std::less<>> by_path;
};
using StreamPtr = std::shared_ptr<const Stream>;
// Fills in what is made once.
StreamPtr Made(Stream stream, const rules::Catalog& catalog);
// Where a value of the field stands in an event that we make ourselves: what somebody is, or what
// happened.
std::string PathOf(const rules::Field& field);
// Whether a page may be named like this: https://shop.example
bool IsOrigin(std::string_view origin);

// Thread safe. All parts must outlive it.
class Streams {
 public:
  struct Parts {
    store::Engine& engine;
    const gate::Gate& gate;
    const guard::RegisterBook& book;
    const vault::Vault& vault;
    const Clock& clock;
    Rng& rng;
  };
  static Result<std::unique_ptr<Streams>> Open(Parts parts);

  struct New {
    Uuid id;
    std::string key;  // wk_<id>_<secret>: shown once, kept nowhere
  };
  // Errors: kUnknownSource, kUnknownPurpose, kUnknownField, kPurposeRefused for a basis the purpose
  // cannot rest on, kInvalidInput.
  Result<New> Add(const model::Access& access, StreamSpec spec);
  // Nothing is taken under its key from now on. Errors: kNotFound.
  Status End(const model::Access& access, const Uuid& id);
  struct Listed {
    StreamPtr stream;
    StreamCounts counts;
  };
  Result<std::vector<Listed>> List(const model::Access& access) const;

  // Errors: kUnauthenticated for every fault alike.
  Result<StreamPtr> Find(std::string_view key) const;

  // Whether some live stream may be written to from this page.
  bool AllowsOrigin(std::string_view origin) const;

  void Count(const Uuid& stream, const StreamCounts& more) { counts_.Add(stream, more); }
  StreamCounts CountsOf(const Uuid& stream) const { return counts_.Of(stream); }
  // Keeps what was counted since. Call now and then.
  Status Tick() { return counts_.Tick(); }

 private:
  explicit Streams(Parts parts);
  Status Check(const StreamSpec& spec) const;

  Parts parts_;
  mutable std::shared_mutex mutex_;
  std::map<Uuid, StreamPtr> known_;
  guard::Tallies<StreamCounts> counts_;
};

// The usual paths of events and the fields they go to.
const std::map<std::string, std::string, std::less<>>& UsualPaths();

}  // namespace fiducia::collect
