#include "server/pack_signatures.h"

#include <filesystem>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/publisher.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace fiducia::server {

namespace fs = std::filesystem;

std::string PackStatement(const std::string& name, const std::string& text) {
  return "fiducia-pack/1\n" + name + "\n" + ToHex(crypto::View(crypto::Sha256({BytesView(text)}))) +
         "\n";
}

std::string WrongWithPacks(const std::string& policy_folder, const std::string& own_verifier) {
  std::vector<std::string> trusted = {own_verifier};
  if (const auto signers = audit::ReadWholeFile(policy_folder + "/signers")) {
    for (const std::string_view line : Split(*signers, '\n')) {
      if (!TrimAscii(line).empty()) {
        trusted.emplace_back(TrimAscii(line));
      }
    }
  }
  std::error_code error;
  for (const char* sub : {"jurisdictions", "calendars"}) {
    const fs::path folder = fs::path(policy_folder) / sub;
    if (!fs::is_directory(folder, error)) {
      continue;
    }
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().extension() != ".toml") {
        continue;
      }
      const std::string name = entry.path().filename().string();
      const auto text = audit::ReadWholeFile(entry.path().string());
      const auto note = audit::ReadWholeFile(entry.path().string() + ".sig");
      bool good = false;
      for (const std::string& verifier : trusted) {
        const auto said = text && note ? audit::OpenNote(*note, verifier)
                                       : Fail(Code::kNotFound, "there is no signature");
        good = good || (said && *said == PackStatement(name, *text));
      }
      if (!good) {
        return "policy/" + std::string(sub) + "/" + name +
               ": no good signature by this installation or by a key in policy/signers; review it "
               "and run `fiducia rules sign`";
      }
    }
  }
  return "";
}

}  // namespace fiducia::server
