#include <cstdlib>
#include <functional>
#include <map>

#include <CLI/CLI.hpp>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "cli/commands.h"

namespace {

using fiducia::cli::Context;
// Keys and values in memory must not reach a disk by way of a crash.
void ForbidCoreDumps() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

using Action = std::function<int(const Context&)>;

// "90", "90s", "15m", "1h" or "1d" as seconds.
int64_t Seconds(const std::string& text) {
  static const std::map<char, int64_t> kUnits = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
  size_t end = 0;
  int64_t number = -1;
  try {
    number = std::stoll(text, &end);
  } catch (const std::exception&) {
    throw CLI::ValidationError("--every", "a time such as 10s, 15m or 1h");
  }
  const auto unit = end < text.size() ? kUnits.find(text[end]) : kUnits.find('s');
  if (number < 1 || unit == kUnits.end() || end + 1 < text.size()) {
    throw CLI::ValidationError("--every", "a time such as 10s, 15m or 1h");
  }
  return number * unit->second;
}

// Each of these adds one group of commands; the chosen command leaves its action behind.
void AddSetUp(CLI::App& app, Action& action) {
  static fiducia::server::InitOptions options;
  static bool passphrase = false;
  CLI::App* init = app.add_subcommand("init", "Set up an installation in the home folder");
  init->add_option("--jurisdiction", options.jurisdiction,
                   "Where the company is established: CN, EU, US-CA, JP, AU");
  init->add_option("--host", options.host, "Name in the TLS certificate");
  init->add_flag("--passphrase", passphrase,
                 "Root key from FIDUCIA_PASSPHRASE instead of a key file");
  init->add_option("--store", options.store,
                   "Keep the data in PostgreSQL: postgresql://user@host/database");
  init->add_option("--keys-store", options.keys_store,
                   "Database of the keys; better still an instance of its own");
  init->add_option("--schema", options.schema, "Prefix of the schemas there")
      ->capture_default_str();
  init->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunInit(c, options, passphrase); };
  });
  static fiducia::server::ServeOptions serve_options;
  CLI::App* serve = app.add_subcommand("serve", "Serve the API over HTTPS");
  serve->add_option("--listen", serve_options.listen, "IP:PORT")->capture_default_str();
  serve->add_option("--metrics", serve_options.metrics, "IP:PORT of a plain listener for /metrics");
  static std::string every = "10s";
  serve->add_option("--backup-to", serve_options.backup_to, "Back up to this folder all the time");
  serve->add_option("--backup-every", every, "How often")->capture_default_str();
  serve->add_option("--threads", serve_options.threads, "Connection threads")
      ->check(CLI::Range(1, 64));
  serve->callback([&action] {
    serve_options.backup_every_s = Seconds(every);
    action = [](const Context& c) { return fiducia::cli::RunServe(c, serve_options); };
  });
  static fiducia::cli::DemoArguments demo_arguments;
  CLI::App* demo = app.add_subcommand("demo", "Fill the installation with made-up customers");
  demo->add_option("--customers", demo_arguments.customers, "How many")->check(CLI::PositiveNumber);
  demo->add_option("--seed", demo_arguments.seed, "The same seed gives the same customers");
  demo->add_option("--out", demo_arguments.out, "Write a CSV file instead (- for standard output)");
  demo->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunDemo(c, demo_arguments); };
  });
}

void AddImport(CLI::App& app, Action& action) {
  static fiducia::cli::ImportArguments arguments;
  static std::string id;
  CLI::App* import = app.add_subcommand("import", "Import customers from CSV, NDJSON or XLSX");
  import->add_option("file", arguments.file, "The file");
  import->add_option("--mapping", arguments.mapping, "Which column is which field (TOML)");
  import->add_option("--source", arguments.source, "Where the data comes from");
  import->add_option("--basis", arguments.basis,
                     "Lawful basis: consent, contract, legal_obligation …");
  import->add_option("--purpose", arguments.purposes, "What it may be used for; may be repeated");
  import->add_option("--jurisdiction", arguments.jurisdiction, "Law the data was collected under");
  import->add_flag("--separate", arguments.separate,
                   "The basis was given separately for L4 fields");
  import->add_flag("--suggest", arguments.suggest, "Propose a mapping and stop");
  import->add_flag("--dry-run", arguments.dry_run, "Say what would happen and change nothing");
  CLI::App* rejects = import->add_subcommand("rejects", "List the quarantined rows of an import");
  rejects->add_option("id", id, "The import")->required();
  CLI::App* revert = import->add_subcommand("revert", "Take an import out again");
  revert->add_option("id", id, "The import")->required();
  import->callback([&action, import, rejects, revert] {
    if (*rejects) {
      action = [](const Context& c) { return fiducia::cli::RunImportRejects(c, id); };
    } else if (*revert) {
      action = [](const Context& c) { return fiducia::cli::RunImportRevert(c, id); };
    } else if (arguments.file.empty()) {
      throw CLI::RequiredError("file");
    } else {
      action = [](const Context& c) { return fiducia::cli::RunImport(c, arguments); };
    }
    (void)import;
  });
}

