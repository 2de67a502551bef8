#include "base/zone.h"

#include <memory>

#include <unicode/timezone.h>

namespace fiducia {

namespace {

constexpr int64_t kDayMs = 86400000;

// ICU gives a zone for every name; for an unknown one it is called "Etc/Unknown".
std::unique_ptr<icu::TimeZone> ZoneOf(std::string_view zone) {
  std::unique_ptr<icu::TimeZone> made(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(
      icu::StringPiece(zone.data(), static_cast<int32_t>(zone.size())))));
  return made != nullptr && *made != icu::TimeZone::getUnknown() ? std::move(made) : nullptr;
}

// What to add to UTC at this instant, or at this local time.
Result<int64_t> OffsetOf(const icu::TimeZone& zone, int64_t ms, bool local) {
  int32_t raw = 0;
  int32_t dst = 0;
  UErrorCode status = U_ZERO_ERROR;
  zone.getOffset(static_cast<UDate>(ms), static_cast<UBool>(local), raw, dst, status);
  if (U_FAILURE(status) != 0) {
    return Fail(Code::kInternal, "the time zone gave no offset");
  }
  return int64_t{raw} + dst;
}

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

bool IsZone(std::string_view zone) { return ZoneOf(zone) != nullptr; }

Result<LocalTime> ToLocal(int64_t ms, std::string_view zone) {
  const auto known = ZoneOf(zone);
  if (known == nullptr) {
    return Fail(Code::kInvalidInput, "there is no such time zone");
  }
  FID_ASSIGN(const int64_t offset, OffsetOf(*known, ms, false));
  const int64_t day = FloorDiv(ms + offset, kDayMs);
  return LocalTime{day, ms + offset - day * kDayMs};
}

Result<int64_t> FromLocal(const LocalTime& local, std::string_view zone) {
  const auto known = ZoneOf(zone);
  if (known == nullptr) {
    return Fail(Code::kInvalidInput, "there is no such time zone");
  }
  const int64_t wall = local.day * kDayMs + local.ms_of_day;
  FID_ASSIGN(const int64_t offset, OffsetOf(*known, wall, true));
  return wall - offset;
}

}  // namespace fiducia
