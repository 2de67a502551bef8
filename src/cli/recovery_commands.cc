// Check, back up, restore, drill, recover.
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include "audit/publisher.h"
#include "cli/commands.h"
#include "server/restore.h"

namespace fiducia::cli {

namespace {

namespace fs = std::filesystem;

std::string Passphrase() {
  const char* text = std::getenv("FIDUCIA_PASSPHRASE");
  return text == nullptr ? "" : text;
}

int Report(const server::Trouble& trouble) {
  std::fprintf(stderr, "fiducia: %s\n", trouble.text.c_str());
  return kFailed;
}

recovery::Progress ShowProgress(const Context& context) {
  if (context.json || isatty(STDERR_FILENO) != 1) {
    return {};
  }
  return [](int64_t done, int64_t of) {
    std::fprintf(stderr, "\r%3" PRId64 " %%", of == 0 ? 100 : done * 100 / of);
    if (done >= of) {
      std::fprintf(stderr, "\r\033[K");
    }
  };
}

Result<server::RestoreOptions> OptionsOf(const RestoreArguments& arguments) {
  server::RestoreOptions options{arguments.from, arguments.root_key, Passphrase(), 0};
  if (!arguments.until.empty()) {
    FID_ASSIGN(options.until_ms, ParseTime(arguments.until));
  }
  return options;
}

Json RestoredToJson(const server::RestoreResult& result) {
  Json json;
  json["data_up_to"] = FormatTime(result.files.data_ms);
  json["keys_up_to"] = FormatTime(result.files.keys_ms);
  json["bytes"] = result.files.bytes;
  json["customers"] = result.replay.customers;
  json["index_tokens"] = result.replay.tokens;
  json["erasures_in_ledger"] = result.replay.erasures;
  json["erased_records_removed"] = result.replay.removed;
  json["erased_records_that_opened"] = result.replay.opened;
  json["answers_taken_back_again"] = result.replay.refusals;
  json["leaves"] = result.leaves;
  json["log_behind_witness"] = result.behind;
  json["milliseconds"] = result.milliseconds;
  return json;
}

void PrintRestored(const server::RestoreResult& result) {
  std::printf("  data as of            %s\n", FormatTime(result.files.data_ms).c_str());
  std::printf("  keys as of            %s\n", FormatTime(result.files.keys_ms).c_str());
  std::printf("  customers             %" PRId64 "\n", result.replay.customers);
  std::printf("  erased since          %" PRId64 " of %" PRId64 " in the ledger; %" PRId64
              " opened\n",
              result.replay.removed, result.replay.erasures, result.replay.opened);
  std::printf("  taken back since      %" PRId64 " answers, taken back again\n",
              result.replay.refusals);
  std::printf("  index                 %" PRId64 " tokens, made anew\n", result.replay.tokens);
  std::printf("  audit log             %" PRIu64 " leaves%s\n", result.leaves,
              result.behind ? ", BEHIND the witnessed checkpoint" : "");
  std::printf("  took                  %.1f s, %.1f MB/s\n",
              static_cast<double>(result.milliseconds) / 1000,
              static_cast<double>(result.files.bytes) / 1000 /
                  static_cast<double>(std::max<int64_t>(1, result.milliseconds)));
}

}  // namespace

int RunFsck(const Context& context) {
  Session session(context);
  const http::Response response = session.Send(MakeRequest("POST", "/api/v1/system/fsck"));
  bool whole = false;
  const int code = Finish(context, response, [&](const Json& json) {
    whole = json.value("ok", false);
    std::printf("%s: %" PRId64 " customers, %" PRId64 " keys, %" PRId64 " erased\n",
                whole ? "The store is whole" : "The store is NOT whole",
                json.value("customers", int64_t{0}), json.value("keys", int64_t{0}),
                json.value("erased", int64_t{0}));
    for (const Json& finding : json["findings"]) {
      std::printf("  %-28s %s bucket %" PRId64 "\n", JsonText(finding, "what").c_str(),
                  JsonText(finding, "customer").c_str(), finding.value("bucket", int64_t{-1}));
    }
  });
  if (context.json && code == kOk) {
    const auto json = ParseJson(response.body, {.depth_max = 16, .values_max = 100000});
    whole = json && json->value("ok", false);
  }
  return code == kOk && whole ? kOk : kFailed;
}

int RunBackup(const Context& context, const std::string& folder, int64_t every_s) {
  Session session(context);
  http::Request request = MakeRequest("POST", "/api/v1/system/backup");
  Json body;
  body["folder"] = fs::absolute(folder).string();
  body["every_s"] = every_s;
  request.body = WriteJson(body);
  const int code = Finish(context, session.Send(std::move(request)), [&](const Json& json) {
    std::printf("Backed up to %s: all that was acknowledged before %s\n",
                JsonText(json, "folder").c_str(), JsonText(json, "up_to").c_str());
    std::printf("  %" PRId64 " bytes in %" PRId64 " ms\n", json.value("bytes", int64_t{0}),
                json.value("milliseconds", int64_t{0}));
    if (json.value("every_s", int64_t{0}) > 0 && !session.in_process()) {
      std::printf("  again every %" PRId64 " s while the server runs\n",
                  json.value("every_s", int64_t{0}));
    }
    std::printf("The root key is not in it: keep a copy apart.\n");
  });
  if (code == kOk && every_s > 0 && session.in_process()) {
    std::fprintf(stderr,
                 "fiducia: no server is running, so this was made once: start one with "
                 "`serve --backup-to`\n");
  }
  return code;
}

int RunRestore(const Context& context, const RestoreArguments& arguments) {
  const auto options = OptionsOf(arguments);
  if (!options) {
    std::fprintf(stderr, "fiducia: --until takes a time such as 2026-11-24T10:00:00Z\n");
    return kUsage;
  }
  const auto result = server::Restore(context.home, *options, ShowProgress(context));
  if (!result) {
    return Report(result.error());
  }
  if (context.json) {
    std::printf("%s\n", WriteJson(RestoredToJson(*result)).c_str());
    return kOk;
  }
  std::printf("Restored into %s\n", context.home.folder.c_str());
  PrintRestored(*result);
  if (result->behind) {
    std::printf(
        "\nThe backup has seen a newer log than this. Before it serves, put on record why:\n"
        "  fiducia --home %s recover --reason \"…\"\n",
        context.home.folder.c_str());
  }
  return kOk;
}

int RunRecover(const Context& context, const std::string& reason) {
  const auto file = server::Recover(context.home, {Passphrase(), nullptr, nullptr, true}, reason);
  if (!file) {
    return Report(file.error());
  }
  if (context.json) {
    Json json;
    json["statement"] = *file;
    std::printf("%s\n", WriteJson(json).c_str());
  } else {
    std::printf("On record, signed: %s\n", file->c_str());
  }
  return kOk;
}

int RunDrill(const Context& context, const RestoreArguments& arguments) {
  const auto options = OptionsOf(arguments);
  if (!options) {
    std::fprintf(stderr, "fiducia: --until takes a time such as 2026-11-24T10:00:00Z\n");
    return kUsage;
  }
  const std::string scratch =
      (arguments.scratch.empty() ? fs::temp_directory_path().string() : arguments.scratch) +
      "/fiducia-drill-" + std::to_string(getpid());
  const auto result = server::Drill(scratch, *options, ShowProgress(context));
  if (!result) {
    return Report(result.error());
  }
  Json json;
  json["ok"] = result->ok();
  json["time"] = FormatTime(SystemClock().NowMs());
  json["rpo_ms"] = result->rpo_ms;
  json["rto_ms"] = result->rto_ms;
  json["keys_epoch"] = result->keys_epoch;
  json["restored"] = RestoredToJson(result->restored);
  json["store_findings"] = result->fsck.findings.size();
  json["audit_findings"] = result->audit.findings.size();
  json["audit_root"] = result->audit.root;
  const std::string file =
      arguments.from + "/drill-" + JsonText(json, "time").substr(0, 19) + "Z.json";
  const Status kept = audit::WriteFileDurably(file, WriteJsonPretty(json) + "\n");
  if (context.json) {
    std::printf("%s\n", WriteJson(json).c_str());
  } else {
    std::printf("%s\n", result->ok() ? "The drill passed" : "The drill FAILED");
    PrintRestored(result->restored);
    std::printf("  store                 %zu findings\n", result->fsck.findings.size());
    std::printf("  audit log             %zu findings, root %s\n", result->audit.findings.size(),
                result->audit.root.c_str());
    std::printf("  would have lost       %.1f s (RPO)\n",
                static_cast<double>(result->rpo_ms) / 1000);
    std::printf("  would have served in  %.1f s (RTO)\n",
                static_cast<double>(result->rto_ms) / 1000);
    if (kept) {
      std::printf("  report                %s\n", file.c_str());
    }
  }
  return result->ok() ? kOk : kFailed;
}

}  // namespace fiducia::cli
