#include "audit/signed_record.h"

#include "audit/checkpoint.h"

namespace fiducia::audit {

namespace {

std::string Signed(std::string_view format, const Json& record) {
  return std::string(format) + "\n" + WriteJson(record) + "\n";
}

}  // namespace

std::string WriteSignedRecord(const Log& log, std::string_view format, const Json& record) {
  Json json = {{"format", format}, {"record", record}};
  json["note"] = log.Sign(Signed(format, record));
  json["verifier"] = log.verifier();
  return WriteJsonPretty(json) + "\n";
}

Result<SignedRecord> CheckSignedRecord(std::string_view text, std::string_view format,
                                       std::string_view verifier) {
  const auto json = ParseJson(text);
  if (!json || !json->is_object() || JsonText(*json, "format") != format ||
      !json->contains("record") || !(*json)["record"].is_object()) {
    return Fail(Code::kInvalidInput, "this is no record of the kind that was asked for");
  }
  SignedRecord found;
  found.verifier = verifier.empty() ? JsonText(*json, "verifier") : std::string(verifier);
  found.record = (*json)["record"];
  const auto said = OpenNote(JsonText(*json, "note"), found.verifier);
  if (!said) {
    return Fail(Code::kCorrupt, "it is not signed by this company's key");
  }
  if (*said != Signed(format, found.record)) {
    return Fail(Code::kCorrupt, "it was altered after it was signed");
  }
  return found;
}

}  // namespace fiducia::audit