void AddMail(CLI::App& app, Action& action) {
  static fiducia::cli::MailArguments arguments;
  CLI::App* mail = app.add_subcommand("mail", "Mail to customers");
  mail->require_subcommand(1);
  CLI::App* set = mail->add_subcommand("set", "Set the mail server");
  set->add_option("--url", arguments.url, "smtps://host:465 or smtp://host:587")->required();
  set->add_option("--from", arguments.from, "The sender's address")->required();
  set->add_option("--user", arguments.user, "Account at the mail server");
  set->add_option("--password-file", arguments.password_file, "File with its password");
  set->add_option("--ca", arguments.ca_file, "Authorities in PEM; else the system's");
  set->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunMailSet(c, arguments); };
  });
  mail->add_subcommand("show", "The server, and what waits to be sent")->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunMailShow(c); };
  });
  mail->add_subcommand("remove", "Send no more mail")->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunMailRemove(c); };
  });
}

void AddRules(CLI::App& app, Action& action) {
  static std::string one;
  static std::string other;
  CLI::App* rules = app.add_subcommand("rules", "The laws as data");
  rules->require_subcommand(1);
  CLI::App* list = rules->add_subcommand("list", "Packs, or the rules of one");
  list->add_option("regime", one, "CN, EU, US-CA …");
  list->callback(
      [&action] { action = [](const Context& c) { return fiducia::cli::RunRulesList(c, one); }; });
  CLI::App* test = rules->add_subcommand("test", "Try packs against their own dated vectors");
  test->add_option("folder", one, "With jurisdictions/ and calendars/; else this installation's");
  test->callback(
      [&action] { action = [](const Context& c) { return fiducia::cli::RunRulesTest(c, one); }; });
  CLI::App* diff =
      rules->add_subcommand("diff", "What changes between two sets of packs, for whom");
  diff->add_option("old", one, "A pack, or a folder of them")->required();
  diff->add_option("new", other, "A pack, or a folder of them")->required();
  diff->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunRulesDiff(c, one, other); };
  });
  CLI::App* notice = app.add_subcommand("notice", "What customers are told");
  notice->require_subcommand(1);
  notice->add_subcommand("list", "Published versions, and what publishing now would change")
      ->callback(
          [&action] { action = [](const Context& c) { return fiducia::cli::RunNoticeList(c); }; });
  CLI::App* publish = notice->add_subcommand("publish", "Publish what is declared");
  publish->add_option("id", one, "The notice")->required();
  publish->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunNoticePublish(c, one); };
  });
  CLI::App* sign = rules->add_subcommand("sign", "Sign a pack as this installation");
  sign->add_option("file", one, "The pack")->required();
  sign->callback(
      [&action] { action = [](const Context& c) { return fiducia::cli::RunRulesSign(c, one); }; });
}

