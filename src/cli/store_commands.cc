// Which engine holds the store: check one, move to one.
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include "cli/commands.h"
#include "db/dbcheck.h"
#include "server/migrate.h"
#include "store/registry.h"

namespace fiducia::cli {

int RunMigrate(const Context& context, const std::string& store, const std::string& keys_store,
               const std::string& schema) {
  const char* passphrase = std::getenv("FIDUCIA_PASSPHRASE");
  const bool show = !context.json && isatty(STDERR_FILENO) == 1;
  const auto result =
      server::Migrate(context.home, {passphrase == nullptr ? "" : passphrase, nullptr, nullptr},
                      store, keys_store, schema, [show](const std::string& table, int64_t rows) {
                        if (show) {
                          std::fprintf(stderr, "  %-20s %12" PRId64 " rows\n", table.c_str(), rows);
                        }
                      });
  if (!result) {
    std::fprintf(stderr, "fiducia: %s\n", result.error().text.c_str());
    return kFailed;
  }
  int64_t rows = 0;
  for (const db::CopiedTable& table : result->tables) {
    rows += table.rows;
  }
  if (context.json) {
    Json json;
    json["rows"] = rows;
    json["customers"] = result->fsck.customers;
    json["tables"] = Json::object();
    for (const db::CopiedTable& table : result->tables) {
      json["tables"][table.name] = table.rows;
    }
    std::printf("%s\n", WriteJson(json).c_str());
    return kOk;
  }
  std::printf("Moved: %zu tables, %" PRId64 " rows, %" PRId64
              " customers; compared table by table and checked record by record.\n",
              result->tables.size(), rows, result->fsck.customers);
  std::printf(
      "The old files are still there. %s/keys.db holds keys: remove the three files\n"
      "once you are content, or what is erased from now on lives on in them.\n",
      context.home.Db().c_str());
  return kOk;
}

int RunDbCheck(const Context& context, const std::string& dsn) {
  std::vector<db::StatementToCheck> statements;
  for (const store::StatementsOf& group : store::AllStatements()) {
    for (const db::Statement* statement : group.statements) {
      statements.push_back({group.which, statement});
    }
  }
  std::string detail;
  const auto report = db::CheckEngine(dsn, store::Migrations(), statements, &detail);
  if (!report) {
    std::fprintf(stderr, "fiducia: %s\n%s", std::string(report.error().text()).c_str(),
                 detail.c_str());
    return kFailed;
  }
  if (context.json) {
    Json json;
    json["ok"] = report->ok();
    json["engine"] = report->engine;
    json["version"] = report->version;
    json["traits"] = Json::array();
    for (const db::CheckedTrait& trait : report->traits) {
      json["traits"].push_back({{"name", trait.name},
                                {"good", trait.good},
                                {"needed", trait.needed},
                                {"note", trait.note}});
    }
    std::printf("%s\n", WriteJson(json).c_str());
  } else {
    std::printf("%s %d.%d\n", report->engine.c_str(), report->version / 10000,
                report->version % 10000);
    for (const db::CheckedTrait& trait : report->traits) {
      std::printf("  %-4s %-26s %s\n",
                  trait.good     ? "ok"
                  : trait.needed ? "NO"
                                 : "-",
                  trait.name.c_str(), trait.good && !trait.needed ? "" : trait.note.c_str());
    }
    std::printf("%s\n", report->ok() ? "This engine can carry Fiducia."
                                     : "This engine can NOT carry Fiducia.");
  }
  return report->ok() ? kOk : kFailed;
}

}  // namespace fiducia::cli
