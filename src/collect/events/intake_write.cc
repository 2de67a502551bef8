// A batch into the store, in one transaction.
#include <algorithm>

#include "collect/events/intake_run.h"
#include "model/names.h"
#include "process/contact/ticket.h"
#include "store/event_receipts.h"
#include "store/placement.h"

namespace fiducia::collect {

Status Intake::Run::WriteOne(store::Session& data, Write& write) const {
  process::BuiltRecord& built = write.built;
  const Status written = process::WriteRows(data, built, write.is_new);
  if (!written && written.error().code() == Code::kVersionMismatch) {
    // Somebody changed the record meanwhile: into what it is now.
    const auto stored = store::LoadSubject(data, built.subject);
    if (!stored) {
      return {};  // erased meanwhile
    }
    const process::RecordBuilder& builder = parts_.records.builder();
    FID_ASSIGN(const store::Dossier dossier, builder.Decode(built.subject, *stored));
    FID_ASSIGN(built, write.takes_back
                          ? builder.BuildEvents(dossier, built.key, write.events)
                          : builder.BuildMerge(dossier, built.key, write.record, write.cleaned));
    FID_TRY(process::WriteRows(data, built, false));
  } else {
    FID_TRY(written);
  }
  parts_.records.builder().counts().Add(built.found);
  return {};
}

// Into the ticket that records of the same matter are in, or a new one.
Status Intake::Run::WriteTicket(store::Session& data, const Item& item) const {
  const Json& told = item.event.ticket;
  const vault::Vault& vault = parts_.records.builder().vault();
  const rules::Field& field = *parts_.gate.policy().catalog.Find(process::kTicketField);
  const Bytes hash =
      vault.KeyedHash("ticket", stream_.id.Text() + "\x1f" + JsonText(told, "thread"));
  process::Ticket ticket;
  FID_ASSIGN(ticket.id, Uuid::FromBytes(BytesView(hash).substr(0, 16)));
  const auto row = store::LoadTicket(data, item.subject, ticket.id);
  if (row) {
    FID_ASSIGN(ticket, process::OpenTicket(vault, *item.key, parts_.gate.SystemPermit(item.subject),
                                           field, *row));
  } else if (row.error().code() != Code::kNotFound) {
    return std::unexpected(row.error());
  } else {
    ticket.channel =
        process::ChannelNamed(JsonText(told, "channel")).value_or(process::Channel::kMail);
    ticket.matter =
        process::MatterNamed(JsonText(told, "matter")).value_or(process::Matter::kInquiry);
    ticket.source = stream_.spec.source;
    ticket.opened_ms = now_ms_;
    ticket.opened_by = stream_.id;
  }
  process::AddContact(ticket, {item.sealed->row.event,
                               now_ms_,
                               item.sealed->row.at_ms,
                               {},
                               told.value("rights", std::vector<std::string>())});
  for (const auto& [kind, count] : told.value("taken", std::map<std::string, int>())) {
    ticket.taken[kind] += count;
  }
  return store::PutTicket(data, item.subject,
                          process::SealTicket(vault, *item.key, item.subject, field, ticket));
}

Status Intake::Run::WriteAll(store::Session& data, std::vector<Item>& items) {
  for (Write& write : writes_) {
    FID_TRY(WriteOne(data, write));
  }
  audit::Leaf leaf = parts_.gate.NewLeaf(access_, stream_.manner.operation, "done");
  leaf.basis = model::Name(stream_.spec.basis);
  leaf.detail = stream_.id.Text();
  std::vector<audit::LeafDraft::Member> members;
  std::map<Uuid, bool> alive;
  for (Item& item : items) {
    if (!item.open()) {
      continue;
    }
    if (!item.message.empty()) {
      FID_ASSIGN(const bool is_new, store::KeepEventReceipt(data, item.message, now_ms_));
      if (!is_new) {
        Close(item, "duplicate", "");
        continue;
      }
    }
    if (item.sealed) {
      // The customer may have been erased since it was read.
      const auto [there, asked] = alive.try_emplace(item.subject.id, true);
      if (asked) {
        there->second = store::LoadSubject(data, item.subject).has_value();
      }
      if (!there->second) {
        Drop(item, "erased");
        continue;
      }
      FID_TRY(store::InsertEvent(data, item.subject, item.sealed->row));
      if (item.key != nullptr) {
        FID_TRY(WriteTicket(data, item));
      }
      leaf.clear = leaf.clear | item.sealed->held;
      parts_.records.builder().counts().Add(item.sealed->found);
    }
    ++leaf.count;
    const model::Bucket bucket = store::BucketOf(item.subject);
    leaf.buckets.insert(bucket);
    if (std::none_of(members.begin(), members.end(),
                     [&](const auto& member) { return member.pseudonym == item.pseudonym; })) {
      members.push_back({bucket, item.pseudonym});
    }
  }
  for (const Write& write : writes_) {
    leaf.clear = leaf.clear | write.built.fields;
  }
  for (const store::MatchPair& pair : pairs_) {
    FID_TRY(store::PutFoundPair(data, pair));
  }
  if (leaf.count == 0 && writes_.empty()) {
    return {};
  }
  FID_TRY(parts_.gate.log().Append(data, parts_.gate.DraftFor(0, leaf, std::move(members))));
  return {};
}

Status Intake::Run::Commit(std::vector<Item>& items) {
  if (std::none_of(items.begin(), items.end(), [](const Item& item) { return item.open(); })) {
    return {};
  }
  store::Job job;
  job.spans_buckets = true;
  const bool any_new =
      std::any_of(writes_.begin(), writes_.end(), [](const Write& w) { return w.is_new; });
  const bool any_refusal = std::any_of(writes_.begin(), writes_.end(),
                                       [](const Write& w) { return !w.built.refusals.empty(); });
  if (any_new || any_refusal) {
    job.keys = [&](store::Session& keys) -> Status {
      for (const Write& write : writes_) {
        FID_TRY(process::WriteKeys(keys, write.built, write.is_new));
      }
      return {};
    };
  }
  if (!writes_.empty() || !tokens_.empty()) {
    job.index = [&](store::Session& index) -> Status {
      for (const Write& write : writes_) {
        for (const store::Token& token : write.built.tokens) {
          FID_TRY(store::AddToken(index, token, write.built.subject));
        }
      }
      for (const auto& [token, subject] : tokens_) {
        FID_TRY(store::AddToken(index, token, subject));
      }
      return {};
    };
  }
  job.data = [&](store::Session& data) { return WriteAll(data, items); };
  return parts_.engine.SubmitAndWait(std::move(job));
}

}  // namespace fiducia::collect
