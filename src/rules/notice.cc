#include "rules/notice.h"

#include <algorithm>

#include "rules/policy.h"
#include "rules/toml_reader.h"

namespace fiducia::rules {

Notice ReadNotice(const TomlTable& file, const Policy& policy) {
  file.AllowOnly({"id", "title", "controller", "contact", "complaint", "clause"});
  Notice notice;
  notice.id = file.Text("id");
  notice.title = file.Both("title");
  notice.controller = file.Both("controller");
  notice.contact = file.Both("contact");
  notice.complaint = file.Both("complaint");
  for (const TomlTable& table : file.Tables("clause")) {
    table.AllowOnly({"purpose", "recipients", "countries", "retention", "automated", "necessity"});
    Clause clause;
    clause.purpose = table.Text("purpose");
    const Purpose* purpose = policy.FindPurpose(clause.purpose);
    if (purpose == nullptr) {
      table.Refuse("purpose", "the purpose '" + clause.purpose + "' is not declared");
    }
    if (std::any_of(notice.clauses.begin(), notice.clauses.end(),
                    [&](const Clause& c) { return c.purpose == clause.purpose; })) {
      table.Refuse("purpose", "the purpose '" + clause.purpose + "' has two clauses");
    }
    clause.recipients = table.Words("recipients");
    clause.countries = table.Words("countries");
    clause.retention = table.Text("retention");
    const auto told = AfterPeriod(0, clause.retention);
    if (!told || *told < *AfterPeriod(0, purpose->term)) {
      table.Refuse("retention", "people would be told a shorter term than the purpose has");
    }
    clause.automated = table.Flag("automated");
    clause.necessity = table.Both("necessity");
    notice.clauses.push_back(std::move(clause));
  }
  if (notice.clauses.empty()) {
    file.Refuse("clause", "a notice has clauses");
  }
  return notice;
}

}  // namespace fiducia::rules
