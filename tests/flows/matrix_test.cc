// Who may call what: every route, role and credential against a file that a person has read.
// FIDUCIA_WRITE_GOLDEN=1 writes the file anew; read the difference before you keep it.
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "api/api.h"
#include "base/clock.h"
#include "testing/person.h"
#include "victims.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::Person;
using testing::World;

constexpr const char* kGolden = "tests/golden/authorization.txt";

// What each kind of path stands for.
struct Objects {
  std::string live;
  std::string erased;
  std::string unknown = "01a20d74-c6d1-7926-b19b-fe5619a659a3";
};

// A request that would be right for whoever may make it.
const std::map<std::string, Json> kBodies = {
    {"POST /api/v1/customers",
     {{"kind", "person"},
      {"source", "shop"},
      {"basis", "contract"},
      {"fields", {{"name_full", "New"}}}}},
    {"POST /api/v1/customers/search", {{"where", {{"mobile", "13800138000"}}}}},
    {"POST /api/v1/customers/list", {{"limit", 5}}},
    {"POST /api/v1/statistics", {{"measure", "count"}, {"epsilon", 0.001}}},
    {"POST /api/v1/statistics/budget", {{"purpose", "analytics"}, {"total", 50}}},
    {"POST /api/v1/matching/run", Json::object()},
    {"POST /api/v1/quality", Json::object()},
    {"POST /api/v1/imports/{id}/repairs/undo", {{"rows", {1}}}},
    {"POST /api/v1/quality/campaigns", {{"fields", {"mobile"}}}},
    {"POST /api/v1/quality/campaigns/{id}/close", Json::object()},
    {"POST /api/v1/findings/{id}", {{"state", "expected"}}},
    {"POST /api/v1/customers/{id}/verification", {{"fields", {"name_full"}}}},
    {"POST /api/v1/matching/accept", {{"from", 900}}},
    {"POST /api/v1/matching/pairs/{id}/{other}", {{"decision", "reject"}}},
    {"PUT /api/v1/sources/{id}/terms", {{"kind", "own"}}},
    {"POST /api/v1/sources/{id}/cut", {{"reason", "the matrix"}}},
    {"POST /api/v1/sources/{id}/withdrawal", {{"dry_run", true}}},
    {"POST /api/v1/sources/{id}/told", {{"how", "by the matrix"}}},
    {"POST /v1/hooks/{id}", {{"matrix", 1}}},
    {"POST /api/v1/connectors",
     {{"label", "matrix"},
      {"kind", "rest"},
      {"source", "nowhere"},
      {"settings", {{"url", "https://example.com/"}}},
      {"mappings", {{"", {{"event", "x"}}}}}}},
    {"POST /api/v1/connectors/{id}/state", {{"state", "paused"}}},
    {"POST /api/v1/connectors/{id}/run", Json::object()},
    {"POST /api/v1/connectors/{id}/letters", Json::object()},
    {"POST /api/v1/forms/check", {{"code", "matrix"}}},
    {"POST /api/v1/forms", {{"code", "matrix"}}},
    {"PUT /api/v1/forms/{id}", {{"code", "matrix"}}},
    {"POST /api/v1/forms/{id}/state", {{"state", "open"}}},
    {"POST /api/v1/forms/{id}/key", Json::object()},
    {"POST /v1/forms/{code}", {{"id", "matrix"}, {"notice", "privacy@1"}}},
    {"POST /v1/confirmations", {{"token", "matrix"}}},
    {"PATCH /api/v1/customers/{id}", {{"source", "shop"}, {"fields", {{"language", "en"}}}}},
    {"POST /api/v1/customers/{id}/reveal", {{"fields", {"mobile"}}, {"reason", "matrix"}}},
    {"POST /api/v1/customers/{id}/timeline",
     {{"kind", "interaction"},
      {"source", "shop"},
      {"occurred_at", "2026-11-01T10:00:00Z"},
      {"fields", {{"satisfaction", "9"}}}}},
    {"POST /api/v1/customers/{id}/timeline/{event}/reveal", {{"reason", "matrix"}}},
    {"POST /api/v1/customers/{id}/tickets",
     {{"channel", "phone"}, {"source", "shop"}, {"text", "matrix"}}},
    {"POST /api/v1/customers/{id}/tickets/{ticket}/contacts",
     {{"channel", "phone"}, {"source", "shop"}, {"text", "matrix"}}},
    {"POST /api/v1/customers/{id}/tickets/{ticket}/close", {{"outcome", "solved"}}},
    {"POST /api/v1/customers/{id}/tickets/{ticket}/request", {{"rights", {"object"}}}},
    {"POST /api/v1/tickets/preview", {{"channel", "phone"}, {"text", "matrix"}}},
    {"POST /api/v1/customers/{id}/restriction",
     {{"kind", "hold"}, {"restricted", true}, {"reason", "matrix"}}},
    {"POST /api/v1/customers/{id}/explain", {{"role", "agent"}, {"purpose", "service"}}},
    {"POST /api/v1/retention/simulation", {{"day", "2030-01-01"}}},
    {"POST /api/v1/retention/{id}/decision", {{"approve", true}}},
    {"POST /api/v1/customers/{id}/decisions",
     {{"decision", "credit_limit"},
      {"outcome", "declined"},
      {"reasons", {"short_history"}},
      {"source", "shop"}}},
    {"POST /api/v1/rights/{id}/tasks",
     {{"recipient", "01a20d74-c6d1-7926-b19b-fe5619a659a3"}, {"evidence", "matrix"}}},
    {"POST /api/v1/recipients",
     {{"code", "matrix"}, {"name", "x"}, {"kind", "processor"}, {"countries", {"CN"}}}},
    {"PUT /api/v1/recipients/{id}",
     {{"code", "other"}, {"name", "x"}, {"kind", "processor"}, {"countries", {"CN"}}}},
    {"POST /api/v1/recipients/{id}/audits", {{"result", "pass"}}},
    {"POST /api/v1/recipients/{id}/state", {{"state", "suspended"}, {"reason", "the matrix"}}},
    {"POST /api/v1/assessments", {{"purpose", "analytics"}}},
    {"POST /api/v1/assessments/{id}/steps", {{"step", "submit"}}},
    {"PUT /api/v1/duties/{id}", {{"owner", "manager"}, {"every", "P12M"}}},
    {"POST /api/v1/duties/{id}/review", {{"note", "the matrix looked"}}},
    {"POST /api/v1/rights", {{"rights", {"object"}}, {"channel", "phone"}}},
    {"POST /api/v1/text/classify", {{"text", "matrix"}}},
    {"POST /api/v1/text/redact", {{"text", "matrix"}}},
    {"POST /api/v1/rights/reading", {{"text", "delete my data"}}},
    {"PUT /api/v1/rights/{id}/redactions", {{"words", {"matrix"}}}},
    {"POST /api/v1/rights/{id}/identity", {{"tier", 2}, {"method", "matrix"}}},
    {"POST /api/v1/rights/{id}/clock", {{"right", "access"}, {"act", "resume"}}},
    {"POST /api/v1/rights/{id}/decision", {{"right", "access"}, {"outcome", "full"}}},
    {"POST /api/v1/rights/{id}/execution", {{"right", "access"}}},
    {"POST /api/v1/portal/link", {{"contact", "nobody@example.com"}}},
    {"POST /api/v1/portal/session", {{"link", "not-a-link"}}},
    {"POST /api/v1/customers/{id}/portal-link", {{"reason", "matrix"}}},
    {"POST /api/v1/customers/{id}/guardians",
     {{"guardian", "01a20d74-c6d1-7926-b19b-fe5619a659a3"},
      {"relation", "parent"},
      {"reference", "matrix"}}},
    {"POST /api/v1/customers/{id}/guardians/{guardianship}", {{"step", "confirm"}}},
    {"POST /api/v1/feedback/{id}/answer", {{"text", "matrix"}}},
    {"POST /api/v1/rules/diff", {{"new", Json::object()}}},
    {"POST /api/v1/customers/{id}/authorizations/end", {{"until_event", "case:NONE"}}},
    {"POST /api/v1/customers/{id}/authorizations/check", {{"purpose", "service"}}},
    {"POST /api/v1/customers/{id}/basis",
     {{"action", "given"},
      {"purpose", "marketing_email"},
      {"basis", "consent"},
      {"source", "shop"}}},
    {"POST /api/v1/imports/{id}/repairs", {{"rows", Json::array()}}},
    {"POST /api/v1/sources", {{"id", "fair"}, {"channel", "import"}, {"owner", "ops"}}},
    {"POST /api/v1/keys", {{"role", "agent"}, {"label", "matrix"}}},
    {"POST /api/v1/people", {{"login", "no one"}, {"name", "x"}}},
    {"POST /api/v1/people/{id}/department", {{"department", "care"}}},
    {"POST /api/v1/departments", {{"code", "care"}, {"name_zh", "客服"}, {"name_en", "Care"}}},
    {"POST /api/v1/grants",
     {{"person", "01a20d74-c6d1-7926-b19b-fe5619a659a3"}, {"role", "agent"}}},
    {"POST /api/v1/policy/explain", {{"role", "agent"}, {"purpose", "service"}}},
    {"POST /api/v1/session/code", {{"kind", "recovery"}, {"code", "aaaaa-aaaaa"}}},
    {"POST /api/v1/session/step-up",
     {{"id", "AA"}, {"client_data", "AA"}, {"authenticator_data", "AA"}, {"signature", "AA"}}},
    {"POST /api/v1/me/totp/confirm", {{"code", "000000"}}},
    {"POST /api/v1/me/passkeys",
     {{"client_data", "AA"}, {"authenticator_data", "AA"}, {"algorithm", -7}, {"label", "x"}}},
    {"POST /api/v1/me/password",
     {{"before", "wrong wrong wrong"}, {"after", "another green bicycle"}}},
    {"POST /api/v1/me/views", {{"name", "mine"}, {"columns", {"mobile"}}}},
    {"POST /api/v1/me/agreement", {{"version", "none"}}},
    {"POST /api/v1/me/courses/{id}", {{"answers", {0, 0, 0, 0, 0}}}},
    {"POST /api/v1/requests/access",
     {{"role", "agent"}, {"level_max", "L2"}, {"reason", "to fill in for a week"}}},
    {"POST /api/v1/requests/export",
     {{"purpose", "service"}, {"fields", {"name_full"}}, {"reason", "to try the matrix"}}},
    {"POST /api/v1/requests/{id}/decision", {{"approve", true}, {"hash", "AAAA"}}},
    {"POST /api/v1/requests/{id}/review", {{"justified", true}}},
    {"POST /api/v1/break-glass", {{"reason", "to try the matrix"}}},
};

