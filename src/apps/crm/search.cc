#include <charconv>

#include "apps/answer.h"
#include "apps/crm/customers.h"
#include "base/text.h"
#include "model/names.h"
#include "store/placement.h"
#include "store/subjects.h"

namespace fiducia::apps {

namespace {

constexpr int kCandidatesMax = 1000;  // looked at for one page

}  // namespace

struct CustomerService::Hit {
  Loaded loaded;
  gate::Gate::Shown shown;
};

Result<std::vector<CustomerService::Hit>> CustomerService::FindHits(const model::Access& access,
                                                                    const SearchCommand& command,
                                                                    std::string& next) const {
  FID_ASSIGN(const rules::Field* field, FieldOf(command.field));
  FID_TRY(parts_.gate.AskSearch(access, field->number));
  FID_ASSIGN(const process::Cleaned wanted,
             parts_.builder.cleaner().Clean(*field, command.value, HintsFor(command.region)));
  // A name written without Han characters is looked for by its sound.
  const std::vector<store::Token> tokens = parts_.builder.TokensOf(command.tenant, *field, wanted);
  const bool sound = tokens.size() > 1 && !HasHan(wanted.key.Reveal());
  const store::Token& token = sound ? tokens[1] : tokens[0];
  Uuid after;
  if (!command.cursor.empty()) {
    FID_ASSIGN(after, Uuid::Parse(command.cursor));
  }
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  std::vector<Hit> hits;
  for (int looked = 0; looked < kCandidatesMax;) {
    const int page = std::min(command.limit + 1, kCandidatesMax - looked);
    FID_ASSIGN(const auto candidates, store::FindByToken(lease->session(store::Which::kIndex),
                                                         command.tenant, token, after, page));
    for (const model::SubjectRef& candidate : candidates) {
      if (static_cast<int>(hits.size()) == command.limit) {
        next = after.Text();
        return hits;
      }
      after = candidate.id;
      auto loaded = parts_.records.LoadEven(*lease, candidate);
      if (!loaded) {
        if (loaded.error().code() == Code::kCorrupt) {
          return std::unexpected(loaded.error());
        }
        continue;  // a token whose record is gone
      }
      FID_ASSIGN(const bool matches,
                 parts_.builder.Holds(loaded->dossier, *loaded->key, *field, sound, wanted));
      if (matches && !loaded->dossier.merged_into.is_nil()) {
        // Found by what a joined record holds: shown is the one that stands for it.
        loaded = parts_.records.LoadCurrent(*lease, candidate);
        if (!loaded) {
          continue;
        }
      }
      if (std::any_of(hits.begin(), hits.end(), [&](const Hit& hit) {
            return hit.loaded.dossier.subject == loaded->dossier.subject;
          })) {
        continue;
      }
      auto shown = matches ? parts_.gate.AskInSet(access, {loaded->dossier, *loaded->key},
                                                  model::Op::kRead, model::FieldSet::All())
                           : Fail(Code::kNotFound, "another value behind the same token");
      if (shown) {
        hits.push_back({std::move(*loaded), std::move(*shown)});
      }
    }
    looked += static_cast<int>(candidates.size());
    if (static_cast<int>(candidates.size()) < page) {
      break;
    }
  }
  return hits;
}

// What of each hit may be shown, and one leaf that names them all.
Result<std::pair<SearchView, audit::Receipt>> CustomerService::ShowSet(
    const model::Access& access, const std::vector<Hit>& hits, const std::string& op,
    const std::string& detail) const {
  SearchView view;
  audit::Leaf leaf = parts_.gate.NewLeaf(access, op, "allowed");
  std::vector<audit::LeafDraft::Member> members;
  for (const Hit& hit : hits) {
    FID_ASSIGN(CustomerView customer,
               View(hit.shown.permit, hit.shown.masks, hit.shown.refusals, hit.loaded));
    view.customers.push_back(std::move(customer));
    leaf.clear = leaf.clear | hit.shown.masks.clear;
    leaf.masked = leaf.masked | hit.shown.masks.masked;
    members.push_back({store::BucketOf(hit.loaded.dossier.subject), hit.loaded.key->pseudonym});
  }
  leaf.count = members.size();
  leaf.set_root = audit::SetRoot(members);
  leaf.detail = detail;
  const audit::Receipt receipt = parts_.gate.Record(0, leaf, std::move(members));
  return std::pair(std::move(view), receipt);
}

void CustomerService::Search(const model::Access& access, SearchCommand command,
                             Done<SearchView> done) const {
  auto run = [&]() -> Result<std::pair<SearchView, audit::Receipt>> {
    FID_TRY(parts_.gate.Require(access.actor, "customers.search"));
    FID_TRY(parts_.gate.CheckAccess(access));
    std::string next;
    FID_ASSIGN(const std::vector<Hit> hits, FindHits(access, command, next));
    FID_ASSIGN(auto shown, ShowSet(access, hits, "search", command.field));
    shown.first.next = std::move(next);
    return shown;
  };
  AnswerWith(run(), std::move(done));
}

namespace {

// Where a list goes on: after this customer of this bucket.
struct ListPlace {
  model::Bucket bucket = 0;
  Uuid after;
};

Result<ListPlace> ParsePlace(const std::string& cursor) {
  ListPlace place;
  if (cursor.empty()) {
    return place;
  }
  const size_t bar = cursor.find('_');
  const auto [end, error] =
      std::from_chars(cursor.data(), cursor.data() + cursor.size(), place.bucket);
  if (bar == std::string::npos || error != std::errc() || end != cursor.data() + bar ||
      place.bucket >= model::kBucketCount) {
    return Fail(Code::kInvalidInput, "the cursor is not one of ours");
  }
  FID_ASSIGN(place.after, Uuid::Parse(std::string_view(cursor).substr(bar + 1)));
  return place;
}

}  // namespace

// Bucket by bucket: every query touches one. What the purpose does not reach is passed over.
Result<std::vector<CustomerService::Hit>> CustomerService::ListHits(const model::Access& access,
                                                                    const ListCommand& command,
                                                                    std::string& next) const {
  FID_ASSIGN(ListPlace place, ParsePlace(command.cursor));
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  std::vector<Hit> hits;
  const model::Bucket first = store::BucketOfTenant(0);
  int looked = 0;
  for (; place.bucket < store::kDefaultSpan; ++place.bucket, place.after = Uuid()) {
    const model::Bucket bucket = (first + place.bucket) % model::kBucketCount;
    while (true) {
      FID_ASSIGN(const auto page, store::ListSubjects(lease->session(store::Which::kData), bucket,
                                                      0, place.after, command.limit));
      for (const store::WalkedSubject& walked : page) {
        if (static_cast<int>(hits.size()) == command.limit || looked >= kCandidatesMax) {
          next = std::to_string(place.bucket) + "_" + place.after.Text();
          return hits;
        }
        ++looked;
        place.after = walked.subject.id;
        auto key =
            parts_.builder.vault().keys().Get(lease->session(store::Which::kKeys), walked.subject);
        if (!key) {
          continue;  // being erased
        }
        FID_ASSIGN(store::Dossier dossier, parts_.builder.Decode(walked.subject, walked.row));
        if (!dossier.merged_into.is_nil()) {
          continue;  // the record that stands for it is in the list
        }
        Loaded loaded{std::move(dossier), std::move(*key)};
        auto shown =
            parts_.gate.AskInSet(access, {loaded.dossier, *loaded.key}, command.op, command.fields);
        if (shown) {
          hits.push_back({std::move(loaded), std::move(*shown)});
        }
      }
      if (static_cast<int>(page.size()) < command.limit) {
        break;
      }
    }
  }
  return hits;
}

// Page by page, each with its own leaf that names everybody in it.
Status CustomerService::Export(const model::Access& access, const ExportCommand& what,
                               const std::function<Status(CustomerView& view)>& each) const {
  FID_TRY(parts_.gate.CheckExport(access));
  constexpr int kPage = 200;
  ListCommand command{std::min(kPage, what.rows_max), {}, what.op, what.fields};
  int rows = 0;
  while (rows < what.rows_max) {
    std::string next;
    command.limit = std::min(kPage, what.rows_max - rows);
    FID_ASSIGN(const std::vector<Hit> hits, ListHits(access, command, next));
    FID_ASSIGN(auto shown, ShowSet(access, hits, std::string(model::Name(what.op)), what.detail));
    FID_TRY(shown.second.Wait());
    for (CustomerView& view : shown.first.customers) {
      FID_TRY(each(view));
    }
    rows += static_cast<int>(hits.size());
    if (next.empty()) {
      break;
    }
    command.cursor = next;
  }
  return {};
}

void CustomerService::List(const model::Access& access, const ListCommand& command,
                           Done<SearchView> done) const {
  auto run = [&]() -> Result<std::pair<SearchView, audit::Receipt>> {
    FID_TRY(parts_.gate.Require(access.actor, "customers.list"));
    FID_TRY(parts_.gate.CheckAccess(access));
    std::string next;
    FID_ASSIGN(const std::vector<Hit> hits, ListHits(access, command, next));
    FID_ASSIGN(auto shown, ShowSet(access, hits, "list", ""));
    shown.first.next = std::move(next);
    return shown;
  };
  AnswerWith(run(), std::move(done));
}

}  // namespace fiducia::apps
