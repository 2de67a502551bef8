#include "collect/imports/mapping.h"

#include <cstdio>

#include "model/names.h"
#include "rules/toml_reader.h"

namespace fiducia::collect {

namespace {

std::string OptionalText(const rules::TomlTable& table, std::string_view key) {
  return table.Has(key) ? table.Text(key) : std::string();
}

ColumnMap ReadColumn(const rules::TomlTable& table, const rules::Catalog& catalog) {
  table.AllowOnly({"name", "names", "joiner", "field", "on_invalid", "date_order", "confidence"});
  ColumnMap column;
  if (table.Has("name")) {
    column.columns.push_back(table.Text("name"));
  } else {
    column.columns = table.Words("names");
  }
  if (table.Has("joiner")) {
    column.joiner = table.Text("joiner");
  }
  column.field = catalog.Find(table.Text("field"));
  if (column.field == nullptr) {
    table.Refuse("field", "the field '" + table.Text("field") + "' is not in the catalog");
  }
  const std::string on_invalid = OptionalText(table, "on_invalid");
  if (!on_invalid.empty() && on_invalid != "quarantine" && on_invalid != "drop") {
    table.Refuse("on_invalid", "'on_invalid' is 'quarantine' or 'drop'");
  }
  column.on_invalid = on_invalid == "drop" ? OnInvalid::kDrop : OnInvalid::kQuarantine;
  const std::string order = OptionalText(table, "date_order");
  if (!order.empty() && order != "dmy" && order != "mdy") {
    table.Refuse("date_order", "'date_order' is 'dmy' or 'mdy'");
  }
  column.date_order = order == "dmy"   ? process::DateOrder::kDayFirst
                      : order == "mdy" ? process::DateOrder::kMonthFirst
                                       : process::DateOrder::kUnknown;
  return column;
}

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
    }
    if (static_cast<uint8_t>(c) < 0x20) {
      out += "\\t";
      continue;
    }
    out.push_back(c);
  }
  return out + "\"";
}

std::string QuotedList(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : ", ") + Quoted(word);
  }
  return "[" + out + "]";
}

}  // namespace

rules::Loaded<Mapping> ParseMapping(const std::string& file, std::string_view toml,
                                    const rules::Catalog& catalog) {
  try {
    const rules::TomlTable table = rules::TomlTable::Parse(file, toml);
    table.AllowOnly({"kind", "region", "jurisdiction", "currency", "key", "column", "ignored"});
    Mapping mapping;
    if (table.Has("kind")) {
      const auto kind = model::ParseSubjectKind(table.Text("kind"));
      if (!kind) {
        table.Refuse("kind", "'kind' is 'person' or 'organization'");
      }
      mapping.kind = *kind;
    }
    mapping.region = OptionalText(table, "region");
    mapping.jurisdiction = OptionalText(table, "jurisdiction");
    mapping.currency = OptionalText(table, "currency");
    if (table.Has("key")) {
      mapping.key = table.Words("key");
    }
    if (table.Has("ignored")) {
      mapping.ignored = table.Words("ignored");
    }
    for (const rules::TomlTable& column : table.Tables("column")) {
      mapping.columns.push_back(ReadColumn(column, catalog));
    }
    if (mapping.columns.empty()) {
      table.Refuse("column", "a mapping needs at least one [[column]]");
    }
    return mapping;
  } catch (const rules::TomlTable::Fault& fault) {
    return std::unexpected(fault.error);
  }
}

std::string WriteMapping(const Mapping& mapping) {
  std::string out = "# Proposed by `fiducia import --suggest`: read it before you use it.\n";
  out += "kind = " + Quoted(model::Name(mapping.kind)) + "\n";
  if (!mapping.region.empty()) {
    out += "region = " + Quoted(mapping.region) + "\n";
  }
  if (!mapping.key.empty()) {
    out += "key = " + QuotedList(mapping.key) + "  # names a record within its source\n";
  }
  if (!mapping.ignored.empty()) {
    out += "ignored = " + QuotedList(mapping.ignored) + "\n";
  }
  for (const ColumnMap& column : mapping.columns) {
    char confidence[16];
    std::snprintf(confidence, sizeof confidence, "%.2f", column.confidence);
    out += "\n[[column]]  # confidence " + std::string(confidence) + "\n";
    out += column.columns.size() == 1 ? "name = " + Quoted(column.columns[0]) + "\n"
                                      : "names = " + QuotedList(column.columns) +
                                            "\njoiner = " + Quoted(column.joiner) + "\n";
    out += "field = " + Quoted(column.field->id) + "\n";
    if (column.date_order != process::DateOrder::kUnknown) {
      out += std::string("date_order = ") +
             (column.date_order == process::DateOrder::kDayFirst ? "\"dmy\"" : "\"mdy\"") + "\n";
    }
  }
  return out;
}

}  // namespace fiducia::collect
