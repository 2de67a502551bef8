// Measures inside one process: raw SQLite beside ours, seal and open, decisions, audit
// verification. Prints JSON; bench/run.py makes the table.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include <sqlite3.h>

#include "base/log.h"
#include "server/instance.h"
#include "store/subjects.h"

namespace fiducia {

namespace {

using Clock = std::chrono::steady_clock;

double Seconds(const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Group commits of `batch` rows of `bytes` each, synchronous=FULL: the floor under a durable
// create.
double RawGroupCommitsPerSecond(const std::string& folder, int batch, int bytes) {
  sqlite3* db = nullptr;
  sqlite3_open((folder + "/raw.db").c_str(), &db);
  sqlite3_exec(db,
               "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
               "CREATE TABLE t(k BLOB PRIMARY KEY, v BLOB)",
               nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(db, "INSERT INTO t VALUES(?, ?)", -1, &insert, nullptr);
  const std::string value(static_cast<size_t>(bytes), 'x');
  constexpr int kBatches = 300;
  const double seconds = Seconds([&] {
    for (int i = 0; i < kBatches; ++i) {
      sqlite3_exec(db, "BEGIN", nullptr, nullptr, nullptr);
      for (int j = 0; j < batch; ++j) {
        const Uuid id = Uuid::V7(SystemClock(), SystemRng());
        sqlite3_bind_blob(insert, 1, id.bytes().data(), 16, SQLITE_TRANSIENT);
        sqlite3_bind_blob(insert, 2, value.data(), bytes, SQLITE_STATIC);
        sqlite3_step(insert);
        sqlite3_reset(insert);
      }
      sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
    }
  });
  sqlite3_finalize(insert);
  sqlite3_close(db);
  return kBatches * batch / seconds;
}

// Creates through the service with a window of requests under way, as a server with that many
// connections would.
double CreatesPerSecond(server::Instance& instance, const model::Access& access, int window,
                        int total) {
  std::mutex mutex;
  std::condition_variable free;
  int running = 0;
  const double seconds = Seconds([&] {
    for (int i = 0; i < total; ++i) {
      {
        std::unique_lock lock(mutex);
        free.wait(lock, [&] { return running < window; });
        ++running;
      }
      apps::CreateCommand command;
      command.source = "bench";
      command.basis = model::BasisKind::kContract;
      const std::string n = std::to_string(10000000 + i);
      const std::pair<const char*, std::string> values[] = {{"name_full", "Bench Person"},
                                                            {"mobile", "+86139" + n},
                                                            {"email", n + "@example.com"},
                                                            {"street", "1 Bench Street"},
                                                            {"city", "Benchtown"},
                                                            {"country", "CN"},
                                                            {"sex", "F"},
                                                            {"birth_date", "1980-01-01"},
                                                            {"employer", "Bench Ltd"},
                                                            {"language", "en"},
                                                            {"occupation", "tester"},
                                                            {"education", "none"}};
      for (const auto& [field, value] : values) {
        command.fields.emplace_back(field, std::vector<model::Sensitive>());
        command.fields.back().second.push_back(model::Sensitive::CopyOf(value));
      }
      instance.customers().Create(access, std::move(command), {}, [&](Result<apps::Written>) {
        const std::lock_guard lock(mutex);
        --running;
        free.notify_one();
      });
    }
    std::unique_lock lock(mutex);
    free.wait(lock, [&] { return running == 0; });
  });
  return total / seconds;
}

double DecisionNanoseconds() {
  const rules::Policy policy = *rules::LoadPolicy();
  const gate::Decider decider(policy);
  store::Standing standing;
  standing.bases.push_back({"service", model::BasisKind::kContract, true, false, 0, 1});
  const std::vector<model::Lease> agent = {{.role = "agent"}};
  constexpr int kRounds = 2000000;
  int64_t sum = 0;
  const double seconds = Seconds([&] {
    for (int i = 0; i < kRounds; ++i) {
      const gate::Situation s{agent, "service", i % 2 == 0 ? model::Op::kRead : model::Op::kReveal,
                              &standing, 1};
      sum += decider.Decide(s).clear.count();
    }
  });
  return sum == 0 ? 0 : seconds / kRounds * 1e9;
}

struct AuditFigures {
  double leaves_per_second;
  double hash_megabytes_per_second;
  double verify_megabytes_per_second;
};

AuditFigures Audit(server::Instance& instance, const server::Home& home,
                   const model::Access& access) {
  constexpr int kLeaves = 300000;
  audit::Receipt last;
  for (int i = 0; i < kLeaves; ++i) {
    audit::Leaf leaf = instance.gate().NewLeaf(access, "bench", "allowed");
    leaf.pseudonym = Bytes(16, 'p');
    last = instance.gate().Record(0, leaf);
    if (i % 4000 == 3999) {
      (void)last.Wait();
    }
  }
  (void)last.Wait();
  (void)instance.log().Publish();
  uint64_t bytes = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(home.Audit() + "/tile/entries")) {
    bytes += entry.is_regular_file() ? entry.file_size() : 0;
  }
  uint64_t size = 0;
  const double verify =
      Seconds([&] { size = audit::Verify(home.Audit(), instance.log().verifier(), nullptr).size; });
  const std::string piece(bytes / size, 'x');
  const double hash = Seconds([&] {
    for (uint64_t i = 0; i < size; ++i) {
      (void)crypto::Sha256({piece});
    }
  });
  const double megabytes = static_cast<double>(bytes) / 1e6;
  return {static_cast<double>(size) / verify, megabytes / hash, megabytes / verify};
}

void Run(const std::string& folder) {
  SetLogLevel(LogLevel::kError);
  const server::Home home{folder + "/home"};
  (void)server::Instance::Init(home, {});
  auto instance = std::move(*server::Instance::Open(home));
  model::Access access;
  access.actor = model::ActorWith(instance->operator_id(), "operator");
  access.purpose = "service";
  http::Request source;
  source.method = "POST";
  source.path = "/api/v1/sources";
  source.headers["content-type"] = "application/json";
  source.body = R"({"id":"bench","channel":"api","owner":"ops"})";
  (void)instance->Call(std::move(source));
  (void)CreatesPerSecond(*instance, access, 64, 2000);  // warm
  const double creates = CreatesPerSecond(*instance, access, 64, 20000);
  const double raw = RawGroupCommitsPerSecond(folder, 64, 2200);
  const double decision = DecisionNanoseconds();
  const AuditFigures audit = Audit(*instance, home, access);
  std::printf(
      "{\"creates_per_s\": %.0f, \"raw_inserts_per_s\": %.0f, \"decision_ns\": %.1f, "
      "\"audit_leaves_per_s\": %.0f, \"audit_mb_per_s\": %.1f, \"sha256_mb_per_s\": %.1f}\n",
      creates, raw, decision, audit.leaves_per_second, audit.verify_megabytes_per_second,
      audit.hash_megabytes_per_second);
}

}  // namespace

}  // namespace fiducia

int main(int argc, char** argv) {
  fiducia::Run(argc > 1 ? argv[1] : "/tmp");
  return 0;
}
