#include "cut_vfs.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include <sqlite3.h>

#include "base/rng.h"

namespace fiducia::crash {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kSector = 512;

// A write on its way to the platter; `data` empty and `truncate` set: a cut of the file's length.
struct Pending {
  int64_t at = 0;
  std::string data;
  bool truncate = false;
};

struct Disk {
  std::string durable;
  std::vector<Pending> pending;
  bool synced = false;  // ever: else the file itself may be missing
};

struct World {
  std::mutex mutex;
  std::map<std::string, Disk> disks;   // by path, as it runs
  std::map<std::string, Disk> at_cut;  // the state at the cut
  Fault fault;
  int64_t calls = 0;
  bool happened = false;
  sqlite3_vfs* base = nullptr;
  sqlite3_vfs vfs{};
  sqlite3_io_methods methods{};
};

World& Here() {
  static auto* world = new World;
  return *world;
}

struct CutFile {
  sqlite3_file head;
  char path[512];
  bool watched;
  // The real file follows.
};

sqlite3_file* Real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(CutFile));
}

void Apply(std::string& image, const Pending& pending) {
  const auto end = static_cast<size_t>(pending.at) + pending.data.size();
  if (pending.truncate) {
    image.resize(static_cast<size_t>(pending.at));
    return;
  }
  if (image.size() < end) {
    image.resize(end, '\0');
  }
  image.replace(static_cast<size_t>(pending.at), pending.data.size(), pending.data);
}

// Counts one call; gives SQLITE_OK or what it fails with.
int Count(World& world, int io_error) {
  if (world.fault.kind == Fault::Kind::kCut && world.happened) {
    return io_error;
  }
  ++world.calls;
  const int64_t at = world.fault.at;
  if (world.fault.kind == Fault::Kind::kNone || world.calls < at ||
      (world.fault.kind != Fault::Kind::kCut && world.calls >= at + world.fault.calls)) {
    return SQLITE_OK;
  }
  if (!world.happened) {
    world.happened = true;
    world.at_cut = world.disks;
  }
  return world.fault.kind == Fault::Kind::kFull ? SQLITE_FULL : io_error;
}

int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  auto* self = reinterpret_cast<CutFile*>(file);
  if (self->watched) {
    World& world = Here();
    const std::lock_guard lock(world.mutex);
    if (const int rc = Count(world, SQLITE_IOERR_WRITE); rc != SQLITE_OK) {
      return rc;
    }
    world.disks[self->path].pending.push_back(
        {at, std::string(static_cast<const char*>(data), static_cast<size_t>(size)), false});
  }
  return Real(file)->pMethods->xWrite(Real(file), data, size, at);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  auto* self = reinterpret_cast<CutFile*>(file);
  if (self->watched) {
    World& world = Here();
    const std::lock_guard lock(world.mutex);
    if (const int rc = Count(world, SQLITE_IOERR_TRUNCATE); rc != SQLITE_OK) {
      return rc;
    }
    world.disks[self->path].pending.push_back({size, {}, true});
  }
  return Real(file)->pMethods->xTruncate(Real(file), size);
}

int Sync(sqlite3_file* file, int /*flags*/) {
  auto* self = reinterpret_cast<CutFile*>(file);
  if (self->watched) {
    World& world = Here();
    const std::lock_guard lock(world.mutex);
    Disk& disk = world.disks[self->path];
    if (const int rc = Count(world, SQLITE_IOERR_FSYNC); rc != SQLITE_OK) {
      return rc;
    }
    if (!world.fault.ignore_sync) {
      for (const Pending& pending : disk.pending) {
        Apply(disk.durable, pending);
      }
      disk.pending.clear();
      disk.synced = true;
    }
  }
  return SQLITE_OK;  // the real disk need not wait: what survives is decided here
}

int Close(sqlite3_file* file) {
  const int rc = Real(file)->pMethods->xClose(Real(file));
  file->pMethods = nullptr;
  return rc;
}
int Read(sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
  return Real(f)->pMethods->xRead(Real(f), to, n, at);
}
int Size(sqlite3_file* f, sqlite3_int64* size) {
  return Real(f)->pMethods->xFileSize(Real(f), size);
}
int Lock(sqlite3_file* f, int level) { return Real(f)->pMethods->xLock(Real(f), level); }
int Unlock(sqlite3_file* f, int level) { return Real(f)->pMethods->xUnlock(Real(f), level); }
int Check(sqlite3_file* f, int* out) { return Real(f)->pMethods->xCheckReservedLock(Real(f), out); }
int Control(sqlite3_file* f, int op, void* arg) {
  return Real(f)->pMethods->xFileControl(Real(f), op, arg);
}
int SectorSize(sqlite3_file* /*f*/) { return static_cast<int>(kSector); }
int Traits(sqlite3_file* /*f*/) { return 0; }  // promises nothing: no atomic writes, no safe append
int ShmMap(sqlite3_file* f, int page, int size, int extend, void volatile** at) {
  return Real(f)->pMethods->xShmMap(Real(f), page, size, extend, at);
}
int ShmLock(sqlite3_file* f, int offset, int n, int flags) {
  return Real(f)->pMethods->xShmLock(Real(f), offset, n, flags);
}
void ShmBarrier(sqlite3_file* f) { Real(f)->pMethods->xShmBarrier(Real(f)); }
int ShmUnmap(sqlite3_file* f, int remove) { return Real(f)->pMethods->xShmUnmap(Real(f), remove); }

