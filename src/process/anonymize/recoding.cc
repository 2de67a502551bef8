#include "process/anonymize/recoding.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fiducia::process {

namespace {

using Rows = std::vector<uint32_t>;

constexpr size_t kGrowMost = 2500;  // parts: each is held against every other

struct Part {
  Rows rows;
  std::vector<uint8_t> levels;  // by column
  uint32_t spare = 0;           // rows that may be left out yet
};

Rows Without(Rows rows, Rows out) {
  std::sort(out.begin(), out.end());
  std::erase_if(rows,
                [&](uint32_t row) { return std::binary_search(out.begin(), out.end(), row); });
  return rows;
}

class Recoder {
 public:
  Recoder(const Microdata& data, const PrivacyModel& model)
      : data_(data), model_(model), judge_(data, model) {
    for (const Hierarchy& one : data.hierarchies) {
      std::vector<std::vector<double>> shares(one.levels());
      for (size_t level = 0; level < one.levels(); ++level) {
        for (uint32_t code = 0; code < one.Codes(level); ++code) {
          shares[level].push_back(static_cast<double>(one.Leaves(level, code)) / one.values());
        }
      }
      shares_.push_back(std::move(shares));
    }
  }

  bool Admits(const Rows& rows) const {
    std::vector<uint32_t> counts(judge_.counts(), 0);
    if (!counts.empty()) {
      for (const uint32_t row : rows) {
        judge_.Count(row, counts);
      }
    }
    return judge_.Admits(rows.size(), counts);
  }

  // A split is judged by what it wins, divided by the bits of parting it takes to this power.
  std::vector<Part> Run(double power) {
    Part whole;
    whole.rows.resize(data_.rows());
    std::iota(whole.rows.begin(), whole.rows.end(), 0U);
    for (const Hierarchy& one : data_.hierarchies) {
      whole.levels.push_back(static_cast<uint8_t>(one.levels() - 1));
    }
    whole.spare = static_cast<uint32_t>(model_.suppressed * data_.rows());
    std::vector<Part> waiting;
    waiting.push_back(std::move(whole));
    std::vector<Part> done;
    while (!waiting.empty()) {
      Part part = std::move(waiting.back());
      waiting.pop_back();
      Tighten(part);
      std::vector<Part> children = Split(part, power);
      if (children.empty()) {
        Carve(std::move(part), done);
      }
      for (Part& child : children) {
        waiting.push_back(std::move(child));
      }
    }
    return done;
  }

  // The other way: from parts that are too small up, each time the smallest goes to where it costs
  // least.
  std::vector<Part> Grow(std::vector<Part> parts) const {
    std::vector<uint8_t> levels(data_.hierarchies.size());
    std::vector<double> losses;
    losses.reserve(parts.size());
    for (const Part& part : parts) {
      losses.push_back(LossOfRow(part));
    }
    while (parts.size() > 1) {
      const auto smallest = std::min_element(
          parts.begin(), parts.end(),
          [](const Part& a, const Part& b) { return a.rows.size() < b.rows.size(); });
      if (Admits(smallest->rows)) {
        break;
      }
      std::swap(losses[static_cast<size_t>(smallest - parts.begin())], losses.back());
      std::swap(*smallest, parts.back());
      const Part small = std::move(parts.back());
      const double own = losses.back();
      parts.pop_back();
      losses.pop_back();
      const auto count = static_cast<double>(small.rows.size());
      size_t best = 0;
      double least = 0;
      for (size_t i = 0; i < parts.size(); ++i) {
        const auto other = static_cast<double>(parts[i].rows.size());
        const double spent = count * own + other * losses[i];
        // Together they lose at least as much as the worse of them: often that is too much already.
        if (i > 0 && (count + other) * std::max(own, losses[i]) - spent >= least) {
          continue;
        }
        const double cost = (count + other) * JoinOf(small, parts[i], levels) - spent;
        if (i == 0 || cost < least) {
          best = i;
          least = cost;
        }
      }
      losses[best] = JoinOf(small, parts[best], levels);
      parts[best].levels = levels;
      parts[best].rows.insert(parts[best].rows.end(), small.rows.begin(), small.rows.end());
    }
    std::vector<Part> done;
    for (Part& part : parts) {
      Tighten(part);
      Carve(std::move(part), done);
    }
    return done;
  }

