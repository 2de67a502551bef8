#include "model/names.h"

#include <array>
#include <utility>

namespace fiducia::model {

namespace {

template <typename E, size_t N>
using Words = std::array<std::pair<E, std::string_view>, N>;

constexpr Words<SubjectKind, 2> kKinds = {
    {{SubjectKind::kPerson, "person"}, {SubjectKind::kOrganization, "organization"}}};
constexpr Words<Level, 4> kLevels = {
    {{Level::kL1, "L1"}, {Level::kL2, "L2"}, {Level::kL3, "L3"}, {Level::kL4, "L4"}}};
constexpr Words<Op, 7> kOps = {{{Op::kRead, "read"},
                                {Op::kReveal, "reveal"},
                                {Op::kWrite, "write"},
                                {Op::kSearch, "search"},
                                {Op::kErase, "erase"},
                                {Op::kExport, "export"},
                                {Op::kShare, "share"}}};
constexpr Words<BasisKind, 7> kBases = {{{BasisKind::kConsent, "consent"},
                                         {BasisKind::kContract, "contract"},
                                         {BasisKind::kLegalObligation, "legal_obligation"},
                                         {BasisKind::kLegitimateInterest, "legitimate_interest"},
                                         {BasisKind::kVitalInterest, "vital_interest"},
                                         {BasisKind::kPublicInterest, "public_interest"},
                                         {BasisKind::kPublicSource, "public_source"}}};
constexpr Words<BasisAction, 9> kActions = {{{BasisAction::kGiven, "given"},
                                             {BasisAction::kWithdrawn, "withdrawn"},
                                             {BasisAction::kObjected, "objected"},
                                             {BasisAction::kRefused, "refused"},
                                             {BasisAction::kRequested, "requested"},
                                             {BasisAction::kEnded, "ended"},
                                             {BasisAction::kUsed, "used"},
                                             {BasisAction::kRestricted, "restricted"},
                                             {BasisAction::kLifted, "lifted"}}};
constexpr Words<AuthorizationKind, 3> kAuthorizationKinds = {
    {{AuthorizationKind::kGeneral, "general"},
     {AuthorizationKind::kSpecific, "specific"},
     {AuthorizationKind::kTemporary, "temporary"}}};
constexpr Words<ConsentType, 5> kConsentTypes = {{{ConsentType::kNone, "none"},
                                                  {ConsentType::kImplied, "implied"},
                                                  {ConsentType::kExpress, "express"},
                                                  {ConsentType::kExplicit, "explicit"},
                                                  {ConsentType::kWritten, "written"}}};
constexpr Words<Operation, 6> kOperations = {{{kCollect, "collect"},
                                              {kView, "view"},
                                              {kDerive, "derive"},
                                              {kContact, "contact"},
                                              {kTakeOut, "take_out"},
                                              {kShare, "share"}}};
constexpr Words<Restriction, 4> kRestrictions = {{{kRestrictedBySubject, "subject"},
                                                  {kRestrictedDispute, "dispute"},
                                                  {kRestrictedMinor, "minor"},
                                                  {kRestrictedHold, "hold"}}};

template <typename E, size_t N>
std::string_view Find(const Words<E, N>& words, E value) {
  for (const auto& [known, word] : words) {
    if (known == value) {
      return word;
    }
  }
  return "unknown";
}

template <typename E, size_t N>
Result<E> Parse(const Words<E, N>& words, std::string_view text) {
  for (const auto& [value, word] : words) {
    if (word == text) {
      return value;
    }
  }
  return Fail(Code::kInvalidInput, "an unknown word where one of a fixed list belongs");
}

}  // namespace

std::string_view Name(SubjectKind kind) { return Find(kKinds, kind); }
std::string_view Name(Level level) { return Find(kLevels, level); }
std::string_view Name(Op op) { return Find(kOps, op); }
std::string_view Name(BasisKind kind) { return Find(kBases, kind); }
std::string_view Name(Restriction restriction) { return Find(kRestrictions, restriction); }
std::string_view Name(BasisAction action) { return Find(kActions, action); }
std::string_view Name(AuthorizationKind kind) { return Find(kAuthorizationKinds, kind); }
std::string_view Name(ConsentType type) { return Find(kConsentTypes, type); }
std::string_view Name(Operation operation) { return Find(kOperations, operation); }

Result<SubjectKind> ParseSubjectKind(std::string_view word) { return Parse(kKinds, word); }
Result<Level> ParseLevel(std::string_view word) { return Parse(kLevels, word); }
Result<Op> ParseOp(std::string_view word) { return Parse(kOps, word); }
Result<BasisKind> ParseBasisKind(std::string_view word) { return Parse(kBases, word); }
Result<Restriction> ParseRestriction(std::string_view word) { return Parse(kRestrictions, word); }
Result<BasisAction> ParseBasisAction(std::string_view word) { return Parse(kActions, word); }
Result<AuthorizationKind> ParseAuthorizationKind(std::string_view word) {
  return Parse(kAuthorizationKinds, word);
}
Result<ConsentType> ParseConsentType(std::string_view word) { return Parse(kConsentTypes, word); }
Result<Operation> ParseOperation(std::string_view word) { return Parse(kOperations, word); }

}  // namespace fiducia::model
