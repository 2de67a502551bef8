// The power-cut laboratory: an installation works, power goes at a random write, what the disk kept
// is opened again, and everything that was acknowledged must be there. Then the same with a disk
// that fails or is full at each of its calls in turn.
//
//   power_cut --cuts N [--seed S]     N cuts
//   power_cut --faults N              a fault at each of N places
//   power_cut --lying-disk            syncs that do nothing: succeeds only if that is found out
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <set>

#include "cut_vfs.h"
#include "recovery/fsck.h"
#include "testing/world.h"

namespace fiducia::crash {

namespace {

namespace fs = std::filesystem;

struct Loss {
  std::string what;
};

// What was acknowledged.
struct Ledger {
  std::vector<std::string> living;
  std::set<std::string> unsure;  // asked to be erased, without an answer
  std::vector<std::string> erased;
  int64_t created = 0;
  int64_t reads = 0;
};

http::Response Ask(server::Instance& instance, const std::string& method, const std::string& path,
                   const std::string& purpose, const std::string& body = "") {
  http::Request request;
  request.method = method;
  request.path = path;
  request.headers["content-type"] = "application/json";
  request.headers["fiducia-purpose"] = purpose;
  request.body = body;
  return instance.Call(std::move(request));
}

class Laboratory {
 public:
  explicit Laboratory(uint64_t seed) : random_(seed) { Fresh(); }
  ~Laboratory() { fs::remove_all(home_.folder); }
  Laboratory(const Laboratory&) = delete;
  Laboratory& operator=(const Laboratory&) = delete;

  // A new installation.
  void Fresh() {
    Arm({});
    fs::remove_all(home_.folder);
    home_.folder = testing::TempFolder();
    fs::remove(home_.folder);
    ledger_ = {.created = ledger_.created, .reads = ledger_.reads};
    if (const auto made = server::Instance::Init(home_, {}); !made) {
      throw Loss{"init failed: " + made.error().text};
    }
    Open();
    Ask(*instance_, "POST", "/api/v1/sources", "",
        R"({"id":"shop","channel":"api","owner":"ops"})");
  }

  void Open() {
    auto opened = server::Instance::Open(home_, {"", &clock_, nullptr});
    if (!opened) {
      throw Loss{"the installation does not open: " + opened.error().text};
    }
    instance_ = std::move(*opened);
  }

  // Works until the fault has struck and `after` more requests were made.
  void Work(int after) {
    for (int left = after; left > 0; left -= Happened() ? 1 : 0) {
      Step();
    }
  }

  void Step() {
    const uint64_t draw = random_.Below(100);
    if (draw < 3) {
      clock_.JumpWallTo(clock_.NowMs() + static_cast<int64_t>(random_.Below(7200000)) - 3600000);
    }
    if (draw < 55 || ledger_.living.empty()) {
      Create();
    } else if (draw < 60) {
      Erase();
    } else {
      const std::string& id = ledger_.living[random_.Below(ledger_.living.size())];
      const int status = Ask(*instance_, "GET", "/api/v1/customers/" + id, "service").status;
      Expect(status, {200, 404, 410}, "a read");
      ledger_.reads += status == 200 ? 1 : 0;
    }
  }

  // Power comes back: the instance goes, and another opens what the disk kept.
  void PowerCut() {
    instance_.reset();
    const std::string back = testing::TempFolder();
    crash::PowerOn(home_.folder, back, random_.Next());
    Arm({});
    fs::remove_all(home_.folder);
    home_.folder = back;
    Open();
  }

  void Verify(bool thorough) {
    const size_t newest = ledger_.living.size() - std::min<size_t>(ledger_.living.size(), 40);
    for (size_t i = newest; i < ledger_.living.size(); ++i) {
      Present(ledger_.living[i]);
    }
    for (int i = 0; i < 5 && !ledger_.living.empty(); ++i) {
      Present(ledger_.living[random_.Below(ledger_.living.size())]);
    }
    for (const std::string& id : ledger_.erased) {
      const int status = Ask(*instance_, "GET", "/api/v1/customers/" + id, "service").status;
      if (status != 404 && status != 410) {
        throw Loss{"an erased customer came back"};
      }
    }
    if (thorough) {
      const auto report = recovery::Fsck(instance_->recovery());
      if (!report || !report->ok()) {
        throw Loss{"fsck: " + (report ? report->findings[0].what : "failed")};
      }
      instance_.reset();
      const auto log = server::VerifyHome(home_);
      if (!log.ok()) {
        throw Loss{"the audit log: " + log.findings[0].what};
      }
      Open();
    }
  }

  const Ledger& ledger() const { return ledger_; }
  SeededRandom& random() { return random_; }

