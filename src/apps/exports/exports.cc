#include "apps/exports/exports.h"

#include <algorithm>
#include <filesystem>

#include <unistd.h>

#include "apps/exports/form.h"
#include "audit/publisher.h"

namespace fiducia::apps {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kKeptMs = 72 * int64_t{3600000};
constexpr std::string_view kKind = "export";
constexpr std::string_view kFileKind = "export_file";

Json ToJson(const ExportRecord& record) {
  return {{"request", record.request.Text()},
          {"requester", record.requester.Text()},
          {"purpose", record.purpose},
          {"fields", record.fields},
          {"recipient", record.recipient},
          {"rows", record.rows},
          {"canary", record.canary},
          {"made", record.made_ms},
          {"until", record.until_ms},
          {"downloads", record.downloads},
          {"recalled", record.recalled_ms},
          {"recalled_by", record.recalled_by.Text()},
          {"groups", record.risk.groups},
          {"smallest", record.risk.smallest},
          {"unique", record.risk.unique},
          {"under_five", record.risk.under_five},
          {"average", record.risk.average},
          {"direct", record.direct},
          {"form", record.form},
          {"k", record.k},
          {"l", record.l},
          {"t", record.t}};
}

ExportRecord RecordFrom(const guard::Document& document) {
  const Json& json = document.json;
  const auto id = [&](std::string_view key) {
    return Uuid::Parse(JsonText(json, key)).value_or(Uuid());
  };
  return {document.id,
          document.version,
          id("request"),
          id("requester"),
          JsonText(json, "purpose"),
          json.value("fields", std::vector<std::string>()),
          JsonText(json, "recipient"),
          json.value("rows", int64_t{0}),
          JsonText(json, "canary"),
          json.value("made", int64_t{0}),
          json.value("until", int64_t{0}),
          json.value("downloads", 0),
          json.value("recalled", int64_t{0}),
          id("recalled_by"),
          {json.value("rows", int64_t{0}), json.value("groups", int64_t{0}),
           json.value("smallest", int64_t{0}), json.value("unique", int64_t{0}),
           json.value("under_five", int64_t{0}), json.value("average", 0.0)},
          json.value("direct", std::vector<std::string>()),
          json.value("form", std::string("values")),
          json.value("k", 0),
          json.value("l", 0),
          json.value("t", 0.0)};
}

// Rows alike in what others may know have the same number. It does not leave the process.
uint64_t LinkOf(const CustomerView& view) {
  uint64_t link = 0x9e3779b97f4a7c15ULL;
  for (const FieldView& field : view.fields) {
    for (const ValueView& value : field.values) {
      if (IsKnown(*field.field)) {
        link = (link ^ field.field->number) * 0xbf58476d1ce4e5b9ULL;
        link ^= std::hash<std::string_view>()(value.text.Reveal()) + (link >> 29);
      }
    }
  }
  return link;
}

// One cell of RFC 4180. A cell that a spreadsheet would run as a formula is defused.
void AppendCell(std::string& out, std::string_view text) {
  const bool formula = !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != text.npos;
  out.push_back('"');
  if (formula) {
    out.push_back('\'');
  }
  for (const char c : text) {
    if (c == '"') {
      out.push_back('"');
    }
    out.push_back(c);
  }
  out.push_back('"');
}

std::string HeaderOf(const std::vector<std::string>& columns) {
  std::string text;
  for (const std::string& column : columns) {
    text += (text.empty() ? "\"" : ",\"") + column + "\"";
  }
  return text;
}

// The values of one customer in the order of the columns; several are joined.
void AppendRow(std::string& out, const std::string& mark, const std::vector<std::string>& columns,
               const CustomerView& view) {
  AppendCell(out, mark);
  for (const std::string& column : columns) {
    std::string joined;
    for (const FieldView& field : view.fields) {
      if (field.field->id == column) {
        for (const ValueView& value : field.values) {
          joined += (joined.empty() ? "" : "; ") + std::string(value.text.Reveal());
        }
      }
    }
    out.push_back(',');
    AppendCell(out, joined);
    explicit_bzero(joined.data(), joined.size());
  }
  out += "\r\n";
}

}  // namespace

Result<std::unique_ptr<Exports>> Exports::Open(const Parts& parts) {
  std::unique_ptr<Exports> exports(new Exports(parts));
  FID_ASSIGN(const auto documents, parts.book.Load(kKind));
  for (const guard::Document& document : documents) {
    ExportRecord record = RecordFrom(document);
    if (parts.clock.NowMs() >= record.until_ms) {
      std::error_code gone;
      fs::remove(exports->FileOf(record.id), gone);
    }
    exports->records_[record.id] = std::move(record);
  }
  return exports;
}

