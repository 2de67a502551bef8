// A call, a mail or a chat as the service desk keeps it: what it is about, and its words without
// what the desk does not need. A name, a number, an address has a field of its own, with its own
// level, mask and term; in a free text it would outlive and outshine it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "process/classify/value_level.h"
#include "process/contact/matter.h"

namespace fiducia::process {

enum class Channel : uint8_t { kPhone, kMail, kChat, kVisit };
std::string_view Name(Channel channel);
std::optional<Channel> ChannelNamed(std::string_view name);

struct SiftOptions {
  Channel channel = Channel::kPhone;
  std::string customer;        // the speaker of a chat who is the customer; empty: found
  std::set<std::string> keep;  // kinds of finds that stay: the matter is about them
};

// A kind of find, and what becomes of it.
struct SiftedKind {
  std::string_view kind;  // name of an EntityKind or of a Topic
  int count = 0;
  bool kept = false;
  // Stays in no text whatever anybody says: numbers that open an account or prove who somebody is.
  bool never = false;
};

struct Sifted {
  std::string text;
  Matter matter = Matter::kInquiry;
  model::Level level = model::Level::kL1;  // of what stays
  std::vector<SiftedKind> kinds;           // in the order of the text
  std::vector<std::string> speakers;       // of a chat
};

// What the customer said themselves: of a chat without the other side's words.
std::string SaidByCustomer(std::string_view text, const SiftOptions& options);

// Above L1 nothing stays but what is in `keep`. `text` is UTF-8.
Sifted Sift(std::string_view text, const SiftOptions& options);

}  // namespace fiducia::process
