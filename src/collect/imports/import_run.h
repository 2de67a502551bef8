// One run of an import. Private to imports/.
#pragma once

#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <unordered_map>

#include "collect/imports/importer.h"

namespace fiducia::collect {

// A row on its way: parsed, cleaned, sealed, matched.
struct PreparedRow {
  TableRow raw;
  std::vector<process::FieldInput> inputs;
  std::vector<process::Cleaned> cleaned;
  store::Token fingerprint;
  std::vector<store::Token> match_tokens;  // record key, then unique identifiers
  std::optional<process::BuiltRecord> built;
  bool known = false;  // its fingerprint is on record
  std::map<std::string, int64_t> dropped;
  std::optional<store::Reject> reject;
};

// The more rows to a batch, the fewer times a page of the index is written.
constexpr size_t kBatchRows = 3600;

// What import_rows keeps of a row, so that its tokens can be removed with the customer.
Bytes TokensOf(const PreparedRow& row);

class ImportRun {
 public:
  ImportRun(const Importer::Parts& parts, const model::Access& access, ImportRequest request);

  Result<ImportReport> Run(TableReader& table, const ImportProgress& progress);
  Result<ImportReport> RunRepairs(const store::ImportRow& row, std::vector<PreparedRow> rows);
  // For repairs: the same checks that a fresh row goes through.
  Status PrepareRow(PreparedRow& row, store::ReadLease& lease) const;
  Status RefuseSuppressed(PreparedRow& row, store::ReadLease& lease) const;
  Status Check() const;
  Status BindHeader(const std::vector<std::string>& header);
  bool IsSame(const store::ImportRow& row) const;
  Status StartOrResume();
  void Adopt(const store::ImportRow& row);
  model::SubjectRef key_ref() const { return {0, report_.id}; }

  // The quarantined row as text under the import's own key, and back.
  Result<Bytes> SealRow(const vault::SubjectKey& key, const TableRow& row) const;
  Result<TableRow> OpenRow(const vault::SubjectKey& key, int64_t number, BytesView sealed) const;

 private:
  struct Bound {
    const ColumnMap* map;
    std::vector<size_t> places;
    process::Hints hints;
    bool allowed = true;
  };
  using Chunk = std::vector<PreparedRow>;
  // A row that adds to a customer on record. What it brings is kept, in case the record changes
  // under us and the change must be made anew.
  struct MergedRow {
    process::BuiltRecord change;
    process::NewRecord record;
    std::vector<process::Cleaned> cleaned;
    int64_t number = 0;
    Bytes tokens;
  };
  // The newest state of a customer that this run touched and that may not be durable yet.
  struct Recent {
    store::SubjectRow row;
    vault::SubjectKeyPtr key;
    uint64_t batch = 0;
  };
  // New customers and rejects on their way into one group of transactions.
  struct Batch {
    std::vector<process::BuiltRecord> records;
    std::vector<int64_t> numbers;
    std::vector<Bytes> fingerprints;
    std::vector<MergedRow> merges;
    std::vector<store::Reject> rejects;
    bool empty() const { return records.empty() && merges.empty() && rejects.empty(); }
    size_t size() const { return records.size() + merges.size() + rejects.size(); }
  };

  Status CleanRow(PreparedRow& row) const;
  void MakeTokens(PreparedRow& row) const;
  Status Accept(PreparedRow row);
  Status AcceptNew(PreparedRow row);
  Status Merge(PreparedRow row, const model::SubjectRef& subject);
  Status PutAside(PreparedRow row);
  Result<std::optional<model::SubjectRef>> FindMatch(const PreparedRow& row);
  Result<Recent> LatestState(const model::SubjectRef& subject);
  void Remember(const PreparedRow& row, const model::SubjectRef& subject);
  Status WaitForOldest();
  audit::Leaf NewLeaf(const std::string& op) const;
  process::NewRecord RecordOf(const PreparedRow& row) const;
  Status WriteMerge(store::Session& data, MergedRow& merge) const;
  Status WriteBatch(store::Session& data, Batch& batch, const std::vector<size_t>& order,
                    const audit::LeafDraft& leaf, const store::ImportRow& state) const;
  store::Job JobOf(const std::shared_ptr<Batch>& batch) const;
  Status FlushBatch();
  Status Drain();
  Status SaveState(const std::string& state);
  store::ImportRow StateRow(const std::string& state) const;
  Result<Chunk> ReadChunk(TableReader& table) const;
  Status Pump(TableReader& table, const ImportProgress& progress);
  Status Consume(Chunk chunk);

  const Importer::Parts& parts_;
  const model::Access& access_;
  ImportReport report_;
  vault::SubjectKeyPtr key_;
  std::vector<std::string> header_;
  std::vector<Bound> bound_;
  std::vector<size_t> key_places_;
  std::vector<model::BasisEvent> bases_;
  int64_t bytes_read_ = 0;
  int64_t skip_rows_ = 0;
  bool any_suppressed_ = false;
  bool repeated_ = false;  // an earlier import of the same file is done
  int64_t rows_done_ = 0;
  std::unique_ptr<store::ReadLease> lease_;

  std::shared_ptr<Batch> batch_;
  std::deque<std::future<Status>> in_flight_;  // batches being made durable, oldest first
  uint64_t batch_number_ = 1;                  // of the batch being filled
  uint64_t durable_ = 0;                       // the last one that is on disk
  struct RecentToken {
    model::SubjectRef subject;
    uint64_t batch;
  };
  std::unordered_map<std::string, RecentToken> recent_tokens_;
  std::unordered_map<Uuid, Recent> recent_;
};

}  // namespace fiducia::collect
