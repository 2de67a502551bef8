// XLSX: the first sheet, streamed; shared strings and date styles are read first.
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <set>

#include <expat.h>
#include <zip.h>

#include "base/clock.h"
#include "base/text.h"
#include "collect/imports/table_reader.h"

namespace fiducia::collect {

namespace {

constexpr uint64_t kArchiveMax = uint64_t{256} << 20;
constexpr uint64_t kStringsMax = uint64_t{64} << 20;  // unpacked
constexpr uint64_t kSheetMax = uint64_t{2} << 30;     // unpacked
constexpr uint64_t kRatioMax = 200;                   // unpacked to packed

std::unexpected<Error> Damaged() {
  return Fail(Code::kInvalidInput, "the spreadsheet is damaged or not an XLSX file");
}

// A part of the archive, unpacked piece by piece, with a limit on what it may become.
class Part {
 public:
  static Result<Part> Open(zip_t* archive, const std::string& name, uint64_t unpacked_max) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    if (zip_stat(archive, name.c_str(), 0, &stat) != 0) {
      return Fail(Code::kNotFound, "a part of the spreadsheet is missing");
    }
    if (stat.size > unpacked_max ||
        (stat.size > (1U << 20) && stat.size > kRatioMax * std::max<uint64_t>(stat.comp_size, 1))) {
      return Fail(Code::kTooLarge, "the spreadsheet unpacks to more than is allowed");
    }
    Part part;
    part.file_ = zip_fopen(archive, name.c_str(), 0);
    part.left_ = unpacked_max;
    if (part.file_ == nullptr) {
      return Damaged();
    }
    return part;
  }
  Part() = default;
  Part(Part&& other) noexcept : file_(std::exchange(other.file_, nullptr)), left_(other.left_) {}
  Part& operator=(Part&& other) noexcept {
    std::swap(file_, other.file_);
    left_ = other.left_;
    return *this;
  }
  ~Part() {
    if (file_ != nullptr) {
      zip_fclose(file_);
    }
  }
  Result<size_t> Read(char* out, size_t size) {
    const zip_int64_t n = zip_fread(file_, out, size);
    if (n < 0) {
      return Damaged();
    }
    if (static_cast<uint64_t>(n) > left_) {
      return Fail(Code::kTooLarge, "the spreadsheet unpacks to more than is allowed");
    }
    left_ -= static_cast<uint64_t>(n);
    return static_cast<size_t>(n);
  }

 private:
  zip_file_t* file_ = nullptr;
  uint64_t left_ = 0;
};

using Attributes = const XML_Char**;

std::string_view Attribute(Attributes attributes, std::string_view name) {
  for (; *attributes != nullptr; attributes += 2) {
    if (name == attributes[0]) {
      return attributes[1];
    }
  }
  return {};
}

// Expat with callbacks as functions. A document type is refused: entities live there.
class Xml {
 public:
  Xml() : parser_(XML_ParserCreate("UTF-8")) {
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(
        parser_,
        [](void* self, const XML_Char* n, Attributes a) { static_cast<Xml*>(self)->start(n, a); },
        [](void* self, const XML_Char* n) { static_cast<Xml*>(self)->end(n); });
    XML_SetCharacterDataHandler(parser_, [](void* self, const XML_Char* s, int n) {
      static_cast<Xml*>(self)->text({s, static_cast<size_t>(n)});
    });
    XML_SetStartDoctypeDeclHandler(
        parser_, [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
          XML_StopParser(static_cast<Xml*>(self)->parser_, XML_FALSE);
        });
  }
  ~Xml() { XML_ParserFree(parser_); }
  Xml(const Xml&) = delete;
  Xml& operator=(const Xml&) = delete;

  Status Feed(const char* data, size_t size, bool last) {
    if (XML_Parse(parser_, data, static_cast<int>(size), last ? 1 : 0) != XML_STATUS_OK) {
      return Damaged();
    }
    return {};
  }
  Status FeedAll(Part& part) {
    char buffer[16384];
    while (true) {
      FID_ASSIGN(const size_t n, part.Read(buffer, sizeof buffer));
      FID_TRY(Feed(buffer, n, n == 0));
      if (n == 0) {
        return {};
      }
    }
  }

  std::function<void(std::string_view, Attributes)> start = [](std::string_view, Attributes) {};
  std::function<void(std::string_view)> end = [](std::string_view) {};
  std::function<void(std::string_view)> text = [](std::string_view) {};

