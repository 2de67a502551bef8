#include <cinttypes>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include <unistd.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/demo_table.h"
#include "store/subjects.h"

namespace fiducia::cli {

namespace {

constexpr const char* kSource = "demo";

int WriteCsv(const DemoArguments& arguments) {
  std::FILE* out = arguments.out == "-" ? stdout : std::fopen(arguments.out.c_str(), "w");
  if (out == nullptr) {
    std::fprintf(stderr, "fiducia: %s cannot be written\n", arguments.out.c_str());
    return kFailed;
  }
  DemoTable table(arguments.customers, arguments.seed);
  std::string line;
  for (const std::string& name : table.header()) {
    line += (line.empty() ? "" : ",") + name;
  }
  std::fprintf(out, "%s\n", line.c_str());
  collect::TableRow row;
  while (*table.Next(row)) {
    line.clear();
    for (size_t i = 0; i < row.cells.size(); ++i) {
      const std::string_view cell = row.cells[i].Reveal();
      const bool quote = cell.find(',') != std::string_view::npos;
      line += (i == 0 ? "" : ",") + std::string(quote ? "\"" : "") + std::string(cell) +
              (quote ? "\"" : "");
    }
    line += "\n";
    std::fwrite(line.data(), 1, line.size(), out);
  }
  bool good = std::fflush(out) == 0;
  if (out != stdout) {
    good = std::fclose(out) == 0 && good;
  }
  // NOLINTNEXTLINE(clang-analyzer-unix.Stream): closed above unless it is standard output.
  return good ? kOk : kFailed;
}

// Lets a bounded number of writes be under way.
class Window {
 public:
  void Enter() {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [this] { return running_ < kMost; });
    ++running_;
  }
  void Leave(bool good) {
    const std::lock_guard lock(mutex_);
    --running_;
    failed_ += good ? 0 : 1;
    free_.notify_all();
  }
  int64_t Finish() {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [this] { return running_ == 0; });
    return failed_;
  }

 private:
  static constexpr int kMost = 256;
  std::mutex mutex_;
  std::condition_variable free_;
  int running_ = 0;
  int64_t failed_ = 0;
};

apps::EventCommand MakeEvent(SeededRandom& random, const model::SubjectRef& subject,
                             int64_t now_ms) {
  static const char* kProducts[] = {"tea set", "running shoes", "desk lamp",
                                    "书架",    "耳机",          "咖啡机"};
  static const char* kWords[] = {"The parcel came late.", "One cup was broken.", "包裹迟到了三天。",
                                 "发票抬头有误。"};
  apps::EventCommand event;
  event.subject = subject;
  event.source = kSource;
  event.at_ms = now_ms - static_cast<int64_t>(random.Below(700)) * 86400000;
  const auto add = [&](const char* field, std::string text) {
    event.fields.emplace_back(field, std::vector<model::Sensitive>());
    event.fields.back().second.emplace_back(std::move(text));
  };
  if (random.Chance(800)) {
    event.kind = "transaction";
    add("order", "O-" + std::to_string(100000 + random.Below(900000)));
    add("order_items", kProducts[random.Below(6)]);
    add("amount", std::to_string(10 + random.Below(2000)) + ".00 CNY");
  } else {
    event.kind = "interaction";
    add("complaint_text", kWords[random.Below(4)]);
    add("satisfaction", std::to_string(1 + random.Below(10)));
  }
  return event;
}

// What people told the service desk.
constexpr struct {
  const char* channel;
  const char* text;
} kContacts[] = {
    {"phone", "Wants to complain: the parcel came a week late and nobody answers the phone."},
    {"phone", "投诉：银行卡6222021234567890128被重复扣款，要求退款。"},
    {"mail", "Broken lid\n\nThe lid of the tea set came broken. Can you send a replacement?"},
    {"mail", "发票抬头\n\n请把发票抬头改为公司名称，谢谢。"},
    {"chat",
     "[10:02] Support: hello\n[10:02] Visitor: how much is the shipping to Norway?\n"
     "[10:03] Support: 12 euros\n"},
    {"chat", "客服小王：您好\n客户：快递三天没动了，能查一下物流吗？\n客服小王：马上为您查\n"},
    {"visit", "Came to say thank you: great service when the lamp was repaired."},
    {"phone", "Please delete my data, I do not want to be a customer any more."},
};

