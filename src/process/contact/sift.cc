#include "process/contact/sift.h"

#include <algorithm>
#include <array>

#include "base/names.h"
#include "process/classify/entity.h"
#include "process/contact/transcript.h"

namespace fiducia::process {

namespace {

constexpr std::array<std::string_view, 4> kChannels = {"phone", "mail", "chat", "visit"};

// A number of the highest level: a topic of that level may be the matter itself.
bool IsNever(const SensitiveFind& find) {
  return find.level == model::Level::kL4 && EntityKindNamed(find.kind).has_value();
}

// Of what is no conversation, all of it.
std::string SaidIn(std::string_view text, const Transcript& transcript) {
  std::string said;
  for (const Turn& turn : transcript.turns) {
    if (turn.of_customer) {
      said.append(turn.text).append("\n");
    }
  }
  return transcript.turns.empty() ? std::string(text) : said;
}

bool HoldsChinese(std::string_view text) {
  // U+4E00 to U+9FFF is E4 B8 80 to E9 BF BF.
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<uint8_t>(c) >= 0xE4 && static_cast<uint8_t>(c) <= 0xE9;
  });
}

}  // namespace

std::string_view Name(Channel channel) { return kChannels[static_cast<size_t>(channel)]; }

std::optional<Channel> ChannelNamed(std::string_view name) {
  return ValueNamed<Channel>(kChannels, name);
}

std::string SaidByCustomer(std::string_view text, const SiftOptions& options) {
  return options.channel == Channel::kChat ? SaidIn(text, ReadTranscript(text, options.customer))
                                           : std::string(text);
}

Sifted Sift(std::string_view text, const SiftOptions& options) {
  Sifted sifted;
  std::string whole(text);
  std::string said(text);
  if (options.channel == Channel::kChat) {
    const Transcript transcript = ReadTranscript(text, options.customer);
    if (!transcript.turns.empty()) {
      whole = Rendered(transcript, HoldsChinese(text));
      sifted.speakers = transcript.speakers;
      said = SaidIn(text, transcript);
    }
  }
  sifted.matter = MatterOf(said);
  std::vector<SensitiveFind> found = FindSensitive(whole);
  for (const SensitiveFind& find : found) {
    auto at = std::find_if(sifted.kinds.begin(), sifted.kinds.end(),
                           [&](const SiftedKind& one) { return one.kind == find.kind; });
    if (at == sifted.kinds.end()) {
      const bool never = IsNever(find);
      const bool kept = !never && options.keep.contains(std::string(find.kind));
      at = sifted.kinds.insert(at, {find.kind, 0, kept, never});
    }
    ++at->count;
    if (at->kept) {
      sifted.level = std::max(sifted.level, find.level);
    }
  }
  std::erase_if(found, [&](const SensitiveFind& find) {
    return std::any_of(sifted.kinds.begin(), sifted.kinds.end(),
                       [&](const SiftedKind& one) { return one.kind == find.kind && one.kept; });
  });
  sifted.text = RedactedAbove(model::Level::kL1, whole, found);
  return sifted;
}

}  // namespace fiducia::process
