#include "store/registry.h"

#include "base/embedded.h"

namespace fiducia::store {

std::span<const EmbeddedFile> migration_files();  // generated from store/migrations

std::vector<StatementsOf> AllStatements() {
  std::vector<StatementsOf> all = {
      {db::Which::kKeys, {}}, {db::Which::kIndex, {}}, {db::Which::kData, {}}};
  ListKeyStatements(all[0].statements);
  ListTokenStatements(all[1].statements);
  ListSubjectStatements(all[2].statements);
  ListAuditStatements(all[2].statements);
  ListImportStatements(all[2].statements);
  ListErasureStatements(all[2].statements);
  ListMergeStatements(all[2].statements);
  ListDisclosureStatements(all[2].statements);
  ListRegisterStatements(all[2].statements);
  ListStateStatements(all[2].statements);
  ListChangeStatements(all[2].statements);
  ListEventReceiptStatements(all[2].statements);
  ListTicketStatements(all[2].statements);
  ListConfigStatements(all[2].statements);
  return all;
}

// Files are named <database>.<number>_<what>.sql.
std::vector<db::Migration> Migrations() {
  std::vector<db::Migration> migrations;
  for (const EmbeddedFile& file : migration_files()) {
    const size_t dot = file.name.find('.');
    const std::string_view database = file.name.substr(0, dot);
    const db::Which which = database == "keys"    ? db::Which::kKeys
                            : database == "index" ? db::Which::kIndex
                                                  : db::Which::kData;
    const std::string number(file.name.substr(dot + 1, 4));
    migrations.push_back({which, std::stoi(number), std::string(file.name), file.content});
  }
  return migrations;
}

}  // namespace fiducia::store
