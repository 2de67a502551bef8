#include "apps/crm/merges.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "apps/crm/fill.h"
#include "base/text.h"

namespace fiducia::apps {

namespace {

constexpr const char* kCapability = "customers.merge";
constexpr int kAttempts = 8;  // while somebody else changes the same record

std::string WriteFields(const model::FieldSet& fields) {
  std::string text;
  fields.ForEach(
      [&](model::FieldNo field) { text += (text.empty() ? "" : ",") + std::to_string(field); });
  return text;
}

model::FieldSet ParseFields(std::string_view text) {
  model::FieldSet fields;
  for (const std::string_view part : Split(text, ',')) {
    uint32_t number = 0;
    std::from_chars(part.data(), part.data() + part.size(), number);
    if (number > 0 && number < model::kFieldMax) {
      fields.Add(static_cast<model::FieldNo>(number));
    }
  }
  return fields;
}

// A pair is kept under the smaller id.
std::pair<model::SubjectRef, Uuid> PlaceOf(const model::SubjectRef& a, const model::SubjectRef& b) {
  return a.id < b.id ? std::pair(a, b.id) : std::pair(b, a.id);
}

Answer AnswerOf(const store::Standing& standing, const std::string& purpose, int64_t now_ms) {
  bool yes = false;
  bool no = false;
  for (const store::BasisState& basis : standing.bases) {
    if (basis.purpose != purpose) {
      continue;
    }
    const bool barred = std::any_of(
        standing.exclusions.begin(), standing.exclusions.end(), [&](const store::Exclusion& e) {
          return e.department.empty() && e.BearsOn(basis) &&
                 (basis.scope.fields.value_or(model::FieldSet::All()) - e.fields).empty();
        });
    yes = yes || (basis.InForce(now_ms) && !barred);
    no = no || !basis.live || barred;
  }
  no = no || std::any_of(standing.exclusions.begin(), standing.exclusions.end(),
                         [&](const store::Exclusion& e) { return e.purpose == purpose; });
  return yes ? Answer::kYes : no ? Answer::kNo : Answer::kNone;
}

std::vector<PurposeOutcome> OutcomesOf(const store::Dossier& first, const store::Dossier& second,
                                       int64_t now_ms) {
  const store::Standing a = first.InForce();
  const store::Standing b = second.InForce();
  const store::Standing merged = store::Unite(a, first.basis_seq, b);
  std::map<std::string, PurposeOutcome> outcomes;
  for (const store::Standing* standing : {&a, &b}) {
    for (const store::BasisState& basis : standing->bases) {
      outcomes[basis.purpose].purpose = basis.purpose;
    }
    for (const store::Exclusion& exclusion : standing->exclusions) {
      outcomes[exclusion.purpose].purpose = exclusion.purpose;
    }
  }
  std::vector<PurposeOutcome> all;
  all.reserve(outcomes.size());
  for (auto& [purpose, outcome] : outcomes) {
    outcome.of_first = AnswerOf(a, purpose, now_ms);
    outcome.of_second = AnswerOf(b, purpose, now_ms);
    outcome.merged = AnswerOf(merged, purpose, now_ms);
    all.push_back(outcome);
  }
  return all;
}

}  // namespace

Status Merges::MayDecide(const model::Access& access) const {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  return parts_.gate.CheckAccess(access);
}

// Of a field that both hold: the value verified later is the better one, else the one whose source
// is surer by a good deal, else the one collected later.
model::FieldSet Merges::BetterOf(const Loaded& first, const Loaded& second) const {
  using Age = std::tuple<int64_t, int, int64_t>;
  constexpr int kGoodDeal = 20;  // of a hundred
  const auto ages = [](const store::Dossier& dossier) {
    std::map<model::FieldNo, Age> of;
    for (const store::Cell& cell : dossier.cells) {
      Age& age = of[cell.field];
      age = std::max(age, Age(cell.verified_ms, cell.confidence / kGoodDeal,
                              dossier.provenances[cell.provenance].collected_ms));
    }
    return of;
  };
  const auto a = ages(first.dossier);
  const auto b = ages(second.dossier);
  model::FieldSet better;
  for (const auto& [field, age] : b) {
    const auto own = a.find(field);
    if (own != a.end() && own->second < age) {
      better.Add(field);
    }
  }
  return better;
}

Result<Merges::Loaded> Merges::LoadEven(const model::SubjectRef& subject) const {
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  return parts_.records.LoadEven(*lease, subject);
}

Result<Merges::Loaded> Merges::LoadCurrent(const model::SubjectRef& subject) const {
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  return parts_.records.LoadCurrent(*lease, subject);
}

Result<PairView> Merges::Look(const model::Access& access, const model::SubjectRef& first,
                              const model::SubjectRef& second) const {
  FID_TRY(MayDecide(access));
  const rules::Catalog& catalog = parts_.gate.policy().catalog;
  PairView view;
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  const auto [subject, other] = PlaceOf(first, second);
  view.pair = store::LoadPair(lease->session(store::Which::kData), subject, other)
                  .value_or(store::MatchPair{subject, other});
  FID_ASSIGN(const Loaded a, parts_.records.Load(*lease, first));
  FID_ASSIGN(const Loaded b, parts_.records.Load(*lease, second));
  std::vector<audit::Receipt> receipts;
  for (const auto& [loaded, shown] : {std::pair(&a, &view.first), std::pair(&b, &view.second)}) {
    FID_ASSIGN(const gate::Granted granted,
               parts_.gate.Ask(access, model::Op::kRead, {loaded->dossier, *loaded->key},
                               loaded->dossier.held()));
    shown->subject = loaded->dossier.subject;
    shown->kind = loaded->dossier.kind;
    shown->version = loaded->dossier.version;
    shown->restrictions = loaded->dossier.standing.restrictions;
    FID_TRY(FillFields({parts_.gate.policy(), parts_.records.builder().vault(), granted.permit,
                        granted.masks, granted.refusals},
                       *loaded, vault::kDossierTable, shown->fields, shown->withheld));
    receipts.push_back(granted.receipt);
  }
  view.outcomes = OutcomesOf(a.dossier, b.dossier, parts_.clock.NowMs());
  BetterOf(a, b).ForEach(
      [&](model::FieldNo field) { view.better_second.push_back(catalog.Find(field)); });
  for (const audit::Receipt& receipt : receipts) {
    FID_TRY(receipt.Wait());
  }
  return view;
}

audit::LeafDraft Merges::LeafFor(const model::Access& access, std::string_view op, const Loaded& of,
                                 const Uuid& merge, const Bytes& row_mac) const {
  audit::Leaf leaf = parts_.gate.NewLeaf(access, op, "done");
  leaf.pseudonym = of.key->pseudonym;
  leaf.row_mac = row_mac;
  leaf.detail = merge.Text();
  return parts_.gate.DraftOf(leaf, of.dossier.subject);
}

// One record with its leaf, and the intent that belongs to it, in one transaction.
Status Merges::WriteRecord(const process::BuiltRecord& built, audit::LeafDraft leaf,
                           const std::optional<store::MergeIntent>& add) const {
  auto shared = std::make_shared<const process::BuiltRecord>(built);
  store::Job job = process::WriteJob(
      shared, false, [this, leaf = std::move(leaf), add](store::Session& data) -> Status {
        if (add) {
          FID_TRY(store::AddMergeIntent(data, *add));
        }
        FID_TRY(parts_.gate.log().Append(data, leaf));
        return {};
      });
  FID_TRY(parts_.engine.SubmitAndWait(std::move(job)));
  return shared->stale_tokens.empty() ? Status()
                                      : parts_.engine.SubmitAndWait(process::CleanupJob(shared));
}

Status Merges::Finish(const store::MergeIntent& intent) const {
  store::Job job;
  job.data = [&](store::Session& data) -> Status { return store::RemoveMergeIntent(data, intent); };
  return parts_.engine.SubmitAndWait(std::move(job));
}

// The second step of a merge: the joined record is marked already.
Status Merges::Join(const model::Access& access, const store::MergeIntent& intent) const {
  const model::SubjectRef survivor{intent.subject.tenant, intent.other};
  for (int attempt = 0;; ++attempt) {
    FID_ASSIGN(const Loaded stands, parts_.records.LoadFresh(survivor));
    FID_ASSIGN(const Loaded joined, LoadEven(intent.subject));
    const auto& list = stands.dossier.joined;
    if (std::any_of(list.begin(), list.end(),
                    [&](const store::Joined& one) { return one.merge == intent.merge; })) {
      return {};
    }
    store::Dossier other = joined.dossier;
    other.merged_into = Uuid();  // the mark is that of this merge
    FID_ASSIGN(const process::BuiltRecord built,
               parts_.records.builder().BuildJoin(stands.dossier, stands.key, {other, joined.key},
                                                  intent.merge, ParseFields(intent.fields)));
    const Status written = WriteRecord(
        built, LeafFor(access, "merge", stands, intent.merge, built.row.mac), std::nullopt);
    if (written || written.error().code() != Code::kVersionMismatch || attempt == kAttempts) {
      return written;
    }
  }
}

// Takes the mark off: the record stands for itself.
Status Merges::Unmark(const model::Access& access, const store::MergeIntent& intent) const {
  const model::SubjectRef joined{intent.subject.tenant,
                                 intent.parting ? intent.other : intent.subject.id};
  for (int attempt = 0;; ++attempt) {
    const auto loaded = LoadEven(joined);
    if (!loaded) {
      const Code code = loaded.error().code();
      // Its time was over meanwhile.
      return code == Code::kErased || code == Code::kNotFound
                 ? Status()
                 : Status(std::unexpected(loaded.error()));
    }
    if (loaded->dossier.merged_into.is_nil()) {
      return {};
    }
    const process::BuiltRecord built =
        parts_.records.builder().BuildMarked(loaded->dossier, loaded->key, Uuid());
    const Status written =
        WriteRecord(built, LeafFor(access, "unmerge.joined", *loaded, intent.merge, built.row.mac),
                    std::nullopt);
    if (written || written.error().code() != Code::kVersionMismatch || attempt == kAttempts) {
      return written;
    }
  }
}

Status Merges::ResumeUnfinished() const {
  if (unfinished_.exchange(false)) {
    if (const Status resumed = Resume(); !resumed) {
      unfinished_ = true;
      return resumed;
    }
  }
  return {};
}

Result<Uuid> Merges::Merge(const model::Access& access, const MergeCommand& command) const {
  FID_TRY(MayDecide(access));
  FID_TRY(ResumeUnfinished());
  store::MergeIntent intent{command.joined, Uuid::V7(parts_.clock, parts_.rng), command.survivor.id,
                            false, WriteFields(command.preferred)};
  FID_ASSIGN(const Loaded stands, parts_.records.LoadFresh(command.survivor));
  FID_ASSIGN(const Loaded joined, parts_.records.LoadFresh(command.joined));
  // Tried before anything is written: what cannot be merged changes nothing.
  FID_TRY(parts_.records.builder().BuildJoin(
      stands.dossier, stands.key, {joined.dossier, joined.key}, intent.merge, command.preferred));
  const process::BuiltRecord marked =
      parts_.records.builder().BuildMarked(joined.dossier, joined.key, command.survivor.id);
  FID_TRY(WriteRecord(marked, LeafFor(access, "merge.joined", joined, intent.merge, marked.row.mac),
                      intent));
  const Status done = Join(access, intent);
  if (!done) {
    // The other one went away meanwhile: this one stands for itself again.
    const Code code = done.error().code();
    if (code == Code::kUnavailable) {
      unfinished_ = true;  // finished with the next one, or the next start
      return std::unexpected(done.error());
    }
    FID_TRY(Unmark(access, intent));
    FID_TRY(Finish(intent));
    return std::unexpected(done.error());
  }
  FID_TRY(Finish(intent));
  FID_TRY(Decide(access, command.survivor, command.joined, store::PairState::kMerged));
  return intent.merge;
}

Status Merges::Part(const model::Access& access, const model::SubjectRef& survivor,
                    const Uuid& merge) const {
  FID_TRY(MayDecide(access));
  FID_TRY(ResumeUnfinished());
  for (int attempt = 0;; ++attempt) {
    FID_ASSIGN(const Loaded stands, parts_.records.LoadFresh(survivor));
    store::MergeIntent intent{survivor, merge, {}, true, ""};
    for (const store::Joined& one : stands.dossier.joined) {
      intent.other = one.merge == merge ? one.subject : intent.other;
    }
    FID_ASSIGN(const process::BuiltRecord built,
               parts_.records.builder().BuildParted(stands.dossier, stands.key, merge));
    const Status written =
        WriteRecord(built, LeafFor(access, "unmerge", stands, merge, built.row.mac), intent);
    if (!written && written.error().code() == Code::kVersionMismatch && attempt < kAttempts) {
      continue;
    }
    FID_TRY(written);
    unfinished_ = true;
    FID_TRY(Unmark(access, intent));
    FID_TRY(Finish(intent));
    unfinished_ = false;
    // They were parted by somebody who knows: matching does not offer them again.
    return Decide(access, survivor, {survivor.tenant, intent.other}, store::PairState::kRejected);
  }
}

Status Merges::Decide(const model::Access& access, const model::SubjectRef& first,
                      const model::SubjectRef& second, store::PairState state) const {
  const auto [subject, other] = PlaceOf(first, second);
  store::MatchPair pair{
      subject, other, state, 0, "[]", parts_.clock.NowMs(), parts_.clock.NowMs(), access.actor.id};
  store::Job job;
  job.data = [&](store::Session& data) -> Status {
    if (!store::LoadPair(data, pair.subject, pair.other)) {
      FID_TRY(store::PutFoundPair(data, pair));
    }
    return store::DecidePair(data, pair);
  };
  return parts_.engine.SubmitAndWait(std::move(job));
}

Status Merges::Reject(const model::Access& access, const model::SubjectRef& first,
                      const model::SubjectRef& second) const {
  FID_TRY(MayDecide(access));
  FID_ASSIGN(const Loaded a, parts_.records.LoadFresh(first));
  FID_ASSIGN(const Loaded b, parts_.records.LoadFresh(second));
  FID_TRY(Decide(access, first, second, store::PairState::kRejected));
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "match.reject", "done");
  leaf.pseudonym = a.key->pseudonym;
  return parts_.gate.log().Queue(parts_.gate.DraftOf(leaf, a.dossier.subject)).Wait();
}