std::string Exports::FileOf(const Uuid& id) const {
  return parts_.folder + "/" + id.Text() + ".sealed";
}

Result<ExportRecord> Exports::Find(const Uuid& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(id);
  if (found == records_.end()) {
    return Fail(Code::kNotFound, "there is no such export");
  }
  return found->second;
}

Status Exports::Save(ExportRecord record, const audit::Leaf& leaf) {
  FID_TRY(parts_.book.Commit({{std::string(kKind), record.id, record.version, ToJson(record)}},
                             {leaf}));
  const std::lock_guard lock(mutex_);
  records_[record.id] = std::move(record);
  return {};
}

// One row is about nobody, with an address that only this export has.
void Exports::AppendCanary(std::string& text, const std::string& mark,
                           const ExportRecord& record) const {
  AppendCell(text, mark);
  for (const std::string& field : record.fields) {
    text.push_back(',');
    AppendCell(text, field == "email"       ? record.canary
                     : field == "name_full" ? "Mira Halloran"
                                            : std::string_view());
  }
  text += "\r\n";
}

// Every row has a mark that differs from export to export, so that a row found somewhere tells
// which export it is from.
Status Exports::WriteRows(const Rows& rows, ExportRecord& record, std::string& text,
                          std::vector<model::SubjectRef>& people) const {
  const auto mark = [&](BytesView what) {
    const Bytes key = Bytes(record.id.bytes()) + Bytes(what);
    return ToHex(parts_.vault.KeyedHash("export", key)).substr(0, 16);
  };
  record.canary = "k" + mark("canary").substr(0, 10) + "@" + parts_.site;
  text = "\"record\"," + HeaderOf(record.fields) + "\r\n";
  const Pseudonyms pseudonyms(parts_.vault, record.recipient.empty() ? "house" : record.recipient);
  std::vector<uint64_t> links;
  const Status done = rows([&](CustomerView& view) -> Status {
    people.push_back(view.subject);
    links.push_back(LinkOf(view));
    if (record.form == "pseudonymous") {
      pseudonyms.Apply(view);
    }
    for (const FieldView& field : view.fields) {
      const bool clear = std::any_of(field.values.begin(), field.values.end(),
                                     [](const ValueView& value) { return !value.masked; });
      if (clear && IsDirect(*field.field) &&
          std::find(record.direct.begin(), record.direct.end(), field.field->id) ==
              record.direct.end()) {
        record.direct.push_back(field.field->id);
      }
    }
    AppendRow(text, mark(view.subject.id.bytes()), record.fields, view);
    ++record.rows;
    if (record.rows == 1) {
      AppendCanary(text, mark("canary"), record);
    }
    return {};
  });
  record.risk = process::LinkRiskOf(std::move(links));
  return done;
}

// No mark and no canary: they would tell rows apart.
Status Exports::WriteAnonymous(const Rows& rows, ExportRecord& record, std::string& text,
                               std::vector<model::SubjectRef>& people) const {
  const rules::Catalog& catalog = parts_.gate.policy().catalog;
  record.fields = ColumnsOf(catalog, record.form, record.fields);
  AnonymousTable table(catalog, record.fields);
  FID_TRY(rows([&](CustomerView& view) -> Status {
    people.push_back(view.subject);
    table.Add(view);
    return {};
  }));
  FID_ASSIGN(const auto released, table.Release({.k = static_cast<uint32_t>(record.k),
                                                 .l = static_cast<uint32_t>(record.l),
                                                 .t = record.t},
                                                record.risk));
  record.rows = static_cast<int64_t>(released.size());
  text = HeaderOf(record.fields) + "\r\n";
  for (const std::vector<std::string>& row : released) {
    for (size_t c = 0; c < row.size(); ++c) {
      text += c == 0 ? "" : ",";
      AppendCell(text, row[c]);
    }
    text += "\r\n";
  }
  return {};
}

