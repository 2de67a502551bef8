// Files that somebody puts into a folder. One that was read to its end, and is on record, goes.
#include <algorithm>
#include <chrono>
#include <filesystem>

#include "collect/connectors/peer.h"
#include "collect/imports/table_reader.h"
#include "crypto/hash.h"

namespace fiducia::collect {

namespace {

namespace fs = std::filesystem;

constexpr size_t kRows = 500;
constexpr std::chrono::seconds kSettled{2};
constexpr size_t kChunk = size_t{1} << 20;

// Of the whole file: the same rows in it have the same ids, whatever it is called.
Result<std::string> HashOf(const std::string& path) {
  FID_ASSIGN(const auto source, OpenFileSource(path));
  std::string chunk(kChunk, '\0');
  crypto::Digest digest{};
  while (true) {
    FID_ASSIGN(const size_t size, source->Read(chunk.data(), chunk.size()));
    if (size == 0) {
      return ToHex(crypto::View(digest)).substr(0, 32);
    }
    digest = crypto::Sha256({crypto::View(digest), BytesView(chunk).substr(0, size)});
  }
}

class FolderPeer : public Peer {
 public:
  explicit FolderPeer(const Connector& connector) : folder_(connector.spec.settings.at("folder")) {
    const auto keep = connector.spec.settings.find("keep");
    keep_ = keep != connector.spec.settings.end() && keep->second == "true";
  }

  Result<Pulled> Pull(const std::string& cursor) override {
    Json place = ParseJson(cursor.empty() ? "{}" : cursor).value_or(Json::object());
    Pulled pulled;
    if (table_ == nullptr) {
      FID_TRY(Next(place));
    }
    if (table_ == nullptr) {
      pulled.cursor = cursor;
      return pulled;
    }
    const bool same = JsonText(place, "hash") == hash_;
    const int64_t done = same ? place.value("row", int64_t{0}) : 0;
    TableRow row;
    bool ended = false;
    while (pulled.records.size() < kRows) {
      auto more = table_->Next(row);
      if (!more) {
        SetAside();
        return Fail(Code::kInvalidInput, "a file in the folder breaks off: it was set aside",
                    row.number);
      }
      if (!*more) {
        ended = true;
        break;
      }
      if (row.number <= done) {
        continue;
      }
      Json record = Json::object();
      for (size_t c = 0; c < std::min(row.cells.size(), table_->header().size()); ++c) {
        record[table_->header()[c]] = std::string(row.cells[c].Reveal());
      }
      pulled.records.push_back({hash_ + ":" + std::to_string(row.number), std::move(record)});
    }
    place["hash"] = hash_;
    place["row"] = ended ? int64_t{0} : row.number;
    if (ended && keep_) {
      Json kept = place.value("kept", Json::array());
      kept.push_back(hash_);
      if (kept.size() > 1000) {
        kept.erase(kept.begin());
      }
      place["kept"] = std::move(kept);
      place["hash"] = "";
    }
    ended_ = ended;
    pulled.cursor = WriteJson(place);
    pulled.more = true;  // another file, or the end of the folder
    return pulled;
  }

  Status Done() override {
    if (!ended_) {
      return {};
    }
    table_.reset();
    ended_ = false;
    std::error_code error;
    if (!keep_ && !fs::remove(path_, error)) {
      return Fail(Code::kDenied, "a file that was taken in cannot be removed");
    }
    return {};
  }

 private:
  // Opens the next file, if there is one that nobody is writing any more.
  Status Next(const Json& place) {
    std::error_code error;
    std::vector<fs::path> files;
    const auto now = fs::file_time_type::clock::now();
    for (const auto& entry : fs::directory_iterator(folder_, error)) {
      const std::string name = entry.path().filename().string();
      const bool settled = now - entry.last_write_time(error) > kSettled;
      if (entry.is_regular_file(error) && !entry.is_symlink(error) && !name.starts_with('.') &&
          !name.ends_with(".part") && !name.ends_with(".refused") && settled) {
        files.push_back(entry.path());
      }
    }
    if (error) {
      return Fail(Code::kUnavailable, "the folder cannot be read");
    }
    std::sort(files.begin(), files.end());
    const Json kept = place.value("kept", Json::array());
    for (const fs::path& file : files) {
      FID_ASSIGN(std::string hash, HashOf(file.string()));
      if (std::find(kept.begin(), kept.end(), Json(hash)) != kept.end()) {
        continue;
      }
      path_ = file.string();
      hash_ = std::move(hash);
      FID_ASSIGN(auto source, OpenFileSource(path_));
      auto table = OpenTable(std::move(source));
      if (!table) {
        SetAside();
        return Fail(Code::kInvalidInput, "a file in the folder is no table: it was set aside");
      }
      table_ = std::move(*table);
      return {};
    }
    return {};
  }

  void SetAside() {
    std::error_code error;
    fs::rename(path_, path_ + ".refused", error);
    table_.reset();
  }

  std::string folder_;
  bool keep_ = false;
  std::string path_;
  std::string hash_;
  std::unique_ptr<TableReader> table_;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<Peer>> ReachFolder(const Connector& connector) {
  const std::string& folder = connector.spec.settings.at("folder");
  if (!folder.starts_with('/') || folder.find("..") != std::string::npos) {
    return Fail(Code::kInvalidInput, "a folder is named by its whole path");
  }
  return std::make_unique<FolderPeer>(connector);
}

}  // namespace fiducia::collect
