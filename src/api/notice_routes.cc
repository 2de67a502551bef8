// Notices: their public pages, what would change, and publishing.
#include <charconv>

#include "api/decode.h"
#include "api/render.h"

namespace fiducia::api {

namespace {

Json VersionOf(const govern::NoticeVersion& version) {
  Json pages = Json::object();
  for (const auto& [locale, hash] : version.hashes) {
    pages[locale] = {
        {"path", "/notices/" + version.id + "/" + std::to_string(version.version) + "/" + locale},
        {"sha256", hash}};
  }
  return {{"id", version.id},
          {"version", version.version},
          {"published_at", FormatTime(version.published_ms)},
          {"material", version.material},
          {"pages", pages}};
}

Json ChangesOf(const std::vector<govern::NoticeChange>& changes) {
  Json list = Json::array();
  for (const govern::NoticeChange& change : changes) {
    list.push_back({{"what", change.what},
                    {"purpose", change.purpose},
                    {"ids", change.ids},
                    {"material", change.material}});
  }
  return list;
}

}  // namespace

void Api::NoticePage(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    int number = 0;
    const std::string& text = call.path[1];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool newest = text == "current";
    if (!newest && (error != std::errc() || end != text.data() + text.size() || number < 1)) {
      return Fail(Code::kNotFound, "there is no such version");
    }
    FID_ASSIGN(const govern::NoticeVersion version,
               parts_.notices.Find(call.path[0], newest ? 0 : number));
    const auto page = version.texts.find(call.path[2]);
    if (page == version.texts.end()) {
      return Fail(Code::kNotFound, "the notice is published in zh-CN and en");
    }
    http::Response response;
    response.status = 200;
    response.content_type = "text/html; charset=utf-8";
    response.headers.emplace_back("Content-Language", page->first);
    response.headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'");
    response.headers.emplace_back("Cache-Control", newest ? "no-cache" : "max-age=86400");
    response.body = page->second;
    respond(std::move(response));
    return {};
  });
}

void Api::ListNotices(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    Json json = {{"notices", Json::array()}, {"pending", Json::object()}};
    std::vector<govern::NoticeVersion> versions = parts_.notices.Versions();
    for (size_t i = 0; i < versions.size(); ++i) {
      Json one = VersionOf(versions[i]);
      const bool older = i + 1 < versions.size() && versions[i + 1].id == versions[i].id;
      one["changes"] =
          older ? ChangesOf(govern::DiffNotices(versions[i + 1].snapshot, versions[i].snapshot))
                : Json::array();
      json["notices"].push_back(std::move(one));
      if (!json["pending"].contains(versions[i].id)) {
        const auto pending = parts_.notices.Pending(versions[i].id);
        json["pending"][versions[i].id] = pending ? ChangesOf(*pending) : Json::array();
      }
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::PublishNotice(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "notices.publish"));
    if (call.session) {
      FID_TRY(parts_.sign_in.RequireFresh(*call.session));
    }
    FID_ASSIGN(const govern::NoticeVersion version,
               parts_.notices.Publish(call.access, call.path[0]));
    parts_.assurance.assessments.Refresh();
    respond(JsonResponse(201, VersionOf(version)));
    return {};
  });
}

}  // namespace fiducia::api
