#include "process/resolve/resolver.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <thread>

#include "process/resolve/grouping.h"

namespace fiducia::process {

namespace {

constexpr double kSlackMost = 5;

}  // namespace

Resolution Resolve(const MatchTable& table, const ResolveOptions& options) {
  Resolution result;
  result.group.resize(table.size());
  std::iota(result.group.begin(), result.group.end(), 0U);
  if (table.size() < 2) {
    return result;
  }
  const Blocks blocks(table, options.pairs_per_record, options.block_most);
  const std::vector<Pass>& passes = blocks.passes();
  result.weights = WeightsOf(Fit(table, blocks));
  // A pair belongs to the first pass that finds it, so that it is looked at once.
  std::vector<std::vector<MatchLink>> found(passes.size());
  std::vector<uint64_t> looked(passes.size(), 0);
  std::vector<std::thread> workers;
  std::atomic<size_t> next{0};
  const auto work = [&] {
    Scale scale(table, result.weights);
    for (size_t p = next++; p < passes.size(); p = next++) {
      blocks.ForPairs(p, [&](uint32_t a, uint32_t b) {
        if (blocks.FoundBefore(p, a, b)) {
          return;
        }
        ++looked[p];
        const double weight = scale.Weigh(a, b);
        if (weight >= options.link) {
          found[p].push_back({a, b, static_cast<float>(weight)});
        }
      });
    }
  };
  for (unsigned t = 1; t < options.threads; ++t) {
    workers.emplace_back(work);
  }
  work();
  for (std::thread& worker : workers) {
    worker.join();
  }
  for (size_t p = 0; p < passes.size(); ++p) {
    result.links.insert(result.links.end(), found[p].begin(), found[p].end());
    result.pairs += looked[p];
  }
  // The more copies there are of everybody, the likelier two that hang together are the same even
  // if they themselves show little.
  const double possible = static_cast<double>(table.size()) * (table.size() - 1) / 2;
  const double copies = std::exp2(result.weights.prior) * possible / table.size();
  const double cut = options.pair - std::min(kSlackMost, options.slack * std::log2(1 + copies));
  Scale scale(table, result.weights);
  result.passes = passes;
  result.cut = cut;
  result.group = GroupByAverage(table.size(), result.links, options.pair, cut,
                                [&](uint32_t a, uint32_t b) { return scale.Weigh(a, b); });
  return result;
}

}  // namespace fiducia::process