void AddAssurance(CLI::App& app, Action& action) {
  static std::string format = "csv";
  static std::string month;
  static std::string file;
  CLI::App* record = app.add_subcommand("record", "The record of processing, made from what runs");
  record->add_option("--format", format, "csv, json or dpv (JSON-LD)")
      ->check(CLI::IsMember({"csv", "json", "dpv"}))
      ->capture_default_str();
  record->add_option("--month", month, "As it was frozen, such as 2026-11");
  record->add_option("--out", file, "Where to write it; else it is printed");
  record->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunRecord(c, format, month, file); };
  });
  static std::string redacted;
  CLI::App* scan = app.add_subcommand(
      "scan", "What in a text points to a person, or what the columns of a table hold");
  scan->add_option("file", file, "UTF-8 text, or a table: .csv, .tsv, .xlsx, .ndjson")->required();
  scan->add_option("--redact", redacted, "Write a copy without it");
  scan->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunScan(c, file, redacted); };
  });
  static fiducia::cli::ChangesArguments changed;
  CLI::App* changes = app.add_subcommand("changes", "Which customers changed, one event a line");
  changes->add_option("--purpose", changed.purpose, "What for")->required();
  changes->add_option("--cursor", changed.cursor, "Where an earlier call ended");
  changes->add_flag("--follow", changed.follow, "Wait for more, and do not end");
  changes->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunChanges(c, changed); };
  });
  static std::string repaired;
  CLI::App* profile = app.add_subcommand("profile", "What is wrong in a table, column by column");
  profile->add_option("file", file, "A table: .csv, .tsv, .xlsx, .ndjson")->required();
  profile->add_option("--repair", repaired, "Write a copy with the sure repairs, and what changed");
  profile->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunProfile(c, file, repaired); };
  });
  CLI::App* recipient = app.add_subcommand("recipient", "Who outside of the house is given data");
  recipient->require_subcommand(1);
  recipient->add_subcommand("list", "All of them, and what stands in the way")->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunRecipientList(c); };
  });
}

void AddPeople(CLI::App& app, Action& action) {
  static fiducia::cli::PersonArguments person;
  static fiducia::cli::GrantArguments grant;
  static std::string login;
  CLI::App* people = app.add_subcommand("people", "People who sign in");
  people->require_subcommand(1);
  CLI::App* add = people->add_subcommand("add", "Invite a person; prints a link that works once");
  add->add_option("login", person.login, "What they type to sign in")->required();
  add->add_option("--name", person.name, "Their name")->required();
  add->add_option("--role", person.roles, "A role, or several times --role");
  add->add_option("--department", person.department, "Code of a department");
  add->add_option("--language", person.locale, "en, zh-CN or zh-TW")->capture_default_str();
  add->add_option("--days", person.days, "How long the roles last, at most 90")
      ->capture_default_str();
  add->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunPeopleAdd(c, person); };
  });
  people->add_subcommand("list", "Who there is, and what they lack")->callback([&action] {
    action = fiducia::cli::RunPeopleList;
  });
  CLI::App* give = people->add_subcommand("grant", "Give a role for a time");
  give->add_option("login", grant.login, "Whom")->required();
  give->add_option("--role", grant.role, "The role")->required();
  give->add_option("--department", grant.department, "For this department");
  give->add_option("--days", grant.days, "At most 90")->capture_default_str();
  give->add_option("--reason", grant.reason, "Why");
  give->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunPeopleGrant(c, grant); };
  });
  for (const auto& [name, what, help] :
       {std::tuple("disable", "disable", "End sessions and grants at once"),
        std::tuple("enable", "enable", "Make the account new: invite, then give grants"),
        std::tuple("invite", "invitation", "A new link, when the password is lost")}) {
    CLI::App* command = people->add_subcommand(name, help);
    command->add_option("login", login, "Whom")->required();
    command->callback([&action, what = std::string(what)] {
      action = [what](const Context& c) { return fiducia::cli::RunPeopleStanding(c, login, what); };
    });
  }
}

void AddDepartments(CLI::App& app, Action& action) {
  static std::string code;
  static std::string zh;
  static std::string en;
  static std::string parent;
  static std::vector<std::string> purposes;
  CLI::App* department = app.add_subcommand("department", "The tree of departments");
  department->require_subcommand(1);
  CLI::App* add = department->add_subcommand("add", "Make or change a department");
  add->add_option("code", code, "a-z, 0-9, _ and -")->required();
  add->add_option("--zh", zh, "Its name in Chinese")->required();
  add->add_option("--en", en, "Its name in English")->required();
  add->add_option("--parent", parent, "Code of the department above");
  add->add_option("--purpose", purposes, "What it works for, or several times; none: no limit");
  add->callback([&action] {
    action = [](const Context& c) {
      return fiducia::cli::RunDepartmentAdd(c, code, zh, en, parent, purposes);
    };
  });
}

