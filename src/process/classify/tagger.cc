#include "process/classify/tagger.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/embedded.h"

namespace fiducia::process {

std::span<const EmbeddedFile> model_files();

namespace {

constexpr std::string_view kMagic = "fiducia tagger 1\n";
constexpr int kNever = -30000;

template <typename T>
void Put(std::string& out, const T* values, size_t count) {
  out.append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

template <typename T>
void Take(std::string_view& bytes, T* values, size_t count) {
  std::memcpy(values, bytes.data(), count * sizeof(T));
  bytes.remove_prefix(count * sizeof(T));
}

}  // namespace

std::string TaggerModel::Written() const {
  std::string out(kMagic);
  Put(out, lexicon.slots().data(), Lexicon::kSlots);
  Put(out, follows[0].data(), kLabels * kLabels);
  Put(out, weights.data(), weights.size());
  return out;
}

Result<TaggerModel> TaggerModel::Read(std::string_view bytes) {
  constexpr size_t kSize =
      Lexicon::kSlots * 4 + kLabels * kLabels * 2 + size_t{kModelRows} * kLabels;
  if (!bytes.starts_with(kMagic) || bytes.size() != kMagic.size() + kSize) {
    return Fail(Code::kInvalidInput, "not a model of this tagger");
  }
  bytes.remove_prefix(kMagic.size());
  TaggerModel model;
  std::vector<uint32_t> slots(Lexicon::kSlots);
  Take(bytes, slots.data(), slots.size());
  model.lexicon = Lexicon(slots);
  Take(bytes, model.follows[0].data(), kLabels * kLabels);
  model.weights.resize(size_t{kModelRows} * kLabels);
  Take(bytes, model.weights.data(), model.weights.size());
  return model;
}

const TaggerModel& TaggerModel::Shipped() {
  static const TaggerModel model = [] {
    auto read = Read(model_files()[0].content);
    return read ? *std::move(read)
                : TaggerModel{.weights = std::vector<int8_t>(size_t{kModelRows} * kLabels)};
  }();
  return model;
}

void Tagger::Label(const std::vector<Token>& tokens, std::vector<uint8_t>& labels) {
  labels.assign(tokens.size(), kOutside);
  if (tokens.empty()) {
    return;
  }
  from_.resize(tokens.size());
  // Scores stay small: the best is brought to nothing at each step.
  std::array<int32_t, kLabels> scores{};
  scores.fill(kNever);
  Features features;
  for (size_t i = 0; i < tokens.size(); ++i) {
    FeaturesOf(tokens, i, features);
    alignas(32) std::array<int16_t, kLabels> own{};
    for (size_t k = 0; k < features.count; ++k) {
      const int8_t* row = model_.weights.data() + size_t{features.rows[k]} * kLabels;
      for (size_t label = 0; label < kLabels; ++label) {
        own[label] = static_cast<int16_t>(own[label] + row[label]);
      }
    }
    std::array<int32_t, kLabels> next{};
    next.fill(i == 0 ? kNever : INT32_MIN / 2);
    if (i == 0) {
      for (uint8_t label = 0; label < kUsedLabels; ++label) {
        next[label] =
            MayFollow(kOutside, label) ? own[label] + model_.follows[kOutside][label] : kNever;
      }
    } else {
      std::array<uint8_t, kLabels>& from = from_[i];
      for (uint8_t last = 0; last < kUsedLabels; ++last) {
        const int32_t score = scores[last];
        for (uint8_t label = 0; label < kLabels; ++label) {
          const int32_t with = score + model_.follows[last][label];
          const bool better = with > next[label];
          next[label] = better ? with : next[label];
          from[label] = better ? last : from[label];
        }
      }
      for (size_t label = 0; label < kLabels; ++label) {
        next[label] += own[label];
      }
    }
    const int32_t best = *std::max_element(next.begin(), next.end());
    for (size_t label = 0; label < kLabels; ++label) {
      scores[label] = std::max(next[label] - best, 4 * kNever);
    }
  }
  auto label =
      static_cast<uint8_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
  for (size_t i = tokens.size(); i-- > 0;) {
    labels[i] = label;
    label = from_[i][label];
  }
}

std::vector<Entity> EntitiesOf(const std::vector<Token>& tokens,
                               const std::vector<uint8_t>& labels) {
  std::vector<Entity> entities;
  bool open = false;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (labels[i] == kOutside) {
      open = false;
      continue;
    }
    const struct Label& label = kLabelsOf[labels[i]];
    const bool goes_on = open && entities.back().kind == label.kind &&
                         (!label.first || (label.single && tokens[i].gap != Gap::kLine));
    if (goes_on) {
      entities.back().to = tokens[i].to;
    } else {
      entities.push_back({tokens[i].from, tokens[i].to, label.kind, 0.6});
    }
    open = true;
  }
  return entities;
}

}  // namespace fiducia::process
