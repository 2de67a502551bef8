// Requests of people under the law: the officer's desk, and the person's own view.
#include "api/decode.h"
#include "api/render.h"
#include "govern/rights/cases.h"

namespace fiducia::api {

namespace {

constexpr size_t kMessageMax = 20000;
constexpr size_t kTextMax = 4000;
constexpr size_t kWordMax = 80;

Result<std::vector<govern::Right>> DecodeRights(const Json& body) {
  FID_ASSIGN(const auto words, DecodeWords(body, "rights"));
  std::vector<govern::Right> rights;
  for (const std::string& word : words.value_or(std::vector<std::string>())) {
    FID_ASSIGN(const govern::Right right, govern::ParseRight(word));
    rights.push_back(right);
  }
  return rights;
}

Result<govern::Right> DecodeRight(const Json& body) {
  FID_ASSIGN(const std::string word, DecodeNeeded(body, "right", kWordMax));
  return govern::ParseRight(word);
}

Result<govern::Intake> DecodeIntake(Json& body) {
  govern::Intake intake;
  FID_ASSIGN(intake.rights, DecodeRights(body));
  FID_ASSIGN(std::string text, DecodeText(body, "text", kTextMax));
  intake.text = model::Sensitive(std::move(text));
  if (body.contains("corrections")) {
    FID_ASSIGN(FieldValues corrections, DecodeFields(body, "corrections"));
    for (auto& [field, values] : corrections) {
      if (values.size() != 1) {
        return Fail(Code::kInvalidInput, "a correction has one value for each field");
      }
      intake.corrections.push_back({field, std::move(values[0])});
    }
  }
  return intake;
}

Result<Uuid> CustomerIn(const Json& body) {
  FID_ASSIGN(const std::string text, DecodeText(body, "customer", kWordMax));
  return text.empty() ? Result<Uuid>(Uuid()) : Uuid::Parse(text);
}

constexpr Literal kNoCase = "there is no such case";

}  // namespace

void Api::ListRights(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto cases, parts_.rights.List(call.access));
    Json json = {{"cases", Json::array()}};
    for (const govern::RightsCase& one : cases) {
      json["cases"].push_back(RenderCase(one, parts_.rights, false));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::TakeInRights(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(Json body, DecodeObject(call.request,
                                       {"customer", "rights", "channel", "text", "corrections"}));
    FID_ASSIGN(govern::Intake intake, DecodeIntake(body));
    FID_ASSIGN(intake.customer, CustomerIn(body));
    FID_ASSIGN(intake.channel, DecodeNeeded(body, "channel", kWordMax));
    FID_ASSIGN(const govern::RightsCase one, parts_.rights.TakeIn(call.access, std::move(intake)));
    respond(JsonResponse(201, RenderCase(one, parts_.rights, true)));
    return {};
  });
}

void Api::ReadRightsText(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"text"}));
    FID_ASSIGN(std::string text, DecodeNeeded(body, "text", kMessageMax));
    FID_ASSIGN(const auto reading,
               parts_.rights.Read(call.access, model::Sensitive(std::move(text))));
    Json json = {{"rights", Json::array()}, {"customers", Json::array()}};
    for (const govern::Right right : reading.rights) {
      json["rights"].push_back(govern::Name(right));
    }
    for (const Uuid& customer : reading.customers) {
      json["customers"].push_back(customer.Text());
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::ReviewRightsTexts(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoCase));
    FID_ASSIGN(const govern::TextReview review, parts_.rights.Texts(call.access, id));
    respond(JsonResponse(200, RenderReview(review)));
    return {};
  });
}

void Api::RedactRights(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoCase));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"words"}));
    if (!body.contains("words") || !body["words"].is_array()) {
      return Fail(Code::kInvalidInput, "give the words to hide as a list; an empty one hides none");
    }
    std::vector<model::Sensitive> words;
    for (const Json& word : body["words"]) {
      if (!word.is_string()) {
        return Fail(Code::kInvalidInput, "a word to hide is a text");
      }
      words.emplace_back(word.get<std::string>());
    }
    FID_ASSIGN(const govern::RightsCase one,
               parts_.rights.Redact(call.access, id, std::move(words)));
    respond(JsonResponse(200, RenderCase(one, parts_.rights, true)));
    return {};
  });
}

void Api::ReadRights(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "rights.handle"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoCase));
    FID_ASSIGN(const govern::RightsCase one, parts_.rights.Find(call.access, id));
    Json json = RenderCase(one, parts_.rights, true);
    json["found"] = Json::array();
    json["plan"] = Json::array();
    if (!one.customer.is_nil()) {
      const auto found = parts_.rights.Search(call.access, id);
      for (const govern::Found& place : found ? *found : std::vector<govern::Found>()) {
        json["found"].push_back(
            {{"place", place.place}, {"count", place.count}, {"goes", place.goes}});
      }
      const auto plan = parts_.rights.Plan({0, one.customer});
      for (const govern::CaseItem& item : plan ? *plan : std::vector<govern::CaseItem>()) {
        json["plan"].push_back(RenderItem(item));
      }
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::IdentifyRights(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "rights.handle"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoCase));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"tier", "method", "customer"}));
    if (!body.contains("tier") || !body["tier"].is_number_integer()) {
      return Fail(Code::kInvalidInput, "a tier is 0 to 4, with how the person was recognized");
    }
    FID_ASSIGN(const std::string method, DecodeText(body, "method", kWordMax));
    FID_ASSIGN(const Uuid customer, CustomerIn(body));
    const int64_t tier = body["tier"].get<int64_t>();
    FID_ASSIGN(
        const govern::RightsCase one,
        parts_.rights.Identify(call.access, id, static_cast<int>(std::clamp<int64_t>(tier, -1, 99)),
                               method, customer));
    respond(JsonResponse(200, RenderCase(one, parts_.rights, true)));
    return {};
  });
}