  double Share(size_t column, uint32_t row, size_t level) const {
    return shares_[column][level][data_.hierarchies[column].At(level, data_.values[column][row])];
  }
  // Of one row of the part, over all columns.
  double LossOfRow(const Part& part) const {
    double sum = 0;
    for (size_t c = 0; c < part.levels.size(); ++c) {
      sum += Share(c, part.rows[0], part.levels[c]);
    }
    return sum;
  }

  // The finest levels at which all rows of the part are one.
  void Tighten(Part& part) const {
    for (size_t c = 0; c < part.levels.size(); ++c) {
      const Hierarchy& one = data_.hierarchies[c];
      while (part.levels[c] > 0) {
        const size_t finer = part.levels[c] - 1U;
        const uint32_t code = one.At(finer, data_.values[c][part.rows[0]]);
        const bool same = std::all_of(part.rows.begin(), part.rows.end(), [&](uint32_t row) {
          return one.At(finer, data_.values[c][row]) == code;
        });
        if (!same) {
          break;
        }
        --part.levels[c];
      }
    }
  }

 private:
  struct Choice {
    double score = 0;
    size_t column = 0;
    std::vector<uint32_t> apart;  // codes at the finer level that become parts
    bool rest = false;            // the others stay together
    uint32_t dropped = 0;         // the others are left out
  };

  // What becomes of the part if it is split by a column: the codes that can stand alone.
  bool Weigh(const Part& part, size_t column, double power, Choice& choice) const {
    if (part.levels[column] == 0) {
      return false;
    }
    const Hierarchy& one = data_.hierarchies[column];
    const size_t finer = part.levels[column] - 1U;
    std::vector<uint32_t> counts(one.Codes(finer), 0);
    for (const uint32_t row : part.rows) {
      ++counts[one.At(finer, data_.values[column][row])];
    }
    std::vector<uint32_t> apart;
    uint32_t rest = 0;
    for (uint32_t code = 0; code < counts.size(); ++code) {
      if (counts[code] >= model_.k) {
        apart.push_back(code);
      } else {
        rest += counts[code];
      }
    }
    std::sort(apart.begin(), apart.end(),
              [&](uint32_t a, uint32_t b) { return counts[a] > counts[b]; });
    // A few that stand in the way of many are left out, if that pays.
    uint32_t dropped = 0;
    if (rest > 0 && rest < model_.k && rest <= part.spare && apart.size() > 1) {
      const double lost = static_cast<double>(part.levels.size()) - LossOfRow(part);
      const uint32_t last = apart.back();
      const double saved = counts[last] * (Share(column, part.rows[0], part.levels[column]) -
                                           shares_[column][finer][last]);
      if (rest * lost < saved) {
        dropped = rest;
        rest = 0;
      }
    }
    while (rest > 0 && rest < model_.k && !apart.empty()) {
      rest += counts[apart.back()];
      apart.pop_back();
    }
    if (apart.empty() || (apart.size() == 1 && rest == 0 && dropped == 0)) {
      return false;
    }
    const double total = static_cast<double>(part.rows.size());
    const double now = Share(column, part.rows[0], part.levels[column]);
    double won = 0;
    double bits = 0;
    for (const uint32_t code : apart) {
      const double count = counts[code];
      won += count * (now - shares_[column][finer][code]);
      bits -= count * std::log2(count / total);
    }
    bits -= rest == 0 ? 0 : rest * std::log2(rest / total);
    choice = {won / std::pow(std::max(bits, 1e-9), power), column, std::move(apart), rest > 0,
              dropped};
    return true;
  }