int64_t AddTickets(server::Instance& instance, const std::vector<Uuid>& customers) {
  int64_t opened = 0;
  for (size_t i = 0; i < customers.size(); ++i) {
    const auto& contact = kContacts[i % std::size(kContacts)];
    http::Request request =
        MakeRequest("POST", "/api/v1/customers/" + customers[i].Text() + "/tickets");
    request.headers["fiducia-purpose"] = "service";
    request.body =
        WriteJson({{"channel", contact.channel}, {"text", contact.text}, {"source", kSource}});
    opened += instance.Call(std::move(request)).status == 201 ? 1 : 0;
  }
  return opened;
}

// `visitors`: some of the customers, who turn to the service desk.
int64_t AddEvents(server::Instance& instance, const model::Access& access, uint64_t seed,
                  std::vector<Uuid>& visitors, int64_t& failed) {
  constexpr size_t kVisitorsMost = 24;
  SeededRandom desk(seed + 2);
  SeededRandom random(seed + 1);
  Window window;
  int64_t added = 0;
  model::Bucket bucket = 0;
  Uuid after;
  while (true) {
    constexpr int kPage = 1000;
    const auto lease = instance.engine().Read();
    const auto page =
        store::WalkSubjects((*lease)->session(db::Which::kData), 0, bucket, after, kPage);
    if (!page) {
      break;
    }
    for (const store::WalkedSubject& one : *page) {
      bucket = one.bucket;
      after = one.subject.id;
      if (visitors.size() < kVisitorsMost && desk.Chance(15)) {
        visitors.push_back(one.subject.id);
      }
      for (uint64_t n = random.Below(4); n > 0; --n) {
        window.Enter();
        ++added;
        instance.customers().AddEvent(
            access, MakeEvent(random, one.subject, SystemClock().NowMs()), {},
            [&window](const Result<apps::Written>& done) { window.Leave(done.has_value()); });
      }
    }
    if (page->size() < kPage) {
      break;
    }
  }
  failed = window.Finish();
  return added;
}

}  // namespace

int RunDemo(const Context& context, const DemoArguments& arguments) {
  if (!arguments.out.empty()) {
    return WriteCsv(arguments);
  }
  const char* passphrase = std::getenv("FIDUCIA_PASSPHRASE");
  auto instance = server::Instance::Open(
      context.home, {passphrase == nullptr ? "" : passphrase, nullptr, nullptr});
  if (!instance) {
    std::fprintf(stderr, "fiducia: %s\n", instance.error().text.c_str());
    return kFailed;
  }
  model::Access access;
  access.actor = model::ActorWith((*instance)->operator_id(), "operator");
  access.purpose = "service";
  http::Request source = MakeRequest("POST", "/api/v1/sources");
  source.body = R"({"id":"demo","channel":"import","owner":"operator"})";
  (*instance)->Call(std::move(source));
  collect::ImportRequest request;
  request.mapping = *collect::ParseMapping("demo mapping", DemoTable::Mapping(),
                                           (*instance)->gate().policy().catalog);
  request.source = kSource;
  request.basis = model::BasisKind::kContract;
  request.purposes = {"service"};
  const std::string identity =
      "demo " + std::to_string(arguments.seed) + " " + std::to_string(arguments.customers);
  request.file_hash = Bytes(crypto::View(crypto::Sha256({identity})));
  DemoTable table(arguments.customers, arguments.seed);
  const bool show = isatty(STDERR_FILENO) == 1;
  const auto report = (*instance)->importer().Run(
      access, std::move(request), table, [&](const collect::ImportCounts& counts, int64_t) {
        if (show && counts.rows % 10000 < 200) {
          std::fprintf(stderr, "\r  %" PRId64 " of %" PRId64 " customers", counts.rows,
                       arguments.customers);
        }
        return true;
      });
  if (!report) {
    std::fprintf(stderr, "fiducia: %s\n", server::TroubleOf(report.error()).text.c_str());
    return kFailed;
  }
  int64_t failed = 0;
  std::vector<Uuid> visitors;
  const int64_t events = report->counts.created == 0
                             ? 0
                             : AddEvents(**instance, access, arguments.seed, visitors, failed);
  const int64_t tickets = AddTickets(**instance, visitors);
  if (show) {
    std::fprintf(stderr, "\r\033[K");
  }
  Json json = collect::ReportToJson(*report);
  json["events"] = events - failed;
  json["tickets"] = tickets;
  if (context.json) {
    std::printf("%s\n", WriteJson(json).c_str());
  } else {
    std::printf("%" PRId64 " made-up customers, %" PRId64 " rows in quarantine, %" PRId64
                " orders and complaints, %" PRId64 " tickets\n",
                report->counts.created, report->counts.quarantined, events - failed, tickets);
  }
  return failed == 0 ? kOk : kFailed;
}

}  // namespace fiducia::cli
