// How long to stand aside when another transaction was in the way.
#pragma once

#include <cstdint>

namespace fiducia::db {

// A server that has to forget which transactions met refuses for as long as the longest of them
// runs, and not only the one that was in the way (PostgreSQL 15, 13.2.3): a count of tries would
// be used up in an instant. So the bound is a time, and the pauses grow up to a tenth of a second.
class PgBackoff {
 public:
  // `patience_ms`: from now on.
  explicit PgBackoff(int64_t patience_ms);
  // Waits, so that two do not meet again at once. False, without waiting, when patience is over.
  bool Wait();

 private:
  int64_t deadline_ms_;
  int64_t pause_us_ = 500;
};

}  // namespace fiducia::db