Result<model::Sensitive> Exports::Write(const model::Access& access, const guard::Request& request,
                                        ExportRecord& record) const {
  model::FieldSet wanted;
  for (const std::string& id : record.fields) {
    wanted.Add(parts_.gate.policy().catalog.Find(id)->number);
  }
  CustomerService::ExportCommand command{wanted, request.scope.rows_max, model::Op::kExport, ""};
  std::optional<govern::Recipient> recipient;
  if (!record.recipient.empty()) {
    FID_ASSIGN(recipient,
               parts_.recipients.MayGive(access, record.recipient, record.purpose, record.fields));
    command.op = recipient->kind == "controller" ? model::Op::kShare : model::Op::kExport;
    command.detail = "to " + recipient->code;
  }
  const Rows rows = [&](const std::function<Status(CustomerView & view)>& each) {
    return parts_.customers.Export(access, command, each);
  };
  std::string text;
  std::vector<model::SubjectRef> people;
  const Status done = record.form == "anonymous" ? WriteAnonymous(rows, record, text, people)
                                                 : WriteRows(rows, record, text, people);
  model::Sensitive file(std::move(text));
  FID_TRY(done);
  if (recipient) {
    FID_TRY(parts_.recipients.Given(*recipient, record.fields, people));
  }
  return file;
}

Result<ExportRecord> Exports::Make(const model::Access& access, const Uuid& request_id) {
  ExportRecord record;
  record.id = Uuid::V7(parts_.clock, parts_.rng);
  record.version = 1;
  FID_ASSIGN(const guard::Request request,
             parts_.requests.Take(access, request_id, guard::RequestKind::kExport, record.id));
  record.request = request.id;
  record.requester = access.actor.id;
  record.purpose = request.scope.purpose;
  record.fields = request.scope.fields;
  record.recipient = request.scope.recipient;
  record.form = request.scope.form;
  record.k = request.scope.k;
  record.l = request.scope.l;
  record.t = request.scope.t;
  record.made_ms = parts_.clock.NowMs();
  record.until_ms = record.made_ms + kKeptMs;
  model::Access as = access;
  as.purpose = record.purpose;
  FID_ASSIGN(const model::Sensitive file, Write(as, request, record));
  std::error_code error;
  fs::create_directories(parts_.folder, error);
  FID_TRY(audit::WriteFileDurably(FileOf(record.id),
                                  parts_.vault.SealRegister({0, kFileKind, record.id, 1}, file)));
  audit::Leaf leaf = parts_.gate.NewLeaf(as, "export.make", "done");
  leaf.detail = record.id.Text() + " " + request.id.Text() +
                (record.recipient.empty() ? "" : " to " + record.recipient);
  leaf.count = static_cast<uint64_t>(record.rows);
  FID_TRY(Save(record, leaf));
  return record;
}

Result<model::Sensitive> Exports::Download(const model::Access& access, const Uuid& id) {
  FID_ASSIGN(ExportRecord record, Find(id));
  if (record.requester != access.actor.id) {
    return Fail(Code::kNotFound, "there is no such export");
  }
  if (record.recalled_ms != 0 || parts_.clock.NowMs() >= record.until_ms) {
    std::error_code gone;
    fs::remove(FileOf(id), gone);
    return Fail(Code::kErased, "the export was recalled or has run out");
  }
  if (!record.recipient.empty()) {
    // It was in order when the file was made; it has to be so still.
    FID_TRY(parts_.recipients.MayGive(access, record.recipient, record.purpose, record.fields));
  }
  FID_ASSIGN(const Bytes sealed, audit::ReadWholeFile(FileOf(id)));
  FID_ASSIGN(model::Sensitive file, parts_.vault.OpenRegister({0, kFileKind, id, 1}, sealed));
  ++record.version;
  ++record.downloads;
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "export.download", "done");
  leaf.purpose = record.purpose;
  leaf.detail = id.Text();
  leaf.count = static_cast<uint64_t>(record.rows);
  FID_TRY(Save(std::move(record), leaf));
  return file;
}

Status Exports::Recall(const model::Access& access, const Uuid& id) {
  FID_ASSIGN(ExportRecord record, Find(id));
  if (record.requester != access.actor.id) {
    FID_TRY(parts_.gate.Require(access.actor, "exports.recall"));
  }
  if (record.recalled_ms != 0) {
    return Fail(Code::kConflict, "the export was recalled already");
  }
  ++record.version;
  record.recalled_ms = parts_.clock.NowMs();
  record.recalled_by = access.actor.id;
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "export.recall", "done");
  leaf.detail = id.Text();
  FID_TRY(Save(record, leaf));
  std::error_code gone;
  fs::remove(FileOf(id), gone);
  return {};
}

std::vector<ExportRecord> Exports::List(const model::Access& access) const {
  const bool all = parts_.gate.Require(access.actor, "exports.read").has_value();
  std::vector<ExportRecord> list;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, record] : records_) {
    if (all || record.requester == access.actor.id) {
      list.push_back(record);
    }
  }
  std::reverse(list.begin(), list.end());
  return list;
}

}  // namespace fiducia::apps
