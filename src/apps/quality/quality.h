// How good the data held is: how sure of each value the house is, how long ago it was looked at,
// and where it came from. Nothing is opened: all of it stands beside the sealed values.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "guard/register_book.h"
#include "process/clean/profile.h"
#include "process/record/reader.h"

namespace fiducia::apps {

constexpr std::string_view kQualityRead = "quality.read";

struct QualityPart {
  std::string id;  // of a field or a source
  int64_t values = 0;
  int64_t stale = 0;      // not verified or collected within the time the kind of data keeps
  double confidence = 0;  // mean, 0 to 1
  double score = 0;       // mean over values, 0 to 1
  int64_t oldest_ms = 0;  // when the oldest was last looked at
};

struct QualityReport {
  Uuid id;
  int64_t at_ms = 0;
  int64_t customers = 0;
  int64_t reachable = 0;  // with a fresh way to be reached
  int64_t values = 0;
  int64_t stale = 0;
  double score = 0;
  std::vector<QualityPart> fields;   // the worst first
  std::vector<QualityPart> sources;  // the worst first
  std::vector<QualityPart> owners;   // who answers for the sources; the worst first
};

// Of one value: its confidence, halved once its time is over.
double ScoreOf(double confidence, bool stale);

// Thread safe. All collaborators must outlive it.
class Quality {
 public:
  struct Parts {
    store::Engine& engine;
    const gate::Gate& gate;
    const process::RecordReader& records;
    const guard::RegisterBook& book;
    const Clock& clock;
    Rng& rng;
  };
  static Result<std::unique_ptr<Quality>> Open(Parts parts);

  // Goes through everything held and keeps the report; one for each month is kept.
  Result<QualityReport> Run(const model::Access& access);
  // Does so once a day, if there is anybody to report on. Call now and then.
  Status Tick();
  // The reports kept, the newest first.
  Result<std::vector<QualityReport>> List(const model::Access& access) const;
  // The newest of them; for reports of the house that ask for a right of their own.
  std::optional<QualityReport> Newest() const;
  // Who holds values whose time is over, the oldest first: to be asked again.
  struct Stale {
    model::SubjectRef subject;
    std::vector<std::string> fields;
    int64_t oldest_ms = 0;
  };
  // How the values of a source look: types, what is missing, of another form or doubled; over up to
  // 2,000 of its customers, without any value. Errors: kNotFound.
  Result<process::TableProfile> ProfileSource(const model::Access& access,
                                              const std::string& source) const;
  Result<std::vector<Stale>> ToVerify(const model::Access& access, size_t most) const;

 private:
  explicit Quality(Parts parts) : parts_(parts) {}
  using Each = std::function<void(const store::Dossier& dossier)>;
  Status Walk(const Each& each) const;
  Result<QualityReport> Make(const model::Access& access);
  struct Held {
    uint32_t version = 0;
    QualityReport report;
  };

  Parts parts_;
  std::mutex running_;
  mutable std::mutex mutex_;
  std::map<Uuid, Held> known_;
};

}  // namespace fiducia::apps
