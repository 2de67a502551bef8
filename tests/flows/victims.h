// Things of people who take no part in a test: what others do to them must be refused, or be their
// office.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "import_text.h"
#include "testing/person.h"

namespace fiducia {

class Victims {
 public:
  explicit Victims(testing::World& world)
      : world_(world),
        agent_(testing::Person::Working(world, "v-agent", "agent")),
        manager_(testing::Person::Working(world, "v-manager", "manager")),
        officer_(testing::Person::Working(world, "v-officer", "privacy_officer")) {}

  // A fresh thing of the kind that a route's path names, by its id; "" where there is none.
  std::string Fresh(std::string_view path) {
    if (path.starts_with("/api/v1/people/{id}")) {
      return testing::Person(world_, "v-" + std::to_string(++number_) + "-person").id();
    }
    if (path.starts_with("/api/v1/grants/{id}")) {
      const auto given =
          world_.Local("POST", "/api/v1/grants", "",
                       WriteJson({{"person", agent_.id()}, {"role", "agent"}, {"until", Later()}}));
      return JsonText(testing::Body(given), "id");
    }
    if (path.starts_with("/api/v1/keys/{id}")) {
      return JsonText(testing::Body(world_.Local("POST", "/api/v1/keys", "",
                                                 R"({"role":"agent","label":"v"})")),
                      "id");
    }
    if (path.starts_with("/api/v1/me/sessions/{id}")) {
      return JsonText(testing::Body(agent_.Send("GET", "/api/v1/session"))["session"], "id");
    }
    if (path.starts_with("/api/v1/me/views/{id}")) {
      return JsonText(testing::Body(agent_.Send("POST", "/api/v1/me/views", "",
                                                {{"name", "v"}, {"columns", {"mobile"}}})),
                      "id");
    }
    if (path.starts_with("/api/v1/imports/{id}")) {
      const Imported made = ImportText(
          world_, "name,phone\nV Person," + std::to_string(13912300000 + ++number_) + "\n",
          "[[column]]\nname = \"name\"\nfield = \"name_full\"\n"
          "[[column]]\nname = \"phone\"\nfield = \"mobile\"\n");
      EXPECT_EQ(made.status, 201) << WriteJson(made.json);
      return JsonText(made.json, "id");
    }
    if (path.starts_with("/api/v1/exports/{id}")) {
      const std::string request = Asked("export", ExportBody());
      const auto made = manager_.Send("POST", "/api/v1/requests/" + request + "/export");
      return JsonText(testing::Body(made), "id");
    }
    if (path.starts_with("/api/v1/recipients/{id}")) {
      const Json body = {{"code", "v_" + std::to_string(++number_)},
                         {"name", "v"},
                         {"kind", "processor"},
                         {"countries", {"CN"}}};
      return JsonText(
          testing::Body(world_.Local("POST", "/api/v1/recipients", "", WriteJson(body))), "id");
    }
    if (path.starts_with("/api/v1/assessments/{id}")) {
      const Json all = testing::Body(world_.Local("GET", "/api/v1/assessments"))["assessments"];
      return all.empty() ? JsonText(testing::Body(world_.Local("POST", "/api/v1/assessments", "",
                                                               R"({"purpose":"service"})")),
                                    "id")
                         : JsonText(all.back(), "id");
    }
    if (path.starts_with("/api/v1/duties/{id}")) {
      return JsonText(testing::Body(world_.Local("GET", "/api/v1/duties"))["duties"][0], "id");
    }
    if (path.starts_with("/api/v1/rights/{id}")) {
      return JsonText(testing::Body(world_.Local("POST", "/api/v1/rights", "",
                                                 R"({"rights":["access"],"channel":"phone"})")),
                      "id");
    }
    if (path.starts_with("/api/v1/requests/{id}/export")) {
      return Asked("export", ExportBody());
    }
    if (path.starts_with("/api/v1/requests/{id}")) {
      return JsonText(
          testing::Body(agent_.Send(
              "POST", "/api/v1/requests/access", "",
              {{"role", "agent"}, {"level_max", "L2"}, {"reason", "to fill in for a week"}})),
          "id");
    }
    return "";
  }

 private:
  std::string Later() { return FormatTime(world_.clock().NowMs() + int64_t{86400000}); }
  static Json ExportBody() {
    return {{"purpose", "service"}, {"fields", {"name_full"}}, {"reason", "to try the matrix"}};
  }
  // Asked for by the manager and approved by the officer.
  std::string Asked(const std::string& kind, const Json& body) {
    const Json asked = testing::Body(manager_.Send("POST", "/api/v1/requests/" + kind, "", body));
    const std::string id = JsonText(asked, "id");
    EXPECT_EQ(officer_
                  .Send("POST", "/api/v1/requests/" + id + "/decision", "",
                        {{"approve", true}, {"hash", JsonText(asked, "hash")}})
                  .status,
              200);
    return id;
  }

  testing::World& world_;
  testing::Person agent_;
  testing::Person manager_;
  testing::Person officer_;
  int64_t number_ = 0;
};

}  // namespace fiducia