class Matrix {
 public:
  explicit Matrix(World& world) : world_(world), victims_(world) {
    world_.Local("POST", "/api/v1/departments", "",
                 R"({"code":"care","name_zh":"客服","name_en":"Care"})");
    objects_.erased = Customer();
    EXPECT_EQ(
        world_.Local("DELETE", "/api/v1/customers/" + objects_.erased, "legal_compliance").status,
        200);
    for (const auto& [id, role] : world_.instance().gate().policy().roles) {
      if (role.assignable) {
        people_.emplace(id, Person::Working(world_, "p-" + id, id));
      }
      if (id != "break_glass") {
        services_.push_back(id);
      }
    }
  }

  std::string Run() {
    std::string text;
    for (const api::Route& route : api::Routes()) {
      if (route.needs != api::Needs::kNothing && route.path != "/api/v1/session") {
        text += Of(route);
      }
    }
    return text;
  }

 private:
  std::string Customer() {
    return world_.AddCustomer(
        {{"name_full", "Matrix"}, {"mobile", "+86138" + std::to_string(10000000 + number_++)}});
  }

  std::string Restricted() {
    const std::string id = Customer();
    const auto done = world_.Local("POST", "/api/v1/customers/" + id + "/restriction", "service",
                                   R"({"kind":"dispute","restricted":true,"reason":"matrix"})");
    EXPECT_EQ(done.status, 201) << done.body;
    return id;
  }

