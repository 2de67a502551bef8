#include "govern/rights/package.h"

#include <memory>

#include <zip.h>

#include "base/clock.h"
#include "base/json.h"

namespace fiducia::govern {

namespace {

constexpr size_t kPassphraseLeast = 8;

std::unexpected<Error> Broken() { return Fail(Code::kInternal, "the package cannot be made"); }

Status AddFile(zip_t* archive, const std::string& name, const std::string& content,
               const std::string& passphrase) {
  // The archive reads the bytes when it is closed: the caller keeps them until then.
  zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
  if (source == nullptr) {
    return Broken();
  }
  const zip_int64_t place =
      zip_file_add(archive, name.c_str(), source, ZIP_FL_OVERWRITE | ZIP_FL_ENC_UTF_8);
  if (place < 0) {
    zip_source_free(source);
    return Broken();
  }
  if (!passphrase.empty() && zip_file_set_encryption(archive, static_cast<zip_uint64_t>(place),
                                                     ZIP_EM_AES_256, passphrase.c_str()) != 0) {
    return Broken();
  }
  return {};
}

}  // namespace

Result<std::string> ZipPackage(const std::vector<PackageFile>& files,
                               const model::Sensitive& passphrase, const vault::Vault& vault,
                               const audit::Log& log, int64_t now_ms) {
  if (!passphrase.empty() && passphrase.Reveal().size() < kPassphraseLeast) {
    return Fail(Code::kInvalidInput, "a passphrase has at least eight characters");
  }
  Json manifest = {
      {"format", "fiducia-package/1"}, {"made_at", FormatTime(now_ms)}, {"files", Json::array()}};
  std::vector<std::string> contents;
  contents.reserve(files.size() + 1);
  for (const PackageFile& file : files) {
    contents.emplace_back(file.content.Reveal());
    manifest["files"].push_back({{"name", file.name},
                                 {"bytes", contents.back().size()},
                                 {"sha256", ToHex(vault.HashOf(contents.back()))}});
  }
  const std::string listed = WriteJson(manifest);
  manifest["note"] = log.Sign("fiducia-package/1\n" + listed + "\n");
  manifest["verifier"] = log.verifier();
  contents.push_back(WriteJsonPretty(manifest) + "\n");

  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  if (target == nullptr) {
    return Broken();
  }
  zip_source_keep(target);
  const std::unique_ptr<zip_source_t, decltype(&zip_source_free)> kept(target, &zip_source_free);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  if (archive == nullptr) {
    return Broken();
  }
  const std::string secret(passphrase.Reveal());
  for (size_t i = 0; i < contents.size(); ++i) {
    const std::string name = i < files.size() ? files[i].name : "manifest.json";
    if (const Status added = AddFile(archive, name, contents[i], secret); !added) {
      zip_discard(archive);
      return std::unexpected(added.error());
    }
  }
  if (zip_close(archive) != 0) {
    zip_discard(archive);
    return Broken();
  }
  zip_stat_t facts;
  zip_stat_init(&facts);
  if (zip_source_stat(target, &facts) != 0 || zip_source_open(target) != 0) {
    return Broken();
  }
  std::string bytes(facts.size, '\0');
  const zip_int64_t read = zip_source_read(target, bytes.data(), bytes.size());
  zip_source_close(target);
  return read == static_cast<zip_int64_t>(bytes.size()) ? Result<std::string>(std::move(bytes))
                                                        : Broken();
}

}  // namespace fiducia::govern
