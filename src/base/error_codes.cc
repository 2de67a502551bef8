#include "base/error_codes.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/result.h"

namespace fiducia {

namespace {

constexpr std::array<CodeInfo, 38> kInfos = {{
    {"invalid_input", 400, "The request is not valid"},
    {"invalid_json", 400, "The body is not valid JSON"},
    {"unknown_field", 400, "The request names something that does not exist here"},
    {"invalid_value", 422, "A value does not pass the rules of its field"},
    {"unknown_purpose", 400, "The purpose is not declared"},
    {"unknown_source", 400, "The source is not registered"},
    {"unauthenticated", 401, "A valid key or session is needed"},
    {"purpose_required", 403, "Personal data is read for a declared purpose only"},
    {"role_refused", 403, "The role does not allow this"},
    {"purpose_refused", 403, "The purpose does not allow this"},
    {"no_basis", 403, "No lawful basis is on record for this person and purpose"},
    {"withdrawn", 403, "The customer withdrew this, refused it or objected to it"},
    {"outside_authorization", 403, "The customer's authorization does not reach so far"},
    {"restricted", 403, "Use of this record is restricted"},
    {"reason_required", 400, "A reason is needed"},
    {"not_found", 404, "Nothing of that name is here"},
    {"method_not_allowed", 405, "The method is not offered here"},
    {"timeout", 408, "The request took too long to arrive"},
    {"conflict", 409, "The request conflicts with what is stored"},
    {"erased", 410, "The record was erased"},
    {"suppressed", 409, "This person asked to be erased"},
    {"merged", 409, "The record was merged into another"},
    {"budget_spent", 409, "The privacy budget does not cover it"},
    {"version_mismatch", 412, "The record has changed since it was read"},
    {"too_large", 413, "The request is too large"},
    {"uri_too_long", 414, "The address is too long"},
    {"unsupported_media_type", 415, "The media type is not accepted here"},
    {"not_acceptable", 406, "The answer cannot be given in the form asked for"},
    {"precondition_required", 428, "An If-Match header is needed"},
    {"too_many_requests", 429, "Too many requests"},
    {"headers_too_large", 431, "The headers are too large"},
    {"denied", 403, "This is not allowed"},
    {"step_up_required", 403, "Show the second factor again"},
    {"sign_in_incomplete", 403, "The sign-in is not finished"},
    {"corrupt", 500, "Stored data failed its integrity check"},
    {"internal", 500, "The request failed"},
    {"not_implemented", 501, "Not offered"},
    {"unavailable", 503, "The service cannot do this at the moment"},
}};
static_assert(kInfos.size() == static_cast<size_t>(Code::kUnavailable) + 1);

}  // namespace

const CodeInfo& Info(Code code) { return kInfos[static_cast<size_t>(code)]; }

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "broken invariant: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace fiducia