  static Json BodyOf(const api::Route& route) {
    const auto found = kBodies.find(std::string(route.method) + " " + std::string(route.path));
    return found == kBodies.end() ? Json() : found->second;
  }

  static std::string PurposeOf(const std::string& role) {
    static const std::map<std::string, std::string> kPurposes = {
        {"marketer", "marketing_email"},
        {"analyst", "analytics"},
        {"decision_engine", "credit_assessment"},
        {"privacy_officer", "legal_compliance"},
        {"steward", "data_quality"}};
    const auto found = kPurposes.find(role);
    return found == kPurposes.end() ? "service" : found->second;
  }

  static std::string Query(const api::Route& route) {
    const std::string path(route.path);
    return path == "/api/v1/audit/leaves"              ? "?from=0&to=1"
           : path == "/api/v1/audit/proof/inclusion"   ? "?leaf=0&size=1"
           : path == "/api/v1/audit/proof/consistency" ? "?from=1&to=1"
                                                       : "";
  }

  static std::string Outcome(const http::Response& response) {
    const std::string code = response.status < 400 ? "" : JsonText(Body(response), "code");
    return std::to_string(response.status) + (code.empty() ? "" : " " + code);
  }

  std::string Path(const api::Route& route, const std::string& id) {
    std::string path(route.path);
    if (const size_t at = path.find("{id}"); at != std::string::npos) {
      path.replace(at, 4, path.find("courses") != std::string::npos ? "privacy_basics" : id);
    }
    for (size_t at = path.find('{'); at != std::string::npos; at = path.find('{')) {
      path.replace(at, path.find('}', at) + 1 - at, "1");
    }
    return path + Query(route);
  }

