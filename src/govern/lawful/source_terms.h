// On what terms a source may bring anything: whose data it is, under which agreement, what shows
// that the supplier may give it, and whether the people it is about were told.
#pragma once

#include <map>
#include <shared_mutex>
#include <string>
#include <vector>

#include "guard/tallies.h"

namespace fiducia::govern {

// Our own dealings with the person; another company's; what is open to everybody.
enum class SourceKind : uint8_t { kOwn, kThirdParty, kPublic };
std::string_view Name(SourceKind kind);
Result<SourceKind> SourceKindNamed(std::string_view name);

struct SourceTerms {
  std::string source;
  uint32_t version = 0;
  SourceKind kind = SourceKind::kOwn;
  std::string supplier;            // of a third party
  std::string agreement;           // where it is kept: CON-17
  int64_t agreement_until_ms = 0;  // 0: none
  std::string evidence;            // that the supplier may give it: their consent text, DOC-9
  int64_t evidence_ms = 0;         // when somebody looked at it last
  std::string citation;            // of public data: where it stands
  int64_t observed_ms = 0;         // and when it was seen there
  int64_t told_ms = 0;             // up to when the people were told; 0: never
  std::string told_how;
  int64_t cut_ms = 0;  // it brings nothing any more; 0: it does
  std::string cut_why;
};

// Why a source may bring nothing: cut_off, agreement_missing, agreement_lapsed, evidence_missing,
// evidence_old (of more than a year), citation_missing; "" if it may.
std::string_view ObstacleOf(const SourceTerms& terms, int64_t now_ms);

// What came from a source one by one, by calls of the API and at the desk. Files and streams are
// counted where they are taken in.
struct SourceTaken {
  int64_t taken = 0;
  int64_t last_ms = 0;

  void Add(const SourceTaken& more);
  Json ToJson() const;
  static SourceTaken FromJson(const Json& json);
};

// Thread safe. All parts must outlive it.
class SourceRegister {
 public:
  struct Parts {
    const gate::Gate& gate;
    const guard::RegisterBook& book;
    const vault::Vault& vault;
    const Clock& clock;
  };
  static Result<std::unique_ptr<SourceRegister>> Open(Parts parts);

  // Errors: kConflict, with what is missing.
  Status MayBring(const std::string& source) const;
  // Something came from it.
  void Took(const std::string& source) { taken_.Add(IdOf(source), {1, parts_.clock.NowMs()}); }
  SourceTaken TakenFrom(const std::string& source) const { return taken_.Of(IdOf(source)); }
  // Keeps what was counted since. Call now and then.
  Status Tick() { return taken_.Tick(); }
  // Of one that nothing was said about: our own.
  SourceTerms Terms(const std::string& source) const;
  // What counts of a source are kept under.
  Uuid IdOf(const std::string& source) const;

  // Keeps what they say but the last four members. Errors: kInvalidInput.
  Status Set(const model::Access& access, SourceTerms terms);
  // Nothing comes from it any more, by any way. Errors: kConflict if it is cut off already.
  Status Cut(const model::Access& access, const std::string& source, const std::string& why);
  // The people that it brought until now were told. Errors: kInvalidInput.
  Status Told(const model::Access& access, const std::string& source, const std::string& how);

 private:
  explicit SourceRegister(Parts parts);
  Status Save(const model::Access& access, SourceTerms terms, std::string_view operation);

  Parts parts_;
  std::mutex changing_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, SourceTerms> known_;
  guard::Tallies<SourceTaken> taken_;
};

}  // namespace fiducia::govern
