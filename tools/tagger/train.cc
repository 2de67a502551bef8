// Trains the tagger: train_tagger LEXICON SENTENCES MODEL [EPOCHS]. Averaged structured perceptron;
// the same input and seed give the same model, byte for byte.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <numeric>
#include <random>
#include <string>

#include "base/json.h"
#include "base/text.h"
#include "process/classify/entities.h"
#include "process/classify/recognizers.h"

namespace fiducia::process {

namespace {

constexpr double kLeftOut = 0.25;  // of the features that name words beside a token
constexpr double kMissCost =
    1.5;  // how much worse it is to miss an entity than to see one too many

struct Example {
  std::vector<Token> tokens;
  std::vector<uint8_t> labels;
};

uint8_t LabelFor(std::string_view kind, bool first) {
  for (uint8_t i = 1; i < kUsedLabels; ++i) {
    if (Name(kLabelsOf[i].kind) == kind && (kLabelsOf[i].first == first || kLabelsOf[i].single)) {
      return i;
    }
  }
  return kOutside;
}

std::vector<Example> ReadExamples(const std::string& file, const Lexicon& lexicon) {
  std::vector<Example> examples;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const Json json = *ParseJson(line);
    const std::string text = json["text"];
    std::vector<size_t> bytes;  // of each character
    for (size_t i = 0; i <= text.size(); ++i) {
      if (i == text.size() || (static_cast<uint8_t>(text[i]) & 0xc0) != 0x80) {
        bytes.push_back(i);
      }
    }
    Example example;
    Tokenize(text, FindNumbered(text), lexicon, example.tokens);
    example.labels.assign(example.tokens.size(), kOutside);
    for (const Json& span : json["spans"]) {
      const size_t from = bytes.at(span[0]);
      const size_t to = bytes.at(span[1]);
      bool first = true;
      for (size_t i = 0; i < example.tokens.size(); ++i) {
        if (example.tokens[i].from >= from && example.tokens[i].to <= to) {
          example.labels[i] = LabelFor(std::string(span[2]), first);
          first = false;
        }
      }
    }
    if (!example.tokens.empty()) {
      examples.push_back(std::move(example));
    }
  }
  return examples;
}

class Trainer {
 public:
  Trainer() : weights_(kRows), sums_(kRows), follows_(kLabels * kLabels), follow_sums_(follows_) {}

  void Learn(const Example& example, std::mt19937& random) {
    const size_t n = example.tokens.size();
    features_.resize(n);
    for (size_t i = 0; i < n; ++i) {
      FeaturesOf(example.tokens, i, features_[i]);
      Features& f = features_[i];
      size_t kept = f.own;
      for (size_t k = f.own; k < f.count; ++k) {
        if (static_cast<double>(random()) >= kLeftOut * 4294967296.0) {
          f.rows[kept++] = f.rows[k];
        }
      }
      f.count = kept;
    }
    Decode(example);
    ++steps_;
    for (size_t i = 0; i < n; ++i) {
      const uint8_t right = example.labels[i];
      const uint8_t found = found_[i];
      if (right != found) {
        for (size_t k = 0; k < features_[i].count; ++k) {
          Change(size_t{features_[i].rows[k]} * kLabels + right, 1);
          Change(size_t{features_[i].rows[k]} * kLabels + found, -1);
        }
      }
      const uint8_t right_last = i == 0 ? kOutside : example.labels[i - 1];
      const uint8_t found_last = i == 0 ? kOutside : found_[i - 1];
      if (right != found || right_last != found_last) {
        ChangeFollow(size_t{right_last} * kLabels + right, 1);
        ChangeFollow(size_t{found_last} * kLabels + found, -1);
      }
    }
  }

  void Finish(TaggerModel& model) const {
    std::vector<float> mean(kRows);
    float most = 0;
    for (size_t i = 0; i < kRows; ++i) {
      mean[i] = weights_[i] - sums_[i] / static_cast<float>(steps_ + 1);
      most = std::max(most, std::abs(mean[i]));
    }
    std::vector<float> sorted;
    for (const float w : mean) {
      if (std::abs(w) > 1e-3F) {
        sorted.push_back(std::abs(w));
      }
    }
    std::sort(sorted.begin(), sorted.end());
    // One weight in two thousand is cut off.
    const float top = sorted.empty() ? 1 : sorted[sorted.size() - 1 - sorted.size() / 2000];
    const float scale = 127.0F / top;
    model.weights.resize(kRows);
    size_t used = 0;
    for (size_t i = 0; i < kRows; ++i) {
      const float w = std::clamp(std::round(mean[i] * scale), -127.0F, 127.0F);
      model.weights[i] = static_cast<int8_t>(w);
      used += w != 0 ? 1 : 0;
    }
    for (uint8_t last = 0; last < kLabels; ++last) {
      for (uint8_t next = 0; next < kLabels; ++next) {
        const size_t at = size_t{last} * kLabels + next;
        const float w = follows_[at] - follow_sums_[at] / static_cast<float>(steps_ + 1);
        model.follows[last][next] =
            MayFollow(last, next)
                ? static_cast<int16_t>(std::clamp(std::round(w * scale), -8000.0F, 8000.0F))
                : int16_t{-20000};
      }
    }
    std::fprintf(stderr, "%zu weights, largest %.1f, cut at %.1f\n", used,
                 static_cast<double>(most), static_cast<double>(top));
  }

