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
    if (!write.takes_back && dossier.InForce().restrictions != 0) {
      return {};  // restricted meanwhile
    }
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

// Between the reading of a batch and its turn to write, others write.
Result<Intake::Run::Since> Intake::Run::SinceRead(store::Session& data, const Item& item) const {
  Since since;
  const auto stored = store::LoadSubject(data, item.subject);
  const auto known = known_.find(item.subject.id);
  if (!stored && stored.error().code() != Code::kNotFound) {
    return std::unexpected(stored.error());
  }
  since.erased = !stored || known == known_.end();
  if (!since.erased && stored->version != known->second.dossier.version) {
    FID_ASSIGN(const store::Dossier now, parts_.records.builder().Decode(item.subject, *stored));
    since.changed = now.InForce();
  }
  return since;
}

void Intake::Run::Reconsider(Item& item, const Since& since) {
  if (since.erased) {
    return Drop(item, "erased");
  }
  if (!since.changed) {
    return;
  }
  if (since.changed->restrictions != 0) {
    return Drop(item, "restricted");
  }
  const size_t before = item.entry.size();
  Narrow(item, *since.changed);
  if (item.purposes.empty()) {
    return Drop(item, "withdrawn");
  }
  if (item.entry.size() != before) {
    item.sealed.reset();
    Seal(item, known_.at(item.subject.id));
  }
}

Status Intake::Run::WriteEntry(store::Session& data, Item& item) {
  FID_TRY(store::InsertEvent(data, item.subject, item.sealed->row));
  if (item.key != nullptr) {
    FID_TRY(WriteTicket(data, item));
  }
  parts_.records.builder().counts().Add(item.sealed->found);
  return {};
}

Status Intake::Run::WriteAll(store::Session& data, std::vector<Item>& items) {
  for (Write& write : writes_) {
    FID_TRY(WriteOne(data, write));
  }
  audit::Leaf leaf = parts_.gate.NewLeaf(access_, stream_.manner.operation, "done");
  leaf.basis = model::Name(stream_.spec.basis);
  leaf.detail = stream_.id.Text();
  std::vector<audit::LeafDraft::Member> members;
  std::map<Uuid, Since> since;
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
      auto at = since.find(item.subject.id);
      if (at == since.end()) {
        FID_ASSIGN(Since now, SinceRead(data, item));
        at = since.emplace(item.subject.id, std::move(now)).first;
      }
      Reconsider(item, at->second);
    }
    if (!item.open()) {
      continue;
    }
    if (item.sealed) {
      FID_TRY(WriteEntry(data, item));
      leaf.clear = leaf.clear | item.sealed->held;
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
