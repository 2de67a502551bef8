// The route table and openapi.yaml say the same; every route meets every malformed request well.
#include <set>

#include <gtest/gtest.h>

#include "api/api.h"
#include "base/text.h"
#include "testing/canary.h"
#include "testing/world.h"

namespace fiducia::api {

namespace {

using testing::Body;
using testing::World;

// "GET /path" for every operation of the contract, read by its indentation.
std::set<std::string> Operations(std::string_view yaml) {
  std::set<std::string> found;
  std::string path;
  bool in_paths = false;
  for (const std::string_view line : Split(yaml, '\n')) {
    if (!line.starts_with(' ')) {
      in_paths = line == "paths:";
    } else if (in_paths && line.starts_with("  /")) {
      path = line.substr(2, line.size() - 3);
    } else if (in_paths && line.starts_with("    ") && line[4] != ' ' && line.ends_with(':')) {
      std::string method(line.substr(4, line.size() - 5));
      for (char& c : method) {
        c = static_cast<char>(c - 32);
      }
      found.insert(method.append(" ").append(path));
    }
  }
  return found;
}

TEST(ContractTest, RoutesAndOpenapiSayTheSame) {
  World world;
  const auto contract = world.Send("", "GET", "/openapi.yaml");
  ASSERT_EQ(contract.status, 200);
  std::set<std::string> routes;
  for (const Route& route : Routes()) {
    routes.insert(std::string(route.method) + " " + std::string(route.path));
  }
  EXPECT_EQ(routes, Operations(contract.body));
}

struct Malformed {
  const char* name;
  const char* body;
  const char* query = "";
  const char* header = "";
  const char* value = "";
};

// Each holds the canary, so that an echo is seen.
const Malformed kMalformed[] = {
    {"empty body", ""},
    {"not JSON", "canary-7316 {"},
    {"cut JSON", "{\"canary-7316\": "},
    {"array", "[\"canary-7316\"]"},
    {"text", "\"canary-7316\""},
    {"number", "7316"},
    {"null", "null"},
    {"unknown member", "{\"canary-7316\": 1}"},
    {"duplicate member", "{\"source\":\"canary-7316\",\"source\":\"b\"}"},
    {"wrong kind",
     "{\"kind\":\"canary-7316\",\"fields\":{\"sex\":\"M\"},\"source\":\"shop\",\"basis\":"
     "\"contract\"}"},
    {"kind as number", "{\"kind\":7316}"},
    {"fields as text",
     "{\"kind\":\"person\",\"fields\":\"canary-7316\",\"source\":\"shop\",\"basis\":\"contract\"}"},
    {"nested value",
     "{\"kind\":\"person\",\"fields\":{\"sex\":{\"a\":\"canary-7316\"}},\"source\":\"shop\","
     "\"basis\":\"contract\"}"},
    {"unknown field",
     "{\"kind\":\"person\",\"fields\":{\"canary-7316\":\"x\"},\"source\":\"shop\",\"basis\":"
     "\"contract\"}"},
    {"bad value",
     "{\"kind\":\"person\",\"fields\":{\"email\":\"canary-7316\"},\"source\":\"shop\",\"basis\":"
     "\"contract\"}"},
    {"unknown source",
     "{\"kind\":\"person\",\"fields\":{\"sex\":\"M\"},\"source\":\"canary-7316\",\"basis\":"
     "\"contract\"}"},
    {"unknown basis",
     "{\"kind\":\"person\",\"fields\":{\"sex\":\"M\"},\"source\":\"shop\",\"basis\":\"canary-"
     "7316\"}"},
    {"huge number", "{\"limit\":1e999,\"where\":{\"mobile\":\"1\"}}"},
    {"negative limit", "{\"limit\":-1,\"where\":{\"mobile\":\"13800138000\"}}"},
    {"NUL in text", "{\"reason\":\"canary-7316\\u0000\",\"fields\":[\"mobile\"]}"},
    {"broken UTF-8", "{\"role\":\"canary-7316\xff\"}"},
    {"lone surrogate", "{\"role\":\"canary-7316\\ud800\"}"},
    {"unknown query", "{}", "?canary-7316=1"},
    {"query twice", "{}", "?limit=1&limit=2"},
    {"bad percent code", "{}", "?a=%zz"},
    {"bad number in query", "{}", "?from=canary-7316&to=2&leaf=-1&size=x&limit=ten"},
    {"wrong media type", "canary-7316", "", "content-type", "text/canary-7316"},
    {"unknown purpose", "{}", "", "fiducia-purpose", "canary-7316"},
    {"bad case id", "{}", "", "fiducia-case", "canary-7316 with blanks"},
    {"bad version", "{}", "", "if-match", "canary-7316"},
};

TEST(ContractTest, MalformedRequestsGetProblemsAndNoEcho) {
  World world;
  const std::string id = world.AddCustomer({{"name_full", "Ana"}, {"mobile", "13800138000"}});
  const std::string deep = "{\"fields\":" + std::string(5000, '[') + std::string(5000, ']') + "}";
  const std::string large = "{\"role\":\"" + std::string(200000, 'x') + "\"}";
  ASSERT_GE(std::size(kMalformed), 25U);
  int requests = 0;
  for (const Route& route : Routes()) {
    if (route.needs == Needs::kNothing) {
      continue;
    }
    std::string path(route.path);
    if (const size_t at = path.find("{id}"); at != std::string::npos) {
      path.replace(at, 4, id);
    }
    std::vector<Malformed> cases(std::begin(kMalformed), std::end(kMalformed));
    cases.push_back({"deep nesting", deep.c_str()});
    cases.push_back({"long text", large.c_str()});
    for (const Malformed& c : cases) {
      const std::string purpose = std::string_view(c.header) == "fiducia-purpose" ? "" : "service";
      std::map<std::string, std::string> headers;
      if (*c.header != '\0') {
        headers[c.header] = c.value;
      }
      const bool local = route.needs == Needs::kLocalOwner;
      const bool takes_body = route.method == "POST" || route.method == "PATCH";
      const bool fault_here = takes_body || *c.query != '\0';
      for (const char* role : {"operator", "agent", "admin"}) {
        if (route.method == "DELETE" && *c.query == '\0') {
          continue;  // nothing malformed would be left of the request
        }
        const auto response =
            world.Send(role, std::string(route.method), path + c.query, purpose, c.body, headers);
        ++requests;
        const std::string what =
            std::string(route.method) + " " + path + " " + c.name + " as " + role;
        EXPECT_LT(response.status, 500) << what << " " << response.body;
        EXPECT_TRUE(testing::Lacks(response.body, "canary-7316")) << what;
        EXPECT_TRUE(testing::Lacks(response.body, "7316")) << what;
        // One-click unsubscribe takes anything and answers the same, lest it tell who is known.
        // A run takes an empty object and no version: there is nothing in it to be wrong about.
        const bool nothing_wrong =
            (path.ends_with("/matching/run") || path.ends_with("/quality")) &&
            std::string_view(c.name) == "bad version";
        const bool tells = route.needs != Needs::kNobody &&
                           path.find("revert") == std::string::npos && !nothing_wrong;
        if ((fault_here && tells) || local) {
          EXPECT_GE(response.status, 400) << what;
          EXPECT_EQ(response.content_type, "application/problem+json") << what;
          EXPECT_TRUE(JsonText(Body(response), "type").starts_with("urn:fiducia:problem:")) << what;
        }
      }
    }
  }
  EXPECT_GT(requests, 1500);
}

TEST(ContractTest, StrangeAddressesAndMethodsAreProblemsToo) {
  World world;
  for (const auto& [method, path, status] : std::vector<std::tuple<const char*, const char*, int>>{
           {"GET", "/", 404},
           {"GET", "/api/v1/customers", 405},
           {"PUT", "/api/v1/customers", 405},
           {"GET", "/api/v1/customers/not-an-id", 404},
           {"GET", "/api/v1/customers/01a20d74-c6d1-7926-b19b-fe5619a659a3", 404},
           {"GET", "/api/v1/customers/%2e%2e/keys", 404},
           {"GET", "/api/v1/../v1/keys", 404},
           {"POST", "/api/v1/imports/local", 404},
           {"BREW", "/healthz", 405},
           {"GET", "/api/v1/imports/none", 404},
           {"GET", "/%00", 400},
           {"GET", "no-slash", 400}}) {
    const auto response = world.Send("privacy_officer", method, path, "service");
    EXPECT_EQ(response.status, status) << method << " " << path << " " << response.body;
    EXPECT_EQ(response.content_type, "application/problem+json");
  }
}

TEST(ContractTest, WithoutAValidKeyNothingAnswers) {
  World world;
  const std::string nobody = "Bearer fk_" + std::string(32, '0') + "_" + std::string(64, '0');
  for (const Route& route : Routes()) {
    if (route.needs == Needs::kKey) {
      for (const std::string& token :
           {std::string(), std::string("Bearer"), std::string("Bearer fk_x"), nobody}) {
        const auto response = world.Send("", std::string(route.method), std::string(route.path),
                                         "service", "{}", {{"authorization", token}});
        EXPECT_TRUE(response.status == 401 || response.status == 429) << route.path;
      }
    }
  }
}

}  // namespace

}  // namespace fiducia::api
