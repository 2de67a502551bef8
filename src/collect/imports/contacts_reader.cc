// Contacts as tables: vCard (RFC 6350, and 2.1 and 3.0 before it) and LDIF (RFC 2849). One row is
// one contact.
#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/text.h"
#include "collect/imports/table_reader.h"

namespace fiducia::collect {

namespace {

constexpr size_t kChunk = size_t{64} << 10;

constexpr std::array<std::string_view, 16> kColumns = {
    "id",     "name", "email",  "email_2",  "phone",   "phone_2",  "organization", "title",
    "street", "city", "region", "postcode", "country", "birthday", "sex",          "note"};

size_t ColumnOf(std::string_view name) {
  return static_cast<size_t>(std::find(kColumns.begin(), kColumns.end(), name) - kColumns.begin());
}

// Lines, with those that were folded made whole.
class Lines {
 public:
  explicit Lines(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  // False at the end. Errors: kInvalidInput for a line of more than 4 MiB.
  Result<bool> Next(std::string& line) {
    FID_ASSIGN(const bool any, Raw(line));
    if (!any) {
      return false;
    }
    while (true) {
      FID_ASSIGN(const int next, Peek());
      if (next != ' ' && next != '\t') {
        return true;
      }
      std::string more;
      FID_TRY(Raw(more));
      line += more.substr(1);
      if (line.size() > kRowBytesMax) {
        return Fail(Code::kInvalidInput, "a row is longer than 4 MiB");
      }
    }
  }
  // Without what a fold would add: the rest of a quoted-printable line.
  Result<bool> Raw(std::string& line) {
    line.clear();
    while (true) {
      FID_ASSIGN(const int c, Peek());
      if (c < 0) {
        return !line.empty();
      }
      ++at_;
      if (c == '\n') {
        if (line.ends_with('\r')) {
          line.pop_back();
        }
        return true;
      }
      line.push_back(static_cast<char>(c));
      if (line.size() > kRowBytesMax) {
        return Fail(Code::kInvalidInput, "a row is longer than 4 MiB");
      }
    }
  }
  int64_t total() const { return total_; }

 private:
  Result<int> Peek() {
    if (at_ == buffer_.size()) {
      buffer_.resize(kChunk);
      FID_ASSIGN(const size_t size, source_->Read(buffer_.data(), buffer_.size()));
      buffer_.resize(size);
      at_ = 0;
      total_ += static_cast<int64_t>(size);
      if (size == 0) {
        return -1;
      }
    }
    return static_cast<unsigned char>(buffer_[at_]);
  }

  std::unique_ptr<ByteSource> source_;
  std::string buffer_;
  size_t at_ = 0;
  int64_t total_ = 0;
};

class ContactsReader : public TableReader {
 public:
  explicit ContactsReader(std::unique_ptr<ByteSource> source) : lines_(std::move(source)) {
    header_.assign(kColumns.begin(), kColumns.end());
  }
  const std::vector<std::string>& header() const override { return header_; }
  int64_t bytes_read() const override { return lines_.total(); }

 protected:
  void Start(TableRow& row) {
    row.number = ++number_;
    row.whole = true;
    cells_.assign(kColumns.size(), "");
  }
  void Finish(TableRow& row) {
    row.cells.clear();
    for (std::string& cell : cells_) {
      row.cells.emplace_back(std::move(cell));
    }
  }
  // The first value of a column stands; a second address or number has a column of its own.
  void Put(std::string_view column, std::string value) {
    const size_t at = ColumnOf(column);
    const size_t second = ColumnOf(std::string(column) + "_2");
    if (cells_[at].empty()) {
      cells_[at] = std::move(value);
    } else if (second < kColumns.size() && cells_[second].empty() && cells_[at] != value) {
      cells_[second] = std::move(value);
    }
  }

  Lines lines_;
  std::vector<std::string> header_;
  std::vector<std::string> cells_;
  int64_t number_ = 0;
};

std::string Unquoted(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '=' && i + 2 < text.size()) {
      if (const auto byte = FromHex(text.substr(i + 1, 2)); byte && byte->size() == 1) {
        plain += *byte;
        i += 2;
        continue;
      }
    }
    plain += text[i];
  }
  return plain;
}

// Parts between semicolons, with what was escaped as it is meant.
std::vector<std::string> PartsOf(std::string_view value) {
  std::vector<std::string> parts(1);
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) {
      ++i;
      parts.back() += value[i] == 'n' || value[i] == 'N' ? '\n' : value[i];
    } else if (value[i] == ';') {
      parts.emplace_back();
    } else {
      parts.back() += value[i];
    }
  }
  return parts;
}

std::string Part(const std::vector<std::string>& parts, size_t place) {
  return place < parts.size() ? std::string(TrimAscii(parts[place])) : std::string();
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) >= 0; });
}

class VcardReader : public ContactsReader {
 public:
  using ContactsReader::ContactsReader;