 private:
  static constexpr size_t kRows = size_t{kModelRows} * kLabels;

  void Change(size_t at, float by) {
    weights_[at] += by;
    sums_[at] += by * static_cast<float>(steps_);
  }
  void ChangeFollow(size_t at, float by) {
    follows_[at] += by;
    follow_sums_[at] += by * static_cast<float>(steps_);
  }

  void Decode(const Example& example) {
    const size_t n = example.tokens.size();
    found_.assign(n, kOutside);
    from_.resize(n);
    std::array<float, kLabels> scores{};
    for (size_t i = 0; i < n; ++i) {
      std::array<float, kLabels> own{};
      for (size_t k = 0; k < features_[i].count; ++k) {
        const float* row = weights_.data() + size_t{features_[i].rows[k]} * kLabels;
        for (size_t label = 0; label < kLabels; ++label) {
          own[label] += row[label];
        }
      }
      // Wrong labels get a start, so that right ones win with something to spare.
      for (uint8_t label = 0; label < kUsedLabels; ++label) {
        if (label != example.labels[i]) {
          own[label] += static_cast<float>(label == kOutside ? kMissCost : 1.0);
        }
      }
      std::array<float, kLabels> next{};
      for (uint8_t label = 0; label < kLabels; ++label) {
        float best = -1e30F;
        uint8_t with = 0;
        for (uint8_t last = 0; last < kUsedLabels; ++last) {
          if ((i == 0 && last != kOutside) || !MayFollow(last, label)) {
            continue;
          }
          const float score =
              (i == 0 ? 0 : scores[last]) + follows_[size_t{last} * kLabels + label];
          if (score > best) {
            best = score;
            with = last;
          }
        }
        next[label] = best + own[label];
        from_[i][label] = with;
      }
      scores = next;
    }
    auto label = static_cast<uint8_t>(
        std::max_element(scores.begin(), scores.begin() + kUsedLabels) - scores.begin());
    for (size_t i = n; i-- > 0;) {
      found_[i] = label;
      label = from_[i][label];
    }
  }

  std::vector<float> weights_;
  std::vector<float> sums_;
  std::vector<float> follows_;
  std::vector<float> follow_sums_;
  std::vector<Features> features_;
  std::vector<uint8_t> found_;
  std::vector<std::array<uint8_t, kLabels>> from_;
  uint64_t steps_ = 0;
};

int Train(const std::string& words, const std::string& sentences, const std::string& out,
          int epochs) {
  TaggerModel model;
  std::ifstream in(words);
  size_t left_out = 0;
  for (std::string line; std::getline(in, line);) {
    const auto parts = Split(line, '\t');
    if (parts.size() == 3 &&
        !model.lexicon.Put(HashOfWord(parts[0][0], parts[2]),
                           static_cast<uint8_t>(std::stoi(std::string(parts[1]))))) {
      ++left_out;
    }
  }
  const std::vector<Example> examples = ReadExamples(sentences, model.lexicon);
  std::fprintf(stderr, "%zu sentences, %zu words left out\n", examples.size(), left_out);
  if (examples.empty()) {
    return 1;
  }
  std::mt19937 random(20261126);
  std::vector<uint32_t> order(examples.size());
  std::iota(order.begin(), order.end(), 0);
  Trainer trainer;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    std::shuffle(order.begin(), order.end(), random);
    for (const uint32_t i : order) {
      trainer.Learn(examples[i], random);
    }
    std::fprintf(stderr, "epoch %d\n", epoch + 1);
  }
  trainer.Finish(model);
  std::ofstream file(out, std::ios::binary | std::ios::trunc);
  file << model.Written();
  file.close();
  return file ? 0 : 1;
}

}  // namespace

}  // namespace fiducia::process

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: train_tagger LEXICON SENTENCES MODEL [EPOCHS]\n");
    return 2;
  }
  return fiducia::process::Train(argv[1], argv[2], argv[3], argc > 4 ? std::stoi(argv[4]) : 5);
}
