// A running database as a stream: its file as it is, then the pages of every commit after it. For
// backups that never stop the writer.
#pragma once

#include <functional>

#include "base/bytes.h"

namespace fiducia::db {

// Pages written by whole commits, the last of them first to win: u32 number (1-based), page.
struct PageBatch {
  Bytes pages;
  uint32_t page_size = 0;
  uint32_t pages_after = 0;  // size of the database after these commits, in pages
  bool empty() const { return pages.empty(); }
};

class PageStream {
 public:
  virtual ~PageStream() = default;
  // The database file, in pieces. What is written meanwhile comes with Next.
  virtual Status Base(const std::function<Status(BytesView piece)>& each) = 0;
  // All commits since the last call, in batches; none of them is cut.
  virtual Status Next(const std::function<Status(const PageBatch& batch)>& each) = 0;
  // Bytes waiting for Next.
  virtual int64_t waiting() const = 0;
};

// Applies a batch to a database file made from a base. Not durable before `FinishPages`.
Status ApplyPages(int fd, const PageBatch& batch);
// Errors: kCorrupt if the file fails SQLite's own check.
Status CheckDatabaseFile(const std::string& file);

}  // namespace fiducia::db
