// The views that people save for themselves.
#pragma once

#include "guard/sign_in.h"

namespace fiducia::guard {

// Keeps a view; one of the same name is replaced. Gives its id. Errors: kInvalidInput for a name
// over 60 characters, an unknown field or purpose, no column or over 40; kConflict for a 31st view.
Result<Uuid> SaveView(SignIn& sign_in, const Session& session, SavedView view);
// Errors: kNotFound.
Status RemoveView(SignIn& sign_in, const Session& session, const Uuid& id);

}  // namespace fiducia::guard
