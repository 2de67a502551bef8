// The command line. Every command that touches data is a request to the API: of the running server
// if there is one, else of the installation opened here.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/json.h"
#include "server/serve.h"

namespace fiducia::cli {

constexpr int kOk = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;

// What all commands share.
struct Context {
  server::Home home;
  bool json = false;
  std::string key;  // works as this service key instead of as the owner of the folder
};

// A way to send requests, made on first use. Thread safe.
class Session {
 public:
  explicit Session(const Context& context) : context_(context) {}
  // Sends and gives the answer; transport faults are told on stderr and come back as status 0.
  http::Response Send(http::Request request);
  // Whether no server answered, so that the installation was opened here.
  bool in_process() const { return instance_ != nullptr; }

 private:
  const Context& context_;
  std::mutex mutex_;  // guards the opening
  std::unique_ptr<server::Instance> instance_;
};

int RunInit(const Context& context, server::InitOptions options, bool passphrase);
int RunServe(const Context& context, const server::ServeOptions& options);

struct ImportArguments {
  std::string file;
  std::string mapping;
  std::string source;
  std::string basis;
  std::vector<std::string> purposes;
  std::string jurisdiction;
  bool suggest = false;
  bool dry_run = false;
  bool separate = false;
};
int RunImport(const Context& context, const ImportArguments& arguments);
int RunImportRejects(const Context& context, const std::string& id);
int RunImportRevert(const Context& context, const std::string& id);

struct MailArguments {
  std::string url;
  std::string from;
  std::string user;
  std::string password_file;
  std::string ca_file;
};
// Of a table (.csv, .tsv, .xlsx, .ndjson) what its columns hold. `redacted`: where a copy without
// what was found is written; empty: none.
int RunScan(const Context& context, const std::string& file, const std::string& redacted);
// What is wrong in a table. `repaired`: where a copy with the sure repairs is written, beside a
// list of all changes; empty: none.
int RunProfile(const Context& context, const std::string& file, const std::string& repaired);
struct ChangesArguments {
  std::string purpose;
  std::string cursor;   // "": from the beginning
  bool follow = false;  // does not end
};
// A CloudEvent a line; the place to go on from on stderr.
int RunChanges(const Context& context, const ChangesArguments& arguments);
// The record of processing as it is now (json, csv, dpv), or as it was frozen for a month.
int RunRecord(const Context& context, const std::string& format, const std::string& month,
              const std::string& file);
int RunRecipientList(const Context& context);
int RunMailSet(const Context& context, const MailArguments& arguments);
// The server, and what waits to be sent.
int RunMailShow(const Context& context);
int RunMailRemove(const Context& context);
int RunPortalLink(const Context& context, const std::string& id, const std::string& purpose,
                  const std::string& reason);

struct SsoArguments {
  std::string issuer;
  std::string client_id;
  std::string secret_file;
  std::string name;
  std::string ca_file;
};
int RunSsoSet(const Context& context, const SsoArguments& arguments);
int RunSsoShow(const Context& context);
int RunSsoRemove(const Context& context);

// `regime` empty: a line for each.
int RunRulesList(const Context& context, const std::string& regime);
// Tries every vector of the packs in `folder`; empty: of the installation. Needs no store.
int RunRulesTest(const Context& context, const std::string& folder);
int RunRulesDiff(const Context& context, const std::string& before, const std::string& after);
// Versions, and what publishing now would change.
int RunNoticeList(const Context& context);
int RunNoticePublish(const Context& context, const std::string& id);
int RunRulesSign(const Context& context, const std::string& file);

int RunAuditVerify(const Context& context);
struct KeyArguments {
  std::string role;
  std::string label;
  int days = 90;
  std::vector<std::string> purposes;
  std::string level;
  std::vector<std::string> networks;
  int per_minute = 0;
};
int RunKeysAdd(const Context& context, const KeyArguments& arguments);
int RunKeysList(const Context& context);
int RunKeysRevoke(const Context& context, const std::string& id);
int RunKeysRotate(const Context& context);
// `drill`: the report that proves a backup of the current epoch.
int RunKeysDestroyOld(const Context& context, const std::string& drill);
int RunSourceAdd(const Context& context, const std::string& id, const std::string& channel,
                 const std::string& owner);

struct ContactArguments {
  std::string purpose = "service";
  std::string customer;  // its id
  std::string ticket;    // empty: a new one
  std::string file;      // of the words; "-": what is typed
  std::string channel = "phone";
  std::string source;
  std::string speaker;
  std::vector<std::string> keep;
  std::string reason;
  int minutes = 0;
};
int RunTicketPreview(const Context& context, const ContactArguments& arguments);
int RunTicketTake(const Context& context, const ContactArguments& arguments);
int RunTicketClose(const Context& context, const ContactArguments& arguments,
                   const std::string& outcome);
// Of one customer, or else of all.
int RunTicketList(const Context& context, const ContactArguments& arguments, bool closed);

struct StreamArguments {
  std::string source;
  std::string label;
  std::string basis;
  std::vector<std::string> purposes;
  std::vector<std::string> fields;
  std::vector<std::string> paths;  // properties.size=product_interest
  std::vector<std::string> origins;
  std::string ip = "drop";
  bool strict = false;  // refuses events with more
};
int RunStreamAdd(const Context& context, const StreamArguments& arguments);
int RunStreamList(const Context& context);
int RunFormAdd(const Context& context, const std::string& file);
int RunFormChange(const Context& context, const std::string& id, const std::string& file);
// `state`: open or closed.
int RunFormTurn(const Context& context, const std::string& id, const std::string& state);
int RunFormKey(const Context& context, const std::string& id);
int RunFormList(const Context& context);
// `secret_file`: holds the other side's password or shared secret; may be empty.
int RunConnectorAdd(const Context& context, const std::string& file,
                    const std::string& secret_file);
int RunConnectorList(const Context& context);
// `state`: running, paused or ended.
int RunConnectorTurn(const Context& context, const std::string& id, const std::string& state);
int RunConnectorRun(const Context& context, const std::string& id);
int RunConnectorLetters(const Context& context, const std::string& id);
int RunConnectorReplay(const Context& context, const std::string& id);
int RunStreamEnd(const Context& context, const std::string& id);

struct FindArguments {
  std::string field;
  std::string value;
  std::string purpose;
  std::string case_id;
};
int RunCustomerFind(const Context& context, const FindArguments& arguments);
int RunCustomerShow(const Context& context, const std::string& id, const std::string& purpose,
                    const std::string& view);
// Writes the receipt to the file `receipt`; empty: erasure-<id>.json.
int RunCustomerErase(const Context& context, const std::string& id, const std::string& purpose,
                     const std::string& receipt);
// Offline. `verifier` empty: the one in the receipt.
int RunReceiptVerify(const Context& context, const std::string& file, const std::string& verifier);

struct PersonArguments {
  std::string login;
  std::string name;
  std::string department;
  std::string locale = "en";
  std::vector<std::string> roles;
  int days = 90;
};
int RunPeopleAdd(const Context& context, const PersonArguments& arguments);
int RunPeopleList(const Context& context);
struct GrantArguments {
  std::string login;
  std::string role;
  std::string department;
  std::string reason;
  int days = 90;
};
int RunPeopleGrant(const Context& context, const GrantArguments& arguments);
// `what`: disable, enable or invitation.
int RunPeopleStanding(const Context& context, const std::string& login, const std::string& what);
int RunDepartmentAdd(const Context& context, const std::string& code, const std::string& zh,
                     const std::string& en, const std::string& parent,
                     const std::vector<std::string>& purposes);

int RunFsck(const Context& context);
int RunBackup(const Context& context, const std::string& folder, int64_t every_s);
struct RestoreArguments {
  std::string from;
  std::string root_key;
  std::string until;    // RFC 3339; empty: the newest
  std::string scratch;  // of a drill; empty: the system's temporary folder
};
int RunRestore(const Context& context, const RestoreArguments& arguments);
int RunRecover(const Context& context, const std::string& reason);
int RunDrill(const Context& context, const RestoreArguments& arguments);

int RunMigrate(const Context& context, const std::string& store, const std::string& keys_store,
               const std::string& schema);
int RunDbCheck(const Context& context, const std::string& dsn);

struct DemoArguments {
  int64_t customers = 1000;
  uint64_t seed = 1;
  std::string out;  // a CSV file; empty: into the installation
};
int RunDemo(const Context& context, const DemoArguments& arguments);

// Prints the answer as JSON or by `table`, and gives the exit code.
int Finish(const Context& context, const http::Response& response,
           const std::function<void(const Json&)>& table);
http::Request MakeRequest(const std::string& method, const std::string& path,
                          const std::string& purpose = {});

}  // namespace fiducia::cli