 private:
  XML_Parser parser_;
};

Result<std::vector<std::string>> ReadSharedStrings(zip_t* archive) {
  std::vector<std::string> strings;
  auto part = Part::Open(archive, "xl/sharedStrings.xml", kStringsMax);
  if (!part) {
    return part.error().code() == Code::kNotFound ? Result<std::vector<std::string>>(strings)
                                                  : std::unexpected(part.error());
  }
  Xml xml;
  bool in_text = false;
  xml.start = [&](std::string_view name, Attributes) {
    if (name == "si") {
      strings.emplace_back();
    }
    in_text = name == "t";
  };
  xml.end = [&](std::string_view) { in_text = false; };
  xml.text = [&](std::string_view text) {
    if (in_text && !strings.empty()) {
      strings.back() += text;
    }
  };
  FID_TRY(xml.FeedAll(*part));
  return strings;
}

// The cell styles that show a number as a date.
Result<std::set<int>> ReadDateStyles(zip_t* archive) {
  std::set<int> styles;
  auto part = Part::Open(archive, "xl/styles.xml", kStringsMax);
  if (!part) {
    return styles;
  }
  std::set<int> formats = {14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 57};
  int index = 0;
  bool in_cells = false;
  Xml xml;
  xml.start = [&](std::string_view name, Attributes a) {
    if (name == "numFmt") {
      const std::string code = LowerAscii(Attribute(a, "formatCode"));
      if (code.find('y') != std::string::npos && code.find('m') != std::string::npos) {
        formats.insert(std::atoi(std::string(Attribute(a, "numFmtId")).c_str()));
      }
    } else if (name == "cellXfs") {
      in_cells = true;
    } else if (name == "xf" && in_cells) {
      if (formats.contains(std::atoi(std::string(Attribute(a, "numFmtId")).c_str()))) {
        styles.insert(index);
      }
      ++index;
    }
  };
  xml.end = [&](std::string_view name) { in_cells = in_cells && name != "cellXfs"; };
  FID_TRY(xml.FeedAll(*part));
  return styles;
}

std::string DateOf(const std::string& serial) {
  const double days = std::atof(serial.c_str());
  // Day 1 is 1900-01-01; the calendar wrongly has a 29 February 1900, so 25569 is 1970-01-01.
  return days < 61 || days > 2958465
             ? serial
             : FormatTime((static_cast<int64_t>(days) - 25569) * 86400000).substr(0, 10);
}

size_t ColumnOf(std::string_view reference) {
  size_t column = 0;
  for (const char c : reference) {
    if (c < 'A' || c > 'Z') {
      break;
    }
    column = column * 26 + static_cast<size_t>(c - 'A' + 1);
  }
  return column == 0 ? 0 : column - 1;
}

class XlsxReader : public TableReader {
 public:
  XlsxReader(std::string content, std::vector<std::string> strings, std::set<int> dates)
      : content_(std::move(content)), strings_(std::move(strings)), dates_(std::move(dates)) {
    xml_.start = [this](std::string_view name, Attributes a) { Start(name, a); };
    xml_.end = [this](std::string_view name) { End(name); };
    xml_.text = [this](std::string_view text) {
      if (in_value_ && value_.size() < kRowBytesMax) {
        value_ += text;
      }
    };
  }
  ~XlsxReader() override {
    sheet_ = Part();
    if (archive_ != nullptr) {
      zip_discard(archive_);
    }
  }
  XlsxReader(const XlsxReader&) = delete;
  XlsxReader& operator=(const XlsxReader&) = delete;

  void SetArchive(zip_t* archive, Part sheet) {
    archive_ = archive;
    sheet_ = std::move(sheet);
  }
  Status ReadHeader() {
    FID_ASSIGN(const bool any, FillQueue());
    if (!any) {
      return Fail(Code::kInvalidInput, "the first sheet is empty");
    }
    for (const std::string& cell : ready_.front()) {
      header_.emplace_back(TrimAscii(cell));
    }
    ready_.pop_front();
    return {};
  }
  const std::vector<std::string>& header() const override { return header_; }
  int64_t bytes_read() const override { return bytes_; }

