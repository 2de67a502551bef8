// Every statement of the product, for the checks that hold them to the contract of distributed
// engines.
#pragma once

#include <vector>

#include "db/engine.h"

namespace fiducia::store {

using StatementList = std::vector<const db::Statement*>;

struct StatementsOf {
  db::Which which;
  StatementList statements;
};

std::vector<StatementsOf> AllStatements();

// The schema, one list for all three databases, in order.
std::vector<db::Migration> Migrations();

void ListKeyStatements(StatementList& all);
void ListTokenStatements(StatementList& all);
void ListSubjectStatements(StatementList& all);
void ListAuditStatements(StatementList& all);
void ListImportStatements(StatementList& all);
void ListErasureStatements(StatementList& all);
void ListMergeStatements(StatementList& all);
void ListDisclosureStatements(StatementList& all);
void ListRegisterStatements(StatementList& all);
void ListStateStatements(StatementList& all);
void ListChangeStatements(StatementList& all);
void ListEventReceiptStatements(StatementList& all);
void ListTicketStatements(StatementList& all);
void ListConfigStatements(StatementList& all);

}  // namespace fiducia::store
