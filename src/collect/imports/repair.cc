#include "collect/imports/repair.h"

namespace fiducia::collect {

namespace {

void WriteCell(std::ostream& out, std::string_view text) {
  // A cell that a spreadsheet would run stays text.
  const bool formula =
      !text.empty() && std::string_view("=@\t\r").find(text[0]) != std::string_view::npos;
  if (!formula && text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out << text;
    return;
  }
  out << '"' << (formula ? "'" : "");
  for (const char c : text) {
    out << c;
    if (c == '"') {
      out << '"';
    }
  }
  out << '"';
}

void WriteLine(std::ostream& out, std::initializer_list<std::string_view> cells) {
  bool first = true;
  for (const std::string_view cell : cells) {
    if (!first) {
      out << ',';
    }
    WriteCell(out, cell);
    first = false;
  }
  out << '\n';
}

}  // namespace

Result<HeldTable> ReadWhole(TableReader& table) {
  HeldTable held;
  held.names = table.header();
  TableRow row;
  for (;;) {
    FID_ASSIGN(const bool any, table.Next(row));
    if (!any) {
      return held;
    }
    if ((held.rows.size() + 1) * held.names.size() > kProfiledCells) {
      return Fail(Code::kTooLarge, "the table has more than twenty million cells");
    }
    row.cells.resize(held.names.size());
    held.rows.push_back(std::move(row.cells));
  }
}

process::TableProfile ProfileOf(const HeldTable& table) {
  std::vector<std::vector<std::string_view>> rows;
  rows.reserve(table.rows.size());
  for (const auto& row : table.rows) {
    rows.emplace_back();
    for (const model::Sensitive& cell : row) {
      rows.back().push_back(cell.Reveal());
    }
  }
  return process::ProfileTable(table.names, rows);
}

size_t WriteRepaired(const HeldTable& table, const process::TableProfile& profile,
                     std::ostream& out, std::ostream& changes) {
  size_t made = 0;
  auto next = profile.defects.begin();
  for (size_t c = 0; c < table.names.size(); ++c) {
    out << (c == 0 ? "" : ",");
    WriteCell(out, table.names[c]);
  }
  out << '\n';
  WriteLine(changes, {"row", "column", "rule", "before", "after"});
  for (uint32_t r = 0; r < table.rows.size(); ++r) {
    for (uint32_t c = 0; c < table.names.size(); ++c) {
      std::string_view value = table.rows[r][c].Reveal();
      for (; next != profile.defects.end() && next->row == r && next->column == c; ++next) {
        if (next->certain && next->kind != process::DefectKind::kDuplicateRow &&
            next->suggested.Reveal() != value) {
          WriteLine(changes, {std::to_string(r + 1), table.names[c], Name(next->kind), value,
                              next->suggested.Reveal()});
          value = next->suggested.Reveal();
          ++made;
        }
      }
      out << (c == 0 ? "" : ",");
      WriteCell(out, value);
    }
    out << '\n';
  }
  return made;
}

}  // namespace fiducia::collect
