// How a record of another system becomes an event: declared, field by field, by where values stand.
#pragma once

#include <map>
#include <string>

#include "base/json.h"
#include "process/contact/sift.h"
#include "rules/policy.h"

namespace fiducia::collect {

// Places are names with dots between them, through lists: line_items.title is every title.
struct RecordMapping {
  std::string event;                           // what happened; empty: it only says who they are
  std::string person;                          // place of the person's id at the source
  std::string id;                              // place of the record's own id; empty: what it holds
  std::string when;                            // place of the time
  std::map<std::string, std::string> values;   // field to place
  std::map<std::string, std::string> consent;  // purpose to place: true, yes, 1, subscribed
  // Whether free texts lose what they hold beyond their field's level: a card number in a mail.
  bool redact = false;
  // Place of what keeps records of one matter together: a thread, a conversation. Each becomes a
  // ticket of the service desk, and free texts lose what the desk does not need. Empty: no ticket.
  std::string ticket;
  process::Channel channel = process::Channel::kMail;  // of such a record
  // Field whose value finds the customer, where the source does not know the person yet and exactly
  // one holds it; nothing but what happened is taken in then. Empty: a new record.
  std::string match;
};

Json ToJson(const RecordMapping& mapping);
// Errors: kInvalidInput, kUnknownField.
Result<RecordMapping> RecordMappingOf(const Json& json, const rules::Catalog& catalog);

// The texts that stand at a place, in their order.
std::vector<std::string> TextsAt(const Json& record, std::string_view place);

// As the event API takes it. `id`: of the message if the mapping names none, or the record lacks
// it; it then tells two records apart that hold the same. Errors: kInvalidInput for a record that
// is none, or that names nobody.
Result<Json> ToEvent(const Json& record, const RecordMapping& mapping,
                     const rules::Catalog& catalog, const std::string& id);

}  // namespace fiducia::collect
