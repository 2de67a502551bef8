// The laws as data, from the command line: list, try against their own vectors, compare, sign.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "audit/publisher.h"
#include "cli/commands.h"
#include "rules/policy.h"
#include "server/pack_signatures.h"

namespace fiducia::cli {

namespace {

namespace fs = std::filesystem;

// Packs by the name they would have in policy/: one file, or all of a folder.
Result<Json> PacksAt(const std::string& path) {
  std::vector<fs::path> found;
  std::error_code error;
  if (fs::is_directory(path, error)) {
    for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
      if (entry.path().extension() == ".toml") {
        found.push_back(entry.path());
      }
    }
  } else {
    found.emplace_back(path);
  }
  Json packs = Json::object();
  for (const fs::path& file : found) {
    FID_ASSIGN(std::string text, audit::ReadWholeFile(file.string()));
    const bool calendar = text.find("\nzone = ") != std::string::npos;
    packs[(calendar ? "calendars/" : "jurisdictions/") + file.filename().string()] =
        std::move(text);
  }
  return packs;
}

void PrintPack(const Json& pack) {
  std::printf("%s  %s, %s\n", JsonText(pack, "regime").c_str(),
              JsonText(pack["name"], "en").c_str(), JsonText(pack["law"], "en").c_str());
  for (const Json& rule : pack["rules"]) {
    const bool in_force = rule["in_force"].get<bool>();
    const std::string clock =
        rule["clock"].is_null() ? "" : "  " + JsonText(rule["clock"], "length");
    std::printf("  %-34s %-16s %s%s%s\n", JsonText(rule, "id").c_str(),
                JsonText(rule, "effect").c_str(), JsonText(rule["text"], "en").c_str(),
                clock.c_str(), in_force ? "" : "  (not in force)");
  }
}

}  // namespace

namespace {

void PrintChanges(const Json& changes) {
  for (const Json& change : changes) {
    std::printf("    %-18s %-18s", JsonText(change, "what").c_str(),
                JsonText(change, "purpose").c_str());
    for (const Json& id : change["ids"]) {
      std::printf(" %s", id.get<std::string>().c_str());
    }
    std::printf("%s\n", change["material"].get<bool>() ? "  (material: ask anew)" : "");
  }
}

}  // namespace

int RunNoticeList(const Context& context) {
  Session session(context);
  return Finish(context, session.Send(MakeRequest("GET", "/api/v1/notices")), [](const Json& json) {
    for (const Json& notice : json["notices"]) {
      std::printf("%s@%d  %s%s\n", JsonText(notice, "id").c_str(), notice["version"].get<int>(),
                  JsonText(notice, "published_at").c_str(),
                  notice["material"].get<bool>() ? "  material" : "");
      PrintChanges(notice["changes"]);
    }
    for (const auto& [id, changes] : json["pending"].items()) {
      if (!changes.empty()) {
        std::printf("%s, not published yet:\n", id.c_str());
        PrintChanges(changes);
      }
    }
  });
}

int RunNoticePublish(const Context& context, const std::string& id) {
  Session session(context);
  return Finish(context, session.Send(MakeRequest("POST", "/api/v1/notices/" + id + "/publish")),
                [](const Json& json) {
                  std::printf("Published %s@%d\n", JsonText(json, "id").c_str(),
                              json["version"].get<int>());
                  for (const auto& [locale, page] : json["pages"].items()) {
                    std::printf("  %-6s %s  sha256 %s\n", locale.c_str(),
                                JsonText(page, "path").c_str(), JsonText(page, "sha256").c_str());
                  }
                });
}

int RunRulesList(const Context& context, const std::string& regime) {
  Session session(context);
  http::Request request = MakeRequest("GET", "/api/v1/rules");
  if (!regime.empty()) {
    request.query["regime"] = regime;
  }
  return Finish(context, session.Send(std::move(request)), [&](const Json& json) {
    for (const Json& pack : json["packs"]) {
      if (!regime.empty()) {
        PrintPack(pack);
        continue;
      }
      std::printf("%-6s %-24s %-44s %3zu rules\n", JsonText(pack, "regime").c_str(),
                  JsonText(pack["name"], "en").c_str(), JsonText(pack["law"], "en").c_str(),
                  pack["rules"].size());
    }
    if (json["packs"].empty()) {
      std::printf("There is no pack for %s.\n", regime.c_str());
    }
  });
}

int RunRulesTest(const Context& context, const std::string& folder) {
  const auto policy = rules::LoadPolicy(folder.empty() ? context.home.Policy() : folder);
  if (!policy) {
    std::fprintf(stderr, "fiducia: %s\n", policy.error().Text().c_str());
    return kFailed;
  }
  int wrong = 0;
  for (const rules::Vector& vector : policy->laws.vectors()) {
    const std::string outcome = rules::TryVector(policy->laws, vector);
    if (!outcome.empty()) {
      ++wrong;
      std::printf("%s vector %d, %s: %s\n", vector.file.c_str(), vector.number, vector.rule.c_str(),
                  outcome.c_str());
    }
  }
  std::printf("%zu vectors tried, %d wrong\n", policy->laws.vectors().size(), wrong);
  return wrong == 0 ? kOk : kFailed;
}

int RunRulesDiff(const Context& context, const std::string& before, const std::string& after) {
  const auto old_packs = PacksAt(before);
  const auto new_packs = PacksAt(after);
  if (!old_packs || !new_packs) {
    std::fprintf(stderr, "fiducia: %s cannot be read\n", (old_packs ? after : before).c_str());
    return kFailed;
  }
  Session session(context);
  http::Request request = MakeRequest("POST", "/api/v1/rules/diff");
  request.body = WriteJson({{"old", *old_packs}, {"new", *new_packs}});
  return Finish(context, session.Send(std::move(request)), [](const Json& json) {
    for (const Json& change : json["changes"]) {
      std::printf("%-8s %-34s %lld customers\n", JsonText(change, "change").c_str(),
                  JsonText(change, "rule").c_str(),
                  static_cast<long long>(change["customers"].get<int64_t>()));
      for (const Json& part : change["parts"]) {
        std::printf("           %s\n", part.get<std::string>().c_str());
      }
    }
    std::printf("%zu rules differ; %lld customers are held today\n", json["changes"].size(),
                static_cast<long long>(json["customers"].get<int64_t>()));
  });
}

int RunRulesSign(const Context& context, const std::string& file) {
  const auto text = audit::ReadWholeFile(file);
  if (!text) {
    std::fprintf(stderr, "fiducia: %s cannot be read\n", file.c_str());
    return kFailed;
  }
  server::OpenOptions options;
  options.unsigned_packs = true;
  const char* passphrase = std::getenv("FIDUCIA_PASSPHRASE");
  options.passphrase = passphrase == nullptr ? "" : passphrase;
  const auto instance = server::Instance::Open(context.home, options);
  if (!instance) {
    std::fprintf(stderr, "fiducia: %s\n", instance.error().text.c_str());
    return kFailed;
  }
  const std::string note =
      (*instance)->log().Sign(server::PackStatement(fs::path(file).filename().string(), *text));
  std::ofstream out(file + ".sig", std::ios::binary);
  out << note;
  if (!out.flush()) {
    std::fprintf(stderr, "fiducia: %s.sig cannot be written\n", file.c_str());
    return kFailed;
  }
  std::printf("%s.sig is signed by\n  %s\n", file.c_str(), (*instance)->log().verifier().c_str());
  return kOk;
}

}  // namespace fiducia::cli
