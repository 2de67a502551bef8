#include "process/anonymize/lattice.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace fiducia::process {

namespace {

constexpr size_t kNodesMost = size_t{1} << 22;

struct Node {
  double bound = 0;  // of the loss, from below
  uint32_t index = 0;
};

// The lattice of levels, as a number in mixed radix.
class Lattice {
 public:
  explicit Lattice(const Microdata& data) {
    for (const Hierarchy& one : data.hierarchies) {
      levels_.push_back(static_cast<uint32_t>(one.levels()));
      strides_.push_back(nodes_);
      nodes_ *= one.levels();
    }
  }
  size_t nodes() const { return nodes_; }
  uint32_t Level(uint32_t node, size_t column) const {
    return node / static_cast<uint32_t>(strides_[column]) % levels_[column];
  }
  // The neighbor one level up or down in a column; the node itself at the end.
  uint32_t Step(uint32_t node, size_t column, int by) const {
    const auto level = static_cast<int>(Level(node, column)) + by;
    const bool inside = level >= 0 && level < static_cast<int>(levels_[column]);
    return inside ? static_cast<uint32_t>(static_cast<int64_t>(node) +
                                          by * static_cast<int64_t>(strides_[column]))
                  : node;
  }
  size_t columns() const { return levels_.size(); }

 private:
  std::vector<uint32_t> levels_;
  std::vector<size_t> strides_;
  size_t nodes_ = 1;
};

// Groups rows at a node: an open table that is emptied by a stamp.
class Grouper {
 public:
  static bool Fits(const Microdata& data) {
    int bits = 0;
    for (const Hierarchy& one : data.hierarchies) {
      bits += std::bit_width(one.values());
    }
    return bits <= 64;
  }

  Grouper(const Microdata& data, const Lattice& lattice) : data_(data), lattice_(lattice) {
    int shift = 0;
    for (size_t c = 0; c < data.hierarchies.size(); ++c) {
      const Hierarchy& one = data.hierarchies[c];
      keys_.emplace_back(one.levels());
      for (size_t level = 0; level < one.levels(); ++level) {
        for (uint32_t value = 0; value < one.values(); ++value) {
          keys_[c][level].push_back(static_cast<uint64_t>(one.At(level, value)) << shift);
        }
      }
      shift += std::bit_width(one.values());
    }
    const size_t size = std::bit_ceil(static_cast<size_t>(data.rows()) * 2 + 2);
    table_.resize(size);
    mask_ = size - 1;
    group_.resize(data.rows());
  }

  // The group of every row; groups are numbered as they come.
  void Group(uint32_t node) {
    ++stamp_;
    sizes_.clear();
    first_.clear();
    std::vector<const uint64_t*> keys;
    std::vector<const uint32_t*> values;
    for (size_t c = 0; c < keys_.size(); ++c) {
      keys.push_back(keys_[c][lattice_.Level(node, c)].data());
      values.push_back(data_.values[c].data());
    }
    for (uint32_t row = 0; row < data_.rows(); ++row) {
      uint64_t key = 0;
      for (size_t c = 0; c < keys.size(); ++c) {
        key |= keys[c][values[c][row]];
      }
      size_t at = (key * 0x9e3779b97f4a7c15ULL) >> 20 & mask_;
      while (table_[at].stamp == stamp_ && table_[at].key != key) {
        at = (at + 1) & mask_;
      }
      if (table_[at].stamp != stamp_) {
        table_[at] = {key, stamp_, static_cast<uint32_t>(sizes_.size())};
        sizes_.push_back(0);
        first_.push_back(row);
      }
      group_[row] = table_[at].group;
      ++sizes_[table_[at].group];
    }
  }

  // Which groups are what the model asks for.
  std::vector<bool> Admitted(const PrivacyModel& model) const {
    const Judge judge(data_, model);
    const size_t each = judge.counts();
    std::vector<uint32_t> counts(sizes_.size() * each, 0);
    const auto of = [&](size_t group) { return std::span(counts).subspan(group * each, each); };
    for (uint32_t row = 0; each > 0 && row < data_.rows(); ++row) {
      judge.Count(row, of(group_[row]));
    }
    std::vector<bool> good(sizes_.size());
    for (size_t g = 0; g < sizes_.size(); ++g) {
      good[g] = judge.Admits(sizes_[g], of(g));
    }
    return good;
  }

