#include <algorithm>
#include <atomic>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <thread>

#include <unistd.h>

#include "audit/publisher.h"
#include "audit/receipt.h"
#include "audit/signed_record.h"
#include "cli/commands.h"
#include "govern/lawful/consent_receipt.h"
#include "govern/lawful/retention.h"
#include "govern/rights/cases.h"

namespace fiducia::cli {

namespace {

int64_t Count(const Json& json, const char* key) {
  return json.contains("counts") && json["counts"].contains(key)
             ? json["counts"][key].get<int64_t>()
             : 0;
}

void PrintReport(const Json& json) {
  std::printf("import %s  %s\n", JsonText(json, "id").c_str(), JsonText(json, "state").c_str());
  std::printf("  %10" PRId64 "  rows\n", Count(json, "rows"));
  std::printf("  %10" PRId64 "  new customers\n", Count(json, "created"));
  std::printf("  %10" PRId64 "  matched to customers on record\n", Count(json, "matched"));
  std::printf("  %10" PRId64 "  already here, nothing new\n", Count(json, "unchanged"));
  std::printf("  %10" PRId64 "  in quarantine\n", Count(json, "quarantined"));
  if (json.contains("counts")) {
    for (const auto& [reason, n] : json["counts"]["reasons"].items()) {
      std::printf("              %" PRId64 "  %s\n", n.get<int64_t>(), reason.c_str());
    }
    for (const auto& [field, n] : json["counts"]["dropped"].items()) {
      std::printf("  %10" PRId64 "  values of %s dropped: not needed for the purpose, or invalid\n",
                  n.get<int64_t>(), field.c_str());
    }
  }
  if (Count(json, "conflicts") > 0) {
    std::printf("  %10" PRId64 "  values differ from what is on record and were left\n",
                Count(json, "conflicts"));
  }
}

// Polls the newest import and shows how far it is, until told to stop.
class ProgressLine {
 public:
  explicit ProgressLine(Session& session)
      : shown_(isatty(STDERR_FILENO) == 1), thread_([this, &session] { Loop(session); }) {}
  ~ProgressLine() {
    stop_ = true;
    thread_.join();
    if (shown_) {
      std::fprintf(stderr, "\r\033[K");
    }
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

 private:
  // [########............]  41 %  123456 rows
  static void Show(const Json& import) {
    constexpr int kWidth = 30;
    const bool known = import.contains("bytes") && import["bytes"].is_array() &&
                       import["bytes"].size() == 2 && import["bytes"][1].get<int64_t>() > 0;
    const double done =
        known ? std::min(1.0, import["bytes"][0].get<double>() / import["bytes"][1].get<double>())
              : 0.0;
    const int filled = static_cast<int>(done * kWidth);
    std::fprintf(stderr, "\r  [%s%s] %3d %%  %" PRId64 " rows",
                 std::string(static_cast<size_t>(filled), '#').c_str(),
                 std::string(static_cast<size_t>(kWidth - filled), '.').c_str(),
                 static_cast<int>(done * 100), Count(import, "rows"));
  }
  void Loop(Session& session) {
    while (shown_ && !stop_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      if (stop_) {
        return;
      }
      http::Request request = MakeRequest("GET", "/api/v1/imports");
      request.query["limit"] = "1";
      const auto json = ParseJson(session.Send(std::move(request)).body);
      if (json && json->contains("imports") && !(*json)["imports"].empty()) {
        Show((*json)["imports"][0]);
      }
    }
  }
  bool shown_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// Registers the source of an import if it is new: channel "import", owned by the local operator.
bool EnsureSource(Session& session, const std::string& source) {
  const auto json = ParseJson(session.Send(MakeRequest("GET", "/api/v1/sources")).body);
  if (!json || !json->contains("sources")) {
    return false;
  }
  for (const Json& known : (*json)["sources"]) {
    if (JsonText(known, "id") == source) {
      return true;
    }
  }
  http::Request request = MakeRequest("POST", "/api/v1/sources");
  Json body;
  body["id"] = source;
  body["channel"] = "import";
  body["owner"] = "operator";
  request.body = WriteJson(body);
  const http::Response response = session.Send(std::move(request));
  if (response.status >= 400) {
    const auto problem = ParseJson(response.body);
    std::fprintf(stderr, "fiducia: the source cannot be registered: %s\n",
                 problem ? JsonText(*problem, "detail").c_str() : "");
  }
  return response.status == 201;
}

}  // namespace

int RunImport(const Context& context, const ImportArguments& arguments) {
  Session session(context);
  http::Request request = MakeRequest("POST", "/api/v1/imports/local");
  std::error_code error;
  Json body;
  body["path"] = std::filesystem::absolute(arguments.file, error).string();
  if (arguments.suggest) {
    body["suggest"] = true;
    request.body = WriteJson(body);
    return Finish(context, session.Send(std::move(request)),
                  [](const Json& json) { std::printf("%s", JsonText(json, "mapping").c_str()); });
  }
  if (arguments.mapping.empty() || arguments.source.empty() || arguments.basis.empty() ||
      arguments.purposes.empty()) {
    std::fprintf(stderr,
                 "fiducia: an import needs --mapping, --source, --basis and --purpose\n"
                 "         `fiducia import FILE --suggest` proposes a mapping\n");
    return kUsage;
  }
  const auto mapping = audit::ReadWholeFile(arguments.mapping);
  if (!mapping) {
    std::fprintf(stderr, "fiducia: the mapping %s cannot be read\n", arguments.mapping.c_str());
    return kFailed;
  }
  if (!arguments.dry_run && !EnsureSource(session, arguments.source)) {
    return kFailed;
  }
  body["mapping"] = *mapping;
  body["source"] = arguments.source;
  body["basis"] = arguments.basis;
  body["purposes"] = arguments.purposes;
  body["jurisdiction"] = arguments.jurisdiction;
  body["separate"] = arguments.separate;
  request.query["dry_run"] = arguments.dry_run ? "1" : "0";
  request.body = WriteJson(body);
  http::Response response;
  {
    const ProgressLine line(session);
    response = session.Send(std::move(request));
  }
  return Finish(context, response, PrintReport);
}

int RunImportRejects(const Context& context, const std::string& id) {
  Session session(context);
  http::Request request = MakeRequest("GET", "/api/v1/imports/" + id + "/rejects");
  request.query["limit"] = "1000";
  return Finish(context, session.Send(std::move(request)), [](const Json& json) {
    std::printf("%10s  %-20s %-9s %s\n", "ROW", "FIELD", "STATE", "REASON");
    for (const Json& reject : json["rejects"]) {
      std::printf("%10" PRId64 "  %-20s %-9s %s\n", reject["row"].get<int64_t>(),
                  JsonText(reject, "field").c_str(), JsonText(reject, "state").c_str(),
                  JsonText(reject, "reason").c_str());
    }
  });
}

int RunImportRevert(const Context& context, const std::string& id) {
  Session session(context);
  return Finish(context, session.Send(MakeRequest("POST", "/api/v1/imports/" + id + "/revert")),
                [](const Json& json) {
                  std::printf("Reverted: %" PRId64 " customers removed, %" PRId64 " reduced\n",
                              json["customers_removed"].get<int64_t>(),
                              json["customers_reduced"].get<int64_t>());
                  if (const auto held = json["customers_held"].get<int64_t>(); held > 0) {
                    std::printf("  %" PRId64 " left as they are: kept for a legal claim\n", held);
                  }
                });
}

namespace {

void PrintCustomer(const Json& json) {
  std::printf("%s  %s  version %d\n", JsonText(json, "id").c_str(), JsonText(json, "kind").c_str(),
              json["version"].get<int>());
  for (const auto& [field, values] : json["fields"].items()) {
    for (const Json& value : values) {
      std::printf("  %-18s %s  %-7s %s\n", field.c_str(), JsonText(value, "level").c_str(),
                  JsonText(value, "access").c_str(), JsonText(value, "value").c_str());
    }
  }
  for (const Json& field : json["withheld"]) {
    std::printf("  %-18s     withheld: %s\n", JsonText(field, "field").c_str(),
                JsonText(field, "reason").c_str());
  }
}

}  // namespace

int RunCustomerFind(const Context& context, const FindArguments& arguments) {
  Session session(context);
  http::Request request = MakeRequest("POST", "/api/v1/customers/search", arguments.purpose);
  if (!arguments.case_id.empty()) {
    request.headers["fiducia-case"] = arguments.case_id;
  }
  Json body;
  body["where"][arguments.field] = arguments.value;
  request.body = WriteJson(body);
  return Finish(context, session.Send(std::move(request)), [](const Json& json) {
    if (json["customers"].empty()) {
      std::printf("Nobody was found who may be shown for this purpose.\n");
    }
    for (const Json& customer : json["customers"]) {
      PrintCustomer(customer);
    }
  });
}

int RunCustomerShow(const Context& context, const std::string& id, const std::string& purpose,
                    const std::string& view) {
  Session session(context);
  const std::string path = "/api/v1/customers/" + id + (view.empty() ? "" : "/" + view);
  return Finish(context, session.Send(MakeRequest("GET", path, purpose)), [&](const Json& json) {
    view.empty() ? PrintCustomer(json) : (void)std::printf("%s\n", WriteJsonPretty(json).c_str());
  });
}

int RunCustomerErase(const Context& context, const std::string& id, const std::string& purpose,
                     const std::string& receipt) {
  Session session(context);
  const http::Response response =
      session.Send(MakeRequest("DELETE", "/api/v1/customers/" + id, purpose));
  return Finish(context, response, [&](const Json&) {
    const std::string file = receipt.empty() ? "erasure-" + id + ".json" : receipt;
    std::printf("Erased: the key is destroyed.\n");
    if (audit::WriteFileDurably(file, response.body)) {
      std::printf("Receipt for the person: %s (check it with: fiducia receipt verify %s)\n",
                  file.c_str(), file.c_str());
    } else {
      std::fprintf(stderr, "fiducia: the receipt cannot be written to %s\n", file.c_str());
    }
  });
}

namespace {

int VerifyConsentReceipt(const Context& context, const std::string& text,
                         const std::string& verifier) {
  const auto facts = govern::CheckConsentReceipt(text, verifier);
  if (context.json) {
    Json json = {{"ok", facts.has_value()}};
    if (facts) {
      json.update({{"customer", facts->customer},
                   {"purpose", facts->purpose},
                   {"state", facts->state},
                   {"at", facts->at},
                   {"verifier", facts->verifier}});
    } else {
      json["finding"] = facts.error().text();
    }
    std::printf("%s\n", WriteJson(json).c_str());
  } else if (facts) {
    std::printf("The receipt holds: %s, %s, %s at %s\n", facts->customer.c_str(),
                facts->purpose.c_str(), facts->state.c_str(), facts->at.c_str());
    if (verifier.empty()) {
      std::printf(
          "  signed by the key in the receipt: compare it with the company's published key\n"
          "  %s\n",
          facts->verifier.c_str());
    }
  } else {
    std::printf("The receipt does NOT hold: %s\n", std::string(facts.error().text()).c_str());
  }
  return facts ? kOk : kFailed;
}

int Tell(const Context& context, const Error* error, const Json& facts, const std::string& said,
         const std::string& verifier, const std::string& signed_by) {
  if (context.json) {
    Json json = facts;
    json["ok"] = error == nullptr;
    if (error != nullptr) {
      json["finding"] = error->text();
    }
    std::printf("%s\n", WriteJson(json).c_str());
  } else if (error != nullptr) {
    std::printf("It does NOT hold: %s\n", std::string(error->text()).c_str());
  } else {
    std::printf("%s\n", said.c_str());
    if (verifier.empty()) {
      std::printf(
          "  signed by the key in the file: compare it with the company's published key\n  %s\n",
          signed_by.c_str());
    }
  }
  return error == nullptr ? kOk : kFailed;
}

// The certificate of a case, or the proof of one entry of the log.
int VerifyPaper(const Context& context, const std::string& text, const std::string& verifier) {
  if (text.find("fiducia-access-proof") != std::string::npos) {
    const auto facts = audit::CheckEntryProof(text, verifier);
    if (!facts) {
      return Tell(context, &facts.error(), Json::object(), "", verifier, "");
    }
    const audit::Leaf& leaf = facts->entry.leaf;
    const std::string said = "The entry holds: " + leaf.op + " for " + leaf.purpose + " at " +
                             FormatTime(leaf.time_ms) + ", entry " +
                             std::to_string(facts->entry.seq) + " of the log " + facts->log;
    return Tell(context, nullptr, {{"entry", facts->entry.seq}, {"operation", leaf.op}}, said,
                verifier, facts->verifier);
  }
  if (text.find(govern::kDestructionFormat) != std::string::npos) {
    const auto found = audit::CheckSignedRecord(text, govern::kDestructionFormat, verifier);
    if (!found) {
      return Tell(context, &found.error(), Json::object(), "", verifier, "");
    }
    return Tell(context, nullptr, {{"run", JsonText(found->record, "run")}},
                "The certificate holds: what was due on " + JsonText(found->record, "day") +
                    " was destroyed at " + JsonText(found->record, "done"),
                verifier, found->verifier);
  }
  const auto facts = govern::CheckRightsCertificate(text, verifier);
  if (!facts) {
    return Tell(context, &facts.error(), Json::object(), "", verifier, "");
  }
  std::string said = "The certificate holds: case " + facts->number;
  const Json processes = facts->record.value("processes", Json::array());
  for (const Json& process : processes) {
    said += "\n  " + JsonText(process, "right") + ": " + JsonText(process, "state");
    if (process.contains("erasure") && process["erasure"].is_object()) {
      const auto erasure = audit::CheckErasureReceipt(WriteJson(process["erasure"]), verifier);
      if (!erasure) {
        return Tell(context, &erasure.error(), Json::object(), "", verifier, "");
      }
      said += ", erased at " + FormatTime(erasure->erased_ms);
    }
  }
  return Tell(context, nullptr, {{"case", facts->number}}, said, verifier, facts->verifier);
}

}  // namespace

int RunReceiptVerify(const Context& context, const std::string& file, const std::string& verifier) {
  const auto text = audit::ReadWholeFile(file);
  if (!text) {
    std::fprintf(stderr, "fiducia: %s cannot be read\n", file.c_str());
    return kFailed;
  }
  if (const auto json = ParseJson(*text);
      json && JsonText(*json, "format").starts_with("fiducia-consent-receipt")) {
    return VerifyConsentReceipt(context, *text, verifier);
  }
  if (const auto json = ParseJson(*text);
      json && (JsonText(*json, "format").starts_with("fiducia-rights-certificate") ||
               JsonText(*json, "format") == govern::kDestructionFormat ||
               JsonText(*json, "format").starts_with("fiducia-access-proof"))) {
    return VerifyPaper(context, *text, verifier);
  }
  const auto facts = audit::CheckErasureReceipt(*text, verifier);
  if (context.json) {
    Json json;
    json["ok"] = facts.has_value();
    if (facts) {
      json["customer"] = facts->customer;
      json["erased_at"] = FormatTime(facts->erased_ms);
      json["log"] = facts->log;
      json["leaf"] = facts->place;
      json["verifier"] = facts->verifier;
    } else {
      json["finding"] = facts.error().text();
    }
    std::printf("%s\n", WriteJson(json).c_str());
  } else if (facts) {
    std::printf("The receipt holds: customer %s was erased at %s\n", facts->customer.c_str(),
                FormatTime(facts->erased_ms).c_str());
    std::printf("  leaf %" PRIu64 " of the log %s, which had %" PRIu64 " leaves\n", facts->place,
                facts->log.c_str(), facts->size);
    if (verifier.empty()) {
      std::printf(
          "  signed by the key in the receipt: compare it with the company's published key\n"
          "  %s\n",
          facts->verifier.c_str());
    }
  } else {
    std::printf("The receipt does NOT hold: %s\n", std::string(facts.error().text()).c_str());
  }
  return facts ? kOk : kFailed;
}

}  // namespace fiducia::cli
