// Imports of files: streaming, in bounded memory, resumable, idempotent, revertible. Rows are
// cleaned and sealed by workers, matched and written in order.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/json.h"
#include "collect/imports/mapping.h"
#include "govern/lawful/source_terms.h"
#include "process/record/record.h"
#include "store/imports.h"

namespace fiducia::collect {

struct ImportRequest {
  Mapping mapping;
  std::string source;
  model::BasisKind basis = model::BasisKind::kConsent;
  std::vector<std::string> purposes;
  std::string jurisdiction;  // empty: the mapping's, else the installation's
  bool separate = false;     // the basis covers L4 fields
  bool dry_run = false;
  Bytes file_hash;         // finds an interrupted import of the same file
  int64_t file_bytes = 0;  // for progress; 0: unknown
};

struct ImportCounts {
  int64_t rows = 0;
  int64_t created = 0;
  int64_t matched = 0;
  int64_t unchanged = 0;  // rows that an earlier run brought already
  int64_t quarantined = 0;
  int64_t repaired = 0;
  int64_t conflicts = 0;  // single values that differ from what is on record
  int64_t dropped_values = 0;
  std::map<std::string, int64_t>
      dropped;  // by field: not needed for the purpose, or dropped as invalid
  std::map<std::string, int64_t> reasons;  // of the quarantine
};

struct ImportReport {
  Uuid id;
  std::string state;
  ImportRequest request;
  ImportCounts counts;
  bool resumed = false;
  int64_t milliseconds = 0;
};

// Called now and then from the importing thread; false stops the import (it can be resumed).
using ImportProgress = std::function<bool(const ImportCounts& counts, int64_t bytes_read)>;

struct Repair {
  int64_t row = 0;
  std::vector<std::pair<std::string, model::Sensitive>> cells;  // column and new value
};

// The same for every open row that was refused for this.
struct RepairRule {
  std::string field;                                            // id
  std::string reason;                                           // as the quarantine names it
  std::vector<std::pair<std::string, model::Sensitive>> cells;  // column and new value
};

// Thread safe; each import runs on its caller's thread with workers of its own.
class Importer {
 public:
  struct Parts {
    store::Engine& engine;
    const gate::Gate& gate;
    const process::RecordBuilder& builder;
    const govern::SourceRegister& sources;
    const Clock& clock;
    Rng& rng;
    std::string jurisdiction;
    unsigned workers = 2;
  };
  explicit Importer(Parts parts) : parts_(std::move(parts)) {}

  // Errors: kUnknownSource …, kInvalidInput naming what is wrong with file or mapping. Rows that
  // are refused are no error: they are in quarantine.
  Result<ImportReport> Run(const model::Access& access, ImportRequest request, TableReader& table,
                           const ImportProgress& progress = {}) const;

  Result<Json> Describe(const Uuid& import) const;
  // {"imports": the newest first, those before `cursor`, "next"}. Errors: kInvalidInput.
  Result<Json> List(int limit, const std::string& cursor) const;
  // What files brought, by source.
  struct Brought {
    int64_t rows = 0;
    int64_t quarantined = 0;
    int64_t left_out = 0;
    int64_t last_ms = 0;
  };
  Result<std::map<std::string, Brought>> BroughtBySource() const;
  // Row, field, reason, state: never a value.
  Result<Json> Rejects(const Uuid& import, int64_t after_row, int limit) const;
  // Tries quarantined rows again with corrected cells.
  Result<ImportReport> RepairRows(const model::Access& access, const Uuid& import,
                                  std::vector<Repair> repairs) const;
  // Errors as RepairRows; kNotFound if no open row was refused for this.
  Result<ImportReport> RepairAll(const model::Access& access, const Uuid& import,
                                 const RepairRule& rule) const;
  // Takes out again what repaired rows brought. Their cells are not kept: to have them once more,
  // they come in another file. Errors: kNotFound for a row that was not repaired; kConflict where
  // other rows of the import went into the same customer.
  Result<Json> UndoRepairs(const model::Access& access, const Uuid& import,
                           const std::vector<int64_t>& rows) const;
  // Takes out what the import brought: customers it created, values it added.
  Result<Json> Revert(const model::Access& access, const Uuid& import) const;

 private:
  friend class ImportRun;
  struct RevertCounts {
    int64_t removed = 0;
    int64_t reduced = 0;
    int64_t held = 0;  // left as they are: kept for a legal claim
  };
  Status UndoRow(const model::Access& access, const Uuid& import, int64_t row,
                 RevertCounts& counts) const;
  Status RevertPage(const model::Access& access, store::ReadLease& lease, const Uuid& import,
                    const std::vector<store::TouchedSubject>& touched, RevertCounts& counts) const;
  Parts parts_;
};

// SHA-256 over the file, read once.
Result<Bytes> HashSource(ByteSource& source);

Json CountsToJson(const ImportCounts& counts);
Json ReportToJson(const ImportReport& report);

}  // namespace fiducia::collect