void AddSso(CLI::App& app, Action& action) {
  static fiducia::cli::SsoArguments provider;
  CLI::App* sso = app.add_subcommand("sso", "Single sign-on with the company's identity provider");
  sso->require_subcommand(1);
  CLI::App* set = sso->add_subcommand("set", "Set the provider up (OpenID Connect)");
  set->add_option("issuer", provider.issuer, "Its address, as https://login.example.com")
      ->required();
  set->add_option("--client-id", provider.client_id, "What it knows this installation by")
      ->required();
  set->add_option("--secret-file", provider.secret_file, "File with the client's secret")
      ->required();
  set->add_option("--name", provider.name, "What people know it by")->required();
  set->add_option("--ca", provider.ca_file, "File with authorities (PEM) for its certificate");
  set->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunSsoSet(c, provider); };
  });
  sso->add_subcommand("show", "Which provider it is")->callback([&action] {
    action = fiducia::cli::RunSsoShow;
  });
  sso->add_subcommand("remove", "Take it away")->callback([&action] {
    action = fiducia::cli::RunSsoRemove;
  });
}

void AddKeys(CLI::App& app, Action& action) {
  static fiducia::cli::KeyArguments key;
  static std::string id;
  CLI::App* keys = app.add_subcommand("keys", "Service keys and encryption keys");
  keys->require_subcommand(1);
  CLI::App* add = keys->add_subcommand("add-service", "Make a key for a service");
  add->add_option("--role", key.role,
                  "agent, marketer, analyst, manager, privacy_officer, engineer, admin")
      ->required();
  add->add_option("--label", key.label, "What it is for");
  add->add_option("--days", key.days, "Term, at most 365");
  add->add_option("--purpose", key.purposes, "Only for this purpose; may be repeated");
  add->add_option("--level", key.level, "The highest level it opens: L1 to L4");
  add->add_option("--network", key.networks,
                  "Only from this network, such as 10.0.0.0/8; may be repeated");
  add->add_option("--per-minute", key.per_minute, "At most so many requests a minute");
  add->callback(
      [&action] { action = [](const Context& c) { return fiducia::cli::RunKeysAdd(c, key); }; });
  keys->add_subcommand("list", "List service keys")->callback([&action] {
    action = fiducia::cli::RunKeysList;
  });
  CLI::App* revoke = keys->add_subcommand("revoke", "Revoke a service key");
  revoke->add_option("id", id, "The key's id")->required();
  revoke->callback(
      [&action] { action = [](const Context& c) { return fiducia::cli::RunKeysRevoke(c, id); }; });
  CLI::App* rotate =
      keys->add_subcommand("rotate", "New key epoch; re-wraps every key (server stopped)");
  rotate->callback([&action] { action = fiducia::cli::RunKeysRotate; });
  static std::string drill;
  CLI::App* destroy = keys->add_subcommand(
      "destroy-old", "Destroy the old epochs, once a drill has proved a backup (server stopped)");
  destroy->add_option("--drill", drill, "The report of the drill")->required();
  destroy->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunKeysDestroyOld(c, drill); };
  });
}

void AddCustomer(CLI::App& app, Action& action) {
  static fiducia::cli::FindArguments find;
  static std::string id;
  static std::string purpose;
  static std::map<std::string, std::string> terms;
  CLI::App* customer = app.add_subcommand("customer", "Find and read customers");
  customer->require_subcommand(1);
  CLI::App* found = customer->add_subcommand("find", "Find by an exact value");
  CLI::Option_group* by = found->add_option_group("by", "One of");
  for (const auto& [option, field] :
       std::map<std::string, std::string>{{"--mobile", "mobile"},
                                          {"--email", "email"},
                                          {"--name", "name_full"},
                                          {"--id-no", "national_id_no"},
                                          {"--passport", "passport_no"}}) {
    by->add_option_function<std::string>(option, [field = field](const std::string& value) {
      find.field = field;
      find.value = value;
    });
  }
  by->require_option(1);
  found->add_option("--purpose", find.purpose, "What for");
  found->add_option("--case", find.case_id, "Case id");
  found->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunCustomerFind(c, find); };
  });
  for (const auto& [name, view, help] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"show", "", "Read one customer"},
           {"accesses", "accesses", "Who opened what of this customer"},
           {"lineage", "lineage", "Where each value came from"},
           {"timeline", "timeline", "Orders and interactions"}}) {
    CLI::App* show = customer->add_subcommand(name, help);
    show->add_option("id", id, "The customer's id")->required();
    show->add_option("--purpose", purpose, "What for");
    show->callback([&action, view = view] {
      action = [view](const Context& c) {
        return fiducia::cli::RunCustomerShow(c, id, purpose, view);
      };
    });
  }
  CLI::App* link = customer->add_subcommand("link", "A sign-in link to the portal, handed over");
  link->add_option("id", id, "The customer's id")->required();
  link->add_option("--purpose", purpose, "Usually service")->required();
  static std::string recognized;
  link->add_option("--reason", recognized, "How the customer was recognized")->required();
  link->callback([&action] {
    action = [](const Context& c) {
      return fiducia::cli::RunPortalLink(c, id, purpose, recognized);
    };
  });
  CLI::App* erase = customer->add_subcommand("erase", "Erase one customer: the key is destroyed");
  erase->add_option("id", id, "The customer's id")->required();
  erase->add_option("--purpose", purpose, "Usually legal_compliance");
  static std::string receipt;
  erase->add_option("--receipt", receipt, "Where to write the receipt for the person");
  erase->callback([&action] {
    action = [](const Context& c) {
      return fiducia::cli::RunCustomerErase(c, id, purpose, receipt);
    };
  });
}

