// Request bodies into commands. Strict: an unknown member is an error, and personal values become
// Sensitive at once.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "api/api.h"

namespace fiducia::api {

using FieldValues = std::vector<std::pair<std::string, std::vector<model::Sensitive>>>;

// Errors: kUnsupportedMediaType, kInvalidJson, kInvalidInput if it is no object or has other
// members.
Result<Json> DecodeObject(const http::Request& request,
                          std::initializer_list<std::string_view> members);
// A text of at most `longest` bytes; absent gives "".
Result<std::string> DecodeText(const Json& body, std::string_view member, size_t longest);
Result<std::string> DecodeNeeded(const Json& body, std::string_view member, size_t longest);
// A list of at most 100 words; absent or null: none.
Result<std::optional<std::vector<std::string>>> DecodeWords(const Json& body,
                                                            std::string_view member);
Result<bool> DecodeFlag(const Json& body, std::string_view member);
// What the browser made of a passkey: shown (id, client_data, authenticator_data, signature), or
// new (client_data, authenticator_data, algorithm as COSE numbers them).
Result<guard::PasskeyAnswer> DecodeAssertion(const Json& body);
Result<guard::PasskeyAnswer> DecodeRegistration(const Json& body);
// A whole number from 1 to `most`; absent: `otherwise`.
Result<int> DecodeNumber(const Json& body, std::string_view member, int otherwise, int most);
// From above 0 to 1; absent: 0.
Result<double> DecodeShare(const Json& body, std::string_view member);
// "level_max"; absent or "": `otherwise`.
Result<model::Level> DecodeLevelMax(const Json& body, model::Level otherwise);
// What a grant or a key reaches: role (needed), department, purposes, classes, level_max, case.
Result<model::Lease> DecodeLease(const Json& body);
Result<int> DecodeLimit(const Json& body, int otherwise, int most);

// {"mobile": ["…", "…"], "name_full": "…", "email": null}: null is no value.
Result<FieldValues> DecodeFields(Json& body, std::string_view member);

// Absent gives "".
std::string QueryText(const http::Request& request, std::string_view name);
Result<int> QueryLimit(const http::Request& request, int otherwise, int most);
Result<bool> QueryFlag(const http::Request& request, std::string_view name, bool otherwise);
Result<uint64_t> QueryNumber(const http::Request& request, std::string_view name);
Status QueryOnly(const http::Request& request, std::initializer_list<std::string_view> names);
// What a browser sends comes from the house's own pages, under whatever name it came by, and from
// those in `allowed`. Errors: kDenied with the text `otherwise`.
Status CheckPage(const http::Request& request, const std::vector<std::string>& allowed,
                 Literal otherwise);
// The id in the address; kNotFound with the text `missing` if it is none.
Result<Uuid> IdOf(const Call& call, Literal missing);
Result<model::SubjectRef> SubjectOf(const Call& call);
Result<apps::Idempotency> IdempotencyOf(const http::Request& request);

}  // namespace fiducia::api
