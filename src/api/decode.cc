#include "api/decode.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "model/names.h"

namespace fiducia::api {

namespace {

constexpr size_t kPasskeyMax = 8000;

constexpr size_t kWordMax = 80;

}  // namespace

Result<Json> DecodeObject(const http::Request& request,
                          std::initializer_list<std::string_view> members) {
  const std::string type = LowerAscii(request.Header("content-type"));
  if (type.substr(0, type.find(';')) != "application/json") {
    return Fail(Code::kUnsupportedMediaType, "send application/json");
  }
  FID_ASSIGN(Json body, ParseJson(request.body));
  if (!body.is_object()) {
    return Fail(Code::kInvalidInput, "the body must be a JSON object");
  }
  for (const auto& [key, value] : body.items()) {
    if (std::find(members.begin(), members.end(), std::string_view(key)) == members.end()) {
      return Fail(Code::kInvalidInput, "the body has a member that is not known here");
    }
  }
  return body;
}

Result<std::string> DecodeText(const Json& body, std::string_view member, size_t longest) {
  const auto found = body.find(std::string(member));
  if (found == body.end() || found->is_null()) {
    return std::string();
  }
  if (!found->is_string()) {
    return Fail(Code::kInvalidInput, "a member that must be text is not");
  }
  std::string text = found->get<std::string>();
  if (text.size() > longest || text.find('\0') != std::string::npos) {
    return Fail(Code::kInvalidInput, "a text is too long or holds a NUL");
  }
  return text;
}

Result<std::string> DecodeNeeded(const Json& body, std::string_view member, size_t longest) {
  FID_ASSIGN(std::string text, DecodeText(body, member, longest));
  if (text.empty()) {
    return Fail(Code::kInvalidInput, "a member that is needed is missing");
  }
  return text;
}

Result<std::optional<std::vector<std::string>>> DecodeWords(const Json& body,
                                                            std::string_view member) {
  const auto found = body.find(std::string(member));
  if (found == body.end() || found->is_null()) {
    return std::nullopt;
  }
  if (!found->is_array() || found->size() > 100) {
    return Fail(Code::kInvalidInput, "a member that must be a list of words is not");
  }
  std::vector<std::string> words;
  for (const Json& one : *found) {
    if (!one.is_string() || one.get_ref<const std::string&>().size() > 80) {
      return Fail(Code::kInvalidInput, "a member that must be a list of words is not");
    }
    words.push_back(one.get<std::string>());
  }
  return words;
}

Result<bool> DecodeFlag(const Json& body, std::string_view member) {
  const auto found = body.find(std::string(member));
  if (found == body.end()) {
    return false;
  }
  if (!found->is_boolean()) {
    return Fail(Code::kInvalidInput, "a member that must be true or false is not");
  }
  return found->get<bool>();
}

Result<int> DecodeNumber(const Json& body, std::string_view member, int otherwise, int most) {
  const auto found = body.find(std::string(member));
  if (found == body.end()) {
    return otherwise;
  }
  if (!found->is_number_integer() || found->get<int64_t>() < 1 || found->get<int64_t>() > most) {
    return Fail(Code::kInvalidInput, "a number is out of range");
  }
  return found->get<int>();
}

Status CheckPage(const http::Request& request, const std::vector<std::string>& allowed,
                 Literal otherwise) {
  const std::string_view origin = request.Header("origin");
  const bool own = origin == "https://" + std::string(request.Header("host"));
  if (!origin.empty() && !own &&
      std::find(allowed.begin(), allowed.end(), origin) == allowed.end()) {
    return Fail(Code::kDenied, otherwise);
  }
  return {};
}

Result<double> DecodeShare(const Json& body, std::string_view member) {
  const auto found = body.find(std::string(member));
  if (found == body.end()) {
    return 0.0;
  }
  if (!found->is_number() || !(found->get<double>() > 0) || found->get<double>() > 1) {
    return Fail(Code::kInvalidInput, "a share is above 0, and at most 1");
  }
  return found->get<double>();
}

Result<guard::PasskeyAnswer> DecodeAssertion(const Json& body) {
  guard::PasskeyAnswer answer;
  FID_ASSIGN(answer.id, DecodeNeeded(body, "id", kPasskeyMax));
  FID_ASSIGN(answer.client_data, DecodeNeeded(body, "client_data", kPasskeyMax));
  FID_ASSIGN(answer.authenticator_data, DecodeNeeded(body, "authenticator_data", kPasskeyMax));
  FID_ASSIGN(answer.signature, DecodeNeeded(body, "signature", kPasskeyMax));
  return answer;
}

Result<guard::PasskeyAnswer> DecodeRegistration(const Json& body) {
  guard::PasskeyAnswer answer;
  FID_ASSIGN(answer.client_data, DecodeNeeded(body, "client_data", kPasskeyMax));
  FID_ASSIGN(answer.authenticator_data, DecodeNeeded(body, "authenticator_data", kPasskeyMax));
  const auto algorithm = body.find("algorithm");
  if (algorithm == body.end() || !algorithm->is_number_integer() || algorithm->get<int64_t>() > 0 ||
      algorithm->get<int64_t>() < -1000) {
    return Fail(Code::kInvalidInput, "name the algorithm of the passkey");
  }
  answer.algorithm = algorithm->get<int>();
  return answer;
}

Result<model::Level> DecodeLevelMax(const Json& body, model::Level otherwise) {
  FID_ASSIGN(const std::string level, DecodeText(body, "level_max", kWordMax));
  return level.empty() ? Result<model::Level>(otherwise) : model::ParseLevel(level);
}

Result<model::Lease> DecodeLease(const Json& body) {
  model::Lease lease;
  FID_ASSIGN(lease.role, DecodeNeeded(body, "role", kWordMax));
  FID_ASSIGN(lease.department, DecodeText(body, "department", kWordMax));
  FID_ASSIGN(lease.purposes, DecodeWords(body, "purposes"));
  FID_ASSIGN(lease.classes, DecodeWords(body, "classes"));
  FID_ASSIGN(lease.level_max, DecodeLevelMax(body, lease.level_max));
  FID_ASSIGN(lease.case_id, DecodeText(body, "case", kWordMax));
  return lease;
}

Result<int> DecodeLimit(const Json& body, int otherwise, int most) {
  const auto found = body.find("limit");
  if (found == body.end()) {
    return otherwise;
  }
  if (!found->is_number_integer() || found->get<int64_t>() < 1 || found->get<int64_t>() > most) {
    return Fail(Code::kInvalidInput, "the limit is out of range");
  }
  return found->get<int>();
}

namespace {

Result<model::Sensitive> DecodeValue(Json& value) {
  if (value.is_string()) {
    return model::Sensitive(std::move(value.get_ref<std::string&>()));
  }
  if (value.is_number()) {
    return model::Sensitive(value.dump());
  }
  return Fail(Code::kInvalidInput, "a value must be text or a number");
}

}  // namespace

Result<FieldValues> DecodeFields(Json& body, std::string_view member) {
  const auto found = body.find(std::string(member));
  if (found == body.end() || !found->is_object() || found->size() > 200) {
    return Fail(Code::kInvalidInput, "the fields must be an object of at most 200 members");
  }
  FieldValues fields;
  for (auto& [id, value] : found->items()) {
    std::vector<model::Sensitive> values;
    if (value.is_array()) {
      if (value.size() > 50) {
        return Fail(Code::kInvalidInput, "a field takes at most 50 values");
      }
      for (Json& one : value) {
        FID_ASSIGN(model::Sensitive text, DecodeValue(one));
        values.push_back(std::move(text));
      }
    } else if (!value.is_null()) {
      FID_ASSIGN(model::Sensitive text, DecodeValue(value));
      values.push_back(std::move(text));
    }
    fields.emplace_back(id, std::move(values));
  }
  return fields;
}

std::string QueryText(const http::Request& request, std::string_view name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

Result<uint64_t> QueryNumber(const http::Request& request, std::string_view name) {
  const auto found = request.query.find(name);
  uint64_t value = 0;
  if (found == request.query.end()) {
    return Fail(Code::kInvalidInput, "a query parameter that is needed is missing");
  }
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > INT64_MAX) {
    return Fail(Code::kInvalidInput, "a query parameter must be a whole number");
  }
  return value;
}

Result<bool> QueryFlag(const http::Request& request, std::string_view name, bool otherwise) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) {
    return otherwise;
  }
  if (found->second != "true" && found->second != "false") {
    return Fail(Code::kInvalidInput, "a query parameter must be true or false");
  }
  return found->second == "true";
}

