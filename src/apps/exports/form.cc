#include "apps/exports/form.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <set>
#include <tuple>

#include <string.h>

#include "apps/exports/exports.h"
#include "base/text.h"
#include "process/anonymize/recoding.h"
#include "process/classify/value_level.h"
#include "rules/calendar.h"

namespace fiducia::apps {

namespace {

constexpr size_t kPseudonymDigits = 20;
constexpr size_t kBands = 10;  // that amounts count by

// A value as it becomes coarser, up to "*". Days lose the day, the month and the year of the
// decade; numbers and codes of five digits and more lose their end.
std::vector<std::string> Coarser(const std::string& value, bool days, bool codes) {
  if (days) {
    return {value, value.substr(0, 7), value.substr(0, 4), value.substr(0, 3) + "0s", "*"};
  }
  if (codes) {
    std::vector<std::string> levels = {value};
    for (const size_t kept : {4U, 3U, 2U}) {
      levels.push_back(value.substr(0, std::min(kept, value.size())) + "*");
    }
    levels.emplace_back("*");
    return levels;
  }
  return {value, "*"};
}

process::Hierarchy HierarchyOf(const std::set<std::string>& values) {
  const auto all = [&](auto holds) { return std::all_of(values.begin(), values.end(), holds); };
  const bool days = all([](const std::string& v) { return v.empty() || rules::ParseDay(v); });
  const bool codes = all([](const std::string& v) {
    return v.empty() || (v.size() >= 5 && v.find_first_not_of("0123456789") == std::string::npos);
  });
  std::vector<std::vector<std::string>> rows;
  for (const std::string& value : values) {
    if (value.empty()) {
      std::vector<std::string> none(Coarser("0000-00-00", days, codes).size(), "");
      none.back() = "*";
      rows.push_back(std::move(none));
    } else {
      rows.push_back(Coarser(value, days, codes));
    }
  }
  auto made = process::Hierarchy::From(rows);
  return made ? std::move(*made)
              : process::Hierarchy::Flat(std::vector<std::string>(values.begin(), values.end()));
}

uint64_t HashOf(uint64_t hash, std::string_view text) {
  return (hash ^ std::hash<std::string_view>()(text)) * 0xbf58476d1ce4e5b9ULL + (hash >> 29);
}

}  // namespace

bool IsDirect(const rules::Field& field) {
  return field.identifies() || field.id == "name_full" || field.id == "street";
}

bool IsKnown(const rules::Field& field) {
  return !IsDirect(field) && (field.data_class == "identity" || field.data_class == "contact");
}

std::vector<std::string> ColumnsOf(const rules::Catalog& catalog, const std::string& form,
                                   const std::vector<std::string>& fields) {
  std::vector<std::string> columns;
  for (const std::string& id : fields) {
    const rules::Field* field = catalog.Find(id);
    const bool names = field != nullptr && (IsDirect(*field) || process::IsFreeText(*field));
    if (form != "anonymous" || !names) {
      columns.push_back(id);
    }
  }
  return columns;
}

std::string Pseudonyms::Of(const model::SubjectRef& subject) const {
  return "p" + ToHex(vault_.KeyedHash("pseudonym", Bytes(subject.id.bytes()) + recipient_))
                   .substr(0, kPseudonymDigits);
}

void Pseudonyms::Apply(CustomerView& view) const {
  for (FieldView& field : view.fields) {
    if (IsDirect(*field.field)) {
      field.values.resize(std::min(field.values.size(), size_t{1}));
      for (ValueView& value : field.values) {
        value.text = model::Sensitive(Of(view.subject));
        value.masked = true;
      }
    } else if (process::IsFreeText(*field.field)) {
      for (ValueView& value : field.values) {
        const auto found = process::FindSensitive(value.text.Reveal());
        value.text =
            model::Sensitive(process::RedactedAbove(model::Level::kL1, value.text.Reveal(), found));
      }
    }
  }
}

AnonymousTable::AnonymousTable(const rules::Catalog& catalog, std::vector<std::string> columns)
    : columns_(std::move(columns)) {
  for (const std::string& id : columns_) {
    const rules::Field* field = catalog.Find(id);
    known_.push_back(field != nullptr && IsKnown(*field));
    amounts_.push_back(field != nullptr && (field->type == "amount" || field->type == "number"));
  }
}

AnonymousTable::~AnonymousTable() {
  for (std::vector<std::string>& row : rows_) {
    for (std::string& value : row) {
      explicit_bzero(value.data(), value.size());
    }
  }
}

void AnonymousTable::Add(const CustomerView& view) {
  std::vector<std::string> row(columns_.size());
  for (const FieldView& field : view.fields) {
    const auto at = std::find(columns_.begin(), columns_.end(), field.field->id);
    if (at != columns_.end()) {
      std::string& joined = row[static_cast<size_t>(at - columns_.begin())];
      for (const ValueView& value : field.values) {
        joined += (joined.empty() ? "" : "; ") + std::string(value.text.Reveal());
      }
    }
  }
  rows_.push_back(std::move(row));
}

process::SensitiveColumn AnonymousTable::KindsOf(size_t column) const {
  process::SensitiveColumn kinds;
  kinds.values.resize(rows_.size());
  std::vector<size_t> order(rows_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const bool amounts = amounts_[column];
  const auto less = [&](size_t a, size_t b) {
    const std::string& left = rows_[a][column];
    const std::string& right = rows_[b][column];
    const double one = amounts ? std::strtod(left.c_str(), nullptr) : 0;
    const double two = amounts ? std::strtod(right.c_str(), nullptr) : 0;
    return std::tie(one, left) < std::tie(two, right);
  };
  std::sort(order.begin(), order.end(), less);
  for (size_t i = 0; i < order.size(); ++i) {
    const bool same = i > 0 && rows_[order[i]][column] == rows_[order[i - 1]][column];
    const bool starts = amounts ? i * kBands / order.size() >= kinds.kinds : true;
    kinds.kinds += !same && starts ? 1 : 0;
    kinds.values[order[i]] = kinds.kinds - 1;
  }
  return kinds;
}

Result<std::vector<std::vector<std::string>>> AnonymousTable::Release(
    const process::PrivacyModel& model, process::LinkRisk& risk) {
  if (rows_.size() < model.k) {
    return Fail(Code::kConflict, "there are fewer customers than are to look alike");
  }
  process::Microdata data;
  std::vector<size_t> places;  // of the known columns
  for (size_t c = 0; c < columns_.size(); ++c) {
    if (!known_[c]) {
      if (model.l > 0 || model.t > 0) {
        data.sensitive.push_back(KindsOf(c));
      }
      continue;
    }
    std::set<std::string> values;
    for (const std::vector<std::string>& row : rows_) {
      values.insert(row[c]);
    }
    places.push_back(c);
    data.hierarchies.push_back(HierarchyOf(values));
    std::vector<uint32_t> numbers;
    for (const std::vector<std::string>& row : rows_) {
      FID_ASSIGN(const uint32_t number, data.hierarchies.back().Find(row[c]));
      numbers.push_back(number);
    }
    data.values.push_back(std::move(numbers));
  }
  std::vector<std::vector<std::string>> released = rows_;
  std::vector<uint64_t> links(rows_.size(), 0);
  if (!places.empty()) {
    const auto made = process::RecodeLocally(data, model);
    if (!made) {
      return Fail(Code::kConflict, "no grouping of these customers is as diverse as asked");
    }
    const process::Recoding& recoding = *made;
    for (size_t c = 0; c < places.size(); ++c) {
      const process::Hierarchy& hierarchy = data.hierarchies[c];
      for (size_t r = 0; r < rows_.size(); ++r) {
        const uint8_t level = recoding.levels[c][r];
        std::string& shown = released[r][places[c]];
        shown = hierarchy.Name(level, hierarchy.At(level, data.values[c][r]));
        links[r] = HashOf(links[r], shown);
      }
    }
  }
  risk = process::LinkRiskOf(std::move(links));
  std::sort(released.begin(), released.end());
  return released;
}

}  // namespace fiducia::apps
