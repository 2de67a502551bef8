// What people ask for beyond their grants: more access for a time, an export, or, in an emergency,
// access now and a review afterwards. Somebody else decides, on exactly what was asked.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "guard/service_keys.h"
#include "guard/sign_in.h"

namespace fiducia::guard {

enum class RequestKind { kAccess, kExport, kBreakGlass, kGrant, kKey };
enum class RequestState { kOpen, kApproved, kUsed, kRejected, kExpired };
std::string_view Name(RequestKind kind);
std::string_view Name(RequestState state);

// What an export would hold.
struct ExportScope {
  std::string purpose;
  std::vector<std::string> fields;
  int rows_max = 0;
  std::string recipient;  // outside of the house, by code; empty: it stays inside
  // values: as they may be shown; pseudonymous: what names a person as a pseudonym for this
  // recipient; anonymous: without it, and each row like k - 1 others in what may be known
  std::string form = "values";
  int k = 0;  // of an anonymous one
  // Of an anonymous one, for what others do not know: so many different values among those who look
  // alike, and how far theirs may be from everybody's; 0: not asked.
  int l = 0;
  double t = 0;
};

struct Approval {
  Uuid by;
  bool officer = false;  // as a privacy officer
  int64_t at_ms = 0;
};

struct Request {
  Uuid id;
  uint32_t version = 0;
  RequestKind kind = RequestKind::kAccess;
  RequestState state = RequestState::kOpen;
  Uuid requester;
  Uuid beneficiary;    // who gets the grant: the requester, or whom an administrator names
  model::Lease lease;  // asked for, or, of an export, what it rests on
  int hours = 0;       // how long access would last
  ExportScope scope;
  KeyScope key;  // of a service key
  std::string reason;
  Bytes hash;  // of all of the above: what an approval is for
  std::vector<Approval> approvals;
  std::string note;  // of who decided or reviewed
  int64_t created_ms = 0;
  int64_t decided_ms = 0;
  int64_t until_ms = 0;    // when what was approved runs out unused
  Uuid result;             // the grant, or the export
  std::vector<Uuid> told;  // of a break-glass: who was told at once
  Uuid reviewed_by;
  int64_t reviewed_ms = 0;
  bool justified = false;  // what the review found
};

// Thread safe.
class Requests {
 public:
  static Result<std::unique_ptr<Requests>> Open(SignIn& sign_in);

  struct AccessCommand {
    model::Lease lease;
    int hours = 8;
    std::string reason;
  };
  // Errors: kInvalidInput, kReasonRequired, kConflict for powers that are kept apart.
  Result<Request> AskAccess(const model::Access& access, AccessCommand command);
  Result<Request> AskExport(const model::Access& access, ExportScope scope,
                            const std::string& reason);
  // What an administrator gives and takes no part in deciding: a role that reaches customers, for
  // another person. Errors: as of People::Give.
  Result<Request> AskGrant(const model::Access& access, People::GrantCommand command);
  // The same for a service key of such a role.
  Result<Request> AskKey(const model::Access& access, KeyScope scope);
  // Whether a role reaches customers at all.
  bool ReachesCustomers(const std::string& role) const;
  // A grant for thirty minutes at once; two people are told. Errors: kStepUpRequired, kConflict
  // where nobody could be told.
  Result<Request> BreakGlass(const model::Access& access, const Session& session,
                             const std::string& case_id, const std::string& reason);

  // `hash` is what the approver has seen. The second approval, where two are needed, must come from
  // the other kind of approver. Errors: kDenied for one's own, kStepUpRequired, kConflict if it was
  // decided, has expired, or is not what was seen.
  Result<Request> Decide(const model::Access& access, const Session& session, const Uuid& id,
                         const Bytes& hash, bool approve, const std::string& note);
  Result<Request> Review(const model::Access& access, const Session& session, const Uuid& id,
                         bool justified, const std::string& note);

  // An approved export or key, to be made now by who asked: it is used up by this. Errors:
  // kConflict.
  Result<Request> Take(const model::Access& access, const Uuid& id, RequestKind kind,
                       const Uuid& result);

  // What concerns this person: their own, and what they may decide or review.
  std::vector<Request> For(const model::Access& access) const;
  // How many approvals it takes, and whether one must be a privacy officer's.
  static bool NeedsOfficer(const Request& request);

 private:
  explicit Requests(SignIn& sign_in) : sign_in_(sign_in) {}
  Result<Request> Make(const model::Access& access, Request request, const std::string& op);
  Result<Request> Save(Request request, const audit::Leaf& leaf);
  Result<Request> Find(const Uuid& id) const;
  RequestState StateOf(const Request& request) const;
  std::vector<Uuid> Reviewers(const Uuid& but) const;
  Result<Request> Grant(const model::Access& approver, Request request);

  SignIn& sign_in_;
  std::mutex deciding_;  // decisions are made one at a time
  mutable std::mutex mutex_;
  std::map<Uuid, Request> requests_;
};

}  // namespace fiducia::guard
