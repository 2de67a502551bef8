#include "process/contact/transcript.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/json.h"
#include "base/text.h"

namespace fiducia::process {

namespace {

constexpr size_t kSpeakerBytes = 60;
constexpr size_t kSpeakersMost = 20;
// Marks of a day or of a time with its seconds: "at 10:02" at the end of a line is only words.
constexpr size_t kWholeTime = 2;
constexpr std::string_view kWideColon = "：";
constexpr std::array<std::string_view, 10> kCustomers = {
    "customer", "client", "visitor", "user", "buyer", "guest", "客户", "顾客", "访客", "买家"};
constexpr std::array<std::string_view, 12> kHouse = {"agent",  "support", "service", "assistant",
                                                     "bot",    "system",  "staff",   "客服",
                                                     "机器人", "卖家",    "店主",    "工号"};

bool NamedLike(std::string_view speaker, auto&& words) {
  const std::string name = LowerAscii(speaker);
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The bytes of a time at the start: digits with what stands between the parts of dates and times,
// at least `least` of such marks; 0 if there is none.
size_t TimeAt(std::string_view line, size_t least = 1) {
  static constexpr std::string_view kBetween = ":-/., T";
  size_t end = 0;
  size_t marks = 0;
  size_t digits = 0;
  while (end < line.size()) {
    const char c = line[end];
    if (IsDigit(c)) {
      ++digits;
    } else if (kBetween.find(c) == std::string_view::npos) {
      break;
    } else {
      marks += c == ' ' || c == ',' ? 0 : 1;
    }
    ++end;
  }
  for (const std::string_view half : {"AM", "PM", "am", "pm"}) {
    if (line.substr(end).starts_with(half)) {
      end += half.size();
    }
  }
  return digits >= 3 && marks >= least && IsDigit(line[0]) ? end : 0;
}

std::string_view Trimmed(std::string_view text) { return TrimAscii(text); }

// Without a time in brackets or bare at the start, and the stroke behind it; whether there was one.
std::pair<std::string_view, bool> WithoutTime(std::string_view line) {
  line = Trimmed(line);
  const bool bracket = line.starts_with('[') || line.starts_with('(');
  std::string_view rest = bracket ? line.substr(1) : line;
  const size_t time = rest.empty() ? 0 : TimeAt(rest);
  if (time == 0) {
    return {line, false};
  }
  rest.remove_prefix(time);
  rest = Trimmed(rest);
  if (bracket) {
    if (!rest.starts_with(']') && !rest.starts_with(')')) {
      return {line, false};
    }
    rest.remove_prefix(1);
  } else if (rest.starts_with("- ")) {
    rest.remove_prefix(2);
  }
  return {Trimmed(rest), true};
}

bool IsSpeaker(std::string_view name) {
  if (name.empty() || name.size() > kSpeakerBytes ||
      name.find_first_of("\t[]{}<>\"?!.,;/\\=") != std::string_view::npos) {
    return false;
  }
  return std::count(name.begin(), name.end(), ' ') < 4 &&
         !std::all_of(name.begin(), name.end(), IsDigit);
}

// "Ana: hello" in its two parts.
std::optional<Turn> SaidIn(std::string_view line) {
  const size_t narrow = line.find(':');
  const size_t wide = line.find(kWideColon);
  const size_t at = std::min(narrow, wide);
  if (at == std::string_view::npos || !IsSpeaker(Trimmed(line.substr(0, at)))) {
    return std::nullopt;
  }
  const std::string_view text = line.substr(at + (at == narrow ? 1 : kWideColon.size()));
  const bool time = at > 0 && !text.empty() && IsDigit(line[at - 1]) && IsDigit(text.front());
  if (text.starts_with("//") || time) {
    return std::nullopt;  // an address of a page, a time
  }
  return Turn{std::string(Trimmed(line.substr(0, at))), std::string(Trimmed(text)), false};
}

// "张三 2026-11-01 10:02:33" and "2026-11-01 10:02:33 张三(12345)": the words stand below.
std::optional<std::string> SpeakerAbove(std::string_view line) {
  line = Trimmed(line);
  const auto [rest, timed] = WithoutTime(line);
  std::string_view name = rest;
  if (!timed) {
    size_t digit = line.find_first_of("0123456789");
    while (digit != std::string_view::npos &&
           (digit == 0 || line[digit - 1] != ' ' ||
            digit + TimeAt(line.substr(digit), kWholeTime) != line.size())) {
      digit = line.find_first_of("0123456789", line.find_first_not_of("0123456789", digit));
    }
    if (digit == std::string_view::npos) {
      return std::nullopt;
    }
    name = Trimmed(line.substr(0, digit));
  }
  if (const size_t bracket = name.find('('); bracket != std::string_view::npos) {
    name = Trimmed(name.substr(0, bracket));
  }
  return IsSpeaker(name) && name.find(':') == std::string_view::npos
             ? std::optional<std::string>(name)
             : std::nullopt;
}

std::optional<std::vector<Turn>> FromJson(std::string_view text) {
  const auto json = ParseJson(std::string(text));
  if (!json || !json->is_array() || json->empty()) {
    return std::nullopt;
  }
  const auto first = [](const Json& item, std::initializer_list<const char*> names) {
    for (const char* name : names) {
      if (item.contains(name) && item[name].is_string()) {
        return item[name].get<std::string>();
      }
    }
    return std::string();
  };
  std::vector<Turn> turns;
  for (const Json& item : *json) {
    if (!item.is_object()) {
      return std::nullopt;
    }
    turns.push_back({first(item, {"from", "sender", "author", "speaker", "role"}),
                     first(item, {"text", "content", "message", "body"}), false});
  }
  return turns;
}

std::vector<Turn> FromLines(std::string_view text) {
  std::vector<Turn> turns;
  for (const std::string_view raw : Split(text, '\n')) {
    const std::string_view line = Trimmed(raw);
    if (line.empty()) {
      continue;
    }
    const auto [rest, timed] = WithoutTime(line);
    if (const auto speaker = SpeakerAbove(line)) {
      turns.push_back({*speaker, "", false});
    } else if (auto said = SaidIn(rest)) {
      turns.push_back(std::move(*said));
    } else if (timed && !rest.empty()) {
      turns.push_back({"", std::string(rest), false});
    } else if (!turns.empty()) {
      // Goes on with what was said.
      turns.back().text.append(turns.back().text.empty() ? "" : "\n").append(line);
    }
  }
  return turns;
}

}  // namespace

Transcript ReadTranscript(std::string_view text, std::string_view customer) {
  Transcript transcript;
  auto turns = Trimmed(text).starts_with('[') ? FromJson(text) : std::nullopt;
  transcript.turns = turns ? std::move(*turns) : FromLines(text);
  std::erase_if(transcript.turns, [](const Turn& turn) { return turn.text.empty(); });
  auto& speakers = transcript.speakers;
  for (const Turn& turn : transcript.turns) {
    if (!turn.speaker.empty() &&
        std::find(speakers.begin(), speakers.end(), turn.speaker) == speakers.end()) {
      speakers.push_back(turn.speaker);
    }
  }
  // A conversation has two sides, and not a name for every line.
  if (speakers.empty() || speakers.size() > kSpeakersMost ||
      (speakers.size() > 3 && speakers.size() * 2 > transcript.turns.size())) {
    return {};
  }
  std::string who(customer);
  if (std::find(speakers.begin(), speakers.end(), who) == speakers.end()) {
    auto found = std::find_if(speakers.begin(), speakers.end(), [](const std::string& one) {
      return NamedLike(one, kCustomers) && !NamedLike(one, kHouse);
    });
    if (found == speakers.end()) {
      found = std::find_if(speakers.begin(), speakers.end(),
                           [](const std::string& one) { return !NamedLike(one, kHouse); });
    }
    who = found == speakers.end() ? std::string() : *found;
  }
  for (Turn& turn : transcript.turns) {
    turn.of_customer = !turn.speaker.empty() && turn.speaker == who;
  }
  return transcript;
}

std::string Rendered(const Transcript& transcript, bool zh) {
  std::string text;
  for (const Turn& turn : transcript.turns) {
    if (turn.speaker.empty()) {
      continue;  // what the program says: joined, left, typing
    }
    const std::string_view who =
        turn.of_customer ? (zh ? "客户：" : "Customer: ") : (zh ? "客服：" : "Desk: ");
    text.append(text.empty() ? "" : "\n").append(who).append(turn.text);
  }
  return text;
}

}  // namespace fiducia::process
