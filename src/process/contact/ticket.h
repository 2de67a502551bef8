// A matter that a customer brought to the service desk: one or several calls, mails or chats until
// it is closed. All it says is sealed under the customer's key, in the catalog's field for it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "process/contact/sift.h"
#include "store/tickets.h"
#include "vault/vault.h"

namespace fiducia::process {

constexpr std::string_view kTicketField = "service_ticket";
constexpr std::string_view kNoteField = "service_note";
constexpr size_t kContactsMost = 200;  // named by one ticket

enum class Outcome : uint8_t { kSolved, kNoAnswer, kElsewhere, kDuplicate };
std::string_view Name(Outcome outcome);
std::optional<Outcome> OutcomeNamed(std::string_view name);

struct Ticket {
  Uuid id;
  uint32_t version = 0;
  bool open = true;
  int64_t moved_ms = 0;
  Channel channel = Channel::kPhone;  // of the first contact
  Matter matter = Matter::kInquiry;
  std::vector<std::string> rights;  // of which the words spoke, by the names of govern::Right
  int64_t asked_ms = 0;             // when they first did
  std::string request;              // number of the case that was made of it; empty: none
  std::string source;
  int64_t opened_ms = 0;
  Uuid opened_by;  // who, or which connector
  int64_t closed_ms = 0;
  Uuid closed_by;
  Outcome outcome = Outcome::kSolved;  // once closed
  std::vector<Uuid> contacts;          // entries of the timeline, the first first
  std::map<std::string, int> taken;    // kinds of what was taken out of the words, and how often
};

// What a contact adds to a ticket, new or not: it is open from then on. Of very many contacts the
// ticket names the last ones; all of them stay in the timeline.
struct TicketContact {
  Uuid entry;           // of the timeline
  int64_t at_ms = 0;    // taken in
  int64_t said_ms = 0;  // by the person
  std::vector<SiftedKind> kinds;
  std::vector<std::string> rights;
};
void AddContact(Ticket& ticket, const TicketContact& contact);

// `field` is the catalog's kTicketField. The version of the ticket is that of the row.
store::TicketRow SealTicket(const vault::Vault& vault, const vault::SubjectKey& key,
                            const model::SubjectRef& subject, const rules::Field& field,
                            const Ticket& ticket);
// Errors: kDenied if the permit does not cover the field, kCorrupt.
Result<Ticket> OpenTicket(const vault::Vault& vault, const vault::SubjectKey& key,
                          const model::Permit& permit, const rules::Field& field,
                          const store::TicketRow& row);

// As its customer reads it, in Chinese and English: what it was about, how it came, what came of
// it.
model::Sensitive Told(const Ticket& ticket);

}  // namespace fiducia::process
