// ./dev bench process: quality and speed of matching on labeled data, one configuration for all
// sets. bench_process FOLDER [SET…], with the sets as they are published in the sub-folders.
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include <sys/resource.h>

#include "process/anonymize/lattice.h"
#include "process/anonymize/recoding.h"
#include "process/resolve/index.h"
#include "process/resolve/resolver.h"
#include "testing/shared_data.h"

namespace fiducia::process {

namespace {

using Kind = MatchKind;

struct Anchor {
  const char* who;
  double f1;
};
struct Set {
  const char* name;
  std::vector<std::string> files;
  std::vector<MatchColumn> columns;
  const char* truth;
  bool blank_after_comma;
  Anchor anchor;
  double target;
};

const std::vector<MatchColumn> kFebrl = {
    {"given_name", Kind::kGivenName},   {"surname", Kind::kFamilyName},
    {"street_number", Kind::kPostcode}, {"address_1", Kind::kText},
    {"address_2", Kind::kText},         {"suburb", Kind::kPlace},
    {"postcode", Kind::kPostcode},      {"state", Kind::kCategory},
    {"date_of_birth", Kind::kDate},     {"soc_sec_id", Kind::kIdNumber}};

const std::vector<Set> kSets = {{"febrl1",
                                 {"febrl/dataset1.csv"},
                                 kFebrl,
                                 "rec_id",
                                 true,
                                 {"recordlinkage recipe", 0.776},
                                 0.998},
                                {"febrl2",
                                 {"febrl/dataset2.csv"},
                                 kFebrl,
                                 "rec_id",
                                 true,
                                 {"recordlinkage recipe", 0.747},
                                 0.998},
                                {"febrl4",
                                 {"febrl/dataset4a.csv", "febrl/dataset4b.csv"},
                                 kFebrl,
                                 "rec_id",
                                 true,
                                 {"Splink p >= 0.5", 0.9992},
                                 0.998},
                                {"fake_1000",
                                 {"splink/fake_1000.csv"},
                                 {{"first_name", Kind::kGivenName},
                                  {"surname", Kind::kFamilyName},
                                  {"dob", Kind::kDate},
                                  {"city", Kind::kPlace},
                                  {"email", Kind::kEmail}},
                                 "cluster",
                                 false,
                                 {"Splink, pairs", 0.862},
                                 0.975},
                                {"historical",
                                 {"splink/historical_50k_dev_half.csv"},
                                 {{"first_name", Kind::kGivenName},
                                  {"surname", Kind::kFamilyName},
                                  {"dob", Kind::kDate},
                                  {"birth_place", Kind::kPlace},
                                  {"postcode_fake", Kind::kPostcode},
                                  {"gender", Kind::kCategory},
                                  {"occupation", Kind::kPlace}},
                                 "cluster",
                                 false,
                                 {"Splink rules, re-done, grouped", 0.874},
                                 0.93},
                                {"cn-customers",
                                 {"cn-customers/cn_customers_dev.csv"},
                                 {{"name", Kind::kFullName},
                                  {"sex", Kind::kCategory},
                                  {"birth_date", Kind::kDate},
                                  {"id_no", Kind::kIdNumber},
                                  {"phone", Kind::kPhone},
                                  {"email", Kind::kEmail},
                                  {"address", Kind::kAddress},
                                  {"employer", Kind::kOrganization}},
                                 "entity_id",
                                 false,
                                 {"identity graph", 0.852},
                                 0.98},
                                {"restaurants",
                                 {"orgs/restaurant-nophone-training.csv"},
                                 {{"name", Kind::kOrganization},
                                  {"address", Kind::kAddress},
                                  {"city", Kind::kPlace},
                                  {"cuisine", Kind::kText}},
                                 "unique_id",
                                 true,
                                 {"best threshold, labeled", 0.921},
                                 0.90}};

std::vector<std::string> SplitLine(const std::string& line, bool blank_after_comma) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"') {
      const bool twice = quoted && i + 1 < line.size() && line[i + 1] == '"';
      out.back() += twice ? "\"" : "";
      i += twice ? 1 : 0;
      quoted = twice == quoted;
    } else if (c == ',' && !quoted) {
      out.emplace_back();
      while (blank_after_comma && i + 1 < line.size() && line[i + 1] == ' ') {
        ++i;
      }
    } else if (c != '\r') {
      out.back() += c;
    }
  }
  return out;
}

double Seconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

struct Loaded {
  MatchTable table;
  std::vector<std::string> truth;
  double seconds = 0;  // of making values
};

bool Load(const std::string& folder, const Set& set, Loaded& loaded) {
  for (const std::string& name : set.files) {
    std::ifstream file(std::string(folder).append("/").append(name));
    std::string line;
    if (!std::getline(file, line)) {
      return false;
    }
    const std::vector<std::string> head = SplitLine(line, true);
    const auto place = [&](const std::string& column) {
      return static_cast<size_t>(std::find(head.begin(), head.end(), column) - head.begin());
    };
    std::vector<size_t> places;
    places.reserve(set.columns.size());
    for (const MatchColumn& column : set.columns) {
      places.push_back(place(column.name));
    }
    const size_t truth = place(set.truth);
    while (std::getline(file, line)) {
      const std::vector<std::string> row = SplitLine(line, set.blank_after_comma);
      std::vector<std::string_view> values;
      values.reserve(places.size());
      for (const size_t at : places) {
        values.push_back(at < row.size() ? std::string_view(row[at]) : std::string_view());
      }
      const auto started = std::chrono::steady_clock::now();
      loaded.table.Add(values);
      loaded.seconds += Seconds(started);
      std::string entity = truth < row.size() ? row[truth] : "";
      if (entity.starts_with("rec-")) {  // rec-17-org, rec-17-dup-0
        entity = entity.substr(4, entity.find('-', 4) - 4);
      }
      loaded.truth.push_back(std::move(entity));
    }
  }
  return true;
}

struct Quality {
  double precision = 0;
  double recall = 0;
  double F1() const { return 2 * precision * recall / (precision + recall); }
};

// On pairs of records that stand in one group.
Quality Judge(const std::vector<uint32_t>& group, const std::vector<std::string>& truth) {
  std::map<std::string, double> real;
  std::map<uint32_t, double> made;
  std::map<std::pair<uint32_t, std::string>, double> both;
  for (size_t i = 0; i < group.size(); ++i) {
    ++real[truth[i]];
    ++made[group[i]];
    ++both[{group[i], truth[i]}];
  }
  const auto pairs = [](const auto& counts) {
    double sum = 0;
    for (const auto& [key, count] : counts) {
      sum += count * (count - 1) / 2;
    }
    return sum;
  };
  const double right = pairs(both);
  return {right / std::max(pairs(made), 1.0), right / std::max(pairs(real), 1.0)};
}

int Run(const std::string& folder, const std::vector<std::string>& wanted) {
  std::printf("%-13s %8s %7s %7s %7s %7s  %-32s %9s %s\n", "set", "records", "P", "R", "F1",
              "target", "beside it", "records/s", "pairs each");
  int missed = 0;
  for (const Set& set : kSets) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), set.name) == wanted.end()) {
      continue;
    }
    std::vector<double> times;
    Quality quality;
    double pairs = 0;
    uint32_t records = 0;
    for (int round = 0; round < 5; ++round) {
      Loaded loaded{MatchTable(set.columns), {}, 0};
      if (!Load(folder, set, loaded)) {
        break;
      }
      const auto started = std::chrono::steady_clock::now();
      loaded.table.Finish();
      const Resolution result = Resolve(loaded.table, {});
      times.push_back(loaded.seconds + Seconds(started));
      quality = Judge(result.group, loaded.truth);
      records = loaded.table.size();
      pairs = static_cast<double>(result.pairs) / records;
    }
    if (times.empty()) {
      std::printf("%-13s is not there\n", set.name);
      continue;
    }
    std::sort(times.begin(), times.end());
    char beside[64];
    std::snprintf(beside, sizeof beside, "%s %.3f", set.anchor.who, set.anchor.f1);
    std::printf("%-13s %8u %7.4f %7.4f %7.4f %7.3f  %-32s %9.0f %.1f\n", set.name, records,
                quality.precision, quality.recall, quality.F1(), set.target, beside,
                records / times[times.size() / 2], pairs);
    missed += quality.F1() < set.target ? 1 : 0;
  }
  return missed == 0 ? 0 : 1;
}

