// What is wrong in a table, column by column, and a copy with the sure repairs made. Needs no
// installation.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "cli/commands.h"
#include "collect/imports/repair.h"

namespace fiducia::cli {

namespace {

Result<collect::HeldTable> ReadTable(const std::string& file) {
  FID_ASSIGN(auto source, collect::OpenFileSource(file));
  FID_ASSIGN(const auto table, collect::OpenTable(std::move(source)));
  return collect::ReadWhole(*table);
}

Json JsonOf(const process::TableProfile& profile) {
  Json json = {{"rows", profile.rows}, {"score", profile.score}, {"columns", Json::array()}};
  for (const process::ColumnProfile& column : profile.columns) {
    Json one = {{"column", column.name},
                {"type", process::Name(column.type)},
                {"holds", process::Name(column.holds.kind)},
                {"filled", column.filled},
                {"distinct", column.distinct},
                {"score", column.score},
                {"defects", Json::object()}};
    for (size_t k = 0; k < process::kDefectKinds; ++k) {
      if (column.defects[k] > 0) {
        one["defects"][std::string(process::Name(static_cast<process::DefectKind>(k)))] =
            column.defects[k];
      }
    }
    json["columns"].push_back(std::move(one));
  }
  json["defects"] = Json::array();
  for (const process::Defect& defect : profile.defects) {
    const bool row = defect.kind == process::DefectKind::kDuplicateRow;
    json["defects"].push_back(
        {{"row", defect.row + 1},
         {"column", row ? Json(nullptr) : Json(profile.columns[defect.column].name)},
         {"kind", process::Name(defect.kind)},
         {"certain", defect.certain}});
    if (row) {
      json["defects"].back()["same_as_row"] = defect.other_row + 1;
    }
  }
  return json;
}

void Print(const process::TableProfile& profile) {
  std::printf("%-26s %-7s %-14s %8s %8s  %5s  what is wrong\n", "column", "type", "holds", "filled",
              "distinct", "good");
  size_t duplicates = 0;
  for (const process::Defect& defect : profile.defects) {
    duplicates += defect.kind == process::DefectKind::kDuplicateRow ? 1 : 0;
  }
  for (const process::ColumnProfile& column : profile.columns) {
    std::string wrong;
    for (size_t k = 0; k < process::kDefectKinds; ++k) {
      if (column.defects[k] > 0) {
        wrong += (wrong.empty() ? "" : ", ") + std::to_string(column.defects[k]) + " " +
                 std::string(process::Name(static_cast<process::DefectKind>(k)));
      }
    }
    const std::string holds(
        column.holds.kind == process::ColumnKind::kNone ? "-" : process::Name(column.holds.kind));
    std::printf("%-26s %-7s %-14s %8zu %8zu  %3.0f %%  %s\n", column.name.c_str(),
                std::string(process::Name(column.type)).c_str(), holds.c_str(), column.filled,
                column.distinct, column.score * 100, wrong.c_str());
  }
  std::printf(
      "%zu rows, %.1f %% of the values have nothing wrong, %zu rows repeat an earlier one.\n",
      profile.rows, profile.score * 100, duplicates);
}

// The files get their names when they are whole.
bool WriteBoth(const collect::HeldTable& table, const process::TableProfile& profile,
               const std::string& file, size_t& made) {
  const std::string changes = file + ".changes.csv";
  std::error_code error;
  {
    std::ofstream out(file + ".part", std::ios::binary | std::ios::trunc);
    std::ofstream log(changes + ".part", std::ios::binary | std::ios::trunc);
    made = collect::WriteRepaired(table, profile, out, log);
    out.close();
    log.close();
    if (!out || !log) {
      std::filesystem::remove(file + ".part", error);
      std::filesystem::remove(changes + ".part", error);
      return false;
    }
  }
  std::filesystem::rename(changes + ".part", changes, error);
  if (!error) {
    std::filesystem::rename(file + ".part", file, error);
  }
  return !error;
}

}  // namespace

int RunProfile(const Context& context, const std::string& file, const std::string& repaired) {
  const auto table = ReadTable(file);
  if (!table) {
    std::fprintf(stderr, "fiducia: %s: %s\n", file.c_str(),
                 std::string(table.error().text()).c_str());
    return kFailed;
  }
  const process::TableProfile profile = collect::ProfileOf(*table);
  size_t made = 0;
  if (!repaired.empty() && !WriteBoth(*table, profile, repaired, made)) {
    std::fprintf(stderr, "fiducia: %s cannot be written\n", repaired.c_str());
    return kFailed;
  }
  if (context.json) {
    Json json = JsonOf(profile);
    if (!repaired.empty()) {
      json["repaired"] = made;
    }
    std::printf("%s\n", WriteJson(json).c_str());
    return kOk;
  }
  Print(profile);
  if (!repaired.empty()) {
    std::printf(
        "%zu values were repaired in %s; each with what stood there before is in %s.changes.csv.\n",
        made, repaired.c_str(), repaired.c_str());
  }
  return kOk;
}

}  // namespace fiducia::cli