  const std::vector<uint32_t>& group() const { return group_; }
  const std::vector<uint32_t>& sizes() const { return sizes_; }
  const std::vector<uint32_t>& first() const { return first_; }  // a row of each group

 private:
  struct Slot {
    uint64_t key = 0;
    uint32_t stamp = 0;
    uint32_t group = 0;
  };

  const Microdata& data_;
  const Lattice& lattice_;
  std::vector<std::vector<std::vector<uint64_t>>> keys_;  // by column, level, value
  std::vector<Slot> table_;
  size_t mask_ = 0;
  uint32_t stamp_ = 0;
  std::vector<uint32_t> group_;
  std::vector<uint32_t> sizes_;
  std::vector<uint32_t> first_;
};

// What each column loses at each level, for all rows, and the most that a single row loses.
struct ColumnLoss {
  std::vector<double> entropy;  // bits, all rows
  std::vector<double> share;    // mean, scaled to 0 to 1
  std::vector<double> most;     // of a single row, as a share of the values
};

ColumnLoss LossOfColumn(const Microdata& data, size_t column) {
  const Hierarchy& one = data.hierarchies[column];
  ColumnLoss loss;
  std::vector<double> counts(one.values(), 0);
  for (const uint32_t value : data.values[column]) {
    ++counts[value];
  }
  const double least = 1.0 / one.values();
  for (size_t level = 0; level < one.levels(); ++level) {
    std::vector<double> sums(one.Codes(level), 0);
    for (uint32_t value = 0; value < one.values(); ++value) {
      sums[one.At(level, value)] += counts[value];
    }
    double bits = 0;
    double share = 0;
    double most = 0;
    for (uint32_t value = 0; value < one.values(); ++value) {
      if (counts[value] > 0) {
        const uint32_t code = one.At(level, value);
        bits += counts[value] * std::log2(sums[code] / counts[value]);
        const double own = static_cast<double>(one.Leaves(level, code)) / one.values();
        share += counts[value] * own;
        most = std::max(most, own);
      }
    }
    loss.entropy.push_back(bits);
    loss.most.push_back(most);
    loss.share.push_back(one.values() == 1 ? 0 : (share / data.rows() - least) / (1 - least));
  }
  return loss;
}

class Search {
 public:
  Search(const Microdata& data, const PrivacyModel& model, LossMetric metric)
      : data_(data),
        model_(model),
        metric_(metric),
        lattice_(data),
        grouper_(data, lattice_),
        tags_(lattice_.nodes(), 0),
        fewest_(lattice_.nodes(), 0) {
    for (size_t c = 0; c < data.hierarchies.size(); ++c) {
      losses_.push_back(LossOfColumn(data, c));
    }
    allowed_ = static_cast<uint32_t>(model.suppressed * data.rows());
  }

  Result<Generalization> Run() {
    if (metric_ == LossMetric::kLoss) {
      Descend();
    }
    // Coarser never loses less: nodes in the order of their bound, until it passes the best.
    std::vector<Node> nodes(lattice_.nodes());
    for (uint32_t i = 0; i < nodes.size(); ++i) {
      nodes[i] = {Bound(i), i};
    }
    std::sort(nodes.begin(), nodes.end(), [](const Node& a, const Node& b) {
      return a.bound != b.bound ? a.bound < b.bound : a.index < b.index;
    });
    for (const Node& node : nodes) {
      if (found_ && node.bound >= best_.loss) {
        break;
      }
      const bool looked = metric_ == LossMetric::kLoss && tags_[node.index] != 0;
      if (looked || tags_[node.index] == kNotSo || (found_ && BoundWith(node) >= best_.loss)) {
        continue;
      }
      if (metric_ == LossMetric::kEntropy && !found_) {
        Probe(node.index);
        if (tags_[node.index] == kNotSo) {
          continue;
        }
      }
      Look(node);
    }
    if (!found_) {
      return Fail(Code::kNotFound, "even with everything made as coarse as can be it is not so");
    }
    best_.checked = checked_;
    return std::move(best_);
  }