// Adult with ARX's hierarchies: what ARX finds in full-domain search, and how much is left by local
// recoding beside its figures.
int Anonymity(const std::string& folder) {
  const Microdata data = testing::ReadAdult(folder + "/adult");
  if (data.rows() == 0) {
    std::printf("the Adult table is not there\n");
    return 0;
  }
  struct Known {
    uint32_t k;
    double suppressed;
    LossMetric metric;
    double loss;
  };
  std::printf("\nfull-domain, Adult, nine columns            loss  ARX asserts          seconds\n");
  for (const Known& known : {Known{5, 0.04, LossMetric::kEntropy, 255559.85455731067},
                             Known{100, 0.04, LossMetric::kEntropy, 379417.3460570988},
                             Known{5, 0, LossMetric::kEntropy, 407289.5388925293},
                             Known{100, 0, LossMetric::kEntropy, 453196.8932458743},
                             Known{5, 1, LossMetric::kLoss, 0.22041192847984292}}) {
    PrivacyModel model;
    model.k = known.k;
    model.suppressed = known.suppressed;
    const auto started = std::chrono::steady_clock::now();
    const auto found = SearchLattice(data, model, known.metric);
    const double seconds = Seconds(started);
    std::printf("k %3u, at most %3.0f %% left out   %18.9f  %18.9f  %6.3f\n", known.k,
                known.suppressed * 100, found->loss, known.loss, seconds);
  }
  std::printf("\nlocal recoding, Adult   granularity  left out  seconds   ARX\n");
  for (const auto& [k, beside] :
       std::vector<std::pair<uint32_t, const char*>>{{2, "0.946, 900 left out, 4.6 s"},
                                                     {5, "0.904, 1,574 left out, 12.1 s"},
                                                     {10, "0.873, 1,754 left out, 17.5 s"},
                                                     {50, "0.798, 2,398 left out, 31.1 s"}}) {
    PrivacyModel model;
    model.k = k;
    const auto started = std::chrono::steady_clock::now();
    const auto made = RecodeLocally(data, model);
    std::printf("k %3u                        %.4f  %8u  %7.2f   %s\n", k, 1 - made->loss,
                made->suppressed, Seconds(started), beside);
  }
  return 0;
}