  std::vector<Part> Split(const Part& part, double power) const {
    std::vector<Choice> choices;
    for (size_t c = 0; c < part.levels.size() && part.rows.size() >= 2 * model_.k; ++c) {
      Choice choice;
      if (Weigh(part, c, power, choice)) {
        choices.push_back(std::move(choice));
      }
    }
    std::stable_sort(choices.begin(), choices.end(),
                     [](const Choice& a, const Choice& b) { return a.score > b.score; });
    for (const Choice& choice : choices) {
      std::vector<Part> children = Make(part, choice);
      const bool good = std::all_of(children.begin(), children.end(),
                                    [&](const Part& child) { return Admits(child.rows); });
      if (good) {
        return children;
      }
    }
    return {};
  }

  std::vector<Part> Make(const Part& part, const Choice& choice) const {
    const Hierarchy& one = data_.hierarchies[choice.column];
    const size_t finer = part.levels[choice.column] - 1U;
    std::vector<uint32_t> place(one.Codes(finer), static_cast<uint32_t>(choice.apart.size()));
    for (uint32_t i = 0; i < choice.apart.size(); ++i) {
      place[choice.apart[i]] = i;
    }
    std::vector<Part> children(choice.apart.size() + (choice.rest ? 1 : 0));
    for (size_t i = 0; i < children.size(); ++i) {
      children[i].levels = part.levels;
      if (i < choice.apart.size()) {
        --children[i].levels[choice.column];
      }
    }
    for (const uint32_t row : part.rows) {
      const uint32_t at = place[one.At(finer, data_.values[choice.column][row])];
      if (at < children.size()) {
        children[at].rows.push_back(row);
      }
    }
    const uint32_t spare = part.spare - choice.dropped;
    for (Part& child : children) {
      child.spare = static_cast<uint32_t>(static_cast<uint64_t>(spare) * child.rows.size() /
                                          part.rows.size());
    }
    return children;
  }

  // Of one row, if two parts were one; `out` gets the levels.
  double JoinOf(const Part& a, const Part& b, std::vector<uint8_t>& out) const {
    for (size_t c = 0; c < out.size(); ++c) {
      out[c] = std::max(a.levels[c], b.levels[c]);
    }
    return Joined(out, a.rows[0], b.rows[0], out);
  }

  // What one row more would cost a part: the levels at which it fits in. `out` may be `levels`.
  double Joined(const std::vector<uint8_t>& levels, uint32_t row, uint32_t other,
                std::vector<uint8_t>& out) const {
    double sum = 0;
    for (size_t c = 0; c < levels.size(); ++c) {
      const Hierarchy& one = data_.hierarchies[c];
      size_t level = levels[c];
      while (one.At(level, data_.values[c][row]) != one.At(level, data_.values[c][other])) {
        ++level;
      }
      out[c] = static_cast<uint8_t>(level);
      sum += Share(c, row, level);
    }
    return sum;
  }

  // A part of 2k rows or more that no column splits: k rows that are most alike go out as a part of
  // their own, as long as that loses less.
  void Carve(Part part, std::vector<Part>& done) const {
    while (part.rows.size() >= 2 * model_.k && part.rows.size() <= kCarveMost) {
      Part best;
      double most = 1e-9;
      const double before = LossOfRow(part) * static_cast<double>(part.rows.size());
      const size_t step = std::max<size_t>(1, part.rows.size() / kSeeds);
      for (size_t seed = 0; seed < part.rows.size(); seed += step) {
        Part out = Around(part, part.rows[seed]);
        Part rest{Without(part.rows, out.rows), part.levels, 0};
        if (rest.rows.size() < model_.k || !Admits(out.rows) || !Admits(rest.rows)) {
          continue;
        }
        Tighten(rest);
        const double won = before - LossOfRow(out) * static_cast<double>(out.rows.size()) -
                           LossOfRow(rest) * static_cast<double>(rest.rows.size());
        if (won > most) {
          most = won;
          best = std::move(out);
        }
      }
      if (best.rows.empty()) {
        break;
      }
      part.rows = Without(part.rows, best.rows);
      done.push_back(std::move(best));
      Tighten(part);
    }
    done.push_back(std::move(part));
  }