void AddRecovery(CLI::App& app, Action& action) {
  static std::string folder;
  static std::string every;
  static std::string reason;
  static fiducia::cli::RestoreArguments arguments;
  app.add_subcommand("fsck", "Check every record of the store")->callback([&action] {
    action = fiducia::cli::RunFsck;
  });
  CLI::App* backup = app.add_subcommand("backup", "Back up keys and data, encrypted");
  backup->add_option("--to", folder, "The folder, best on another machine's disk")->required();
  backup->add_option("--every", every, "Again and again while the server runs: 10s, 15m, 1h");
  backup->callback([&action] {
    const int64_t seconds = every.empty() ? 0 : Seconds(every);
    action = [seconds](const Context& c) { return fiducia::cli::RunBackup(c, folder, seconds); };
  });
  const auto from = [](CLI::App* command) {
    command->add_option("--from", arguments.from, "The backup's folder")->required();
    command->add_option("--root-key", arguments.root_key, "A copy of the root key file")
        ->required();
    command->add_option("--until", arguments.until, "Data as of this time (RFC 3339)");
  };
  CLI::App* restore =
      app.add_subcommand("restore", "Bring an installation back into an empty home");
  from(restore);
  restore->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunRestore(c, arguments); };
  });
  CLI::App* drill = app.add_subcommand("drill", "Try a restore, check everything, remove it");
  from(drill);
  drill->add_option("--scratch", arguments.scratch, "Where to restore to");
  drill->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunDrill(c, arguments); };
  });
  CLI::App* recover = app.add_subcommand(
      "recover", "Put on record why a restored log is behind its witnessed checkpoint");
  recover->add_option("--reason", reason, "One line; it is signed and kept")->required();
  recover->callback(
      [&action] { action = [](const Context& c) { return fiducia::cli::RunRecover(c, reason); }; });
}

void AddStores(CLI::App& app, Action& action) {
  static std::string store;
  static std::string keys_store;
  static std::string schema = "fiducia";
  static std::string from = "sqlite";
  CLI::App* migrate = app.add_subcommand("migrate", "Move the installation to PostgreSQL");
  migrate->add_option("--from", from, "Where it is now")->check(CLI::IsMember({"sqlite"}));
  migrate->add_option("--to", store, "postgresql://user@host/database")->required();
  migrate->add_option("--keys-store", keys_store, "Database of the keys")->required();
  migrate->add_option("--schema", schema, "Prefix of the schemas there")->capture_default_str();
  migrate->callback([&action] {
    action = [](const Context& c) {
      return fiducia::cli::RunMigrate(c, store, keys_store, schema);
    };
  });
  CLI::App* check =
      app.add_subcommand("dbcheck", "See whether a PostgreSQL-like engine can carry Fiducia");
  check->add_option("dsn", store, "postgresql://user@host/database")->required();
  check->callback(
      [&action] { action = [](const Context& c) { return fiducia::cli::RunDbCheck(c, store); }; });
}

