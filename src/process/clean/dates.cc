#include <array>
#include <vector>

#include "base/clock.h"
#include "base/text.h"
#include "process/clean/parts.h"

namespace fiducia::process {

namespace {

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};

struct Piece {
  int number = -1;  // or
  int month = -1;   // from a name
  size_t digits = 0;
};

std::unexpected<Error> NotADate() { return Fail(Code::kInvalidValue, "this is not a date"); }

// Splits "28 Jul 1975", "1975年7月28日", "7/28/1975" into numbers and month names.
Result<std::vector<Piece>> SplitPieces(std::string_view text) {
  std::vector<Piece> pieces;
  const std::string lower = LowerAscii(text);
  for (size_t i = 0; i < lower.size();) {
    const char c = lower[i];
    if (c >= '0' && c <= '9') {
      Piece piece{0, -1, 0};
      for (; i < lower.size() && lower[i] >= '0' && lower[i] <= '9'; ++i, ++piece.digits) {
        if (piece.digits >= 8) {
          return NotADate();
        }
        piece.number = piece.number * 10 + (lower[i] - '0');
      }
      pieces.push_back(piece);
    } else if (c >= 'a' && c <= 'z') {
      const size_t start = i;
      while (i < lower.size() && lower[i] >= 'a' && lower[i] <= 'z') {
        ++i;
      }
      const std::string_view word = std::string_view(lower).substr(start, i - start);
      if (word == "t" && pieces.size() >= 3) {
        break;  // the time of an ISO date-time
      }
      if (word == "st" || word == "nd" || word == "rd" || word == "th") {
        continue;
      }
      Piece piece;
      for (size_t m = 0; m < kMonths.size(); ++m) {
        if (word.size() >= 3 && word.substr(0, 3) == kMonths[m]) {
          piece.month = static_cast<int>(m) + 1;
        }
      }
      if (piece.month < 0) {
        return NotADate();
      }
      pieces.push_back(piece);
    } else {
      if ((c == ' ' || c == 'T') && pieces.size() == 3) {
        break;  // a time of day follows
      }
      ++i;
    }
  }
  return pieces;
}

struct Ymd {
  int year;
  int month;
  int day;
};

Result<Ymd> FromCompact(const Piece& p) {
  if (p.digits != 8) {
    return NotADate();
  }
  return Ymd{p.number / 10000, p.number / 100 % 100, p.number % 100};
}

Result<Ymd> Arrange(const std::vector<Piece>& p, const Hints& hints) {
  if (p.size() == 1) {
    return FromCompact(p[0]);
  }
  if (p.size() != 3) {
    return NotADate();
  }
  if (p[0].digits == 4) {
    return Ymd{p[0].number, p[1].month > 0 ? p[1].month : p[1].number, p[2].number};
  }
  if (p[2].digits != 4) {
    return Fail(Code::kInvalidValue, "the year of the date has two digits: the century is unknown");
  }
  if (p[0].month > 0) {
    return Ymd{p[2].number, p[0].month, p[1].number};
  }
  if (p[1].month > 0) {
    return Ymd{p[2].number, p[1].month, p[0].number};
  }
  const int a = p[0].number;
  const int b = p[1].number;
  const bool day_first = a > 12 || (b <= 12 && hints.date_order == DateOrder::kDayFirst);
  const bool month_first = b > 12 || (a <= 12 && hints.date_order == DateOrder::kMonthFirst);
  if (a != b && !day_first && !month_first) {
    return Fail(Code::kInvalidValue,
                "day and month of the date cannot be told apart: declare the order of the column");
  }
  return day_first ? Ymd{p[2].number, b, a} : Ymd{p[2].number, a, b};
}

}  // namespace

Result<std::string> CleanDate(std::string_view text, const Hints& hints) {
  FID_ASSIGN(const std::vector<Piece> pieces, SplitPieces(text));
  FID_ASSIGN(const Ymd date, Arrange(pieces, hints));
  if (!IsValidDate(date.year, date.month, date.day) || date.year < 1800) {
    return Fail(Code::kInvalidValue, "there is no such day");
  }
  if (hints.today_days != 0 &&
      DaysFromCivil(date.year, date.month, date.day) > hints.today_days + 1) {
    return Fail(Code::kInvalidValue, "the date lies in the future");
  }
  return FormatTime(DaysFromCivil(date.year, date.month, date.day) * 86400000).substr(0, 10);
}

}  // namespace fiducia::process
