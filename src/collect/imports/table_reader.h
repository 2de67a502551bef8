// Tables as they come: CSV in any delimiter and encoding, NDJSON, XLSX, and contacts as vCard or
// LDIF. Streaming, with limits on all that a hostile file could blow up.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/sensitive.h"

namespace fiducia::collect {

constexpr size_t kColumnsMax = 2000;
constexpr size_t kRowBytesMax = size_t{4} << 20;

// One row; cells in the order of the header. `whole` is false if the row had another number of
// cells.
struct TableRow {
  int64_t number = 0;  // 1 is the first row after the header
  std::vector<model::Sensitive> cells;
  bool whole = true;
};

class TableReader {
 public:
  virtual ~TableReader() = default;
  virtual const std::vector<std::string>& header() const = 0;
  // False at the end. Errors: kInvalidInput with the row at which the file breaks.
  virtual Result<bool> Next(TableRow& row) = 0;
  virtual int64_t bytes_read() const = 0;
};

// Where the bytes come from: a file, or a body in memory.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual Result<size_t> Read(char* out, size_t size) = 0;  // 0 at the end
  virtual int64_t size() const = 0;
};
Result<std::unique_ptr<ByteSource>> OpenFileSource(const std::string& path);
std::unique_ptr<ByteSource> MemorySource(std::string content);

// Finds out what it is by looking. Errors: kInvalidInput with the reason, kNotFound.
Result<std::unique_ptr<TableReader>> OpenTable(std::unique_ptr<ByteSource> source);

// Reads to the end: a file that breaks halfway is refused before any of it comes in.
Status CheckWhole(TableReader& table);

// For OpenTable.
Result<std::unique_ptr<TableReader>> OpenCsv(std::unique_ptr<ByteSource> utf8,
                                             const std::string& head);
Result<std::unique_ptr<TableReader>> OpenNdjson(std::unique_ptr<ByteSource> utf8,
                                                const std::string& head);
Result<std::unique_ptr<TableReader>> OpenVcard(std::unique_ptr<ByteSource> utf8);
Result<std::unique_ptr<TableReader>> OpenLdif(std::unique_ptr<ByteSource> utf8);
Result<std::unique_ptr<TableReader>> OpenXlsx(std::unique_ptr<ByteSource> source, std::string head);

}  // namespace fiducia::collect