 private:
  static constexpr uint8_t kNotSo = 1;
  static constexpr uint8_t kSo = 2;

  // The loss of a node if nothing had to be suppressed.
  double Bound(uint32_t node) const {
    if (metric_ == LossMetric::kEntropy) {
      double sum = 0;
      for (size_t c = 0; c < losses_.size(); ++c) {
        sum += losses_[c].entropy[lattice_.Level(node, c)];
      }
      return sum;
    }
    double product = 1;
    for (size_t c = 0; c < losses_.size(); ++c) {
      product *= 1 + losses_[c].share[lattice_.Level(node, c)];
    }
    return std::pow(product, 1.0 / static_cast<double>(losses_.size())) - 1;
  }

  // Suppressed rows grow fewer upward: k-anonymity and l-diversity hold above wherever they hold.
  bool Monotone() const { return model_.t == 0; }

  uint32_t Check(uint32_t node, std::vector<bool>& good) {
    ++checked_;
    grouper_.Group(node);
    good = grouper_.Admitted(model_);
    uint32_t suppressed = 0;
    for (size_t g = 0; g < good.size(); ++g) {
      suppressed += good[g] ? 0 : grouper_.sizes()[g];
    }
    const bool so = suppressed <= allowed_;
    tags_[node] = so ? kSo : kNotSo;
    if (metric_ == LossMetric::kLoss && Monotone()) {
      AtLeastBelow(node, suppressed);
    }
    if (!so && Monotone()) {
      TagBelow(node);
    }
    return suppressed;
  }

  void TagBelow(uint32_t node) {
    std::vector<uint32_t> waiting = {node};
    while (!waiting.empty()) {
      const uint32_t one = waiting.back();
      waiting.pop_back();
      for (size_t c = 0; c < lattice_.columns(); ++c) {
        const uint32_t below = lattice_.Step(one, c, -1);
        if (below != one && tags_[below] != kNotSo) {
          tags_[below] = kNotSo;
          waiting.push_back(below);
        }
      }
    }
  }

  // What a coarser node suppresses, a finer one suppresses too.
  void AtLeastBelow(uint32_t node, uint32_t suppressed) {
    std::vector<uint32_t> waiting = {node};
    fewest_[node] = suppressed;
    while (!waiting.empty()) {
      const uint32_t one = waiting.back();
      waiting.pop_back();
      for (size_t c = 0; c < lattice_.columns(); ++c) {
        const uint32_t below = lattice_.Step(one, c, -1);
        if (below != one && fewest_[below] < suppressed) {
          fewest_[below] = suppressed;
          waiting.push_back(below);
        }
      }
    }
  }

  // The bound, with what is known to be suppressed: such a row is lost whole.
  double BoundWith(const Node& node) const {
    if (metric_ == LossMetric::kEntropy || fewest_[node.index] == 0) {
      return node.bound;
    }
    const double dropped = static_cast<double>(fewest_[node.index]) / data_.rows();
    double product = 1;
    for (size_t c = 0; c < losses_.size(); ++c) {
      const size_t level = lattice_.Level(node.index, c);
      const uint32_t values = data_.hierarchies[c].values();
      const double more =
          values == 1 ? 0 : dropped * (1 - losses_[c].most[level]) / (1 - 1.0 / values);
      product *= 1 + losses_[c].share[level] + more;
    }
    return std::pow(product, 1.0 / static_cast<double>(losses_.size())) - 1;
  }

  // From the top, always to the best finer neighbor: a good loss to begin with, and what coarse
  // nodes suppress.
  void Descend() {
    auto here = static_cast<uint32_t>(lattice_.nodes() - 1);
    Look({Bound(here), here});
    while (true) {
      uint32_t next = here;
      for (size_t c = 0; c < lattice_.columns(); ++c) {
        const uint32_t below = lattice_.Step(here, c, -1);
        if (below != here && tags_[below] == 0) {
          const double before = best_.loss;
          const bool had = found_;
          Look({Bound(below), below});
          next = found_ && (!had || best_.loss < before) ? below : next;
        }
      }
      if (next == here) {
        return;
      }
      here = next;
    }
  }

