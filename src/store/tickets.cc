#include "store/tickets.h"

#include <algorithm>
#include <optional>

#include "store/placement.h"
#include "store/registry.h"
#include "store/state_rows.h"

namespace fiducia::store {

namespace {

using db::Param;
using db::Row;
using db::Statement;
using db::Tag;

constexpr Statement kLoad{"ticket.load", Tag::kSingleBucket,
                          "SELECT ticket, version, is_open, moved_ms, body FROM tickets "
                          "WHERE bucket=$1 AND tenant=$2 AND subject=$3 AND ticket=$4"};
constexpr Statement kLoadOf{"ticket.load_of", Tag::kSingleBucket,
                            "SELECT ticket, version, is_open, moved_ms, body FROM tickets "
                            "WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kInsert{
    "ticket.insert", Tag::kSingleBucket,
    "INSERT INTO tickets(bucket, tenant, subject, ticket, version, is_open, moved_ms, body) "
    "VALUES($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING"};
constexpr Statement kUpdate{
    "ticket.update", Tag::kSingleBucket,
    "UPDATE tickets SET version=$1, is_open=$2, moved_ms=$3, body=$4 "
    "WHERE bucket=$5 AND tenant=$6 AND subject=$7 AND ticket=$8 AND version=$9"};
constexpr Statement kWaiting{
    "ticket.waiting", Tag::kFanoutAdmin,
    "SELECT ticket, version, is_open, moved_ms, body, subject FROM tickets "
    "WHERE tenant=$1 AND is_open=1 AND (moved_ms, ticket) > ($2, $3) "
    "ORDER BY moved_ms, ticket LIMIT $4"};
constexpr Statement kClosed{"ticket.closed", Tag::kFanoutAdmin,
                            "SELECT ticket, version, is_open, moved_ms, body, subject FROM tickets "
                            "WHERE tenant=$1 AND is_open=0 AND (moved_ms, ticket) < ($2, $3) "
                            "ORDER BY moved_ms DESC, ticket DESC LIMIT $4"};
constexpr Statement kCount{"ticket.count", Tag::kFanoutAdmin,
                           "SELECT COUNT(*) FROM tickets WHERE tenant=$1 AND is_open=1"};
constexpr Statement kDelete{
    "ticket.delete", Tag::kSingleBucket,
    "DELETE FROM tickets WHERE bucket=$1 AND tenant=$2 AND subject=$3 AND ticket=$4"};
constexpr Statement kOld{"ticket.old", Tag::kFanoutAdmin,
                         "SELECT ticket, version, is_open, moved_ms, body, subject FROM tickets "
                         "WHERE tenant=$1 AND is_open=0 AND moved_ms<$2 "
                         "ORDER BY moved_ms, ticket LIMIT $3"};

// Pages by key, so that a large store is never held in memory.
constexpr Statement kWalk{
    "ticket.walk", Tag::kFanoutAdmin,
    "SELECT bucket, tenant, subject, ticket, version, is_open, moved_ms, body FROM tickets "
    "WHERE (bucket, tenant, subject, ticket) > ($1, $2, $3, $4) "
    "ORDER BY bucket, tenant, subject, ticket LIMIT $5"};
constexpr int kWalkPage = 2000;

// The columns of a ticket, from `first` on.
TicketRow RowOf(const Row& row, int first = 0) {
  return {row.Id(first), static_cast<uint32_t>(row.Int(first + 1)), row.Int(first + 2) != 0,
          row.Int(first + 3), Bytes(row.Bytes(first + 4))};
}

bool Before(const TicketRow& a, const TicketRow& b) {
  return std::pair(a.moved_ms, a.ticket) < std::pair(b.moved_ms, b.ticket);
}

}  // namespace

Bytes TicketContent(const TicketRow& row) {
  Bytes content;
  ByteWriter out(content);
  out.U32(row.version);
  out.U32(row.open ? 1 : 0);
  out.U64(static_cast<uint64_t>(row.moved_ms));
  out.Raw(row.body);
  return content;
}

void ListTicketStatements(StatementList& all) {
  all.insert(all.end(), {&kLoad, &kLoadOf, &kInsert, &kUpdate, &kWaiting, &kClosed, &kCount,
                         &kDelete, &kOld, &kWalk});
}

Status WalkTickets(db::Session& data, const EachStateRow& each) {
  int64_t bucket = -1;
  StateRow last;
  for (int rows = kWalkPage; rows == kWalkPage;) {
    rows = 0;
    const StateRow after = last;
    FID_TRY(data.Query(kWalk,
                       {bucket, after.subject.tenant, after.subject.id, after.event, kWalkPage},
                       [&](const Row& row) -> Status {
                         ++rows;
                         bucket = row.Int(0);
                         const TicketRow ticket = RowOf(row, 3);
                         last = {{static_cast<model::TenantId>(row.Int(1)), row.Id(2)},
                                 0,
                                 ticket.ticket,
                                 TicketContent(ticket)};
                         return each(last);
                       }));
  }
  return {};
}

Result<TicketRow> LoadTicket(db::Session& data, const model::SubjectRef& subject,
                             const Uuid& ticket) {
  std::optional<TicketRow> found;
  FID_TRY(data.Query(kLoad, {BucketOf(subject), subject.tenant, subject.id, ticket},
                     [&](const Row& row) -> Status {
                       found = RowOf(row);
                       return {};
                     }));
  if (!found) {
    return Fail(Code::kNotFound, "there is no such ticket");
  }
  return std::move(*found);
}

namespace {

// A row as it is now goes; nobody is told if there is none.
Status TellGone(db::Session& data, const model::SubjectRef& subject, const Uuid& ticket) {
  if (data.watch() == nullptr) {
    return {};
  }
  return data.Query(kLoad, {BucketOf(subject), subject.tenant, subject.id, ticket},
                    [&](const Row& row) -> Status {
                      data.watch()->Gone(BucketOf(subject), TicketPlace(subject, ticket),
                                         TicketContent(RowOf(row)));
                      return {};
                    });
}

// What a statement gives that selects the subject behind the columns of RowOf.
Result<std::vector<ListedTicket>> Listed(db::Session& data, const Statement& statement,
                                         model::TenantId tenant,
                                         std::initializer_list<Param> params) {
  std::vector<ListedTicket> listed;
  FID_TRY(data.Query(statement, params, [&](const Row& row) -> Status {
    listed.emplace_back(model::SubjectRef{tenant, row.Id(5)}, RowOf(row));
    return {};
  }));
  return listed;
}

}  // namespace

Result<std::vector<TicketRow>> LoadTicketsOf(db::Session& data, const model::SubjectRef& subject) {
  std::vector<TicketRow> rows;
  FID_TRY(data.Query(kLoadOf, {BucketOf(subject), subject.tenant, subject.id},
                     [&](const Row& row) -> Status {
                       rows.push_back(RowOf(row));
                       return {};
                     }));
  std::sort(rows.begin(), rows.end(),
            [](const TicketRow& a, const TicketRow& b) { return Before(b, a); });
  return rows;
}

Status PutTicket(db::Session& data, const model::SubjectRef& subject, const TicketRow& row) {
  const auto bucket = BucketOf(subject);
  const int open = row.open ? 1 : 0;
  if (row.version > 1) {
    FID_TRY(TellGone(data, subject, row.ticket));
  }
  FID_ASSIGN(
      const int64_t changed,
      row.version == 1
          ? data.Execute(kInsert, {bucket, subject.tenant, subject.id, row.ticket, row.version,
                                   open, row.moved_ms, Param::Blob(row.body)})
          : data.Execute(kUpdate, {row.version, open, row.moved_ms, Param::Blob(row.body), bucket,
                                   subject.tenant, subject.id, row.ticket, row.version - 1}));
  if (changed != 1) {
    return Fail(Code::kVersionMismatch, "the ticket has changed since it was read");
  }
  if (data.watch() != nullptr) {
    data.watch()->Appeared(bucket, TicketPlace(subject, row.ticket), TicketContent(row));
  }
  return {};
}

Result<std::vector<ListedTicket>> ListTickets(db::Session& data, model::TenantId tenant, bool open,
                                              const TicketMoment& after, int limit) {
  FID_ASSIGN(std::vector<ListedTicket> listed,
             Listed(data, open ? kWaiting : kClosed, tenant,
                    {tenant, after.moved_ms, after.ticket, limit}));
  // Several servers answer each for itself.
  std::sort(listed.begin(), listed.end(), [&](const ListedTicket& a, const ListedTicket& b) {
    return open ? Before(a.second, b.second) : Before(b.second, a.second);
  });
  if (listed.size() > static_cast<size_t>(limit)) {
    listed.erase(listed.begin() + limit, listed.end());
  }
  return listed;
}

Result<int64_t> CountOpenTickets(db::Session& data, model::TenantId tenant) {
  int64_t count = 0;
  FID_TRY(data.Query(kCount, {tenant}, [&](const Row& row) -> Status {
    count += row.Int(0);
    return {};
  }));
  return count;
}

Status DeleteTicket(db::Session& data, const model::SubjectRef& subject, const Uuid& ticket) {
  FID_TRY(TellGone(data, subject, ticket));
  return data.Post(kDelete, {BucketOf(subject), subject.tenant, subject.id, ticket});
}

Result<std::vector<ListedTicket>> ListOldTickets(db::Session& data, model::TenantId tenant,
                                                 int64_t before_ms, int limit) {
  return Listed(data, kOld, tenant, {tenant, before_ms, limit});
}

}  // namespace fiducia::store
