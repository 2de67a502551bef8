// A conversation as chat programs write it down, turn by turn.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fiducia::process {

struct Turn {
  std::string speaker;  // as written; empty: the program itself
  std::string text;
  bool of_customer = false;
};

struct Transcript {
  std::vector<Turn> turns;
  std::vector<std::string> speakers;  // each once, in the order in which they spoke
};

// Reads "[10:02] Ana: hello", "2026-11-01 10:02:33 Ana: hello", "Ana: hello" and "Ana：hello",
// lines that hold a name and a time with the words below them, and a JSON list of objects with who
// said what (from, sender, author or role; text, content, message or body). What is no conversation
// has no turns. `customer`: the speaker who is; empty: whoever is named like one, or else speaks
// first and is not named like the house. `text` is UTF-8; time is linear in its length.
Transcript ReadTranscript(std::string_view text, std::string_view customer);

// The conversation without names and times: who of the two said what. `zh`: with Chinese words.
std::string Rendered(const Transcript& transcript, bool zh);

}  // namespace fiducia::process