Result<std::vector<MergeView>> Merges::Of(const model::Access& access,
                                          const model::SubjectRef& subject) const {
  FID_TRY(MayDecide(access));
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  FID_ASSIGN(const Loaded loaded, parts_.records.LoadCurrent(*lease, subject));
  std::vector<MergeView> merges;
  merges.reserve(loaded.dossier.joined.size());
  for (const store::Joined& one : loaded.dossier.joined) {
    merges.push_back({one.merge, one.subject, one.at_ms});
  }
  return merges;
}

Result<std::vector<store::MatchPair>> Merges::Waiting(const model::Access& access, int64_t below,
                                                      int limit) const {
  FID_TRY(MayDecide(access));
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  FID_ASSIGN(auto pairs, store::ListPairs(lease->session(store::Which::kData), 0,
                                          store::PairState::kOpen, below, limit));
  std::sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) {
    return a.weight > b.weight || (a.weight == b.weight && a.subject.id < b.subject.id);
  });
  pairs.resize(std::min(pairs.size(), static_cast<size_t>(limit)));
  return pairs;
}

Result<std::vector<Merges::Band>> Merges::Bands(const model::Access& access) const {
  FID_TRY(MayDecide(access));
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  FID_ASSIGN(const auto counts, store::CountPairs(lease->session(store::Which::kData), 0));
  std::map<int64_t, Band> bands;
  for (const store::PairCount& count : counts) {
    if (count.state == store::PairState::kOpen) {
      Band& band = bands[count.weight];
      band.weight = count.weight;
      band.count += count.count;
      // The odds at the lower end of the band: no fewer than these are right.
      band.wrong +=
          static_cast<double>(count.count) / (1 + std::exp2(static_cast<double>(count.weight)));
    }
  }
  std::vector<Band> all;
  all.reserve(bands.size());
  for (const auto& [weight, band] : bands) {
    all.push_back(band);
  }
  return all;
}

