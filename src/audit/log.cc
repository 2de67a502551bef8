#include "audit/log.h"

#include <future>

#include "audit/publisher.h"
#include "store/audit_rows.h"

namespace fiducia::audit {

struct Receipt::State {
  std::mutex mutex;
  bool done = false;
  Status status;
  std::vector<Then> waiting;
};

Receipt::Receipt() : state_(std::make_shared<State>()) {}

Receipt Receipt::Done() {
  const Receipt receipt;
  receipt.Fulfil({});
  return receipt;
}

void Receipt::Await(Then then) const {
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->done) {
      state_->waiting.push_back(std::move(then));
      return;
    }
  }
  then(state_->status);
}

Status Receipt::Wait() const {
  std::promise<Status> promise;
  std::future<Status> result = promise.get_future();
  Await([&promise](const Status& status) { promise.set_value(status); });
  return result.get();
}

void Receipt::Fulfil(const Status& status) const {
  std::vector<Then> waiting;
  {
    const std::lock_guard lock(state_->mutex);
    state_->done = true;
    state_->status = status;
    waiting.swap(state_->waiting);
  }
  for (Then& then : waiting) {
    then(status);
  }
}

Log::Log(store::Engine& engine, std::unique_ptr<Publisher> publisher)
    : engine_(engine), publisher_(std::move(publisher)) {}

Log::~Log() { engine_.Leave(*this); }

Result<std::unique_ptr<Log>> Log::Open(store::Engine& engine, std::string folder,
                                       const std::string& origin, const crypto::SigningKey& key) {
  auto publisher = std::make_unique<Publisher>(std::move(folder), origin, key);
  FID_TRY(publisher->Load());
  FID_ASSIGN(const auto lease, engine.Read());
  store::Session& data = lease->session(store::Which::kData);
  FID_ASSIGN(const uint64_t count, store::CountLeaves(data, 0));
  const uint64_t published = publisher->size();
  if (count < published) {
    return Fail(Code::kCorrupt,
                "the database is older than the signed checkpoint: an old copy was restored, or "
                "leaves were deleted",
                static_cast<int64_t>(count));
  }
  std::unique_ptr<Log> log(new Log(engine, std::move(publisher)));
  // The last published leaf must be the one in the database; what follows it is published now.
  if (published > 0) {
    FID_ASSIGN(const Bytes expected, log->publisher_->ReadEntry(published - 1));
    FID_ASSIGN(const auto rows, store::LoadLeaves(data, 0, published - 1, 1));
    if (rows.size() != 1 || rows[0].body != expected) {
      return Fail(Code::kCorrupt, "the database and the published audit log differ",
                  static_cast<int64_t>(published - 1));
    }
    log->head_.last = LeafHash(expected);
  }
  constexpr uint64_t kPage = 4096;
  for (uint64_t at = published; at < count; at += kPage) {
    FID_ASSIGN(auto rows, store::LoadLeaves(data, 0, at, std::min(kPage, count - at)));
    std::vector<Bytes> entries;
    for (store::LeafRow& row : rows) {
      if (row.seq != at + entries.size()) {
        return Fail(Code::kCorrupt, "an audit leaf is missing", static_cast<int64_t>(at));
      }
      FID_ASSIGN(const Entry entry, DecodeEntry(row.body));
      if (row.seq > 0 && entry.previous != crypto::View(log->head_.last)) {
        return Fail(Code::kCorrupt, "the chain of audit leaves is broken",
                    static_cast<int64_t>(row.seq));
      }
      log->head_.last = LeafHash(row.body);
      entries.push_back(std::move(row.body));
    }
    log->publisher_->Add(std::move(entries));
  }
  log->head_.size = count;
  log->committed_ = log->head_;
  FID_TRY(log->publisher_->Flush());
  log->publisher_->Start();
  engine.Join(*log);
  return log;
}

Result<uint64_t> Log::Append(store::Session& data, const LeafDraft& draft) {
  const uint64_t seq = head_.size;
  Bytes entry = EncodeEntry(seq, crypto::View(head_.last), draft.body);
  FID_TRY(store::InsertLeaf(data, draft.bucket, draft.tenant, seq, draft.pseudonym, entry));
  for (const LeafDraft::Member& member : draft.members) {
    FID_TRY(store::InsertSetMember(data, member.bucket, draft.tenant, member.pseudonym, seq));
  }
  head_.last = LeafHash(entry);
  ++head_.size;
  pending_.push_back(std::move(entry));
  head_.pending = pending_.size();
  return seq;
}

Receipt Log::Queue(LeafDraft draft) {
  const Receipt receipt;
  store::Job job;
  job.append_only = true;
  job.spans_buckets = !draft.members.empty();
  job.data = [this, draft = std::move(draft)](store::Session& data) -> Status {
    FID_TRY(Append(data, draft));
    return {};
  };
  job.done = [receipt](const Status& status) { receipt.Fulfil(status); };
  engine_.Submit(std::move(job));
  return receipt;
}

Result<std::string> Log::Publish() {
  // A job that does nothing: once it is through, every earlier group has been handed over.
  store::Job barrier;
  barrier.data = [](store::Session&) -> Status { return {}; };
  FID_TRY(engine_.SubmitAndWait(std::move(barrier)));
  FID_TRY(publisher_->Flush());
  return checkpoint();
}

std::string Log::Sign(const std::string& text) const { return publisher_->Sign(text); }
std::string Log::verifier() const { return publisher_->verifier(); }
Result<std::string> Log::checkpoint() const { return publisher_->checkpoint(); }
uint64_t Log::published_size() const { return publisher_->size(); }
Result<Bytes> Log::ReadEntry(uint64_t place) const { return publisher_->ReadEntry(place); }

TileSource Log::tiles() const {
  return [this](int level, uint64_t index, uint64_t size) {
    return publisher_->ReadTile(level, index, size);
  };
}

void Log::Mark() { mark_ = head_; }

void Log::Rollback() {
  head_ = mark_;
  pending_.resize(head_.pending);
}

void Log::Committed() {
  head_.pending = 0;
  committed_ = head_;
  if (!pending_.empty()) {
    publisher_->Add(std::move(pending_));
    pending_.clear();
  }
}

void Log::Failed() {
  head_ = committed_;
  pending_.clear();
}

}  // namespace fiducia::audit