  // The k rows of a part that lose least together with `seed`, taken one by one; and all others
  // that cost nothing more.
  Part Around(const Part& part, uint32_t seed) const {
    Part out;
    out.rows = {seed};
    out.levels.assign(part.levels.size(), 0);
    std::vector<std::pair<double, uint32_t>> order;
    std::vector<uint8_t> levels(part.levels.size());
    for (const uint32_t row : part.rows) {
      if (row != seed) {
        order.emplace_back(Joined(out.levels, seed, row, levels), row);
      }
    }
    std::sort(order.begin(), order.end());
    for (const auto& [cost, row] : order) {
      const double with = Joined(out.levels, seed, row, levels);
      const bool free = with <= LossOfRow(out) + 1e-12;
      if (out.rows.size() >= model_.k && !free) {
        continue;
      }
      out.rows.push_back(row);
      out.levels = levels;
    }
    return out;
  }

  static constexpr size_t kCarveMost = 4000;
  static constexpr size_t kSeeds = 12;

  const Microdata& data_;
  const PrivacyModel& model_;
  Judge judge_;
  std::vector<std::vector<std::vector<double>>> shares_;  // by column, level, code
};

Recoding Written(const Microdata& data, const std::vector<Part>& parts) {
  Recoding made;
  made.levels.assign(data.hierarchies.size(), std::vector<uint8_t>(data.rows(), 0));
  made.group.assign(data.rows(), UINT32_MAX);
  for (const Part& part : parts) {
    for (const uint32_t row : part.rows) {
      made.group[row] = made.groups;
      for (size_t c = 0; c < part.levels.size(); ++c) {
        made.levels[c][row] = part.levels[c];
      }
    }
    ++made.groups;
  }
  std::vector<bool> dropped(data.rows());
  for (uint32_t row = 0; row < data.rows(); ++row) {
    dropped[row] = made.group[row] == UINT32_MAX;
    made.suppressed += dropped[row] ? 1 : 0;
  }
  made.loss = LossOf(data, made.levels, dropped);
  return made;
}

}  // namespace

Result<Recoding> RecodeLocally(const Microdata& data, const PrivacyModel& model) {
  if (data.rows() == 0 || model.k == 0) {
    return Fail(Code::kInvalidInput, "there is nothing to anonymize, or k is 0");
  }
  Recoder recoder(data, model);
  Rows all(data.rows());
  std::iota(all.begin(), all.end(), 0U);
  if (!recoder.Admits(all)) {
    return Fail(Code::kNotFound, "even all rows together are not what the model asks for");
  }
  // No way of judging is the best for all data: the least loss of several is kept.
  Recoding best;
  const auto keep = [&](const std::vector<Part>& parts) {
    Recoding made = Written(data, parts);
    if (best.groups == 0 || made.loss < best.loss) {
      best = std::move(made);
    }
  };
  for (const double power : {0.0, 0.5, 0.75, 1.0, 1.5}) {
    keep(recoder.Run(power));
    // Growing pays where parting was even-handed.
    for (const uint32_t finer : {model.k / 2, model.k / 4}) {
      if (power < 0.5 || power > 1) {
        break;
      }
      PrivacyModel loose = model;
      loose.k = finer;
      std::vector<Part> parts = finer < 2 ? std::vector<Part>() : Recoder(data, loose).Run(power);
      if (!parts.empty() && parts.size() <= kGrowMost) {
        keep(recoder.Grow(std::move(parts)));
      }
    }
  }
  return best;
}

}  // namespace fiducia::process
