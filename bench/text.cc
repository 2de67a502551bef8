// ./dev bench text: what is found in labeled sentences and in labeled columns, and how fast.
// bench_text FOLDER, with the labeled sets in its sub-folders; bench_text --score MODEL FILE counts
// what one model finds in one file: right, missed, too many.
#include "base/text.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "base/json.h"
#include "collect/imports/table_reader.h"
#include "process/classify/columns.h"
#include "process/classify/entities.h"
#include "process/classify/recognizers.h"
#include "process/clean/profile.h"

namespace fiducia::process {

namespace {

struct Counts {
  size_t right = 0;
  size_t missed = 0;
  size_t wrong = 0;

  double Precision() const { return Part(wrong); }
  double Recall() const { return Part(missed); }
  double F(double beta) const {
    const double p = Precision();
    const double r = Recall();
    return p + r > 0 ? (1 + beta * beta) * p * r / (beta * beta * p + r) : 0;
  }

 private:
  double Part(size_t other) const {
    return right + other > 0 ? static_cast<double>(right) / static_cast<double>(right + other) : 0;
  }
};

std::string ReadFile(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

double MedianSeconds(const std::function<void()>& work) {
  std::vector<double> times;
  for (int i = 0; i < 5; ++i) {
    const auto started = std::chrono::steady_clock::now();
    work();
    times.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  }
  std::sort(times.begin(), times.end());
  return times[2];
}

// presidio-research's rule: the common part is three quarters of the whole.
bool Fits(size_t from, size_t to, const Entity& entity) {
  const size_t a = std::max(from, entity.from);
  const size_t b = std::min(to, entity.to);
  const size_t whole = std::max(to, entity.to) - std::min(from, entity.from);
  return b > a && static_cast<double>(b - a) >= 0.75 * static_cast<double>(whole);
}

// A span counts as found whatever kind it is taken for; what is found and not labeled is too many.
Counts Score(const Json& sentences, const TaggerModel& model,
             std::map<std::string, Counts>& kinds) {
  Counts all;
  for (const Json& sentence : sentences) {
    const std::string text = sentence["full_text"];
    std::vector<size_t> at;
    for (size_t i = 0; i <= text.size(); ++i) {
      if (i == text.size() || (static_cast<uint8_t>(text[i]) & 0xc0) != 0x80) {
        at.push_back(i);
      }
    }
    const std::vector<Entity> found = FindEntities(text, model);
    std::vector<bool> used(found.size());
    for (const Json& span : sentence["spans"]) {
      const size_t from = at.at(span["start_position"]);
      const size_t to = at.at(span["end_position"]);
      bool hit = false;
      for (size_t i = 0; i < found.size() && !hit; ++i) {
        hit = !used[i] && Fits(from, to, found[i]);
        used[i] = used[i] || hit;
      }
      Counts& kind = kinds[span["entity_type"]];
      (hit ? kind.right : kind.missed) += 1;
      (hit ? all.right : all.missed) += 1;
    }
    for (size_t i = 0; i < found.size(); ++i) {
      if (!used[i]) {
        ++all.wrong;
        ++kinds["(" + std::string(Name(found[i].kind)) + ")"].wrong;
      }
    }
  }
  return all;
}

int Sentences(const std::string& name, const std::string& file, double target) {
  const std::string content = ReadFile(file);
  if (content.empty()) {
    std::printf("%s: not there\n", name.c_str());
    return 0;
  }
  const Json sentences = *ParseJson(content);
  std::map<std::string, Counts> kinds;
  const Counts all = Score(sentences, TaggerModel::Shipped(), kinds);
  std::printf("\n%s: P %.3f R %.3f F1 %.3f F2 %.3f, target F2 %.2f\n", name.c_str(),
              all.Precision(), all.Recall(), all.F(1), all.F(2), target);
  for (const auto& [kind, counts] : kinds) {
    std::printf("  %-18s right %5zu  missed %4zu  too many %4zu\n", kind.c_str(), counts.right,
                counts.missed, counts.wrong);
  }
  std::string text;
  while (text.size() < 8000000) {
    for (const Json& sentence : sentences) {
      text += std::string(sentence["full_text"]) + "\n";
    }
  }
  const double size = static_cast<double>(text.size()) / 1e6;
  std::printf("  patterns %.0f MB/s, in full %.1f MB/s\n",
              size / MedianSeconds([&] { FindNumbered(text); }),
              size / MedianSeconds([&] { FindEntities(text); }));
  return all.F(2) < target ? 1 : 0;
}

struct Labeled {
  std::string table;
  std::string column;
  std::string label;
};

std::vector<std::vector<std::string>> ReadTable(const std::string& file, size_t most) {
  std::vector<std::vector<std::string>> rows;
  auto source = collect::OpenFileSource(file);
  if (!source) {
    return rows;
  }
  auto table = collect::OpenTable(std::move(*source));
  if (!table) {
    return rows;
  }
  rows.push_back((*table)->header());
  collect::TableRow row;
  for (auto any = (*table)->Next(row); any && *any && rows.size() <= most;
       any = (*table)->Next(row)) {
    rows.emplace_back();
    for (const model::Sensitive& cell : row.cells) {
      rows.back().emplace_back(cell.Reveal());
    }
  }
  return rows;
}

// The labels are in capitals and of British spelling.
std::string LabelOf(ColumnKind kind) {
  std::string label(Name(kind));
  std::transform(label.begin(), label.end(), label.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return label == "ORGANIZATION" ? "ORGANISATION" : label;
}

int Columns(const std::string& folder, bool named, double target) {
  const auto labels = ReadTable(folder + "/pii-columns/column_labels_dev.csv", 100000);
  std::map<std::string, std::vector<std::vector<std::string>>> tables;
  std::map<std::string, Counts> kinds;
  size_t about = 0;
  size_t seen = 0;
  size_t columns = 0;
  double seconds = 0;
  for (size_t i = 1; i < labels.size(); ++i) {
    const Labeled one{labels[i].at(0), labels[i].at(1), labels[i].at(2)};
    if (!tables.contains(one.table)) {
      tables[one.table] = ReadTable(std::string(folder).append("/").append(one.table), 100000);
    }
    const auto& rows = tables[one.table];
    if (rows.empty()) {
      continue;
    }
    const auto at = static_cast<size_t>(std::find(rows[0].begin(), rows[0].end(), one.column) -
                                        rows[0].begin());
    std::vector<std::string_view> values;
    const size_t step = named ? 1 : std::max<size_t>(1, rows.size() / 200);
    for (size_t r = 1; r < rows.size() && values.size() < 200; r += step) {
      if (at < rows[r].size()) {
        values.emplace_back(rows[r][at]);
      }
    }
    const std::string name = named ? one.column : "c" + std::to_string(at + 1);
    const auto started = std::chrono::steady_clock::now();
    const std::string found = LabelOf(ClassifyColumn(name, values).kind);
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    ++columns;
    about += one.label != "NONE" ? 1 : 0;
    seen += one.label != "NONE" && found != "NONE" ? 1 : 0;
    if (found == one.label) {
      ++kinds[found].right;
    } else {
      ++kinds[found].wrong;
      ++kinds[one.label].missed;
    }
  }
  if (columns == 0) {
    return 0;
  }
  double sum = 0;
  size_t count = 0;
  for (const auto& [kind, counts] : kinds) {
    if (counts.right + counts.missed > 0) {
      sum += counts.F(1);
      ++count;
    }
  }
  const double macro = sum / static_cast<double>(count);
  std::printf(
      "\ncolumns %s: %zu, %zu labels, macro-F1 %.3f (target %.2f), about people or not: recall "
      "%.3f, %.2f ms each\n",
      named ? "with their names" : "without names", columns, count, macro, target,
      static_cast<double>(seen) / static_cast<double>(about),
      seconds / static_cast<double>(columns) * 1000);
  return macro < target ? 1 : 0;
}

// Faults that were put into a table by its makers, by cell.
int Faults(const std::string& folder, double precision, double recall) {
  const std::string base = folder + "/quality/S_CHURN_BANK_CANADA_2K_DIRTY_";
  const auto table = ReadTable(base + "dev.csv", 1000000);
  const auto labels = ReadTable(base + "ISSUES_dev.csv", 1000000);
  if (table.empty() || labels.empty()) {
    return 0;
  }
  using CellName = std::pair<std::string, std::string>;
  std::map<std::string, std::set<CellName>> labeled;
  std::set<CellName> all_labeled;
  for (size_t i = 1; i < labels.size(); ++i) {
    const std::string kind = labels[i].at(2).starts_with("outlier") ? "outlier" : labels[i].at(2);
    labeled[kind].insert({labels[i].at(0), labels[i].at(1)});
    all_labeled.insert({labels[i].at(0), labels[i].at(1)});
  }
  const std::vector<std::string> names(table[0].begin() + 1, table[0].end());
  std::vector<std::vector<std::string_view>> rows;
  for (size_t r = 1; r < table.size(); ++r) {
    rows.emplace_back(table[r].begin() + 1, table[r].end());
  }
  const TableProfile profile = ProfileTable(names, rows);
  static const std::map<DefectKind, std::string> kKinds = {
      {DefectKind::kMissing, "missing_value"},
      {DefectKind::kBlanks, "whitespace_noise"},
      {DefectKind::kNotANumber, "type_error_string_in_numeric"},
      {DefectKind::kNumberInText, "type_error_numeric_in_text"},
      {DefectKind::kOutlier, "outlier"},
      {DefectKind::kFarOutlier, "outlier"},
      {DefectKind::kNotInSet, "category_typo"},
      {DefectKind::kForm, "category_typo"},
      {DefectKind::kDuplicateRow, "duplicate_source"}};
  std::map<std::string, std::set<CellName>> found;
  std::set<CellName> all_found;
  for (const Defect& defect : profile.defects) {
    const bool row = defect.kind == DefectKind::kDuplicateRow;
    const CellName cell = {table[defect.row + 1][0], row ? "*" : names[defect.column]};
    found[kKinds.at(defect.kind)].insert(cell);
    all_found.insert(cell);
    if (row) {  // either of the two may be called the copy
      found[kKinds.at(defect.kind)].insert({table[defect.other_row + 1][0], "*"});
    }
  }
  const auto score = [](const std::set<CellName>& got, const std::set<CellName>& wanted) {
    Counts counts;
    for (const CellName& cell : got) {
      (wanted.contains(cell) ? counts.right : counts.wrong) += 1;
    }
    counts.missed = wanted.size() - counts.right;
    return counts;
  };
  const Counts all = score(all_found, all_labeled);
  std::printf("\nfaults in a table: P %.3f R %.3f by cell (targets %.2f, %.2f)\n", all.Precision(),
              all.Recall(), precision, recall);
  for (const auto& [kind, wanted] : labeled) {
    const Counts counts = score(found[kind], wanted);
    std::printf("  %-30s P %.3f R %.3f\n", kind.c_str(), counts.Precision(), counts.Recall());
  }
  return all.Precision() < precision || all.Recall() < recall ? 1 : 0;
}

int ScoreModel(const std::string& model, const std::string& file) {
  const auto read = TaggerModel::Read(ReadFile(model));
  const auto sentences = ParseJson(ReadFile(file), {.values_max = 10000000});
  if (!read || !sentences) {
    return 1;
  }
  std::map<std::string, Counts> kinds;
  const Counts all = Score(*sentences, *read, kinds);
  std::printf("%zu %zu %zu\n", all.right, all.missed, all.wrong);
  return 0;
}

}  // namespace

int RunText(const std::vector<std::string>& words) {
  if (words.size() == 3 && words[0] == "--score") {
    return ScoreModel(words[1], words[2]);
  }
  if (words.size() != 1) {
    std::fprintf(stderr, "usage: bench_text FOLDER | bench_text --score MODEL FILE\n");
    return 2;
  }
  const std::string texts = words[0] + "/pii-text/";
  return Sentences("English, seen in training", texts + "synth_dataset_v2_dev.json", 0.75) +
         Sentences("Chinese, not seen in training", texts + "zh_customer_service_dev.json", 0.85) +
         Columns(words[0], true, 0.92) + Columns(words[0], false, 0.75) +
         Faults(words[0], 0.93, 0.96);
}

}  // namespace fiducia::process

int main(int argc, char** argv) { return fiducia::process::RunText({argv + 1, argv + argc}); }
