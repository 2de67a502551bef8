#include "process/clean/profile.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <unordered_map>

#include "base/letters.h"
#include "base/text.h"
#include "process/classify/column_names.h"
#include "process/clean/parts.h"

namespace fiducia::process {

namespace {

constexpr double kMostly = 0.6;        // of the filled values make the type of a column
constexpr size_t kSetMost = 60;        // values of a set
constexpr double kSetCover = 0.75;     // how much of a column its set covers
constexpr double kRareToCommon = 0.1;  // a mistyped value is at most so frequent as what was meant
constexpr double kFarBounds = 8;       // in widths of the middle half
constexpr double kBounds = 3;
constexpr size_t kLongestCompared = 64;  // characters

// Blanks of all kinds around a value.
std::string_view Trimmed(std::string_view text) {
  const auto blank_at = [&](size_t at, size_t& size) {
    size_t next = at;
    const char32_t c = NextCharacter(text, next);
    size = next - at;
    return c <= 0x20 || c == 0xa0 || c == 0x3000 || c == 0x200b || c == 0x202f || c == 0xfeff ||
           (c >= 0x2000 && c <= 0x200a);
  };
  size_t from = 0;
  for (size_t size = 0; from < text.size() && blank_at(from, size);) {
    from += size;
  }
  text.remove_prefix(from);
  while (!text.empty()) {
    size_t at = text.size() - 1;
    while (at > 0 && (static_cast<uint8_t>(text[at]) & 0xc0) == 0x80) {
      --at;
    }
    size_t size = 0;
    if (!blank_at(at, size)) {
      break;
    }
    text = text.substr(0, at);
  }
  return text;
}

bool SaysMissing(std::string_view value) {
  static constexpr std::array<std::string_view, 16> kWords = {
      "nan", "null", "n/a", "na",   "none",    "nil",       "-",  "--",
      "—",   "–",    "?",   "#n/a", "missing", "undefined", "无", "空"};
  const std::string lower = LowerAscii(value.substr(0, 16));
  return value.size() <= 16 && std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

bool IsTruth(std::string_view value) {
  const std::string lower = LowerAscii(value.substr(0, 8));
  return lower == "true" || lower == "false";
}

bool ReadNumber(std::string_view value, double& number) {
  if (value.starts_with('+')) {
    value.remove_prefix(1);
  }
  const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
  return read.ec == std::errc() && read.ptr == value.data() + value.size() && !value.empty() &&
         std::isfinite(number) && value.find_first_of("0123456789") != std::string_view::npos;
}

// Digits as 9, letters as A, Chinese as 中; the rest as it is. No runs are shortened.
std::string FormOf(std::string_view value) {
  std::string form;
  for (size_t at = 0; at < value.size() && form.size() < kLongestCompared;) {
    const size_t from = at;
    const char32_t c = NextCharacter(value, at);
    switch (KindOfLetter(c)) {
      case LetterKind::kDigit:
        form += '9';
        break;
      case LetterKind::kLower:
        form += 'a';
        break;
      case LetterKind::kUpper:
        form += 'A';
        break;
      case LetterKind::kUncased:
        form += 'z';
        break;
      case LetterKind::kNone:
        form += value.substr(from, at - from);
        break;
    }
  }
  return form;
}

// 0, 1 or 2 (for two or more) changes of a character, neighbors that changed places counted once.
int Changes(std::u32string_view a, std::u32string_view b) {
  if (a.size() > b.size()) {
    std::swap(a, b);
  }
  if (b.size() - a.size() > 1 || b.size() > kLongestCompared) {
    return 2;
  }
  size_t same = 0;
  while (same < a.size() && a[same] == b[same]) {
    ++same;
  }
  if (same == b.size()) {
    return 0;
  }
  if (a.size() < b.size()) {
    return a.substr(same) == b.substr(same + 1) ? 1 : 2;
  }
  if (a.substr(same + 1) == b.substr(same + 1)) {
    return 1;
  }
  const bool turned = same + 1 < a.size() && a[same] == b[same + 1] && a[same + 1] == b[same];
  return turned && a.substr(same + 2) == b.substr(same + 2) ? 1 : 2;
}

class ColumnReader {
 public:
  ColumnReader(uint32_t column, const std::vector<std::vector<std::string_view>>& rows,
               ColumnProfile& profile, std::vector<Defect>& defects)
      : column_(column), rows_(rows), profile_(profile), defects_(defects) {}

  void Run() {
    Count();
    Decide();
    for (uint32_t r = 0; r < rows_.size(); ++r) {
      One(r, rows_[r][column_]);
    }
    size_t wrong = 0;
    for (const size_t count : profile_.defects) {
      wrong += count;
    }
    profile_.score = rows_.empty() ? 1
                                   : 1 - static_cast<double>(std::min(wrong, rows_.size())) /
                                             static_cast<double>(rows_.size());
  }

 private:
  void Count() {
    std::vector<std::string_view> sample;
    for (const auto& row : rows_) {
      const std::string_view value = Trimmed(row[column_]);
      if (value.empty()) {
        continue;
      }
      ++profile_.filled;
      if (sample.size() < 1000) {
        sample.push_back(value);
      }
      if (SaysMissing(value)) {
        ++says_missing_;
        continue;
      }
      double number = 0;
      if (ReadNumber(value, number)) {
        numbers_.push_back(number);
      } else if (IsTruth(value)) {
        ++truths_;
      }
      if (counts_.size() < 100000) {
        ++counts_[value];
        ++forms_[FormOf(value)];
      }
    }
    profile_.distinct = counts_.size();
    profile_.holds = ClassifyColumn(profile_.name, sample);
  }

  void Decide() {
    const double said = static_cast<double>(profile_.filled - says_missing_);
    if (said == 0) {
      return;
    }
    if (static_cast<double>(numbers_.size()) >= kMostly * said) {
      profile_.type = ValueType::kNumber;
      Bounds();
      return;
    }
    profile_.type = ValueType::kText;
    // A set: few values that make up nearly all.
    size_t common = 0;
    size_t covered = 0;
    const auto least = std::max<size_t>(3, static_cast<size_t>(said / 200));
    for (const auto& [value, count] : counts_) {
      double number = 0;
      if (count >= least && !ReadNumber(value, number) && !IsTruth(value)) {
        ++common;
        covered += count;
      }
    }
    if (common >= 2 && common <= kSetMost && static_cast<double>(covered) >= kSetCover * said) {
      profile_.type = ValueType::kSet;
      std::vector<std::pair<size_t, std::string_view>> sorted;
      for (const auto& [value, count] : counts_) {
        double number = 0;
        if (!ReadNumber(value, number) && !IsTruth(value)) {
          sorted.emplace_back(count, value);
        }
      }
      std::sort(sorted.rbegin(), sorted.rend());
      set_.reserve(sorted.size());
      for (const auto& [count, value] : sorted) {
        const std::u32string wide = DecodeUtf8(value);
        set_.push_back({{wide.begin(), wide.end()}, value, count});
      }
      listed_ = ListedKind();
    }
    const auto most =
        std::max_element(forms_.begin(), forms_.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most != forms_.end() && static_cast<double>(most->second) >= kMostly * said &&
        most->first.size() >= 4 && most->first.find('9') != std::string::npos) {
      profile_.type = profile_.type == ValueType::kSet ? ValueType::kSet : ValueType::kForm;
      form_ = most->first;
    }
  }

  // A closed list of words that covers what is common in the column, if there is one.
  ColumnKind ListedKind() const {
    for (const ColumnKind kind :
         {ColumnKind::kSex, ColumnKind::kTitle, ColumnKind::kMaritalStatus, ColumnKind::kRegion}) {
      size_t hit = 0;
      size_t all = 0;
      for (const Member& member : set_) {
        all += member.count;
        hit += IsWordOf(kind, member.text) ? member.count : 0;
      }
      if (all > 0 && static_cast<double>(hit) >= 0.8 * static_cast<double>(all)) {
        return kind;
      }
    }
    return ColumnKind::kNone;
  }

  // The middle half and its width; what lies many widths outside of it is far out.
  void Bounds() {
    std::sort(numbers_.begin(), numbers_.end());
    const auto at = [&](double share) {
      return numbers_[static_cast<size_t>(share * static_cast<double>(numbers_.size() - 1))];
    };
    const double width = std::max(at(0.75) - at(0.25), 1e-9);
    // Where most are one value, the middle half has no width: the middle nine tenths count.
    const double used = width > 1e-6 ? width : std::max((at(0.95) - at(0.05)) / 2, 1e-9);
    low_ = at(0.25) - kBounds * used;
    high_ = at(0.75) + kBounds * used;
    far_low_ = at(0.25) - kFarBounds * used;
    far_high_ = at(0.75) + kFarBounds * used;
    flat_ = at(0.95) - at(0.05) < 1e-9;
  }

  void Add(uint32_t row, DefectKind kind, bool certain = false, model::Sensitive suggested = {}) {
    ++profile_.defects[static_cast<size_t>(kind)];
    defects_.push_back({row, column_, kind, certain, std::move(suggested), 0});
  }

  void One(uint32_t row, std::string_view raw) {
    const std::string_view value = Trimmed(raw);
    if (value.empty()) {
      Add(row, DefectKind::kMissing);
      return;
    }
    if (value.size() != raw.size()) {
      Add(row, DefectKind::kBlanks, true, model::Sensitive::CopyOf(value));
    }
    double number = 0;
    const bool is_number = ReadNumber(value, number);
    if (profile_.type == ValueType::kNumber) {
      if (!is_number) {
        Add(row, DefectKind::kNotANumber, SaysMissing(value));
      } else if (!flat_ && (number < far_low_ || number > far_high_)) {
        Add(row, DefectKind::kFarOutlier);
      } else if (!flat_ && (number < low_ || number > high_)) {
        Add(row, DefectKind::kOutlier);
      }
      return;
    }
    if (SaysMissing(value)) {
      Add(row, DefectKind::kMissing, true);
      return;
    }
    if ((is_number || IsTruth(value)) && static_cast<double>(numbers_.size() + truths_) <
                                             0.25 * static_cast<double>(profile_.filled)) {
      Add(row, DefectKind::kNumberInText);
      return;
    }
    const bool mistyped = profile_.type == ValueType::kSet && Mistyped(row, value);
    if (!mistyped && !form_.empty() && FormOf(value) != form_) {
      Add(row, DefectKind::kForm);
    }
  }

  // Not a value of the set, or a rare one beside a common one that differs in one character.
  bool Mistyped(uint32_t row, std::string_view value) {
    if (listed_ != ColumnKind::kNone && IsWordOf(listed_, value)) {
      return false;
    }
    const auto known = mistyped_.find(value);
    if (known != mistyped_.end()) {
      if (known->second.wrong) {
        Add(row, DefectKind::kNotInSet, known->second.certain,
            model::Sensitive::CopyOf(known->second.meant));
      }
      return known->second.wrong;
    }
    const std::u32string wide = DecodeUtf8(value);
    const auto self =
        std::find_if(set_.begin(), set_.end(), [&](const Member& m) { return m.text == value; });
    const size_t own = self == set_.end() ? 0 : self->count;
    Meant meant;
    size_t near = 0;
    for (const Member& member : set_) {
      if (static_cast<double>(own) > kRareToCommon * static_cast<double>(member.count)) {
        break;  // the rest is rarer still
      }
      if (Changes(wide, {member.wide.data(), member.wide.size()}) == 1) {
        near += 1;
        if (meant.meant.empty()) {
          meant.meant = member.text;
        }
      }
    }
    meant.wrong = near > 0 || listed_ != ColumnKind::kNone;
    // Only one is near, and the value is long enough for that to be no chance.
    meant.certain = near == 1 && wide.size() >= 4;
    if (near > 1) {
      meant.meant = {};
    }
    if (meant.wrong) {
      Add(row, DefectKind::kNotInSet, meant.certain, model::Sensitive::CopyOf(meant.meant));
    }
    mistyped_.emplace(value, meant);
    return meant.wrong;
  }

  struct Member {
    std::vector<char32_t> wide;
    std::string_view text;
    size_t count = 0;
  };
  struct Meant {
    bool wrong = false;
    bool certain = false;
    std::string_view meant;
  };

  uint32_t column_;
  const std::vector<std::vector<std::string_view>>& rows_;
  ColumnProfile& profile_;
  std::vector<Defect>& defects_;
  std::unordered_map<std::string_view, size_t> counts_;
  std::unordered_map<std::string, size_t> forms_;
  std::unordered_map<std::string_view, Meant> mistyped_;
  std::vector<Member> set_;
  std::vector<double> numbers_;
  ColumnKind listed_ = ColumnKind::kNone;
  std::string form_;
  size_t truths_ = 0;
  size_t says_missing_ = 0;
  double low_ = 0;
  double high_ = 0;
  double far_low_ = 0;
  double far_high_ = 0;
  bool flat_ = false;
};

// Rows that share nearly all their values with an earlier one. Rows are looked for under the
// values of three of the columns that tell rows apart best.
class Duplicates {
 public:
  Duplicates(const std::vector<std::vector<std::string_view>>& rows,
             const std::vector<ColumnProfile>& columns)
      : rows_(rows) {
    std::vector<std::pair<size_t, uint32_t>> by_distinct;
    by_distinct.reserve(columns.size());
    for (uint32_t c = 0; c < columns.size(); ++c) {
      by_distinct.emplace_back(columns[c].distinct, c);
    }
    std::sort(by_distinct.rbegin(), by_distinct.rend());
    for (size_t i = 0; i < by_distinct.size() && i < 8; ++i) {
      best_.push_back(by_distinct[i].second);
    }
  }

  void Find(std::vector<Defect>& defects) {
    std::unordered_map<uint64_t, std::vector<uint32_t>> seen;
    for (uint32_t r = 0; r < rows_.size(); ++r) {
      uint32_t twin = r;
      for (const uint32_t c : best_) {
        const std::string_view value = Trimmed(rows_[r][c]);
        if (value.size() < 4 || SaysMissing(value)) {
          continue;
        }
        auto& place = seen[std::hash<std::string_view>()(value) * 31 + c];
        for (const uint32_t before : place) {
          if (twin == r && before != r && Alike(before, r)) {
            twin = before;
          }
        }
        if (place.size() < 4) {
          place.push_back(r);
        }
      }
      if (twin != r) {
        defects.push_back({r, 0, DefectKind::kDuplicateRow, false, {}, twin});
      }
    }
  }

 private:
  bool Alike(uint32_t a, uint32_t b) const {
    size_t same = 0;
    size_t both = 0;
    for (size_t c = 0; c < rows_[a].size(); ++c) {
      const std::string_view x = Trimmed(rows_[a][c]);
      const std::string_view y = Trimmed(rows_[b][c]);
      if (!x.empty() && !y.empty()) {
        ++both;
        same += x == y ? 1 : 0;
      }
    }
    return both >= 3 && same * 2 >= rows_[a].size() && same * 100 >= both * 85;
  }

  const std::vector<std::vector<std::string_view>>& rows_;
  std::vector<uint32_t> best_;
};

}  // namespace

std::string_view Name(DefectKind kind) {
  static constexpr std::array<std::string_view, kDefectKinds> kNames = {
      "missing",     "blanks",     "not_a_number", "number_in_text", "outlier",
      "far_outlier", "not_in_set", "form",         "duplicate_row"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view Name(ValueType type) {
  static constexpr std::array<std::string_view, 5> kNames = {"empty", "number", "set", "form",
                                                             "text"};
  return kNames[static_cast<size_t>(type)];
}

TableProfile ProfileTable(const std::vector<std::string>& names,
                          const std::vector<std::vector<std::string_view>>& rows) {
  TableProfile profile;
  profile.rows = rows.size();
  profile.columns.resize(names.size());
  for (uint32_t c = 0; c < names.size(); ++c) {
    profile.columns[c].name = names[c];
    ColumnReader(c, rows, profile.columns[c], profile.defects).Run();
  }
  Duplicates(rows, profile.columns).Find(profile.defects);
  std::stable_sort(profile.defects.begin(), profile.defects.end(),
                   [](const Defect& a, const Defect& b) {
                     return a.row != b.row ? a.row < b.row : a.column < b.column;
                   });
  double sum = 0;
  for (const ColumnProfile& column : profile.columns) {
    sum += column.score;
  }
  profile.score = names.empty() ? 1 : sum / static_cast<double>(names.size());
  return profile;
}

}  // namespace fiducia::process
