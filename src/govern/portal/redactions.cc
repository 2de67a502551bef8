#include "govern/portal/redactions.h"

#include <algorithm>

#include "base/text.h"

namespace fiducia::govern {

namespace {

constexpr std::string_view kKind = "redaction";
constexpr size_t kWordsMost = 200;
constexpr size_t kLeast = 2;
constexpr size_t kMost = 80;
constexpr std::string_view kHidden = "▇▇▇";

}  // namespace

Result<std::unique_ptr<Redactions>> Redactions::Open(Parts parts) {
  std::unique_ptr<Redactions> made(new Redactions(parts));
  FID_ASSIGN(const auto documents, parts.book.Load(kKind));
  for (const guard::Document& document : documents) {
    FID_ASSIGN(const Uuid customer, Uuid::Parse(JsonText(document.json, "customer")));
    Known known{document.id, document.version, {}};
    const Json words = document.json.value("words", Json::array());
    for (const Json& word : words) {
      known.words.emplace_back(word.get<std::string>());
    }
    made->known_[customer] = std::move(known);
  }
  return made;
}

std::vector<model::Sensitive> Redactions::Of(const Uuid& customer) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(customer);
  return found == known_.end() ? std::vector<model::Sensitive>() : found->second.words;
}

Result<Redactions::Draft> Redactions::Prepare(const Uuid& customer,
                                              std::vector<model::Sensitive> words) const {
  if (words.size() > kWordsMost) {
    return Fail(Code::kInvalidInput, "at most 200 words are hidden from a person");
  }
  Json list = Json::array();
  for (const model::Sensitive& word : words) {
    const size_t size = CountCharacters(word.Reveal());
    if (size < kLeast || size > kMost || !IsOneLine(word.Reveal())) {
      return Fail(Code::kInvalidInput, "a word to hide has 2 to 80 characters, on one line");
    }
    list.push_back(word.Reveal());
  }
  Draft draft;
  draft.customer = customer;
  draft.words = std::move(words);
  draft.change = {std::string(kKind), Uuid(), 1,
                  Json{{"customer", customer.Text()}, {"words", std::move(list)}}};
  const std::lock_guard lock(mutex_);
  if (const auto found = known_.find(customer); found != known_.end()) {
    draft.change.id = found->second.id;
    draft.change.version = found->second.version + 1;
  } else {
    draft.change.id = Uuid::V7(parts_.clock, parts_.rng);
  }
  return draft;
}

void Redactions::Keep(Draft draft) {
  const std::lock_guard lock(mutex_);
  known_[draft.customer] = {draft.change.id, draft.change.version, std::move(draft.words)};
}

model::Sensitive Redactions::Hide(const Uuid& customer, model::Sensitive text) const {
  const std::vector<model::Sensitive> words = Of(customer);
  if (words.empty()) {
    return text;
  }
  // ASCII letters without case; other scripts as they are written.
  std::string out(text.Reveal());
  for (const model::Sensitive& word : words) {
    const std::string wanted = LowerAscii(word.Reveal());
    std::string lower = LowerAscii(out);
    size_t at = lower.find(wanted);
    while (at != std::string::npos) {
      out.replace(at, wanted.size(), kHidden);
      lower.replace(at, wanted.size(), kHidden);
      at = lower.find(wanted, at + kHidden.size());
    }
  }
  return model::Sensitive(std::move(out));
}

Status Redactions::Forget(const Uuid& customer) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(customer);
  if (found == known_.end()) {
    return {};
  }
  FID_TRY(parts_.book.Commit(
      {{std::string(kKind), found->second.id, found->second.version, std::nullopt}}, {}));
  known_.erase(found);
  return {};
}

}  // namespace fiducia::govern