int Open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* out) {
  World& world = Here();
  auto* self = reinterpret_cast<CutFile*>(file);
  self->watched = name != nullptr && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0;
  self->path[0] = '\0';
  file->pMethods = nullptr;
  if (world.base == nullptr) {
    return SQLITE_CANTOPEN;
  }
  const int rc = world.base->xOpen(world.base, name, Real(file), flags, out);
  if (rc != SQLITE_OK) {
    return rc;
  }
  file->pMethods = &world.methods;
  if (self->watched) {
    std::strncpy(self->path, name, sizeof self->path - 1);
    const std::lock_guard lock(world.mutex);
    const auto [disk, fresh] = world.disks.try_emplace(self->path);
    if (fresh) {
      std::ifstream in(name, std::ios::binary);
      disk->second.durable.assign(std::istreambuf_iterator<char>(in), {});
      disk->second.synced = !disk->second.durable.empty();
    }
  }
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* /*vfs*/, const char* name, int sync) {
  World& world = Here();
  {
    const std::lock_guard lock(world.mutex);
    if (world.happened && world.fault.kind == Fault::Kind::kCut) {
      return SQLITE_IOERR_DELETE;
    }
    world.disks.erase(name);
  }
  return world.base->xDelete(world.base, name, sync);
}

// Each sector of each write survives or not; so does the length.
std::string Survivors(const Disk& disk, SeededRandom& random) {
  std::string image = disk.durable;
  const bool all = random.Chance(100);
  const bool none = random.Chance(100);
  for (const Pending& pending : disk.pending) {
    if (none) {
      break;
    }
    if (pending.truncate || all) {
      if (all || random.Chance(500)) {
        Apply(image, pending);
      }
      continue;
    }
    const auto size = static_cast<int64_t>(pending.data.size());
    for (int64_t from = 0; from < size;) {
      const int64_t next =
          std::min(size, (pending.at + from) / kSector * kSector + kSector - pending.at);
      if (random.Chance(500)) {
        Apply(image,
              {pending.at + from,
               pending.data.substr(static_cast<size_t>(from), static_cast<size_t>(next - from)),
               false});
      }
      from = next;
    }
  }
  return image;
}

}  // namespace

void InstallCutDisk() {
  World& world = Here();
  world.base = sqlite3_vfs_find(nullptr);
  world.vfs = *world.base;
  world.vfs.zName = "cut";
  world.vfs.pNext = nullptr;
  world.vfs.szOsFile = static_cast<int>(sizeof(CutFile)) + world.base->szOsFile;
  world.vfs.xOpen = Open;
  world.vfs.xDelete = Delete;
  world.methods = {2,       Close,      Read,     Write,   Truncate,   Sync,   Size,
                   Lock,    Unlock,     Check,    Control, SectorSize, Traits, ShmMap,
                   ShmLock, ShmBarrier, ShmUnmap, nullptr, nullptr};
  sqlite3_vfs_register(&world.vfs, 1);
}

void Arm(const Fault& fault) {
  World& world = Here();
  const std::lock_guard lock(world.mutex);
  if (fault.kind == Fault::Kind::kCut || fault.kind == Fault::Kind::kNone) {
    world.at_cut.clear();
  }
  world.fault = fault;
  world.calls = 0;
  world.happened = false;
}

bool Happened() {
  World& world = Here();
  const std::lock_guard lock(world.mutex);
  return world.happened;
}

int64_t Calls() {
  World& world = Here();
  const std::lock_guard lock(world.mutex);
  return world.calls;
}

void PowerOn(const std::string& folder, const std::string& target, uint64_t seed) {
  World& world = Here();
  SeededRandom random(seed);
  fs::remove_all(target);
  fs::copy(folder, target, fs::copy_options::recursive);
  const std::lock_guard lock(world.mutex);
  const auto& disks = world.happened ? world.at_cut : world.disks;
  for (const auto& entry : fs::recursive_directory_iterator(target)) {
    const std::string path = entry.path();
    if (path.ends_with("-shm") || path.ends_with(".db") || path.ends_with("-wal")) {
      fs::remove(entry.path());
    }
  }
  for (const auto& [path, disk] : disks) {
    if (!path.starts_with(folder + "/") || (!disk.synced && random.Chance(300))) {
      continue;
    }
    std::ofstream(target + path.substr(folder.size()), std::ios::binary) << Survivors(disk, random);
  }
  std::erase_if(world.disks, [&](const auto& d) { return d.first.starts_with(folder + "/"); });
}

}  // namespace fiducia::crash