Result<Merges::BulkResult> Merges::AcceptFrom(const model::Access& access, int64_t weight,
                                              int most) const {
  FID_TRY(MayDecide(access));
  constexpr int kPageOfPairs = 200;
  BulkResult result;
  std::set<std::pair<Uuid, Uuid>> passed;  // these wait on: they are for people
  int64_t below = INT64_MAX;
  while (result.merged + result.left < most) {
    FID_ASSIGN(auto pairs, Waiting(access, below, kPageOfPairs));
    const bool last = static_cast<int>(pairs.size()) < kPageOfPairs;
    const int64_t lightest = pairs.empty() ? 0 : pairs.back().weight;
    std::erase_if(pairs, [&](const store::MatchPair& pair) {
      return !passed.insert({pair.subject.id, pair.other}).second;
    });
    if (pairs.empty()) {
      if (last) {
        break;
      }
      below = lightest;  // a whole page of one weight was passed
      continue;
    }
    for (const store::MatchPair& pair : pairs) {
      below = pair.weight + 1;
      if (pair.weight < weight || result.merged + result.left >= most) {
        return result;
      }
      const model::SubjectRef second{pair.subject.tenant, pair.other};
      MergeCommand command;
      {
        const auto a = LoadCurrent(pair.subject);
        const auto b = LoadCurrent(second);
        const bool apart = a && b && a->dossier.subject != b->dossier.subject;
        if (!apart) {
          // Others brought them together, or one is gone.
          FID_TRY(Decide(access, pair.subject, second,
                         a && b ? store::PairState::kMerged : store::PairState::kRejected));
          ++result.left;
          continue;
        }
        // The one that stands for others already, else the older one, stays.
        const bool turned =
            a->dossier.joined.empty() &&
            (!b->dossier.joined.empty() || b->dossier.created_ms < a->dossier.created_ms);
        const Loaded& stands = turned ? *b : *a;
        const Loaded& joined = turned ? *a : *b;
        command = {stands.dossier.subject, joined.dossier.subject, BetterOf(stands, joined)};
      }
      const auto merged = Merge(access, command);
      if (merged) {
        FID_TRY(Decide(access, pair.subject, second, store::PairState::kMerged));
        ++result.merged;
      } else if (merged.error().code() == Code::kConflict) {
        ++result.left;
      } else {
        return std::unexpected(merged.error());
      }
    }
  }
  return result;
}

Status Merges::Resume() const {
  std::vector<store::MergeIntent> pending;
  {
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(pending, store::LoadMergeIntents(lease->session(store::Which::kData)));
  }
  model::Access system;
  system.actor.role = "system";
  for (const store::MergeIntent& intent : pending) {
    if (intent.parting) {
      FID_TRY(Unmark(system, intent));
    } else if (const Status joined = Join(system, intent); !joined) {
      if (joined.error().code() == Code::kUnavailable) {
        return joined;
      }
      FID_TRY(Unmark(system, intent));
    }
    FID_TRY(Finish(intent));
  }
  return {};
}

}  // namespace fiducia::apps