 private:
  static void Expect(int status, const std::set<int>& good, const std::string& what) {
    // Once the disk fails, 503 is the honest answer; before, it is a fault.
    if (!good.contains(status) && !(Happened() && (status == 503 || status == 500))) {
      throw Loss{what + " gave " + std::to_string(status)};
    }
  }
  void Create() {
    const std::string digits = std::to_string(100000000 + number_++).substr(1);
    const auto response =
        Ask(*instance_, "POST", "/api/v1/customers", "service",
            R"({"kind":"person","source":"shop","basis":"contract","fields":{"name_full":"Cut",)"
            R"("mobile":"+86138)" +
                digits + "\"}}");
    Expect(response.status, {201}, "a creation");
    if (response.status == 201) {
      ledger_.living.push_back(JsonText(testing::Body(response), "id"));
      ++ledger_.created;
    }
  }
  void Erase() {
    const size_t at = random_.Below(ledger_.living.size());
    const std::string id = ledger_.living[at];
    ledger_.living.erase(ledger_.living.begin() + static_cast<ptrdiff_t>(at));
    const int status =
        Ask(*instance_, "DELETE", "/api/v1/customers/" + id, "legal_compliance").status;
    Expect(status, {200, 404, 410}, "an erasure");
    if (status == 200) {
      ledger_.erased.push_back(id);
    } else {
      ledger_.unsure.insert(id);
    }
  }
  void Present(const std::string& id) {
    const auto response = Ask(*instance_, "GET", "/api/v1/customers/" + id, "service");
    if (response.status != 200) {
      throw Loss{"an acknowledged customer is lost: " + std::to_string(response.status)};
    }
    ++ledger_.reads;
  }

  SeededRandom random_;
  server::Home home_;
  testing::FakeClock clock_;
  std::unique_ptr<server::Instance> instance_;
  Ledger ledger_;
  int64_t number_ = 1;
};

constexpr int kCutsPerHome = 100;

// Gives the number of cuts survived.
int64_t RunCuts(Laboratory& laboratory, int64_t cuts, bool lying_disk) {
  for (int64_t cut = 0; cut < cuts; ++cut) {
    if (cut % kCutsPerHome == 0 && cut > 0) {
      laboratory.Fresh();
    }
    const auto at = static_cast<int64_t>(1 + laboratory.random().Below(400));
    Arm({Fault::Kind::kCut, at, 1, lying_disk});
    try {
      laboratory.Work(2);
      laboratory.PowerCut();
      laboratory.Verify(cut % 25 == 24);
    } catch (const Loss& loss) {
      std::printf("after %lld cuts: %s\n", static_cast<long long>(cut), loss.what.c_str());
      return cut;
    }
  }
  return cuts;
}

bool RunFaults(Laboratory& laboratory, int64_t places) {
  for (int64_t place = 1; place <= places; ++place) {
    for (const Fault::Kind kind : {Fault::Kind::kIoError, Fault::Kind::kFull}) {
      try {
        // One failing call, and a disk that stays full for a while.
        Arm({kind, place, kind == Fault::Kind::kFull ? 20 : 1, false});
        laboratory.Work(12);
        // The disk is well again: without a restart everything works and nothing is missing.
        Arm({});
        laboratory.Step();
        laboratory.Verify(place % 50 == 0);
      } catch (const Loss& loss) {
        std::printf("fault %d at call %lld: %s\n", static_cast<int>(kind),
                    static_cast<long long>(place), loss.what.c_str());
        return false;
      }
    }
    if (place % kCutsPerHome == 0) {
      laboratory.Fresh();
    }
  }
  return true;
}

int Run(int argc, char** argv) {
  // Every fault is logged, as it should be: not here.
  if (std::freopen("/dev/null", "w", stderr) == nullptr) {
    return 2;
  }
  const std::string mode = argc > 1 ? argv[1] : "";
  const int64_t count = argc > 2 ? std::stoll(argv[2]) : 100;
  const uint64_t seed = argc > 4 ? std::stoull(argv[4]) : 1;
  InstallCutDisk();
  Laboratory laboratory(seed);
  const auto started = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  };
  if (mode == "--lying-disk") {
    const int64_t survived = RunCuts(laboratory, 100, true);
    std::printf("a disk that does not sync was found out after %lld cuts\n",
                static_cast<long long>(survived));
    return survived < 100 ? 0 : 1;
  }
  if (mode == "--faults") {
    const bool good = RunFaults(laboratory, count);
    std::printf("%lld places, an I/O error and a full disk at each, in %.0f s: %s\n",
                static_cast<long long>(count), seconds(), good ? "nothing lost" : "FAILED");
    return good ? 0 : 1;
  }
  const int64_t survived = RunCuts(laboratory, count, false);
  std::printf("%lld power cuts in %.0f s: %lld creations, %lld reads acknowledged, %s\n",
              static_cast<long long>(survived), seconds(),
              static_cast<long long>(laboratory.ledger().created),
              static_cast<long long>(laboratory.ledger().reads),
              survived == count ? "none lost, none revived" : "FAILED");
  return survived == count ? 0 : 1;
}

}  // namespace

}  // namespace fiducia::crash

int main(int argc, char** argv) { return fiducia::crash::Run(argc, argv); }
