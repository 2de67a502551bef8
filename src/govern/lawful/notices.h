// Notices: what customers are told, published in versions. A version is a snapshot of clauses and
// the text made from them in each language, with hashes in the audit log; the gate obeys what is
// published, not what is drafted.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gate/gate.h"
#include "guard/register_book.h"

namespace fiducia::govern {

constexpr std::array<std::string_view, 2> kNoticeLocales = {"zh-CN", "en"};

struct NoticeVersion {
  std::string id;
  int version = 0;
  int64_t published_ms = 0;
  Json snapshot;                              // the clauses, by ids
  std::map<std::string, std::string> texts;   // by locale: the page's HTML
  std::map<std::string, std::string> hashes;  // by locale: SHA-256, hex
  bool material = false;                      // against the one before
  std::string Name() const { return id + "@" + std::to_string(version); }
};

// One difference between two snapshots.
struct NoticeChange {
  std::string what;     // purpose_added, fields_added, country_added, retention_longer, wording …
  std::string purpose;  // may be empty
  std::vector<std::string> ids;
  bool material = false;  // who agreed before has to be asked anew, or told
};

// The clauses of a declared notice with what the purposes really do.
Json SnapshotOf(const rules::Policy& policy, const rules::Notice& notice);
std::vector<NoticeChange> DiffNotices(const Json& before, const Json& after);
// The page, made from a snapshot. Locale: zh-CN or en.
std::string NoticeHtml(const rules::Policy& policy, const Json& snapshot, const std::string& locale,
                       int version, const std::string& day);

// Thread safe. All parts must outlive it.
class Notices {
 public:
  struct Parts {
    const guard::RegisterBook& book;
    gate::Gate& gate;
    const vault::Vault& vault;
    const Clock& clock;
    Rng& rng;
  };
  // Publishes the first version of each declared notice that has none, and tells the gate.
  static Result<std::unique_ptr<Notices>> Open(Parts parts);

  // Newest first. Of `id` only, if it is not empty.
  std::vector<NoticeVersion> Versions(const std::string& id = {}) const;
  // 0: the newest. Errors: kNotFound.
  Result<NoticeVersion> Find(const std::string& id, int version) const;
  // What publishing now would change. Empty: nothing. Errors: kNotFound.
  Result<std::vector<NoticeChange>> Pending(const std::string& id) const;
  // Errors: kRoleRefused, kNotFound, kConflict if nothing changed.
  Result<NoticeVersion> Publish(const model::Access& access, const std::string& id);

 private:
  explicit Notices(Parts parts) : parts_(parts) {}
  Result<NoticeVersion> Make(const model::Access& access, const rules::Notice& notice);
  void TellGate() const;  // holding the lock

  Parts parts_;
  mutable std::mutex mutex_;
  std::vector<NoticeVersion> versions_;  // in the order of publishing
};

}  // namespace fiducia::govern
