#include "process/resolve/comparer.h"

#include <algorithm>

namespace fiducia::process {

namespace {

constexpr size_t kMemory = 1U << 16;

bool IsShared(MatchKind kind) { return kind == MatchKind::kPhone || kind == MatchKind::kAddress; }
bool IsProof(MatchKind kind) { return kind == MatchKind::kIdNumber || kind == MatchKind::kEmail; }

void Put(uint32_t& bits, size_t column, bool yes) { bits |= yes ? 1U << column : 0U; }

}  // namespace

Comparer::Comparer(const MatchTable& table) : table_(table) {
  for (size_t c = 0; c < table.columns().size(); ++c) {
    const auto place = static_cast<int>(c);
    switch (table.columns()[c].kind) {
      case MatchKind::kFullName:
        full_ = place;
        break;
      case MatchKind::kGivenName:
        given_ = place;
        break;
      case MatchKind::kFamilyName:
        family_ = place;
        break;
      case MatchKind::kEmail:
        email_ = place;
        break;
      default:
        break;
    }
  }
  memory_.resize(kMemory);
}

Observation Comparer::Compare(uint32_t a, uint32_t b) {
  Observation seen;
  seen.missing = ~0U << table_.columns().size();
  for (size_t c = 0; c < table_.columns().size(); ++c) {
    const ValueNo x = table_.at(c, a);
    const ValueNo y = table_.at(c, b);
    if (x == 0 || y == 0) {
      seen.missing |= 1U << c;
      continue;
    }
    seen.levels |= static_cast<Pattern>(Level(c, x, y)) << (3 * c);
  }
  if (given_ >= 0 && family_ >= 0) {
    Cross(a, b, seen);
  }
  if (email_ >= 0) {
    Spelled(a, seen);
  }
  return seen;
}

bool Comparer::SpellsName(uint32_t record) const {
  const auto value = [&](int column) -> const MatchValue& {
    const auto c = static_cast<size_t>(column);
    return table_.value(c, table_.at(c, record));
  };
  const MatchValue& address = value(email_);
  if (full_ >= 0 && address.spelled[0] != 0) {
    const auto& spelled = value(full_).spelled;
    if (address.spelled[0] == spelled[0] || address.spelled[0] == spelled[1]) {
      return true;
    }
  }
  for (const int column : {given_, family_}) {
    if (column >= 0) {
      const std::string& name = value(column).text;
      if (name.size() >= 3 && address.other.find(name) != std::string::npos) {
        return true;
      }
    }
  }
  return false;
}

void Comparer::Spelled(uint32_t a, Observation& seen) const {
  const auto e = static_cast<size_t>(email_);
  const int level = LevelIn(seen.levels, e);
  if ((seen.missing >> e & 1U) != 0 || level == 0 || level == kSame) {
    return;
  }
  const auto agrees = [&](int column) {
    const auto c = static_cast<size_t>(column);
    return column >= 0 && (seen.missing >> c & 1U) == 0 && LevelIn(seen.levels, c) >= 4;
  };
  if ((agrees(full_) || agrees(given_) || agrees(family_)) && (level <= 3 || SpellsName(a))) {
    seen.missing |= 1U << e;
    seen.levels &= ~(Pattern{7} << (3 * e));
  }
}

int Comparer::Level(size_t column, ValueNo x, ValueNo y) {
  const MatchValue& first = table_.value(column, x);
  const MatchValue& second = table_.value(column, y);
  if (x == y && !first.partial) {
    return kSame;
  }
  const uint64_t low = std::min(x, y);
  const uint64_t high = std::max(x, y);
  const uint64_t key = ((low << 32 | high) * kMix) ^ (column << 58) ^ (column + 1);
  Entry& entry = memory_[key >> 48 & (kMemory - 1)];
  if (entry.key != key) {
    entry = {key, CompareValues(table_.columns()[column].kind, first, second)};
  }
  return entry.level;
}

void Comparer::Cross(uint32_t a, uint32_t b, Observation& seen) const {
  const auto g = static_cast<size_t>(given_);
  const auto f = static_cast<size_t>(family_);
  if ((seen.missing >> g & 1U) != 0 || LevelIn(seen.levels, g) >= 4) {
    return;
  }
  if ((seen.missing >> f & 1U) != 0) {
    HalfCross(a, b, seen);
    return;
  }
  if (LevelIn(seen.levels, f) >= 4) {
    return;
  }
  const auto value = [&](size_t column, uint32_t record) -> const MatchValue& {
    return table_.value(column, table_.at(column, record));
  };
  const int one = CompareValues(MatchKind::kGivenName, value(g, a), value(f, b));
  const int two = one < 4 ? 0 : CompareValues(MatchKind::kGivenName, value(f, a), value(g, b));
  if (one >= 4 && two >= 4) {
    const Pattern level = kCrossed;
    seen.levels &= ~(Pattern{7} << (3 * g)) & ~(Pattern{7} << (3 * f));
    seen.levels |= level << (3 * g) | level << (3 * f);
  }
}

void Comparer::HalfCross(uint32_t a, uint32_t b, Observation& seen) const {
  const auto g = static_cast<size_t>(given_);
  const auto f = static_cast<size_t>(family_);
  const bool a_single = table_.at(f, a) == 0;
  if (a_single == (table_.at(f, b) == 0)) {
    return;
  }
  const uint32_t single = a_single ? a : b;
  const uint32_t whole = a_single ? b : a;
  if (CompareValues(MatchKind::kGivenName, table_.value(g, table_.at(g, single)),
                    table_.value(f, table_.at(f, whole))) >= 4) {
    seen.levels &= ~(Pattern{7} << (3 * g));
    seen.levels |= Pattern{4} << (3 * g);
  }
}

Household::Household(const std::vector<MatchColumn>& columns) {
  bool people = false;
  for (const MatchColumn& column : columns) {
    people = people || column.kind == MatchKind::kFullName || column.kind == MatchKind::kGivenName;
  }
  for (size_t c = 0; c < columns.size(); ++c) {
    const MatchKind kind = columns[c].kind;
    const bool name = people ? kind == MatchKind::kFullName || kind == MatchKind::kGivenName
                             : kind == MatchKind::kOrganization;
    Put(names_, c, name);
    Put(shared_, c, IsShared(kind));
    Put(proofs_, c, IsProof(kind));
    Put(births_, c, kind == MatchKind::kDate);
  }
  other_ = people ? 1 : 2;  // up to this level it is another name
}

bool Household::OnlyThat(const Observation& seen) const {
  bool other_name = false;
  for (size_t c = 0; c < kColumnsMost; ++c) {
    if ((seen.missing >> c & 1U) != 0) {
      continue;
    }
    const int level = LevelIn(seen.levels, c);
    other_name = other_name || ((names_ >> c & 1U) != 0 && level <= other_);
    if (((proofs_ >> c & 1U) != 0 && level >= 4) || ((births_ >> c & 1U) != 0 && level >= 6)) {
      return false;
    }
  }
  return other_name;
}

}  // namespace fiducia::process