  Result<bool> Next(TableRow& row) override {
    std::string line;
    do {
      FID_ASSIGN(const bool any, lines_.Next(line));
      if (!any) {
        return false;
      }
    } while (LowerAscii(TrimAscii(line)) != "begin:vcard");
    Start(row);
    std::string structured;
    while (true) {
      auto any = lines_.Next(line);
      if (!any) {
        return std::unexpected(any.error());
      }
      if (!*any) {
        return Fail(Code::kInvalidInput, "a contact has no end", row.number);
      }
      if (LowerAscii(TrimAscii(line)) == "end:vcard") {
        break;
      }
      FID_TRY(Property(line, structured));
    }
    if (cells_[ColumnOf("name")].empty()) {
      Put("name", structured);
    }
    Finish(row);
    return true;
  }

 private:
  Status Property(std::string& line, std::string& structured) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) {
      return {};
    }
    std::string head = LowerAscii(line.substr(0, colon));
    std::string value = line.substr(colon + 1);
    if (head.find("quoted-printable") != std::string::npos) {
      // Here a line goes on where it ends with '='.
      std::string more;
      while (value.ends_with('=')) {
        value.pop_back();
        FID_ASSIGN(const bool any, lines_.Raw(more));
        if (!any) {
          break;
        }
        value += more;
      }
      value = Unquoted(value);
    } else if (head.find("base64") != std::string::npos ||
               head.find("encoding=b") != std::string::npos) {
      return {};
    }
    head.resize(std::min(head.find(';'), head.size()));
    if (const size_t dot = head.find('.'); dot != std::string::npos) {
      head.erase(0, dot + 1);  // a group
    }
    const auto parts = PartsOf(value);
    if (head == "n") {
      // Written as the person's language does: Chinese names have the family before the given.
      const std::string family = Part(parts, 0);
      const std::string given = Part(parts, 1);
      const bool western = IsAscii(family + given);
      structured = western ? std::string(TrimAscii(given + " " + family)) : family + given;
    } else if (head == "tel") {
      std::string number = Part(parts, 0);
      Put("phone", number.starts_with("tel:") ? number.substr(4) : number);
    } else if (head == "adr") {
      Put("street", Part(parts, 2));
      Put("city", Part(parts, 3));
      Put("region", Part(parts, 4));
      Put("postcode", Part(parts, 5));
      Put("country", Part(parts, 6));
    } else {
      for (const auto& [name, column] : {std::pair("fn", "name"),
                                         {"email", "email"},
                                         {"org", "organization"},
                                         {"title", "title"},
                                         {"bday", "birthday"},
                                         {"note", "note"},
                                         {"uid", "id"},
                                         {"gender", "sex"}}) {
        if (head == name) {
          Put(column, Part(parts, 0));
        }
      }
    }
    return {};
  }
};

class LdifReader : public ContactsReader {
 public:
  using ContactsReader::ContactsReader;

  Result<bool> Next(TableRow& row) override {
    Start(row);
    bool any = false;
    std::string given;
    std::string family;
    std::string line;
    while (true) {
      FID_ASSIGN(const bool more, lines_.Next(line));
      if (!more || (line.empty() && any)) {
        break;
      }
      const size_t colon = line.find(':');
      if (line.empty() || line.front() == '#' || colon == std::string::npos) {
        continue;
      }
      const std::string attribute = LowerAscii(line.substr(0, std::min(line.find(';'), colon)));
      std::string value = line.substr(colon + 1);
      if (value.starts_with('<') || attribute == "version") {
        continue;
      }
      if (value.starts_with(':')) {
        const auto decoded = FromBase64(TrimAscii(value.substr(1)));
        value = decoded && IsUtf8(*decoded) ? *decoded : "";
      }
      value = TrimAscii(value);
      any = true;
      if (attribute == "givenname") {
        given = value;
      } else if (attribute == "sn") {
        family = value;
      } else {
        Attribute(attribute, std::move(value));
      }
    }
    if (!any) {
      --number_;
      return false;
    }
    Put("name",
        IsAscii(given + family) ? std::string(TrimAscii(given + " " + family)) : family + given);
    Finish(row);
    return true;
  }

 private:
  void Attribute(std::string_view attribute, std::string value) {
    for (const auto& [name, column] : {std::pair("cn", "name"),
                                       {"mail", "email"},
                                       {"mobile", "phone"},
                                       {"telephonenumber", "phone"},
                                       {"homephone", "phone"},
                                       {"o", "organization"},
                                       {"title", "title"},
                                       {"street", "street"},
                                       {"streetaddress", "street"},
                                       {"l", "city"},
                                       {"st", "region"},
                                       {"postalcode", "postcode"},
                                       {"c", "country"},
                                       {"co", "country"},
                                       {"description", "note"},
                                       {"uid", "id"},
                                       {"dn", "id"}}) {
      // The name of the entry stands only for one that has no id of its own.
      if (attribute == name && !(attribute == "dn" && !cells_[0].empty())) {
        if (attribute == "uid") {
          cells_[0].clear();
        }
        Put(column, std::move(value));
        return;
      }
    }
  }
};

}  // namespace

Result<std::unique_ptr<TableReader>> OpenVcard(std::unique_ptr<ByteSource> utf8) {
  return std::make_unique<VcardReader>(std::move(utf8));
}

Result<std::unique_ptr<TableReader>> OpenLdif(std::unique_ptr<ByteSource> utf8) {
  return std::make_unique<LdifReader>(std::move(utf8));
}

}  // namespace fiducia::collect
