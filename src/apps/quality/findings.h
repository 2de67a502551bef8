// What free texts were found to hold that their field is not meant for: an inbox. A finding is a
// kind of thing in a field from a source; it names no person and no value.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "guard/register_book.h"
#include "process/classify/text_counts.h"

namespace fiducia::apps {

struct Finding {
  Uuid id;
  std::string source;
  std::string field;  // id
  std::string kind;   // of what was found, such as national_id or health
  model::Level level = model::Level::kL1;
  int64_t values = 0;  // in which it was found, since the first
  int64_t first_ms = 0;
  int64_t last_ms = 0;
  std::string state = "new";  // expected: it may come; mended: the source was told, comes no more
  Uuid by;
  int64_t decided_ms = 0;
};

// Thread safe. All parts must outlive it.
class Findings {
 public:
  struct Parts {
    const gate::Gate& gate;
    const guard::RegisterBook& book;
    process::TextCounts& counts;
    const Clock& clock;
    Rng& rng;
  };
  static Result<std::unique_ptr<Findings>> Open(Parts parts);

  // Keeps what was counted since. What was mended and comes again is new again. Call now and then.
  Status Tick();
  // New ones first, then the highest level, then the latest.
  Result<std::vector<Finding>> List(const model::Access& access);
  // Errors: kNotFound; kInvalidInput for a state other than new, expected and mended.
  Result<Finding> Decide(const model::Access& access, const Uuid& id, const std::string& state);

 private:
  struct Held {
    uint32_t version = 0;
    Finding finding;
  };
  explicit Findings(Parts parts) : parts_(parts) {}

  Parts parts_;
  std::mutex changing_;
  mutable std::mutex mutex_;
  std::map<Uuid, Held> known_;
};

}  // namespace fiducia::apps
