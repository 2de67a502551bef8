#include "collect/sources/withdrawal.h"

#include <algorithm>

#include "process/contact/ticket.h"
#include "process/record/event.h"
#include "process/record/walk.h"

namespace fiducia::collect {

namespace {

constexpr std::string_view kCapability = "sources.terms";
constexpr int kPage = 500;  // entries of one timeline at a time

}  // namespace

// Entries of a timeline that came from the source, and how many did not.
struct Withdrawal::Entries {
  std::vector<std::pair<int64_t, Uuid>> of_it;
  std::vector<Uuid> tickets;  // of the service desk, of it
  int64_t others = 0;
};

Result<Withdrawal::Entries> Withdrawal::EntriesOf(store::ReadLease& lease,
                                                  const vault::SubjectKey& key,
                                                  const model::SubjectRef& subject,
                                                  const std::string& source) const {
  Entries entries;
  int64_t before_ms = INT64_MAX;
  Uuid before;
  for (size_t seen = kPage; seen == static_cast<size_t>(kPage);) {
    FID_ASSIGN(const auto rows, store::LoadTimeline(lease.session(store::Which::kData), subject,
                                                    before_ms, before, kPage));
    seen = rows.size();
    for (const store::TimelineRow& row : rows) {
      FID_ASSIGN(const store::Dossier body,
                 process::OpenEvent(parts_.records.builder().vault(), subject, row));
      const bool of_it = !body.provenances.empty() && body.provenances[0].source == source;
      if (of_it) {
        entries.of_it.emplace_back(row.at_ms, row.event);
      }
      entries.others += of_it ? 0 : 1;
      before_ms = row.at_ms;
      before = row.event;
    }
  }
  if (entries.of_it.empty()) {
    return entries;
  }
  FID_ASSIGN(const auto tickets, store::LoadTicketsOf(lease.session(store::Which::kData), subject));
  for (const store::TicketRow& row : tickets) {
    FID_ASSIGN(const process::Ticket ticket,
               process::OpenTicket(parts_.records.builder().vault(), key,
                                   parts_.gate.SystemPermit(subject),
                                   *parts_.gate.policy().catalog.Find(process::kTicketField), row));
    if (ticket.source == source) {
      entries.tickets.push_back(row.ticket);
    }
  }
  return entries;
}

Status Withdrawal::Reduce(const model::Access& access, const std::string& source,
                          process::BuiltRecord built, const Entries& entries) const {
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "source.reduce", "done");
  leaf.pseudonym = built.key->pseudonym;
  leaf.clear = built.fields;
  leaf.row_mac = built.row.mac;
  leaf.detail = source;
  leaf.count = entries.of_it.size();
  const auto shared = std::make_shared<const process::BuiltRecord>(std::move(built));
  store::Job job = process::WriteJob(
      shared, false,
      [this, &entries, shared,
       draft = parts_.gate.DraftOf(leaf, shared->subject)](store::Session& data) -> Status {
        for (const auto& [at_ms, event] : entries.of_it) {
          FID_TRY(store::DeleteEvent(data, shared->subject, at_ms, event));
        }
        for (const Uuid& ticket : entries.tickets) {
          FID_TRY(store::DeleteTicket(data, shared->subject, ticket));
        }
        FID_TRY(parts_.gate.log().Append(data, draft));
        return {};
      });
  FID_TRY(parts_.engine.SubmitAndWait(std::move(job)));
  return parts_.engine.SubmitAndWait(process::CleanupJob(shared));
}

Result<Withdrawn> Withdrawal::Run(const model::Access& access, const std::string& source,
                                  bool really) const {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  if (parts_.sources.Terms(source).cut_ms == 0) {
    return Fail(Code::kConflict, "the source is not cut off");
  }
  const process::RecordBuilder& builder = parts_.records.builder();
  const auto came = [&](const model::Provenance& provenance) {
    return provenance.source == source;
  };
  model::Access erasing = access;
  erasing.purpose = "legal_compliance";
  erasing.reason = "the source " + source + " is cut off";
  Withdrawn counts;
  FID_TRY(process::WalkRows(
      parts_.engine,
      [&](store::ReadLease& lease, const store::WalkedSubject& walked) -> Result<bool> {
        ++counts.looked;
        FID_ASSIGN(const store::Dossier dossier, builder.Decode(walked.subject, walked.row));
        const auto of_it = std::count_if(
            dossier.cells.begin(), dossier.cells.end(),
            [&](const store::Cell& cell) { return came(dossier.provenances[cell.provenance]); });
        const auto key =
            builder.vault().keys().Get(lease.session(store::Which::kKeys), walked.subject);
        if (!key) {
          return true;  // erased since
        }
        FID_ASSIGN(const Entries entries, EntriesOf(lease, **key, walked.subject, source));
        if (of_it == 0 && entries.of_it.empty()) {
          return true;
        }
        FID_ASSIGN(const bool held, parts_.records.IsHeld(lease, dossier));
        if (held) {
          ++counts.held;
          return true;
        }
        // Known from it alone: nothing that is held came in another way.
        const bool only =
            of_it == static_cast<int64_t>(dossier.cells.size()) && entries.others == 0;
        ++(only ? counts.only : counts.some);
        counts.values += of_it;
        counts.entries += static_cast<int64_t>(entries.of_it.size());
        if (!really) {
          return true;
        }
        const auto reduce = [&]() -> Status {
          FID_ASSIGN(process::BuiltRecord built, builder.BuildWithout(dossier, *key, came));
          return Reduce(access, source, std::move(built), entries);
        };
        const Status done = only ? parts_.erase(erasing, walked.subject) : reduce();
        // Changed while we looked: the next run sees it. Erased: there is nothing to see.
        const Code code = done ? Code::kErased : done.error().code();
        if (code != Code::kErased && code != Code::kNotFound && code != Code::kVersionMismatch) {
          return std::unexpected(done.error());
        }
        return true;
      }));
  if (really) {
    audit::Leaf leaf = parts_.gate.NewLeaf(access, "source.withdraw", "done");
    leaf.detail = source;
    leaf.count = static_cast<uint64_t>(counts.only + counts.some);
    FID_TRY(parts_.gate.Record(0, leaf).Wait());
  }
  return counts;
}

}  // namespace fiducia::collect
