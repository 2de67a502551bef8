#include "guard/saved_views.h"

#include <algorithm>

#include "base/text.h"

namespace fiducia::guard {

namespace {

constexpr size_t kViewsMost = 30;
constexpr size_t kColumnsMost = 40;
constexpr size_t kNameMost = 60;

Status CheckView(const SavedView& view, const rules::Policy& policy) {
  if (TrimAscii(view.name).empty() || !IsOneLine(view.name) ||
      CountCharacters(view.name) > kNameMost) {
    return Fail(Code::kInvalidInput, "a view has a name of at most 60 characters");
  }
  if (view.columns.empty() || view.columns.size() > kColumnsMost) {
    return Fail(Code::kInvalidInput, "a view has 1 to 40 columns");
  }
  const auto unknown = [&](const std::string& id) { return policy.catalog.Find(id) == nullptr; };
  if (std::any_of(view.columns.begin(), view.columns.end(), unknown) ||
      (!view.search_by.empty() && unknown(view.search_by))) {
    return Fail(Code::kInvalidInput, "a field is not in the catalog");
  }
  if (!view.purpose.empty() && policy.FindPurpose(view.purpose) == nullptr) {
    return Fail(Code::kInvalidInput, "the purpose is not declared");
  }
  return {};
}

}  // namespace

Result<Uuid> SaveView(SignIn& sign_in, const Session& session, SavedView view) {
  People& people = sign_in.people();
  FID_TRY(CheckView(view, people.gate().policy()));
  view.id = Uuid::V7(people.clock(), people.rng());
  const auto save = [&](User& user) -> Status {
    const auto same = std::find_if(user.views.begin(), user.views.end(),
                                   [&](const SavedView& v) { return v.name == view.name; });
    if (same != user.views.end()) {
      view.id = same->id;
      *same = view;
      return {};
    }
    if (user.views.size() >= kViewsMost) {
      return Fail(Code::kConflict, "there are 30 views already: remove one first");
    }
    user.views.push_back(view);
    return {};
  };
  FID_TRY(people.Change(session.user, save, people.NewLeaf(session.user, "view.save")));
  return view.id;
}

Status RemoveView(SignIn& sign_in, const Session& session, const Uuid& id) {
  People& people = sign_in.people();
  const auto remove = [&](User& user) -> Status {
    if (std::erase_if(user.views, [&](const SavedView& view) { return view.id == id; }) == 0) {
      return Fail(Code::kNotFound, "there is no such view");
    }
    return {};
  };
  return people.Change(session.user, remove, people.NewLeaf(session.user, "view.remove"));
}

}  // namespace fiducia::guard