  Result<bool> Next(TableRow& row) override {
    FID_ASSIGN(const bool any, FillQueue());
    if (!any) {
      return false;
    }
    row.number = ++number_;
    row.cells.clear();
    for (std::string& cell : ready_.front()) {
      row.cells.emplace_back(std::move(cell));
    }
    // Trailing empty cells are simply not in the file.
    while (row.cells.size() < header_.size()) {
      row.cells.emplace_back();
    }
    row.whole = row.cells.size() == header_.size();
    ready_.pop_front();
    return true;
  }

 private:
  Result<bool> FillQueue() {
    char buffer[16384];
    while (ready_.empty() && !ended_) {
      FID_ASSIGN(const size_t n, sheet_.Read(buffer, sizeof buffer));
      ended_ = n == 0;
      bytes_ += static_cast<int64_t>(n);
      FID_TRY(xml_.Feed(buffer, n, ended_));
      if (too_wide_) {
        return Fail(Code::kInvalidInput, "the file has more than 2000 columns", number_ + 1);
      }
    }
    return !ready_.empty();
  }
  void Start(std::string_view name, Attributes a) {
    if (name == "row") {
      cells_.clear();
    } else if (name == "c") {
      column_ = ColumnOf(Attribute(a, "r"));
      kind_ = Attribute(a, "t");
      style_ = std::atoi(std::string(Attribute(a, "s")).c_str());
      value_.clear();
    } else if (name == "v" || name == "t") {
      in_value_ = true;
    }
  }
  void End(std::string_view name) {
    if (name == "v" || name == "t") {
      in_value_ = false;
    } else if (name == "c") {
      StoreCell();
    } else if (name == "row") {
      ready_.push_back(std::move(cells_));
      cells_.clear();
    }
  }
  void StoreCell() {
    if (column_ >= kColumnsMax) {
      too_wide_ = true;
      return;
    }
    if (cells_.size() <= column_) {
      cells_.resize(column_ + 1);
    }
    if (kind_ == "s") {
      const auto at = static_cast<size_t>(std::strtoul(value_.c_str(), nullptr, 10));
      cells_[column_] = at < strings_.size() ? strings_[at] : "";
    } else if (kind_.empty() && dates_.contains(style_) && !value_.empty()) {
      cells_[column_] = DateOf(value_);
    } else {
      cells_[column_] = value_;
    }
  }

  std::string content_;  // the archive reads from here
  std::vector<std::string> strings_;
  std::set<int> dates_;
  zip_t* archive_ = nullptr;
  Part sheet_;
  Xml xml_;
  std::deque<std::vector<std::string>> ready_;
  std::vector<std::string> cells_;
  std::vector<std::string> header_;
  size_t column_ = 0;
  std::string kind_;
  int style_ = 0;
  std::string value_;
  bool in_value_ = false;
  bool ended_ = false;
  bool too_wide_ = false;
  int64_t number_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<TableReader>> OpenXlsx(std::unique_ptr<ByteSource> source,
                                              std::string head) {
  std::string content = std::move(head);
  if (static_cast<uint64_t>(source->size()) > kArchiveMax) {
    return Fail(Code::kTooLarge, "a spreadsheet may have at most 256 MiB: use CSV");
  }
  char buffer[65536];
  while (true) {
    FID_ASSIGN(const size_t n, source->Read(buffer, sizeof buffer));
    if (n == 0) {
      break;
    }
    content.append(buffer, n);
  }
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* bytes = zip_source_buffer_create(content.data(), content.size(), 0, &error);
  zip_t* archive = bytes == nullptr ? nullptr : zip_open_from_source(bytes, ZIP_RDONLY, &error);
  if (archive == nullptr) {
    zip_source_free(bytes);
    return Damaged();
  }
  auto strings = ReadSharedStrings(archive);
  auto dates = ReadDateStyles(archive);
  auto sheet = Part::Open(archive, "xl/worksheets/sheet1.xml", kSheetMax);
  if (!strings || !dates || !sheet) {
    const Error why = !strings ? strings.error() : !dates ? dates.error() : sheet.error();
    if (sheet) {
      *sheet = Part();
    }
    zip_discard(archive);
    return why.code() == Code::kNotFound
               ? Fail(Code::kInvalidInput, "the archive is not an XLSX workbook")
               : std::unexpected<Error>(why);
  }
  auto reader =
      std::make_unique<XlsxReader>(std::move(content), std::move(*strings), std::move(*dates));
  reader->SetArchive(archive, std::move(*sheet));
  FID_TRY(reader->ReadHeader());
  return reader;
}

}  // namespace fiducia::collect
