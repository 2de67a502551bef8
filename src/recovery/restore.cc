#include "recovery/restore.h"

#include <fcntl.h>
#include <unistd.h>

#include "store/imports.h"
#include "store/placement.h"

namespace fiducia::recovery {

namespace {

constexpr size_t kJobTokens = 20000;
constexpr int kPage = 1000;

// The stream and the last of its entries to take.
struct Chosen {
  const ArchiveStream* stream = nullptr;
  size_t entries = 0;
};

// A base alone is not a moment: the segment after it is part of it.
Result<Chosen> Choose(const std::vector<ArchiveStream>& streams, int64_t until_ms) {
  for (size_t i = streams.size(); i-- > 0;) {
    const auto& entries = streams[i].entries;
    size_t count = entries.size();
    while (count > 1 && until_ms != 0 && entries[count - 1].time_ms > until_ms) {
      --count;
    }
    if (count > 1) {
      return Chosen{&streams[i], count};
    }
  }
  return Fail(Code::kNotFound, "no complete backup is as old as that");
}

class PageFile {
 public:
  explicit PageFile(const std::string& path)
      : fd_(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {}
  ~PageFile() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }
  PageFile(const PageFile&) = delete;
  PageFile& operator=(const PageFile&) = delete;
  bool good() const { return fd_ >= 0; }
  Status Append(BytesView piece) const {
    return write(fd_, piece.data(), piece.size()) == static_cast<ssize_t>(piece.size())
               ? Status()
               : Fail(Code::kUnavailable, "the restored file cannot be written: is the disk full?");
  }
  // Takes pieces of a segment; applies every batch that is complete.
  Status Apply(Bytes& pending) const {
    while (pending.size() >= kHead) {
      ByteReader in(pending);
      db::PageBatch batch;
      batch.page_size = in.U32();
      batch.pages_after = in.U32();
      const uint32_t size = in.U32();
      if (pending.size() < kHead + size) {
        return {};
      }
      batch.pages = Bytes(in.Raw(size));
      FID_TRY(db::ApplyPages(fd_, batch));
      pending.erase(0, kHead + size);
    }
    return {};
  }
  Status Sync() const {
    return fsync(fd_) == 0 ? Status()
                           : Fail(Code::kUnavailable, "the restored file cannot be written");
  }

 private:
  static constexpr size_t kHead = 12;
  int fd_;
};

Status RestoreOne(const Chosen& chosen, const crypto::Key256& key, const std::string& path,
                  int64_t& done, int64_t of, const Progress& progress) {
  const PageFile file(path);
  if (!file.good()) {
    return Fail(Code::kConflict, "there is a database in this folder already");
  }
  for (size_t i = 0; i < chosen.entries; ++i) {
    const ArchiveEntry& entry = chosen.stream->entries[i];
    Bytes pending;
    const auto take = [&](BytesView piece) -> Status {
      done += static_cast<int64_t>(piece.size());
      if (progress) {
        progress(std::min(done, of), of);
      }
      if (i == 0) {
        return file.Append(piece);
      }
      pending += piece;
      return file.Apply(pending);
    };
    FID_TRY(ReadArchiveFile(*chosen.stream, entry, key, take));
    if (!pending.empty()) {
      return Fail(Code::kCorrupt, "a segment of the backup ends halfway", entry.number);
    }
  }
  FID_TRY(file.Sync());
  return db::CheckDatabaseFile(path);
}

int64_t BytesOf(const Chosen& chosen) {
  int64_t bytes = 0;
  for (size_t i = 0; i < chosen.entries; ++i) {
    bytes += chosen.stream->entries[i].bytes;
  }
  return bytes;
}

// Adds tokens in jobs of a bounded size.
class TokenWriter {
 public:
  explicit TokenWriter(store::Engine& engine) : engine_(engine) {}
  Status Add(std::vector<store::Token> tokens, const model::SubjectRef& subject) {
    for (store::Token& token : tokens) {
      pending_.emplace_back(std::move(token), subject);
    }
    return pending_.size() >= kJobTokens ? Flush() : Status();
  }
  Status Flush() {
    std::sort(pending_.begin(), pending_.end(),
              [](const auto& a, const auto& b) { return a.first.value < b.first.value; });
    written_ += static_cast<int64_t>(pending_.size());
    store::Job job;
    job.index = [this](store::Session& index) -> Status {
      for (const auto& [token, subject] : pending_) {
        FID_TRY(store::AddToken(index, token, subject));
      }
      return {};
    };
    FID_TRY(engine_.SubmitAndWait(std::move(job)));
    pending_.clear();
    return {};
  }
  int64_t written() const { return written_; }

