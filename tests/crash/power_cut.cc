// The power-cut laboratory: an installation works, power goes at a random write, what the disk kept
// is opened again, and everything that was acknowledged must be there. Then the same with a disk
// that fails or is full at each of its calls in turn.
//
//   power_cut --cuts N [--seed S]     N cuts
//   power_cut --faults N              a fault at each of N places
//   power_cut --starved N             memory runs out at each of N places, in a process of its own
//   power_cut --lying-disk            syncs that do nothing: succeeds only if that is found out
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <set>

#include <sys/wait.h>
#include <unistd.h>

#include "cut_vfs.h"
#include "recovery/fsck.h"
#include "starved.h"
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
    auto opened = server::Instance::Open(home_, {.clock = &clock_});
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

// What a child has to tell before it ends or dies: one letter and an id a line.
class Told {
 public:
  explicit Told(int fd) : fd_(fd) {}
  void Say(char what, const std::string& id) const {
    const std::string line = what + id + "\n";
    FID_CHECK(write(fd_, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  }

 private:
  int fd_;
};

// The canonical requests, in a child whose memory runs out at allocation `at`. It may answer with
// an error and go on, or die: but nothing that it acknowledged may be missing.
void StarvedChild(const server::Home& home, int64_t at, const Told& told) {
  auto opened = server::Instance::Open(home, {});
  if (!opened) {
    _exit(3);
  }
  server::Instance& instance = **opened;
  StarveAt(at, 1);
  std::string last;
  for (int i = 0; i < 3; ++i) {
    const auto made = Ask(instance, "POST", "/api/v1/customers", "service",
                          R"({"kind":"person","source":"shop","basis":"contract","fields":{)"
                          R"("name_full":"Starved","mobile":"+8613800138000"}})");
    if (made.status == 201) {
      const std::string id = JsonText(testing::Body(made), "id");
      told.Say('c', id);
      last = id;
    }
    Ask(instance, "GET", "/api/v1/customers/" + last, "service");
    Ask(instance, "POST", "/api/v1/customers/search", "service",
        R"({"where":{"mobile":"+8613800138000"}})");
    if (i == 1 && !last.empty()) {
      told.Say('?', last);
      const auto gone = Ask(instance, "DELETE", "/api/v1/customers/" + last, "legal_compliance");
      if (gone.status == 200) {
        told.Say('e', last);
      }
    }
  }
  told.Say('n', std::to_string(Allocations()));
  opened->reset();
  _exit(0);
}

std::string ReadAll(int fd) {
  std::string text;
  std::array<char, 4096> piece{};
  for (ssize_t got = 0; (got = read(fd, piece.data(), piece.size())) > 0;) {
    text.append(piece.data(), static_cast<size_t>(got));
  }
  return text;
}

// What became of one child.
struct Starved {
  std::set<std::string> created;
  std::set<std::string> unsure;
  std::set<std::string> erased;
  int64_t allocations = 0;
  bool died = false;
};

Starved Starve(const server::Home& home, int64_t at) {
  std::array<int, 2> ends{};
  FID_CHECK(pipe(ends.data()) == 0);
  const pid_t child = fork();
  FID_CHECK(child >= 0);
  if (child == 0) {
    close(ends[0]);
    StarvedChild(home, at, Told(ends[1]));
  }
  close(ends[1]);
  const std::string told = ReadAll(ends[0]);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  Starved result;
  result.died = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
  for (size_t from = 0; from < told.size();) {
    const size_t end = told.find('\n', from);
    const std::string id = told.substr(from + 1, end - from - 1);
    switch (told[from]) {
      case 'c':
        result.created.insert(id);
        break;
      case '?':
        result.unsure.insert(id);
        break;
      case 'e':
        result.erased.insert(id);
        break;
      default:
        result.allocations = std::stoll(id);
    }
    from = end + 1;
  }
  return result;
}

void CheckStarved(const server::Home& home, const Starved& starved) {
  auto opened = server::Instance::Open(home, {});
  if (!opened) {
    throw Loss{"the installation does not open: " + opened.error().text};
  }
  for (const std::string& id : starved.created) {
    const int status = Ask(**opened, "GET", "/api/v1/customers/" + id, "service").status;
    const bool gone = status == 404 || status == 410;
    if (starved.erased.contains(id) ? !gone
                                    : status != 200 && !(gone && starved.unsure.contains(id))) {
      throw Loss{"an acknowledged change is lost: " + std::to_string(status)};
    }
  }
  const auto report = recovery::Fsck((*opened)->recovery());
  if (!report || !report->ok()) {
    throw Loss{"fsck: " + (report ? report->findings[0].what : "failed")};
  }
  opened->reset();
  const auto log = server::VerifyHome(home);
  if (!log.ok()) {
    throw Loss{"the audit log: " + log.findings[0].what};
  }
}

bool RunStarved(int64_t places) {
  server::Home home{testing::TempFolder()};
  fs::remove(home.folder);
  bool good = true;
  int64_t deaths = 0;
  try {
    if (const auto made = server::Instance::Init(home, {}); !made) {
      throw Loss{made.error().text};
    }
    Ask(**server::Instance::Open(home, {}), "POST", "/api/v1/sources", "",
        R"({"id":"shop","channel":"api","owner":"ops"})");
    // Once without hunger: how many allocations there are to choose from.
    const int64_t all = std::max(Starve(home, 0).allocations, places);
    for (int64_t i = 0; i < places; ++i) {
      const Starved starved = Starve(home, 1 + i * all / places);
      deaths += starved.died ? 1 : 0;
      CheckStarved(home, starved);
    }
    std::printf("%lld of %lld allocations refused: %lld processes died, the others went on, ",
                static_cast<long long>(places), static_cast<long long>(all),
                static_cast<long long>(deaths));
  } catch (const Loss& loss) {
    std::printf("%s\n", loss.what.c_str());
    good = false;
  }
  fs::remove_all(home.folder);
  std::printf("%s\n", good ? "nothing lost" : "FAILED");
  return good;
}

int Run(int argc, char** argv) {
  // Every fault is logged, as it should be: not here.
  if (std::freopen("/dev/null", "w", stderr) == nullptr) {
    return 2;
  }
  const std::string mode = argc > 1 ? argv[1] : "";
  const int64_t count = argc > 2 ? std::stoll(argv[2]) : 100;
  const uint64_t seed = argc > 4 ? std::stoull(argv[4]) : 1;
  if (mode == "--starved") {
    return RunStarved(count) ? 0 : 1;
  }
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
