// Exports: made once from an approved request, through the gate row by row, marked, kept sealed for
// a short while, on a register, and recalled.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "apps/crm/customers.h"
#include "govern/lawful/recipients.h"
#include "guard/requests.h"
#include "process/anonymize/risk.h"

namespace fiducia::apps {

struct ExportRecord {
  Uuid id;
  uint32_t version = 0;
  Uuid request;
  Uuid requester;
  std::string purpose;
  std::vector<std::string> fields;
  std::string recipient;  // outside of the house, by code; empty: it stays inside
  int64_t rows = 0;
  std::string canary;  // an address that nobody has: if mail comes to it, this export leaked
  int64_t made_ms = 0;
  int64_t until_ms = 0;  // the file goes then
  int downloads = 0;
  int64_t recalled_ms = 0;
  Uuid recalled_by;
  // How easily a row is told to be about somebody, by what others may know of a person; and whether
  // a column says it outright.
  process::LinkRisk risk;
  std::vector<std::string> direct;  // those columns
  std::string form = "values";      // of guard::ExportScope
  int k = 0;
  int l = 0;
  double t = 0;
};

// The columns that a form leaves of these: an anonymous one has no names and no free text.
std::vector<std::string> ColumnsOf(const rules::Catalog& catalog, const std::string& form,
                                   const std::vector<std::string>& fields);

// Thread safe.
class Exports {
 public:
  struct Parts {
    const CustomerService& customers;
    guard::Requests& requests;
    const govern::Recipients& recipients;
    const guard::RegisterBook& book;
    const gate::Gate& gate;
    const vault::Vault& vault;
    const Clock& clock;
    Rng& rng;
    std::string folder;  // made when needed
    std::string site;
  };
  static Result<std::unique_ptr<Exports>> Open(const Parts& parts);

  // Makes the file of an approved request; the request is used up. For a recipient outside of the
  // house, what it is given of whom is put on record first. Errors: kConflict.
  Result<ExportRecord> Make(const model::Access& access, const Uuid& request);
  // The file, for who asked for it only. Errors: kNotFound, kErased once recalled or run out.
  Result<model::Sensitive> Download(const model::Access& access, const Uuid& id);
  // Destroys the file. Errors: kRoleRefused, kNotFound.
  Status Recall(const model::Access& access, const Uuid& id);
  // The register: all of it, or, without the right to read it, one's own.
  std::vector<ExportRecord> List(const model::Access& access) const;

 private:
  explicit Exports(Parts parts) : parts_(std::move(parts)) {}
  Result<ExportRecord> Find(const Uuid& id) const;
  Status Save(ExportRecord record, const audit::Leaf& leaf);
  std::string FileOf(const Uuid& id) const;
  using Rows = std::function<Status(const std::function<Status(CustomerView& view)>& each)>;
  void AppendCanary(std::string& text, const std::string& mark, const ExportRecord& record) const;
  Status WriteRows(const Rows& rows, ExportRecord& record, std::string& text,
                   std::vector<model::SubjectRef>& people) const;
  Status WriteAnonymous(const Rows& rows, ExportRecord& record, std::string& text,
                        std::vector<model::SubjectRef>& people) const;
  Result<model::Sensitive> Write(const model::Access& access, const guard::Request& request,
                                 ExportRecord& record) const;

  Parts parts_;
  mutable std::mutex mutex_;
  std::map<Uuid, ExportRecord> records_;
};

}  // namespace fiducia::apps
