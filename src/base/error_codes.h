// The closed list of error codes: each has one HTTP status and one stable string
// (docs/guide/en/errors.md).
#pragma once

#include <string_view>

namespace fiducia {

enum class Code {
  kInvalidInput,
  kInvalidJson,
  kUnknownField,
  kInvalidValue,
  kUnknownPurpose,
  kUnknownSource,
  kUnauthenticated,
  kPurposeRequired,
  kRoleRefused,
  kPurposeRefused,
  kNoBasis,
  kWithdrawn,
  kOutsideAuthorization,
  kRestricted,
  kReasonRequired,
  kNotFound,
  kMethodNotAllowed,
  kTimeout,
  kConflict,
  kErased,
  kSuppressed,
  kMerged,
  kBudgetSpent,
  kVersionMismatch,
  kTooLarge,
  kUriTooLong,
  kUnsupportedMediaType,
  kNotAcceptable,
  kPreconditionRequired,
  kTooManyRequests,
  kHeadersTooLarge,
  kDenied,
  kStepUpRequired,
  kSignInIncomplete,
  kCorrupt,
  kInternal,
  kNotImplemented,
  kUnavailable,
};

struct CodeInfo {
  std::string_view name;  // stable, in problem documents and leaves
  int http_status;
  std::string_view title;
};

const CodeInfo& Info(Code code);

}  // namespace fiducia