void AddConnectors(CLI::App& app, Action& action) {
  static std::string id;
  static std::string file;
  static std::string secret_file;
  CLI::App* connector = app.add_subcommand("connector", "Records of other systems");
  connector->require_subcommand(1);
  using fiducia::cli::Context;
  CLI::App* add = connector->add_subcommand("add", "Make one");
  add->add_option("file", file, "The connector as JSON")->required();
  add->add_option("--secret-file", secret_file, "Holds the password or the shared secret");
  add->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunConnectorAdd(c, file, secret_file); };
  });
  connector->add_subcommand("list", "How each is doing")->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunConnectorList(c); };
  });
  const auto of = [&](const char* name, const char* text, auto run) {
    CLI::App* one = connector->add_subcommand(name, text);
    one->add_option("id", id, "Its id")->required();
    one->callback([&action, run] { action = [run](const Context& c) { return run(c, id); }; });
  };
  of("run", "Look at once", &fiducia::cli::RunConnectorRun);
  of("letters", "What could not be taken in", &fiducia::cli::RunConnectorLetters);
  of("replay", "Try what waits again", &fiducia::cli::RunConnectorReplay);
  for (const auto& [name, text, state] :
       {std::tuple("pause", "Take nothing for now", "paused"),
        std::tuple("resume", "Go on", "running"), std::tuple("end", "For good", "ended")}) {
    of(name, text, [state](const Context& c, const std::string& one) {
      return fiducia::cli::RunConnectorTurn(c, one, state);
    });
  }
}

void AddForms(CLI::App& app, Action& action) {
  static std::string id;
  static std::string file;
  CLI::App* form = app.add_subcommand("form", "Forms, surveys and quick-capture pages");
  form->require_subcommand(1);
  const auto with = [&](const char* name, const char* text, bool names, bool reads) {
    CLI::App* one = form->add_subcommand(name, text);
    if (names) {
      one->add_option("id", id, "Its id")->required();
    }
    if (reads) {
      one->add_option("file", file, "The form as JSON")->required();
    }
    return one;
  };
  using fiducia::cli::Context;
  with("add", "A new form, as a draft", false, true)->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunFormAdd(c, file); };
  });
  with("change", "Another version of it", true, true)->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunFormChange(c, id, file); };
  });
  with("open", "Let people answer", true, false)->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunFormTurn(c, id, "open"); };
  });
  with("close", "Take no more answers, for good", true, false)->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunFormTurn(c, id, "closed"); };
  });
  with("key", "A new key of a quick-capture page", true, false)->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunFormKey(c, id); };
  });
  with("list", "Forms, and what came", false, false)->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunFormList(c); };
  });
}

void AddTickets(CLI::App& app, Action& action) {
  using fiducia::cli::Context;
  static fiducia::cli::ContactArguments made;
  static std::string outcome;
  static bool closed = false;
  CLI::App* ticket = app.add_subcommand("ticket", "The service desk");
  ticket->require_subcommand(1);
  const auto with = [&](const char* name, const char* text) {
    CLI::App* one = ticket->add_subcommand(name, text);
    one->add_option("--purpose", made.purpose, "What it is for")->capture_default_str();
    return one;
  };
  const auto words = [&](CLI::App* one) {
    one->add_option("file", made.file, "What was said; - reads what is typed")->required();
    one->add_option("--channel", made.channel, "phone, mail, chat or visit")->capture_default_str();
    one->add_option("--speaker", made.speaker, "Who in a chat is the customer");
    one->add_option("--keep", made.keep, "A kind that stays in the words, such as health");
  };
  CLI::App* preview = with("preview", "What would be kept of a call, a mail or a chat");
  words(preview);
  preview->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunTicketPreview(c, made); };
  });
  CLI::App* add = with("add", "Take in a call, a mail or a chat");
  add->add_option("customer", made.customer, "The customer's id")->required();
  words(add);
  add->add_option("--source", made.source, "The registered source")->required();
  add->add_option("--ticket", made.ticket, "Into this ticket; a new one without it");
  add->add_option("--reason", made.reason, "Why something stays in the words");
  add->add_option("--minutes", made.minutes, "How long the call was");
  add->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunTicketTake(c, made); };
  });
  CLI::App* close = with("close", "Close a ticket");
  close->add_option("customer", made.customer, "The customer's id")->required();
  close->add_option("ticket", made.ticket, "The ticket")->required();
  close->add_option("--outcome", outcome, "solved, no_answer, elsewhere or duplicate")->required();
  close->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunTicketClose(c, made, outcome); };
  });
  CLI::App* list = with("list", "Open tickets, who waits longest first");
  list->add_option("--customer", made.customer, "Of one customer, open and closed");
  list->add_flag("--closed", closed, "Closed ones, the last closed first");
  list->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunTicketList(c, made, closed); };
  });
}

