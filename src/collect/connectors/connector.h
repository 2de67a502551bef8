// A connector as it is declared: where records come from or who calls, what they mean, what they
// are for, and how often to look.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "collect/connectors/record_mapping.h"
#include "collect/connectors/signature.h"
#include "collect/events/streams.h"
#include "collect/forms/form.h"

namespace fiducia::collect {

enum class ConnectorKind : uint8_t {
  kWebhook,   // another system calls us
  kRest,      // JSON over HTTPS, page by page
  kFolder,    // files that somebody puts into a folder: CSV, NDJSON, XLSX, vCard, LDIF
  kMailbox,   // IMAP: service mail
  kPostgres,  // a table
  kMysql,     // a table of MySQL or MariaDB
  kNats,      // a JetStream stream
};
std::string_view Name(ConnectorKind kind);
Result<ConnectorKind> ConnectorKindNamed(std::string_view name);

struct ConnectorSpec {
  std::string label;
  ConnectorKind kind = ConnectorKind::kWebhook;
  std::string source;  // registered
  std::vector<FormPurpose> purposes;
  std::map<std::string, RecordMapping> mappings;  // by topic; "" for whatever has none of its own
  std::map<std::string, std::string> settings;    // by kind: url, folder, table, header …
  int every_s = 60;                               // between two looks
};

// Errors: kInvalidInput, kUnknownField.
Result<ConnectorSpec> ConnectorSpecOf(const Json& json, const rules::Catalog& catalog);
Json ToJson(const ConnectorSpec& spec);
// The settings that a kind has, those it needs first. Errors: kInvalidInput.
Status CheckSettings(const ConnectorSpec& spec);

enum class ConnectorState : uint8_t { kRunning, kPaused, kEnded };
std::string_view Name(ConnectorState state);

struct Connector {
  Uuid id;
  uint32_t version = 0;
  ConnectorSpec spec;
  std::string secret;  // of the other side: a password, a shared secret
  ConnectorState state = ConnectorState::kRunning;
  int64_t created_ms = 0;
  // Made once: as what its records are taken in.
  StreamPtr stream;

  // Whether it reaches into the house itself, which its owner alone may ask for.
  bool Inside() const;
};
using ConnectorPtr = std::shared_ptr<const Connector>;

StreamSpec StreamSpecOf(const ConnectorSpec& spec);

}  // namespace fiducia::collect