Result<int> QueryLimit(const http::Request& request, int otherwise, int most) {
  if (!request.query.contains("limit")) {
    return otherwise;
  }
  FID_ASSIGN(const uint64_t limit, QueryNumber(request, "limit"));
  if (limit < 1 || limit > static_cast<uint64_t>(most)) {
    return Fail(Code::kInvalidInput, "the limit is out of range");
  }
  return static_cast<int>(limit);
}

Status QueryOnly(const http::Request& request, std::initializer_list<std::string_view> names) {
  for (const auto& [name, value] : request.query) {
    if (std::find(names.begin(), names.end(), std::string_view(name)) == names.end()) {
      return Fail(Code::kInvalidInput, "a query parameter is not known here");
    }
  }
  return {};
}

Result<Uuid> IdOf(const Call& call, Literal missing) {
  const auto id = Uuid::Parse(call.path[0]);
  if (!id) {
    return Fail(Code::kNotFound, missing);
  }
  return *id;
}

Result<model::SubjectRef> SubjectOf(const Call& call) {
  FID_ASSIGN(const Uuid id, IdOf(call, "there is no such customer"));
  return model::SubjectRef{0, id};
}

Result<apps::Idempotency> IdempotencyOf(const http::Request& request) {
  const std::string_view key = request.Header("idempotency-key");
  if (key.empty()) {
    return apps::Idempotency{};
  }
  if (key.size() > 255) {
    return Fail(Code::kInvalidInput, "an Idempotency-Key has at most 255 characters");
  }
  return apps::Idempotency{
      Bytes(crypto::View(crypto::Sha256({key}))),
      Bytes(crypto::View(crypto::Sha256({request.method, "\n", request.path, "\n",
                                         request.Header("fiducia-purpose"), "\n", request.body})))};
}

}  // namespace fiducia::api
