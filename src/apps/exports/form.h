// Private to exports: the forms in which rows may leave: as they are, with pseudonyms in place of
// what names a person, or so coarse that nobody stands out.
#pragma once

#include <string>
#include <vector>

#include "apps/crm/views.h"
#include "process/anonymize/microdata.h"
#include "process/anonymize/risk.h"
#include "vault/vault.h"

namespace fiducia::apps {

// What names a person outright.
bool IsDirect(const rules::Field& field);
// What others may know of one.
bool IsKnown(const rules::Field& field);

// A value as it leaves: of a direct column the customer's pseudonym for this recipient, the same in
// every export to it and another for every other; of a free text what points to nobody.
class Pseudonyms {
 public:
  Pseudonyms(const vault::Vault& vault, const std::string& recipient)
      : vault_(vault), recipient_(recipient) {}
  std::string Of(const model::SubjectRef& subject) const;
  void Apply(CustomerView& view) const;

 private:
  const vault::Vault& vault_;
  std::string recipient_;
};

// Rows that are kept until all are there, and then made coarser in what may be known until the
// model holds. It is asked of each of the other columns; amounts count by tenths of all rows.
class AnonymousTable {
 public:
  AnonymousTable(const rules::Catalog& catalog, std::vector<std::string> columns);
  ~AnonymousTable();  // clears what it held
  AnonymousTable(const AnonymousTable&) = delete;
  AnonymousTable& operator=(const AnonymousTable&) = delete;

  void Add(const CustomerView& view);
  // In an order that says nothing. Errors: kConflict for rows that cannot be what the model asks.
  Result<std::vector<std::vector<std::string>>> Release(const process::PrivacyModel& model,
                                                        process::LinkRisk& risk);

 private:
  // The kinds of values that a column has, for what is asked of them.
  process::SensitiveColumn KindsOf(size_t column) const;

  std::vector<std::string> columns_;
  std::vector<bool> known_;                     // by column
  std::vector<bool> amounts_;                   // by column: numbers
  std::vector<std::vector<std::string>> rows_;  // values in the order of the columns
};

}  // namespace fiducia::apps
