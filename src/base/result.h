// Errors as values. An Error holds a closed code and compile-time text only, so that no error can
// carry personal data into a log, a response or an audit leaf.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>
#include <utility>

#include "base/error_codes.h"

namespace fiducia {

// Text that is known when the program is compiled. The constructor reads every character, so a
// buffer filled at run time does not compile, not even a global one.
class Literal {
 public:
  template <size_t N>
  // NOLINTNEXTLINE(google-explicit-constructor): a string literal is meant to convert.
  consteval Literal(const char (&text)[N]) : text_(text, N - 1) {
    for (size_t i = 0; i + 1 < N; ++i) {
      if (text[i] == '\0') {
        throw "a literal holds no NUL";
      }
    }
  }
  constexpr std::string_view view() const { return text_; }

 private:
  std::string_view text_;
};

// `position` locates the fault without quoting it: a row, line, offset or field number; -1 if none.
class Error {
 public:
  constexpr Error(Code code, Literal text, int64_t position = -1)
      : code_(code), text_(text), position_(position) {}
  constexpr Code code() const { return code_; }
  constexpr std::string_view text() const { return text_.view(); }
  constexpr int64_t position() const { return position_; }

 private:
  Code code_;
  Literal text_;
  int64_t position_;
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> Fail(Code code, Literal text, int64_t position = -1) {
  return std::unexpected(Error(code, text, position));
}

}  // namespace fiducia

#define FID_CONCAT_(a, b) a##b
#define FID_CONCAT(a, b) FID_CONCAT_(a, b)

// Returns the error of `expr` to the caller, if it holds one.
#define FID_TRY(expr)                                          \
  do {                                                         \
    if (auto fid_status_ = (expr); !fid_status_.has_value()) { \
      return std::unexpected(fid_status_.error());             \
    }                                                          \
  } while (false)

// Declares `decl` with the value of `expr`, or returns its error to the caller.
#define FID_ASSIGN(decl, expr) FID_ASSIGN_(FID_CONCAT(fid_result_, __LINE__), decl, expr)
#define FID_ASSIGN_(tmp, decl, expr)     \
  auto tmp = (expr);                     \
  if (!tmp.has_value()) {                \
    return std::unexpected(tmp.error()); \
  }                                      \
  decl = std::move(*tmp)

// Aborts on a broken invariant of the program. Never used on input.
#define FID_CHECK(cond)                                  \
  do {                                                   \
    if (!(cond)) {                                       \
      ::fiducia::CheckFailed(#cond, __FILE__, __LINE__); \
    }                                                    \
  } while (false)

namespace fiducia {
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);
}  // namespace fiducia