  // Before a node: somewhat coarser ones. If they fail, so does all that is finer.
  void Probe(uint32_t node) {
    if (!Monotone()) {
      return;
    }
    std::vector<uint32_t> path = {node};
    while (true) {
      uint32_t next = path.back();
      double least = 0;
      for (size_t c = 0; c < lattice_.columns(); ++c) {
        const uint32_t above = lattice_.Step(path.back(), c, 1);
        if (above != path.back() && tags_[above] == 0 &&
            (next == path.back() || Bound(above) < least)) {
          next = above;
          least = Bound(above);
        }
      }
      if (next == path.back()) {
        break;
      }
      path.push_back(next);
    }
    std::vector<bool> good;
    size_t from = 0;
    size_t to = path.size();
    while (from < to) {
      const size_t middle = (from + to) / 2;
      if (tags_[path[middle]] == 0) {
        Check(path[middle], good);
      }
      if (tags_[path[middle]] == kNotSo) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
  }

  void Look(const Node& node) {
    std::vector<bool> good;
    const uint32_t suppressed = Check(node.index, good);
    if (suppressed > allowed_) {
      return;
    }
    const double loss = metric_ == LossMetric::kEntropy ? node.bound : LossWith(node.index, good);
    if (found_ && loss >= best_.loss) {
      return;
    }
    found_ = true;
    best_ = {};
    best_.loss = loss;
    best_.suppressed = suppressed;
    for (size_t c = 0; c < lattice_.columns(); ++c) {
      best_.levels.push_back(static_cast<uint8_t>(lattice_.Level(node.index, c)));
    }
    best_.dropped.resize(data_.rows());
    for (uint32_t row = 0; row < data_.rows(); ++row) {
      best_.dropped[row] = !good[grouper_.group()[row]];
    }
  }

  // Geometric mean over the columns; what is suppressed is lost whole.
  double LossWith(uint32_t node, const std::vector<bool>& good) const {
    double product = 1;
    for (size_t c = 0; c < lattice_.columns(); ++c) {
      const Hierarchy& one = data_.hierarchies[c];
      const size_t level = lattice_.Level(node, c);
      double more = 0;
      for (size_t g = 0; g < good.size(); ++g) {
        if (!good[g]) {
          const uint32_t code = one.At(level, data_.values[c][grouper_.first()[g]]);
          more += grouper_.sizes()[g] *
                  (1 - static_cast<double>(one.Leaves(level, code)) / one.values());
        }
      }
      const double rest = one.values() == 1 ? 0 : more / data_.rows() / (1 - 1.0 / one.values());
      product *= 1 + losses_[c].share[level] + rest;
    }
    return std::pow(product, 1.0 / static_cast<double>(lattice_.columns())) - 1;
  }

  const Microdata& data_;
  const PrivacyModel& model_;
  LossMetric metric_;
  Lattice lattice_;
  Grouper grouper_;
  std::vector<uint8_t> tags_;
  std::vector<uint32_t> fewest_;  // rows that are suppressed at least
  std::vector<ColumnLoss> losses_;
  uint32_t allowed_ = 0;
  uint32_t checked_ = 0;
  bool found_ = false;
  Generalization best_;
};

}  // namespace

Result<Generalization> SearchLattice(const Microdata& data, const PrivacyModel& model,
                                     LossMetric metric) {
  size_t nodes = 1;
  for (const Hierarchy& one : data.hierarchies) {
    nodes = std::min(nodes * one.levels(), kNodesMost + 1);
  }
  if (data.rows() == 0 || nodes > kNodesMost || !Grouper::Fits(data)) {
    return Fail(Code::kInvalidInput,
                "there is nothing to anonymize, or more columns and levels than can be searched");
  }
  return Search(data, model, metric).Run();
}

}  // namespace fiducia::process