void AddStreams(CLI::App& app, Action& action) {
  static fiducia::cli::StreamArguments made;
  static std::string id;
  CLI::App* stream = app.add_subcommand("stream", "Events of websites, apps and servers");
  stream->require_subcommand(1);
  CLI::App* add = stream->add_subcommand("add", "Make a stream and its write key");
  add->add_option("--source", made.source, "The registered source")->required();
  add->add_option("--label", made.label, "What it is")->required();
  add->add_option("--purpose", made.purposes, "What its events are for")->required();
  add->add_option("--basis", made.basis, "consent, contract, legitimate_interest …")->required();
  add->add_option("--field", made.fields, "What it may bring")->required();
  add->add_option("--path", made.paths, "A value for a field, such as properties.size=size");
  add->add_option("--origin", made.origins, "A page that may write: https://shop.example");
  add->add_option("--ip", made.ip, "drop, truncate or keep addresses")->capture_default_str();
  add->add_flag("--strict", made.strict, "Refuse events with more, instead of leaving it out");
  add->callback(
      [&action] { action = [](const Context& c) { return fiducia::cli::RunStreamAdd(c, made); }; });
  stream->add_subcommand("list", "Streams, and what came in")->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunStreamList(c); };
  });
  CLI::App* end = stream->add_subcommand("end", "Take nothing more under its key");
  end->add_option("id", id, "The stream")->required();
  end->callback(
      [&action] { action = [](const Context& c) { return fiducia::cli::RunStreamEnd(c, id); }; });
}

void AddReceipt(CLI::App& app, Action& action) {
  static std::string file;
  static std::string verifier;
  CLI::App* receipt = app.add_subcommand("receipt", "Receipts of erasures");
  receipt->require_subcommand(1);
  CLI::App* verify = receipt->add_subcommand("verify", "Check a receipt offline");
  verify->add_option("file", file, "The receipt")->required();
  verify->add_option("--verifier", verifier, "The company's published key, from elsewhere");
  verify->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunReceiptVerify(c, file, verifier); };
  });
}

void AddRest(CLI::App& app, Action& action) {
  static std::string id;
  static std::string channel;
  static std::string owner;
  CLI::App* audit = app.add_subcommand("audit", "The audit log");
  audit->require_subcommand(1);
  audit->add_subcommand("verify", "Check the whole log from its files")->callback([&action] {
    action = fiducia::cli::RunAuditVerify;
  });
  CLI::App* source = app.add_subcommand("source", "Sources of data");
  source->require_subcommand(1);
  CLI::App* add = source->add_subcommand("add", "Register a source");
  add->add_option("id", id, "Its id")->required();
  add->add_option("--channel", channel, "import, api, desk, shop …")->required();
  add->add_option("--owner", owner, "Who answers for it")->required();
  add->callback([&action] {
    action = [](const Context& c) { return fiducia::cli::RunSourceAdd(c, id, channel, owner); };
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Fiducia: customer information with privacy as its structure", "fiducia");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", "fiducia 0.1.0");
  Context context;
  context.home.folder = "fiducia-home";
  app.add_option("--home", context.home.folder, "Folder of the installation")
      ->capture_default_str();
  app.add_flag("--json", context.json, "Answer in JSON");
  app.add_option("--key", context.key, "Work as this service key")->envname("FIDUCIA_KEY");
  ForbidCoreDumps();
  umask(077);  // whatever is made is its owner's alone
  Action action;
  AddSetUp(app, action);
  AddImport(app, action);
  AddPeople(app, action);
  AddRules(app, action);
  AddAssurance(app, action);
  AddMail(app, action);
  AddDepartments(app, action);
  AddSso(app, action);
  AddKeys(app, action);
  AddCustomer(app, action);
  AddRecovery(app, action);
  AddStores(app, action);
  AddStreams(app, action);
  AddForms(app, action);
  AddTickets(app, action);
  AddConnectors(app, action);
  AddReceipt(app, action);
  AddRest(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? fiducia::cli::kOk : fiducia::cli::kUsage;
  }
  return action(context);
}