 private:
  store::Engine& engine_;
  std::vector<std::pair<store::Token, model::SubjectRef>> pending_;
  int64_t written_ = 0;
};

Status RemoveErased(const Parts& parts, ReplayReport& report) {
  std::vector<model::SubjectRef> erased;
  {
    FID_ASSIGN(const auto lease, parts.engine.Read());
    store::Session& data = lease->session(store::Which::kData);
    FID_TRY(store::WalkErasures(
        lease->session(store::Which::kKeys),
        [&](const model::SubjectRef& subject, int64_t) -> Status {
          ++report.erasures;
          report.opened +=
              parts.vault.keys().Get(lease->session(store::Which::kKeys), subject) ? 1 : 0;
          if (store::LoadSubject(data, subject)) {
            erased.push_back(subject);
          }
          return {};
        }));
  }
  for (const model::SubjectRef& subject : erased) {
    store::Job job;
    job.data = [&](store::Session& data) -> Status {
      FID_TRY(store::DeleteSubject(data, subject));
      return store::RemoveErasureIntent(data, subject);
    };
    FID_TRY(parts.engine.SubmitAndWait(std::move(job)));
    ++report.removed;
  }
  return {};
}

struct LateAnswers {
  model::SubjectRef subject;
  std::vector<store::Refusal> refusals;
};

// One person's answers that the data knows nothing of, put on record after those it does.
Status AnswerAgain(const Parts& parts, const LateAnswers& late, ReplayReport& report) {
  std::shared_ptr<const process::BuiltRecord> built;
  uint32_t known_to = 0;
  {
    FID_ASSIGN(const auto lease, parts.engine.Read());
    store::Session& data = lease->session(store::Which::kData);
    const auto row = store::LoadSubject(data, late.subject);
    if (!row) {
      return row.error().code() == Code::kNotFound ? Status()
                                                   : Status(std::unexpected(row.error()));
    }
    FID_ASSIGN(const store::Dossier dossier, parts.builder.Decode(late.subject, *row));
    known_to = dossier.basis_seq;
    FID_ASSIGN(const auto known, store::LoadBasisEvents(data, late.subject));
    std::vector<model::BasisEvent> events;
    for (const store::Refusal& refusal : late.refusals) {
      FID_TRY(parts.vault.CheckRow(late.subject, process::kRefusalTable, refusal.seq, refusal.body,
                                   refusal.mac));
      const bool there = refusal.seq <= known.size() &&
                         store::EncodeBasisEvent(known[refusal.seq - 1]) == refusal.body;
      FID_ASSIGN(model::BasisEvent event, store::DecodeBasisEvent(refusal.seq, refusal.body));
      // One about an authorization that is not there either has nothing to end.
      if (!there && event.of <= dossier.basis_seq) {
        event.cause = 0;
        events.push_back(std::move(event));
      }
    }
    if (events.empty()) {
      return {};
    }
    report.refusals += static_cast<int64_t>(events.size());
    FID_ASSIGN(const auto key,
               parts.vault.keys().Get(lease->session(store::Which::kKeys), late.subject));
    FID_ASSIGN(process::BuiltRecord made,
               parts.builder.BuildEvents(dossier, key, std::move(events)));
    built = std::make_shared<const process::BuiltRecord>(std::move(made));
  }
  audit::Leaf leaf;
  leaf.time_ms = parts.clock.NowMs();
  leaf.role = "system";
  leaf.op = "authorization.restore";
  leaf.decision = "done";
  leaf.purpose = "legal_compliance";
  leaf.pseudonym = built->key->pseudonym;
  leaf.count = built->events.size();
  leaf.row_mac = built->row.mac;
  const audit::LeafDraft draft =
      audit::Draft(store::BucketOf(late.subject), late.subject.tenant, leaf);
  store::Job job = process::WriteJob(built, false, [&](store::Session& data) -> Status {
    FID_TRY(parts.log.Append(data, draft));
    return {};
  });
  // They get new places in the ledger: the old ones go.
  job.keys = [&, put = std::move(job.keys)](store::Session& keys) mutable -> Status {
    FID_TRY(store::DropRefusalsAfter(keys, late.subject, known_to));
    return put(keys);
  };
  return parts.engine.SubmitAndWait(std::move(job));
}

Status TakeBackAgain(const Parts& parts, ReplayReport& report) {
  std::vector<LateAnswers> all;
  {
    FID_ASSIGN(const auto lease, parts.engine.Read());
    FID_TRY(store::WalkRefusals(
        lease->session(store::Which::kKeys),
        [&](const model::SubjectRef& subject, const store::Refusal& refusal) -> Status {
          if (all.empty() || !(all.back().subject == subject)) {
            all.push_back({subject, {}});
          }
          all.back().refusals.push_back(refusal);
          return {};
        }));
  }
  for (const LateAnswers& late : all) {
    FID_TRY(AnswerAgain(parts, late, report));
  }
  return {};
}

}  // namespace

Result<RestoredFiles> RestoreFiles(const RestoreChoice& choice, const crypto::Key256& key,
                                   const std::string& folder, const Progress& progress) {
  FID_ASSIGN(const auto keys, ReadArchive(choice.from, "keys", key));
  FID_ASSIGN(const auto data, ReadArchive(choice.from, "data", key));
  // The newest keys with any data: what was erased stays erased.
  FID_ASSIGN(const Chosen keys_chosen, Choose(keys, 0));
  FID_ASSIGN(const Chosen data_chosen, Choose(data, choice.until_ms));
  RestoredFiles report;
  report.keys_ms = keys_chosen.stream->entries[keys_chosen.entries - 1].time_ms;
  report.data_ms = data_chosen.stream->entries[data_chosen.entries - 1].time_ms;
  report.bytes = BytesOf(keys_chosen) + BytesOf(data_chosen);
  for (const ArchiveStream& stream : data) {
    for (const ArchiveEntry& entry : stream.entries) {
      report.newest_ms = std::max(report.newest_ms, entry.time_ms);
      report.witness = entry.witness.empty() ? report.witness : entry.witness;
    }
  }
  int64_t done = 0;
  FID_TRY(RestoreOne(keys_chosen, key, folder + "/keys.db", done, report.bytes, progress));
  FID_TRY(RestoreOne(data_chosen, key, folder + "/data.db", done, report.bytes, progress));
  return report;
}

Result<ReplayReport> ReplayAnswers(const Parts& parts) {
  ReplayReport report;
  FID_TRY(RemoveErased(parts, report));
  FID_TRY(TakeBackAgain(parts, report));
  return report;
}

Result<ReplayReport> Replay(const Parts& parts, const Progress& progress) {
  FID_ASSIGN(ReplayReport report, ReplayAnswers(parts));
  FID_ASSIGN(const auto lease, parts.engine.Read());
  store::Session& data = lease->session(store::Which::kData);
  store::Session& keys = lease->session(store::Which::kKeys);
  FID_ASSIGN(const int64_t count, store::CountSubjects(data, 0));
  TokenWriter tokens(parts.engine);
  model::Bucket bucket = 0;
  Uuid after;
  while (true) {
    FID_ASSIGN(const auto page, store::WalkSubjects(data, 0, bucket, after, kPage));
    for (const store::WalkedSubject& walked : page) {
      ++report.customers;
      const auto key = parts.vault.keys().Get(keys, walked.subject);
      const auto dossier = parts.builder.Decode(walked.subject, walked.row);
      if (!key || !dossier) {
        continue;  // fsck names it
      }
      FID_ASSIGN(std::vector<store::Token> found, parts.builder.TokensOf(*dossier, **key));
      FID_ASSIGN(const auto imports, store::LoadImportsOf(data, walked.subject));
      for (const store::SubjectImport& import : imports) {
        for (store::Token& token : store::TokensOfImport(import.row)) {
          found.push_back(std::move(token));
        }
      }
      FID_TRY(tokens.Add(std::move(found), walked.subject));
    }
    if (progress) {
      progress(report.customers, std::max(count, report.customers));
    }
    if (page.size() < kPage) {
      break;
    }
    bucket = page.back().bucket;
    after = page.back().subject.id;
  }
  FID_TRY(tokens.Flush());
  report.tokens = tokens.written();
  return report;
}

}  // namespace fiducia::recovery
