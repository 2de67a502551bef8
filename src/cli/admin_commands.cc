#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include "audit/publisher.h"
#include "cli/commands.h"
#include "http/client.h"

namespace fiducia::cli {

namespace {

std::string Passphrase() {
  const char* text = std::getenv("FIDUCIA_PASSPHRASE");
  return text == nullptr ? "" : text;
}

int Report(const server::Trouble& trouble) {
  std::fprintf(stderr, "fiducia: %s\n", trouble.text.c_str());
  return kFailed;
}

}  // namespace

int RunInit(const Context& context, server::InitOptions options, bool passphrase) {
  options.passphrase = passphrase ? Passphrase() : "";
  if (passphrase && options.passphrase.size() < 15) {
    std::fprintf(stderr,
                 "fiducia: put a passphrase of at least 15 characters in FIDUCIA_PASSPHRASE\n");
    return kUsage;
  }
  const auto made = server::Instance::Init(context.home, options);
  if (!made) {
    return Report(made.error());
  }
  if (context.json) {
    Json json;
    json["admin_key"] = made->admin_key;
    json["instance"] = made->instance;
    json["home"] = context.home.folder;
    json["audit_verifier"] = made->verifier;
    std::printf("%s\n", WriteJson(json).c_str());
    return kOk;
  }
  std::printf("Fiducia is set up in %s\n\n", context.home.folder.c_str());
  std::printf("  administrator's key   %s\n", made->admin_key.c_str());
  std::printf("                        shown once: keep it in a password manager\n");
  std::printf("  audit verifier        %s\n", made->verifier.c_str());
  std::printf("                        keep a copy on another machine\n");
  std::printf("  root key              %s\n", context.home.RootKey().c_str());
  std::printf(
      "                        back it up apart from the data: without it nothing opens\n\n");
  std::printf("Next: fiducia --home %s serve\n", context.home.folder.c_str());
  return kOk;
}

int RunServe(const Context& context, const server::ServeOptions& options) {
  auto instance = server::Instance::Open(context.home, {Passphrase(), nullptr, nullptr});
  if (!instance) {
    return Report(instance.error());
  }
  const auto served = server::Serve(context.home, **instance, options, [&](int port) {
    const std::string host = options.listen.substr(0, options.listen.rfind(':'));
    if (context.json) {
      std::printf("{\"listening\":\"https://%s:%d\"}\n", host.c_str(), port);
    } else {
      std::printf("Fiducia listens on https://%s:%d (stop with Ctrl-C)\n", host.c_str(), port);
    }
    std::fflush(stdout);
  });
  return served ? kOk : Report(served.error());
}

int RunAuditVerify(const Context& context) {
  const bool show = !context.json && isatty(STDERR_FILENO) == 1;
  // A running server publishes what it has first; without one the files are as whole as they get.
  const server::SocketPath socket(context.home);
  (void)http::CallUnix(socket.path(), MakeRequest("GET", "/api/v1/audit/checkpoint"));
  const audit::VerifyReport report =
      server::VerifyHome(context.home, [show](uint64_t done, uint64_t of) {
        if (show) {
          std::fprintf(stderr, "\r%3" PRIu64 " %%  %" PRIu64 " of %" PRIu64 " leaves",
                       of == 0 ? 100 : done * 100 / of, done, of);
        }
      });
  if (show) {
    std::fprintf(stderr, "\r\033[K");
  }
  if (context.json) {
    Json json;
    json["ok"] = report.ok();
    json["leaves"] = report.size;
    json["database_leaves"] = report.database;
    json["root"] = report.root;
    json["findings"] = Json::array();
    for (const audit::Finding& finding : report.findings) {
      json["findings"].push_back({{"what", finding.what}, {"place", finding.place}});
    }
    std::printf("%s\n", WriteJson(json).c_str());
  } else if (report.ok()) {
    std::printf("The audit log is whole: %" PRIu64 " leaves, root %s\n", report.size,
                report.root.c_str());
  } else {
    std::printf("The audit log is NOT whole:\n");
    for (const audit::Finding& finding : report.findings) {
      std::printf("  %-32s leaf %" PRId64 "\n", finding.what.c_str(), finding.place);
    }
  }
  return report.ok() ? kOk : kFailed;
}

int RunKeysAdd(const Context& context, const KeyArguments& arguments) {
  Session session(context);
  http::Request request = MakeRequest("POST", "/api/v1/keys");
  Json body;
  body["role"] = arguments.role;
  body["label"] = arguments.label;
  body["days"] = arguments.days;
  if (!arguments.purposes.empty()) {
    body["purposes"] = arguments.purposes;
  }
  if (!arguments.level.empty()) {
    body["level_max"] = arguments.level;
  }
  if (!arguments.networks.empty()) {
    body["networks"] = arguments.networks;
  }
  if (arguments.per_minute != 0) {
    body["per_minute"] = arguments.per_minute;
  }
  request.body = WriteJson(body);
  return Finish(context, session.Send(std::move(request)), [](const Json& json) {
    std::printf("%s\n  a key for the role %s, shown once\n", JsonText(json, "key").c_str(),
                JsonText(json, "role").c_str());
  });
}

int RunKeysList(const Context& context) {
  Session session(context);
  return Finish(context, session.Send(MakeRequest("GET", "/api/v1/keys")), [](const Json& json) {
    std::printf("%-38s %-16s %-26s %s\n", "ID", "ROLE", "ENDS", "LABEL");
    for (const Json& key : json["keys"]) {
      std::printf("%-38s %-16s %-26s %s%s\n", JsonText(key, "id").c_str(),
                  JsonText(key, "role").c_str(), JsonText(key, "expires_at").c_str(),
                  JsonText(key, "label").c_str(), key["revoked_at"].is_null() ? "" : " (revoked)");
    }
  });
}

int RunKeysRevoke(const Context& context, const std::string& id) {
  Session session(context);
  return Finish(context, session.Send(MakeRequest("DELETE", "/api/v1/keys/" + id)),
                [](const Json&) { std::printf("The key is revoked.\n"); });
}

namespace {

void RecordKeys(server::Instance& instance, const std::string& op, int64_t count) {
  model::Access access;
  access.actor = model::ActorWith(instance.operator_id(), "operator");
  audit::Leaf leaf = instance.gate().NewLeaf(access, op, "done");
  leaf.count = static_cast<uint64_t>(count);
  leaf.detail = "epoch " + std::to_string(instance.keys().epoch());
  (void)instance.gate().Record(0, leaf).Wait();
}

}  // namespace

int RunKeysRotate(const Context& context) {
  auto instance = server::Instance::Open(context.home, {Passphrase(), nullptr, nullptr});
  if (!instance) {
    return Report(instance.error());
  }
  const auto report = (*instance)->keys().Rewrap();
  if (!report) {
    return Report(server::TroubleOf(report.error()));
  }
  RecordKeys(**instance, "keys.rotate", report->rewrapped);
  if (context.json) {
    Json json;
    json["epoch"] = report->epoch;
    json["rewrapped"] = report->rewrapped;
    std::printf("%s\n", WriteJson(json).c_str());
  } else {
    std::printf("Epoch %u: %" PRId64
                " keys re-wrapped. Next: back up, drill, then\n"
                "  fiducia keys destroy-old --drill REPORT\n",
                report->epoch, report->rewrapped);
  }
  return kOk;
}

int RunKeysDestroyOld(const Context& context, const std::string& drill) {
  const auto text = audit::ReadWholeFile(drill);
  const auto json = text ? ParseJson(*text) : std::unexpected(text.error());
  if (!json || !json->is_object() || !json->value("ok", false)) {
    std::fprintf(stderr, "fiducia: %s is not the report of a drill that passed\n", drill.c_str());
    return kFailed;
  }
  auto instance = server::Instance::Open(context.home, {Passphrase(), nullptr, nullptr});
  if (!instance) {
    return Report(instance.error());
  }
  const auto destroyed =
      (*instance)->keys().DestroyOldEpochs(json->value("keys_epoch", uint32_t{0}));
  if (!destroyed) {
    return Report(server::TroubleOf(destroyed.error()));
  }
  RecordKeys(**instance, "keys.destroy_old", *destroyed);
  if (context.json) {
    Json answer;
    answer["epochs_destroyed"] = *destroyed;
    std::printf("%s\n", WriteJson(answer).c_str());
  } else {
    std::printf("%d old epochs destroyed: every key wrapped in them is void, in every copy\n",
                *destroyed);
  }
  return kOk;
}

int RunSourceAdd(const Context& context, const std::string& id, const std::string& channel,
                 const std::string& owner) {
  Session session(context);
  http::Request request = MakeRequest("POST", "/api/v1/sources");
  Json body;
  body["id"] = id;
  body["channel"] = channel;
  body["owner"] = owner;
  request.body = WriteJson(body);
  return Finish(context, session.Send(std::move(request)),
                [&](const Json&) { std::printf("The source %s is registered.\n", id.c_str()); });
}

}  // namespace fiducia::cli