void Api::TurnRightsClock(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "rights.handle"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoCase));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"right", "act", "reason", "told"}));
    FID_ASSIGN(const govern::Right right, DecodeRight(body));
    FID_ASSIGN(const std::string act, DecodeNeeded(body, "act", kWordMax));
    FID_ASSIGN(const std::string reason, DecodeText(body, "reason", kWordMax));
    FID_ASSIGN(const bool told, DecodeFlag(body, "told"));
    FID_ASSIGN(const govern::RightsCase one,
               parts_.rights.TurnClock(call.access, id, right, act, reason, told));
    respond(JsonResponse(200, RenderCase(one, parts_.rights, true)));
    return {};
  });
}

void Api::DecideRights(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "rights.handle"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoCase));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"right", "outcome", "reason", "words"}));
    FID_ASSIGN(const govern::Right right, DecodeRight(body));
    FID_ASSIGN(const std::string word, DecodeNeeded(body, "outcome", kWordMax));
    FID_ASSIGN(const govern::Outcome outcome, govern::ParseOutcome(word));
    FID_ASSIGN(const std::string reason, DecodeText(body, "reason", kWordMax));
    FID_ASSIGN(std::string words, DecodeText(body, "words", kTextMax));
    FID_ASSIGN(const govern::RightsCase one,
               parts_.rights.Decide(call.access, id, right, outcome, reason,
                                    model::Sensitive(std::move(words))));
    respond(JsonResponse(200, RenderCase(one, parts_.rights, true)));
    return {};
  });
}

void Api::ExecuteRights(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "rights.handle"));
    if (call.session) {
      FID_TRY(parts_.sign_in.RequireFresh(*call.session));
    }
    FID_ASSIGN(const Uuid id, IdOf(call, kNoCase));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"right"}));
    FID_ASSIGN(const govern::Right right, DecodeRight(body));
    // Answering the person is what the law demands, whatever else the caller works for.
    model::Access access = call.access;
    access.purpose = "legal_compliance";
    access.reason = "request of the person";
    FID_ASSIGN(const govern::RightsCase one, parts_.rights.Execute(access, id, right));
    respond(JsonResponse(200, RenderCase(one, parts_.rights, true)));
    return {};
  });
}

void Api::CloseRightsTask(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "rights.handle"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoCase));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"recipient", "evidence"}));
    FID_ASSIGN(const std::string text, DecodeNeeded(body, "recipient", kWordMax));
    FID_ASSIGN(const Uuid recipient, Uuid::Parse(text));
    FID_ASSIGN(const std::string evidence, DecodeText(body, "evidence", kTextMax));
    FID_ASSIGN(const govern::RightsCase one,
               parts_.rights.CloseTask(call.access, id, recipient, evidence));
    respond(JsonResponse(200, RenderCase(one, parts_.rights, true)));
    return {};
  });
}

void Api::ReadCertificate(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "rights.handle"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoCase));
    FID_ASSIGN(std::string text, parts_.rights.Certificate(call.access, id));
    respond(TextResponse(200, std::move(text)));
    return {};
  });
}

void Api::PortalAsk(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(Json body, DecodeObject(call.request, {"rights", "text", "corrections"}));
    FID_ASSIGN(govern::Intake intake, DecodeIntake(body));
    const bool fresh = parts_.doors.RequireFresh(*call.session).has_value();
    FID_ASSIGN(const govern::RightsCase one,
               parts_.rights.Ask(call.self, std::move(intake), fresh));
    respond(JsonResponse(201, RenderCase(one, parts_.rights, false)));
    return {};
  });
}

void Api::PortalAsked(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    Json json = {{"cases", Json::array()}};
    const std::vector<govern::RightsCase> own = parts_.rights.Of(call.self.subject.id);
    for (const govern::RightsCase& one : own) {
      json["cases"].push_back(RenderCase(one, parts_.rights, false));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::PortalTakeBack(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoCase));
    FID_ASSIGN(const govern::RightsCase one, parts_.rights.Withdraw(call.self, id));
    respond(JsonResponse(200, RenderCase(one, parts_.rights, false)));
    return {};
  });
}

// Once: what is fetched is closed with it.
void Api::PortalFetch(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoCase));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"right", "passphrase"}));
    FID_ASSIGN(const govern::Right right, DecodeRight(body));
    FID_ASSIGN(std::string passphrase, DecodeText(body, "passphrase", 200));
    FID_TRY(parts_.doors.RequireFresh(*call.session));
    const govern::Self self = call.self;
    FID_TRY(parts_.rights.MayFetch(self.subject, id, right));
    FID_ASSIGN(std::string package,
               MakePackage(parts_, self, model::Sensitive(std::move(passphrase))));
    // Of two who fetch at once, one gets it.
    FID_TRY(parts_.rights.Fetched(self, id, right));
    http::Response response;
    response.content_type = "application/zip";
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"my-data.zip\"");
    response.body = std::move(package);
    respond(std::move(response));
    return {};
  });
}

void Api::PortalCertificate(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoCase));
    FID_ASSIGN(std::string text, parts_.rights.CertificateFor(call.self.subject.id, id));
    respond(TextResponse(200, std::move(text)));
    return {};
  });
}

}  // namespace fiducia::api
