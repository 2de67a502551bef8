#include "process/resolve/levels.h"

#include <algorithm>
#include <bit>

#include "base/text.h"
#include "process/resolve/similarity.h"

namespace fiducia::process {

namespace {

// How much of what both say together both say: 0 to 1. Rare words count more.
double Overlap(const MatchValue& a, const MatchValue& b) {
  double both = 0;
  double all = 0;
  size_t i = 0;
  size_t j = 0;
  const auto weight = [](const MatchValue& value, size_t at) {
    return value.rarity.empty() ? 1.0 : static_cast<double>(value.rarity[at]);
  };
  while (i < a.tokens.size() || j < b.tokens.size()) {
    if (j == b.tokens.size() || (i < a.tokens.size() && a.tokens[i] < b.tokens[j])) {
      all += weight(a, i++);
    } else if (i == a.tokens.size() || b.tokens[j] < a.tokens[i]) {
      all += weight(b, j++);
    } else {
      both += weight(a, i);
      all += weight(a, i);
      ++i;
      ++j;
    }
  }
  return all == 0 ? 0 : both / all;
}

// Whether so few characters stand in both that a closer look finds nothing.
bool Apart(const MatchValue& a, const MatchValue& b) {
  const int both = std::popcount(a.marks & b.marks);
  return 2 * both < std::min(std::popcount(a.marks), std::popcount(b.marks));
}

bool FarOff(const MatchValue& a, const MatchValue& b, int edits) {
  return std::popcount(a.marks ^ b.marks) > 2 * edits;
}

double Alike(const MatchValue& a, const MatchValue& b) {
  if (Apart(a, b)) {
    return 0;
  }
  if (a.wide.empty() && b.wide.empty()) {
    return JaroWinkler(a.text, b.text);
  }
  if (!a.wide.empty() && !b.wide.empty()) {
    return JaroWinkler(a.wide, b.wide);
  }
  return JaroWinkler(DecodeUtf8(a.text), DecodeUtf8(b.text));
}

int Edits(const MatchValue& a, const MatchValue& b, int most) {
  if (FarOff(a, b, most)) {
    return most + 1;
  }
  if (a.wide.empty() && b.wide.empty()) {
    return EditDistance(a.text, b.text, most);
  }
  return EditDistance(DecodeUtf8(a.text), DecodeUtf8(b.text), most);
}

int CompareNames(const MatchValue& a, const MatchValue& b) {
  if (a.other == b.other && a.partial == b.partial) {
    return 6;  // the same sound, or the same words in another order
  }
  const bool han_a = !a.wide.empty() && a.tokens.empty();
  const bool han_b = !b.wide.empty() && b.tokens.empty();
  if (a.partial || b.partial) {
    return a.keys[1] == b.keys[1] ? 3 : 0;
  }
  if (han_a && han_b) {
    const int edits = FarOff(a, b, 2) ? 3 : EditDistance(a.wide, b.wide, 2);
    const bool family = a.keys[1] == b.keys[1];
    if (edits == 1 && std::min(a.wide.size(), b.wide.size()) >= 3) {
      return 5;
    }
    if (EditDistance(a.other, b.other, 2) <= 1) {
      return 4;
    }
    return edits == 1 && family ? 2 : family ? 1 : 0;
  }
  if (han_a != han_b) {
    return EditDistance(a.other, b.other, 2) <= 1 ? 5 : a.keys[1] == b.keys[1] ? 1 : 0;
  }
  const bool apart = Apart(a, b);
  const double text = apart ? 0 : JaroWinkler(a.text, b.text);
  const double sorted =
      apart || a.tokens.size() + b.tokens.size() == 2 ? text : JaroWinkler(a.other, b.other);
  const double best = std::max(text, sorted);
  if (best >= 0.92) {
    return 5;
  }
  const bool part =
      !a.tokens.empty() && !b.tokens.empty() &&
      (std::includes(a.tokens.begin(), a.tokens.end(), b.tokens.begin(), b.tokens.end()) ||
       std::includes(b.tokens.begin(), b.tokens.end(), a.tokens.begin(), a.tokens.end()));
  const std::string& shorter = a.text.size() < b.text.size() ? a.text : b.text;
  const std::string& longer = a.text.size() < b.text.size() ? b.text : a.text;
  const bool short_form = shorter.size() >= 3 && longer.starts_with(shorter);
  if (best >= 0.85 || part || short_form) {
    return 4;
  }
  if (shorter.size() == 1 && longer.starts_with(shorter)) {
    return 3;  // an initial
  }
  return best >= 0.75 ? 2 : 0;
}

int CompareDates(const MatchValue& a, const MatchValue& b) {
  const int edits = Edits(a, b, 2);
  if (edits == 1) {
    return 6;
  }
  if (a.text.size() == 8 && b.text.size() == 8) {
    const std::string_view x = a.text;
    const std::string_view y = b.text;
    if (x.substr(0, 4) == y.substr(0, 4) && x.substr(4, 2) == y.substr(6, 2) &&
        x.substr(6, 2) == y.substr(4, 2)) {
      return 5;
    }
    if (edits == 2) {
      return 4;
    }
    if (x.substr(4) == y.substr(4)) {
      return 3;
    }
    return x.substr(0, 4) == y.substr(0, 4) ? 2 : 0;
  }
  return edits == 2 ? 4 : 0;
}

int CompareNumbers(const MatchValue& a, const MatchValue& b) {
  if (a.partial || b.partial) {
    if (a.text.size() != b.text.size()) {
      return 0;
    }
    int known = 0;
    for (size_t i = 0; i < a.text.size(); ++i) {
      if (a.text[i] == '*' || b.text[i] == '*') {
        continue;
      }
      if (a.text[i] != b.text[i]) {
        return 0;
      }
      ++known;
    }
    return known >= 12 ? 6 : known >= 7 ? 5 : 0;
  }
  const int edits = Edits(a, b, 2);
  return edits == 1 ? 4 : edits == 2 ? 2 : 0;
}

int CompareEmails(const MatchValue& a, const MatchValue& b) {
  if (a.other == b.other) {
    return 6;
  }
  if (Edits(a, b, 2) <= 2) {
    return 5;
  }
  if (a.keys[1] != b.keys[1] && Apart(a, b)) {
    return 0;
  }
  const double local = JaroWinkler(a.other, b.other);
  const double domain = JaroWinkler(std::string_view(a.text).substr(a.other.size()),
                                    std::string_view(b.text).substr(b.other.size()));
  if (local >= 0.85 && domain >= 0.9) {
    return 4;
  }
  return local >= 0.92 ? 3 : domain >= 0.95 && local >= 0.7 ? 2 : local >= 0.85 ? 1 : 0;
}

// The numbers of two addresses: how many of the shorter list stand in the other, in order.
double SameNumbers(const std::string& a, const std::string& b) {
  const std::vector<std::string_view> x = Split(a, '-');
  const std::vector<std::string_view> y = Split(b, '-');
  const auto& shorter = x.size() < y.size() ? x : y;
  const auto& longer = x.size() < y.size() ? y : x;
  size_t at = 0;
  size_t same = 0;
  for (const std::string_view one : shorter) {
    const auto found = std::find(longer.begin() + static_cast<long>(at), longer.end(), one);
    if (found != longer.end()) {
      at = static_cast<size_t>(found - longer.begin()) + 1;
      ++same;
    }
  }
  return static_cast<double>(same) / static_cast<double>(shorter.size());
}

int CompareAddresses(const MatchValue& a, const MatchValue& b) {
  const double overlap = Overlap(a, b);
  const bool numbered = !a.other.empty() && !b.other.empty();
  const double numbers = numbered ? SameNumbers(a.other, b.other) : 0;
  if (numbered && numbers < 0.5) {
    return overlap >= 0.5 ? 2 : overlap >= 0.2 ? 1 : 0;  // the same street, another house
  }
  if (overlap >= 0.75 || (numbers == 1 && overlap >= 0.5)) {
    return 6;
  }
  if (overlap >= 0.5 || (numbers == 1 && overlap >= 0.25)) {
    return 5;
  }
  if (overlap >= 0.3 || Alike(a, b) >= 0.92) {
    return 4;
  }
  return overlap >= 0.1 ? 3 : overlap > 0 ? 1 : 0;
}

int CompareOrganizations(const MatchValue& a, const MatchValue& b) {
  const double overlap = Overlap(a, b);
  const double alike = Alike(a, b);
  if (overlap >= 0.8 || alike >= 0.96) {
    return 6;
  }
  const bool part =
      std::includes(a.tokens.begin(), a.tokens.end(), b.tokens.begin(), b.tokens.end()) ||
      std::includes(b.tokens.begin(), b.tokens.end(), a.tokens.begin(), a.tokens.end());
  if (overlap >= 0.6 || (alike >= 0.92 && overlap > 0)) {
    return 5;
  }
  if (part || overlap >= 0.45 || alike >= 0.92) {
    return 4;
  }
  return overlap >= 0.25 ? 3 : overlap >= 0.1 || alike >= 0.85 ? 1 : 0;
}

int ComparePlain(MatchKind kind, const MatchValue& a, const MatchValue& b) {
  if (kind == MatchKind::kPostcode) {
    const int edits = Edits(a, b, 2);
    return edits == 1 ? 5 : edits == 2 || a.keys[1] == b.keys[1] ? 3 : 0;
  }
  if (kind == MatchKind::kCategory) {
    return Alike(a, b) >= 0.9 ? 5 : 0;
  }
  const double alike = Alike(a, b);
  if (alike >= 0.92) {
    return 5;
  }
  if (alike >= 0.85 || Overlap(a, b) >= 0.5) {
    return 4;
  }
  return Overlap(a, b) > 0 ? 2 : 0;
}

}  // namespace

int CompareValues(MatchKind kind, const MatchValue& a, const MatchValue& b) {
  if (a.text == b.text && a.partial == b.partial && !a.partial) {
    return kSame;
  }
  switch (kind) {
    case MatchKind::kFullName:
    case MatchKind::kGivenName:
    case MatchKind::kFamilyName:
      return CompareNames(a, b);
    case MatchKind::kDate:
      return CompareDates(a, b);
    case MatchKind::kPhone:
    case MatchKind::kIdNumber:
      return CompareNumbers(a, b);
    case MatchKind::kEmail:
      return CompareEmails(a, b);
    case MatchKind::kAddress:
      return CompareAddresses(a, b);
    case MatchKind::kOrganization:
      return CompareOrganizations(a, b);
    case MatchKind::kPlace:
    case MatchKind::kPostcode:
    case MatchKind::kCategory:
    case MatchKind::kText:
      return ComparePlain(kind, a, b);
  }
  return 0;
}

}  // namespace fiducia::process
