// A disk that loses power: SQLite writes through it to real files, while it remembers what was made
// durable. At a cut, sectors that were written but not synced survive or not, each by chance.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace fiducia::crash {

// What the disk does to calls that write.
struct Fault {
  enum class Kind { kNone, kCut, kIoError, kFull };
  Kind kind = Kind::kNone;
  int64_t at = 0;            // the write or sync, counted from 1, at which it happens
  int64_t calls = 1;         // how many calls fail; a cut fails all
  bool ignore_sync = false;  // a disk that lies: the laboratory must find it out
};

// Makes the disk SQLite's default. Once a process.
void InstallCutDisk();
// Starts counting anew.
void Arm(const Fault& fault);
// Whether the fault has happened.
bool Happened();
int64_t Calls();
// What a machine finds in `folder` when power is back, written to `target`: files of SQLite as the
// disk had them at the cut, all others as they are. `seed` decides what survived.
void PowerOn(const std::string& folder, const std::string& target, uint64_t seed);

}  // namespace fiducia::crash