// Made-up people with copies: for speed and memory at a size that no labeled set has.
int Crowd(uint32_t people, unsigned threads) {
  static constexpr const char* kGiven[] = {"jun", "wei",   "fang", "min",  "jing",
                                           "li",  "qiang", "lei",  "yang", "yan"};
  static constexpr const char* kSyllables[] = {"ba", "chen", "da", "fu",   "gao", "he",  "jin",
                                               "ke", "lu",   "ma", "ning", "pan", "qi",  "ren",
                                               "su", "tan",  "wu", "xu",   "yu",  "zhao"};
  uint64_t state = 20261126;
  const auto next = [&](uint64_t most) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % most;
  };
  MatchTable table({{"given", Kind::kGivenName},
                    {"family", Kind::kFamilyName},
                    {"birth", Kind::kDate},
                    {"phone", Kind::kPhone},
                    {"email", Kind::kEmail},
                    {"city", Kind::kPlace}});
  std::vector<std::string> truth;
  // A tenth of a percent is held back, to come one by one afterwards.
  std::vector<std::array<std::string, 6>> late;
  std::vector<std::string> late_truth;
  const auto typo = [&](std::string text) {
    if (text.size() > 2 && next(10) == 0) {
      std::swap(text[next(text.size() - 1)], text[text.size() - 1]);
    }
    return text;
  };
  const auto started = std::chrono::steady_clock::now();
  uint32_t entity = 0;
  while (table.size() < people) {
    const std::string given =
        std::string(kSyllables[next(20)]) + kGiven[next(10)] + kSyllables[next(20)];
    const std::string family = std::string(kSyllables[next(20)]) + kSyllables[next(20)];
    const std::string birth = std::to_string(1940 + next(70)) + "-" + std::to_string(10 + next(3)) +
                              "-" + std::to_string(10 + next(19));
    const std::string phone = "1" + std::to_string(3000000000 + next(6999999999));
    const std::string email = given + std::to_string(next(100000)) + "@example.com";
    const std::string city = std::string(kSyllables[next(20)]) + kSyllables[next(20)];
    for (uint64_t copies = 1 + next(3); copies > 0 && table.size() < people; --copies) {
      const std::string values[] = {typo(given),
                                    typo(family),
                                    typo(birth),
                                    next(6) == 0 ? "" : phone,
                                    next(4) == 0 ? "" : typo(email),
                                    city};
      std::vector<std::string_view> views(std::begin(values), std::end(values));
      if (next(1000) == 0) {
        late.push_back({values[0], values[1], values[2], values[3], values[4], values[5]});
        late_truth.push_back(std::to_string(entity));
        continue;
      }
      table.Add(views);
      truth.push_back(std::to_string(entity));
    }
    ++entity;
  }
  const double made = Seconds(started);
  const auto matching = std::chrono::steady_clock::now();
  table.Finish(true);
  ResolveOptions options;
  options.threads = threads;
  const Resolution result = Resolve(table, options);
  const double matched = Seconds(matching);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const Quality quality = Judge(result.group, truth);
  std::printf(
      "made-up people: %u records, %u threads: values %.1f s, matching %.1f s, %.0f MiB, "
      "P %.4f R %.4f F1 %.4f, %.1f pairs each\n",
      table.size(), threads, made, matched, static_cast<double>(usage.ru_maxrss) / 1024,
      quality.precision, quality.recall, quality.F1(),
      static_cast<double>(result.pairs) / table.size());
  // One by one: into the group of somebody with the same truth, or a new one.
  const std::vector<std::string> known = truth;
  MatchIndex index(std::move(table), result, options);
  std::vector<double> times;
  size_t right = 0;
  size_t wrong = 0;
  size_t missed = 0;
  const std::set<std::string> there(known.begin(), known.end());
  for (size_t i = 0; i < late.size(); ++i) {
    const std::vector<std::string_view> views(late[i].begin(), late[i].end());
    const auto begun = std::chrono::steady_clock::now();
    const MatchIndex::Added added = index.Add(views);
    times.push_back(Seconds(begun) * 1000);
    const bool joined = added.group < known.size();
    right += joined && known[added.group] == late_truth[i] ? 1 : 0;
    wrong += joined && known[added.group] != late_truth[i] ? 1 : 0;
    missed += !joined && there.contains(late_truth[i]) ? 1 : 0;
  }
  std::sort(times.begin(), times.end());
  std::printf(
      "one by one: %zu more: median %.3f ms, p99 %.3f ms, most %.3f ms; %zu joined their group, "
      "%zu another, %zu none although there was one\n",
      times.size(), times[times.size() / 2], times[times.size() * 99 / 100], times.back(), right,
      wrong, missed);
  return 0;
}

}  // namespace

}  // namespace fiducia::process

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr,
                 "usage: bench_process FOLDER [SET…] | bench_process --crowd N [THREADS]\n");
    return 2;
  }
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words[0] == "--crowd") {
    const unsigned threads = words.size() > 2 ? static_cast<unsigned>(std::stoul(words[2])) : 2;
    return fiducia::process::Crowd(static_cast<uint32_t>(std::stoul(words.at(1))), threads);
  }
  const int missed = fiducia::process::Run(words[0], {words.begin() + 1, words.end()});
  return words.size() > 1 ? missed : missed + fiducia::process::Anonymity(words[0]);
}
