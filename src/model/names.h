// The stable words for the enums of model/types.h, as API, audit leaves and policy files write
// them.
#pragma once

#include <string_view>

#include "base/result.h"
#include "model/types.h"

namespace fiducia::model {

std::string_view Name(SubjectKind kind);
std::string_view Name(Level level);
std::string_view Name(Op op);
std::string_view Name(BasisKind kind);
std::string_view Name(BasisAction action);
std::string_view Name(AuthorizationKind kind);
std::string_view Name(ConsentType type);
std::string_view Name(Operation operation);
std::string_view Name(Restriction restriction);

// Errors: kInvalidInput for any other word.
Result<SubjectKind> ParseSubjectKind(std::string_view word);
Result<Level> ParseLevel(std::string_view word);
Result<Op> ParseOp(std::string_view word);
Result<BasisKind> ParseBasisKind(std::string_view word);
Result<BasisAction> ParseBasisAction(std::string_view word);
Result<AuthorizationKind> ParseAuthorizationKind(std::string_view word);
Result<ConsentType> ParseConsentType(std::string_view word);
Result<Operation> ParseOperation(std::string_view word);
Result<Restriction> ParseRestriction(std::string_view word);

}  // namespace fiducia::model
