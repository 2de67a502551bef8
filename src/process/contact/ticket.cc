#include "process/contact/ticket.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/names.h"

namespace fiducia::process {

namespace {

constexpr std::array<std::string_view, 4> kOutcomes = {"solved", "no_answer", "elsewhere",
                                                       "duplicate"};

std::string TableOf(const Uuid& ticket) { return "ticket:" + std::string(ticket.bytes()); }

Json ToJson(const Ticket& ticket) {
  Json contacts = Json::array();
  for (const Uuid& entry : ticket.contacts) {
    contacts.push_back(entry.Text());
  }
  return {{"open", ticket.open},
          {"moved", ticket.moved_ms},
          {"channel", Name(ticket.channel)},
          {"matter", Name(ticket.matter)},
          {"rights", ticket.rights},
          {"asked", ticket.asked_ms},
          {"request", ticket.request},
          {"source", ticket.source},
          {"opened", ticket.opened_ms},
          {"opened_by", ticket.opened_by.Text()},
          {"closed", ticket.closed_ms},
          {"closed_by", ticket.closed_by.Text()},
          {"outcome", Name(ticket.outcome)},
          {"contacts", std::move(contacts)},
          {"taken", ticket.taken}};
}

Ticket TicketOf(const Json& json) {
  Ticket ticket;
  const auto who = [&](const char* member) {
    return Uuid::Parse(JsonText(json, member)).value_or(Uuid());
  };
  ticket.open = json.value("open", true);
  ticket.moved_ms = json.value("moved", int64_t{0});
  ticket.channel = ChannelNamed(JsonText(json, "channel")).value_or(Channel::kPhone);
  ticket.matter = MatterNamed(JsonText(json, "matter")).value_or(Matter::kInquiry);
  ticket.rights = json.value("rights", std::vector<std::string>());
  ticket.asked_ms = json.value("asked", int64_t{0});
  ticket.request = JsonText(json, "request");
  ticket.source = JsonText(json, "source");
  ticket.opened_ms = json.value("opened", int64_t{0});
  ticket.opened_by = who("opened_by");
  ticket.closed_ms = json.value("closed", int64_t{0});
  ticket.closed_by = who("closed_by");
  ticket.outcome = OutcomeNamed(JsonText(json, "outcome")).value_or(Outcome::kSolved);
  for (const std::string& text : json.value("contacts", std::vector<std::string>())) {
    ticket.contacts.push_back(Uuid::Parse(text).value_or(Uuid()));
  }
  ticket.taken = json.value("taken", std::map<std::string, int>());
  return ticket;
}

}  // namespace

std::string_view Name(Outcome outcome) { return kOutcomes[static_cast<size_t>(outcome)]; }

std::optional<Outcome> OutcomeNamed(std::string_view name) {
  return ValueNamed<Outcome>(kOutcomes, name);
}

void AddContact(Ticket& ticket, const TicketContact& contact) {
  if (ticket.contacts.size() >= kContactsMost) {
    ticket.contacts.erase(ticket.contacts.begin());
  }
  ++ticket.version;
  ticket.open = true;
  ticket.closed_ms = 0;
  ticket.closed_by = Uuid();
  ticket.moved_ms = std::max(ticket.moved_ms, contact.at_ms);
  ticket.contacts.push_back(contact.entry);
  for (const SiftedKind& kind : contact.kinds) {
    if (!kind.kept) {
      ticket.taken[std::string(kind.kind)] += kind.count;
    }
  }
  if (ticket.asked_ms == 0 && !contact.rights.empty()) {
    ticket.asked_ms = contact.said_ms;
  }
  for (const std::string& right : contact.rights) {
    if (std::find(ticket.rights.begin(), ticket.rights.end(), right) == ticket.rights.end()) {
      ticket.rights.push_back(right);
    }
  }
}

model::Sensitive Told(const Ticket& ticket) {
  static constexpr std::array<std::string_view, kMatters> kMatter = {"咨询", "投诉", "售后",
                                                                     "表扬"};
  static constexpr std::array<std::string_view, 4> kChannel = {"电话", "邮件", "聊天", "到店"};
  static constexpr std::array<std::string_view, 4> kCame = {"已解决", "客户不再回复", "已转交",
                                                            "重复"};
  const auto place = [](auto value) { return static_cast<size_t>(value); };
  std::string zh(kMatter[place(ticket.matter)]);
  zh.append("，").append(kChannel[place(ticket.channel)]).append("，");
  zh.append(ticket.open ? "待处理" : kCame[place(ticket.outcome)]);
  std::string en(Name(ticket.matter));
  en.append(", ").append(Name(ticket.channel)).append(", ");
  en.append(ticket.open ? "open" : Name(ticket.outcome));
  std::replace(en.begin(), en.end(), '_', ' ');
  return model::Sensitive(zh + " / " + en);
}

store::TicketRow SealTicket(const vault::Vault& vault, const vault::SubjectKey& key,
                            const model::SubjectRef& subject, const rules::Field& field,
                            const Ticket& ticket) {
  return {ticket.id, ticket.version, ticket.open, ticket.moved_ms,
          vault.Seal(key, {subject, TableOf(ticket.id), field.number, 1, ticket.version},
                     model::Sensitive(WriteJson(ToJson(ticket))))};
}

Result<Ticket> OpenTicket(const vault::Vault& vault, const vault::SubjectKey& key,
                          const model::Permit& permit, const rules::Field& field,
                          const store::TicketRow& row) {
  FID_ASSIGN(
      const model::Sensitive text,
      vault.Open(permit, key, {permit.subject(), TableOf(row.ticket), field.number, 1, row.version},
                 row.body));
  FID_ASSIGN(const Json json, ParseJson(text.Reveal()));
  Ticket ticket = TicketOf(json);
  if (ticket.open != row.open || ticket.moved_ms != row.moved_ms) {
    return Fail(Code::kCorrupt, "a stored ticket is damaged");
  }
  ticket.id = row.ticket;
  ticket.version = row.version;
  return ticket;
}

}  // namespace fiducia::process
