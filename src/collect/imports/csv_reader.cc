#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include <fcntl.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "collect/imports/encoding.h"
#include "collect/imports/table_reader.h"

namespace fiducia::collect {

namespace {

constexpr size_t kHeadSize = 65536;

class FileSource : public ByteSource {
 public:
  FileSource(int fd, int64_t size) : fd_(fd), size_(size) {}
  ~FileSource() override { close(fd_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  Result<size_t> Read(char* out, size_t size) override {
    const ssize_t n = read(fd_, out, size);
    if (n < 0) {
      return Fail(Code::kInvalidInput, "the file cannot be read");
    }
    return static_cast<size_t>(n);
  }
  int64_t size() const override { return size_; }

 private:
  int fd_;
  int64_t size_;
};

class StringSource : public ByteSource {
 public:
  explicit StringSource(std::string content) : content_(std::move(content)) {}
  Result<size_t> Read(char* out, size_t size) override {
    const size_t n = std::min(size, content_.size() - at_);
    std::memcpy(out, content_.data() + at_, n);
    at_ += n;
    return n;
  }
  int64_t size() const override { return static_cast<int64_t>(content_.size()); }

 private:
  std::string content_;
  size_t at_ = 0;
};

// A buffered stream of characters.
class Input {
 public:
  explicit Input(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
  // The next byte, or -1 at the end, or -2 if reading failed.
  int Get() {
    if (at_ == have_ && !Fill()) {
      return failed_ ? -2 : -1;
    }
    return static_cast<uint8_t>(buffer_[at_++]);
  }
  int Peek() {
    if (at_ == have_ && !Fill()) {
      return -1;
    }
    return static_cast<uint8_t>(buffer_[at_]);
  }
  int64_t total() const { return total_; }

 private:
  bool Fill() {
    const auto n = source_->Read(buffer_.data(), buffer_.size());
    failed_ = !n;
    at_ = 0;
    have_ = n ? *n : 0;
    total_ += static_cast<int64_t>(have_);
    return have_ > 0;
  }
  std::unique_ptr<ByteSource> source_;
  std::array<char, kHeadSize> buffer_;
  size_t at_ = 0;
  size_t have_ = 0;
  int64_t total_ = 0;
  bool failed_ = false;
};

// The delimiter that splits the first lines most often and most evenly.
char SniffDelimiter(std::string_view head) {
  char best = ',';
  size_t best_score = 0;
  for (const char candidate : {',', '\t', ';', '|'}) {
    std::map<size_t, size_t> widths;
    size_t count = 0;
    bool quoted = false;
    size_t lines = 0;
    for (const char c : head) {
      if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && c == candidate) {
        ++count;
      } else if (!quoted && c == '\n') {
        ++widths[count];
        count = 0;
        if (++lines == 20) {
          break;
        }
      }
    }
    if (lines == 0) {
      ++widths[count];
    }
    for (const auto& [width, times] : widths) {
      const size_t score = width == 0 ? 0 : times * 1000 + width;
      if (score > best_score) {
        best_score = score;
        best = candidate;
      }
    }
  }
  return best;
}

class CsvReader : public TableReader {
 public:
  CsvReader(std::unique_ptr<ByteSource> source, char delimiter)
      : input_(std::move(source)), delimiter_(delimiter) {}

  Status ReadHeader() {
    FID_ASSIGN(const bool any, ReadRecord());
    if (!any) {
      return Fail(Code::kInvalidInput, "the file is empty");
    }
    for (const std::string& cell : cells_) {
      header_.emplace_back(TrimAscii(cell));
    }
    return {};
  }
  const std::vector<std::string>& header() const override { return header_; }
  int64_t bytes_read() const override { return input_.total(); }

  Result<bool> Next(TableRow& row) override {
    do {
      FID_ASSIGN(const bool any, ReadRecord());
      if (!any) {
        return false;
      }
      ++number_;
    } while (cells_.size() == 1 && cells_[0].empty());  // a blank line
    row.number = number_;
    row.whole = cells_.size() == header_.size();
    row.cells.clear();
    for (std::string& cell : cells_) {
      row.cells.emplace_back(std::move(cell));
    }
    return true;
  }

 private:
  Result<bool> ReadRecord();
  // After a quote that is not doubled: the rest up to the delimiter belongs to the cell as it is.
  Result<bool> ReadQuoted(std::string& cell, size_t& bytes);

  Status TooLong() const {
    return Fail(Code::kInvalidInput, "a row is longer than 4 MiB: is a quote left open?",
                number_ + 1);
  }

  Input input_;
  char delimiter_;
  std::vector<std::string> header_;
  std::vector<std::string> cells_;
  int64_t number_ = 0;
};

Result<bool> CsvReader::ReadQuoted(std::string& cell, size_t& bytes) {
  while (true) {
    const int c = input_.Get();
    if (c < 0) {
      return Fail(Code::kInvalidInput, "the file ends inside a quoted cell", number_ + 1);
    }
    if (++bytes > kRowBytesMax) {
      return std::unexpected(TooLong().error());
    }
    if (c == '"') {
      if (input_.Peek() != '"') {
        return true;
      }
      input_.Get();
    }
    cell.push_back(static_cast<char>(c));
  }
}

Result<bool> CsvReader::ReadRecord() {
  cells_.clear();
  std::string cell;
  size_t bytes = 0;
  if (input_.Peek() == -1) {
    return false;
  }
  bool blank_so_far = true;
  while (true) {
    const int c = input_.Get();
    if (c == -2) {
      return Fail(Code::kInvalidInput, "the file cannot be read in its encoding", number_ + 1);
    }
    if (++bytes > kRowBytesMax) {
      return std::unexpected(TooLong().error());
    }
    if (c == '"' && blank_so_far) {
      cell.clear();
      FID_TRY(ReadQuoted(cell, bytes));
      blank_so_far = false;
    } else if (c == -1 || c == '\n' || c == delimiter_) {
      if (c != delimiter_ && !cell.empty() && cell.back() == '\r') {
        cell.pop_back();
      }
      cells_.push_back(std::move(cell));
      cell.clear();
      blank_so_far = true;
      if (cells_.size() > kColumnsMax) {
        return Fail(Code::kInvalidInput, "the file has more than 2000 columns", number_ + 1);
      }
      if (c != delimiter_) {
        return true;
      }
    } else {
      cell.push_back(static_cast<char>(c));
      blank_so_far = blank_so_far && c == ' ';
    }
  }
}

class NdjsonReader : public TableReader {
 public:
  explicit NdjsonReader(std::unique_ptr<ByteSource> source) : input_(std::move(source)) {}
  void SetHeader(std::vector<std::string> header) { header_ = std::move(header); }
  const std::vector<std::string>& header() const override { return header_; }
  int64_t bytes_read() const override { return input_.total(); }

  Result<bool> Next(TableRow& row) override {
    std::string line;
    do {
      line.clear();
      int c = input_.Get();
      if (c == -1) {
        return false;
      }
      for (; c >= 0 && c != '\n'; c = input_.Get()) {
        line.push_back(static_cast<char>(c));
        if (line.size() > kRowBytesMax) {
          return Fail(Code::kInvalidInput, "a row is longer than 4 MiB", number_ + 1);
        }
      }
      ++number_;
    } while (TrimAscii(line).empty());
    row.number = number_;
    row.cells.assign(header_.size(), model::Sensitive());
    const auto json = ParseJson(line, {.depth_max = 4, .values_max = 10000});
    row.whole = json && json->is_object();
    for (size_t i = 0; row.whole && i < header_.size(); ++i) {
      const auto found = json->find(header_[i]);
      if (found != json->end() && !found->is_null()) {
        row.cells[i] =
            model::Sensitive(found->is_string() ? found->get<std::string>() : found->dump());
      }
    }
    if (!row.whole) {
      row.cells.assign(1, model::Sensitive(std::move(line)));
    }
    return true;
  }

 private:
  Input input_;
  std::vector<std::string> header_;
  int64_t number_ = 0;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> OpenFileSource(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return Fail(Code::kNotFound, "the file is not there or cannot be read");
  }
  const off_t size = lseek(fd, 0, SEEK_END);
  lseek(fd, 0, SEEK_SET);
  return std::make_unique<FileSource>(fd, static_cast<int64_t>(size));
}

std::unique_ptr<ByteSource> MemorySource(std::string content) {
  return std::make_unique<StringSource>(std::move(content));
}

Result<std::unique_ptr<TableReader>> OpenCsv(std::unique_ptr<ByteSource> utf8,
                                             const std::string& head) {
  auto reader = std::make_unique<CsvReader>(std::move(utf8), SniffDelimiter(head));
  FID_TRY(reader->ReadHeader());
  return reader;
}

Result<std::unique_ptr<TableReader>> OpenNdjson(std::unique_ptr<ByteSource> utf8,
                                                const std::string& head) {
  // The header is what the first lines name, in the order they name it.
  std::vector<std::string> header;
  size_t lines = 0;
  for (const std::string_view line : Split(head, '\n')) {
    const auto json = ParseJson(line, {.depth_max = 4, .values_max = 10000});
    if (!json || !json->is_object()) {
      if (lines == 0) {
        return Fail(Code::kInvalidInput, "the first line is not a JSON object", 1);
      }
      continue;
    }
    ++lines;
    for (const auto& [key, value] : json->items()) {
      if (std::find(header.begin(), header.end(), key) == header.end()) {
        header.push_back(key);
      }
    }
    if (header.size() > kColumnsMax) {
      return Fail(Code::kInvalidInput, "the file has more than 2000 columns", 1);
    }
  }
  auto reader = std::make_unique<NdjsonReader>(std::move(utf8));
  reader->SetHeader(std::move(header));
  return reader;
}

Status CheckWhole(TableReader& table) {
  TableRow row;
  while (true) {
    FID_ASSIGN(const bool any, table.Next(row));
    if (!any) {
      return {};
    }
  }
}

Result<std::unique_ptr<TableReader>> OpenTable(std::unique_ptr<ByteSource> source) {
  std::string head(kHeadSize, '\0');
  size_t have = 0;
  while (have < head.size()) {
    FID_ASSIGN(const size_t n, source->Read(head.data() + have, head.size() - have));
    if (n == 0) {
      break;
    }
    have += n;
  }
  const bool is_whole = have < head.size();
  head.resize(have);
  if (head.empty()) {
    return Fail(Code::kInvalidInput, "the file is empty");
  }
  if (head.starts_with("PK\x03\x04")) {
    return OpenXlsx(std::move(source), std::move(head));
  }
  FID_ASSIGN(const std::string encoding, DetectEncoding(head, is_whole));
  const std::string raw_head = head;
  FID_ASSIGN(auto decoded, DecodeSource(std::move(source), std::move(head), encoding));
  const std::string_view start = TrimAscii(raw_head);
  if (start.starts_with("{")) {
    return OpenNdjson(std::move(decoded), raw_head);
  }
  const std::string first = LowerAscii(start.substr(0, 12));
  if (first.starts_with("begin:vcard")) {
    return OpenVcard(std::move(decoded));
  }
  if (first.starts_with("version: 1") || first.starts_with("dn: ") || first.starts_with("dn:: ")) {
    return OpenLdif(std::move(decoded));
  }
  return OpenCsv(std::move(decoded), raw_head);
}

}  // namespace fiducia::collect