  std::map<std::string, std::string> Headers(const api::Route& route, const std::string& role,
                                             const std::string& object) {
    std::map<std::string, std::string> headers;
    if (route.path.starts_with("/api/v1/customers") || route.path.starts_with("/api/v1/matching") ||
        route.path.starts_with("/api/v1/statistics") || route.path.starts_with("/api/v1/quality") ||
        route.path.starts_with("/api/v1/findings") || route.path.starts_with("/api/v1/changes")) {
      headers["fiducia-purpose"] = PurposeOf(role);
    }
    if (route.method == "PATCH") {
      headers["if-match"] = object == "restricted" ? "\"2\"" : "\"1\"";
    }
    return headers;
  }

  // "  session, live: 200 agent, manager; 403 role_refused admin" for one route, credential,
  // object.
  void Add(std::string& text, const std::string& label,
           const std::map<std::string, std::set<std::string>>& roles_by_outcome) {
    text += "  " + label + ":";
    for (const auto& [outcome, roles] : roles_by_outcome) {
      text += "\n    " + outcome + ":";
      for (const std::string& role : roles) {
        text += " " + role;
      }
    }
    text += "\n";
  }

  std::string Of(const api::Route& route) {
    std::string text = std::string(route.method) + " " + std::string(route.path) + "\n";
    const bool of_customer = route.path.starts_with("/api/v1/customers/{id}");
    const bool of_others = !of_customer && !victims_.Fresh(route.path).empty();
    const std::vector<std::string> objects =
        of_customer ? std::vector<std::string>{"live", "restricted", "erased", "unknown"}
        : of_others ? std::vector<std::string>{"another's", "unknown"}
                    : std::vector<std::string>{"unknown"};
    const Json body = BodyOf(route);
    for (const std::string& object : objects) {
      const auto id = [&] {
        return object == "live"         ? Customer()
               : object == "restricted" ? Restricted()
               : object == "erased"     ? objects_.erased
               : object == "another's"  ? victims_.Fresh(route.path)
                                        : objects_.unknown;
      };
      const std::string what = objects.size() > 1 ? ", " + object : "";
      std::map<std::string, std::set<std::string>> by_session;
      for (auto& [role, person] : people_) {
        const auto response = person.SendWith(std::string(route.method), Path(route, id()), body,
                                              Headers(route, role, object));
        by_session[Outcome(response)].insert(role);
      }
      Add(text, "session" + what, by_session);
      std::map<std::string, std::set<std::string>> by_key;
      for (const std::string& role : services_) {
        const auto response =
            world_.Send(role, std::string(route.method), Path(route, id()), "",
                        body.is_null() ? (route.method == "GET" ? "" : "{}") : WriteJson(body),
                        Headers(route, role, object));
        by_key[Outcome(response)].insert(role);
      }
      Add(text, "service key" + what, by_key);
    }
    const auto none =
        world_.Send("", std::string(route.method), Path(route, objects_.unknown), "", "{}");
    const auto expired = world_.Send(
        "", std::string(route.method), Path(route, objects_.unknown), "", "{}",
        {{"authorization", "Bearer fk_" + std::string(32, '0') + "_" + std::string(64, '0')}});
    const auto old = world_.Send("", std::string(route.method), Path(route, objects_.unknown), "",
                                 "{}", {{"cookie", "__Host-fiducia=" + std::string(43, 'A')}});
    text += "  none: " + Outcome(none) + "; dead key: " + Outcome(expired) +
            "; ended session: " + Outcome(old) + "\n";
    world_.clock().Advance(2000);  // so many faults in one minute would be throttled
    return text;
  }

  World& world_;
  Victims victims_;
  int number_ = 0;
  Objects objects_;
  std::map<std::string, Person> people_;
  std::vector<std::string> services_;
};

TEST(MatrixTest, EveryRouteRoleAndCredentialIsAsReviewed) {
  testing::Covers("D4");
  testing::Covers("F7");
  World world;
  Matrix matrix(world);
  const std::string made = matrix.Run();
  if (std::getenv("FIDUCIA_WRITE_GOLDEN") != nullptr) {
    std::ofstream(kGolden) << made;
    return;
  }
  std::ifstream in(kGolden);
  std::stringstream golden;
  golden << in.rdbuf();
  EXPECT_EQ(made, golden.str()) << "who may call what has changed: read the difference, then write "
                                   "the file anew with FIDUCIA_WRITE_GOLDEN=1";
}

}  // namespace

}  // namespace fiducia
