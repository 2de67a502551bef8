// The HTTP API: one table of routes; each decodes, calls one service, renders. No rule, no SQL, no
// key.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "apps/crm/customers.h"
#include "apps/crm/matching.h"
#include "apps/crm/merges.h"
#include "apps/desk/desk.h"
#include "apps/exports/exports.h"
#include "apps/quality/findings.h"
#include "apps/quality/quality.h"
#include "apps/statistics/statistics.h"
#include "base/json.h"
#include "base/worker_pool.h"
#include "collect/connectors/connectors.h"
#include "collect/events/intake.h"
#include "collect/forms/parts.h"
#include "collect/imports/importer.h"
#include "collect/sources/withdrawal.h"
#include "govern/assure/assurance.h"
#include "govern/lawful/authorizations.h"
#include "govern/lawful/notices.h"
#include "govern/lawful/retention.h"
#include "govern/portal/campaigns.h"
#include "govern/portal/doors.h"
#include "govern/portal/feedback.h"
#include "govern/portal/passkeys.h"
#include "govern/portal/unsubscribe.h"
#include "govern/rights/cases.h"
#include "guard/enrollment.h"
#include "guard/recertification.h"
#include "guard/service_keys.h"
#include "guard/sso.h"
#include "http/message.h"
#include "process/feed/change_feed.h"
#include "recovery/operations.h"

namespace fiducia::api {

// What a route sees: the request, who sends it, and the parts of the path in braces.
struct Call {
  http::Request request;
  model::Access access;
  std::vector<std::string> path;
  std::optional<guard::Session> session;  // of a person; of a customer, whose id is `user`
  govern::Self self;                      // whom a customer speaks for: mostly themself
};

enum class Needs {
  kNothing,     // open to all
  kNobody,      // the same, and from anywhere: a mail program's one click
  kKey,         // a service key, a person's full session, or the local owner
  kPerson,      // a person's full session
  kSession,     // a session, however far its sign-in has come
  kLocalOwner,  // the Unix socket only
  kCustomer,    // a customer's session in the portal
};

class Api;
using RouteFn = void (Api::*)(Call call, http::Responder respond) const;

struct Route {
  std::string_view method;
  std::string_view path;  // /api/v1/customers/{id}
  Needs needs;
  bool blocking;  // runs in the pool, not on a connection's thread
  RouteFn run;
};

std::span<const Route> Routes();

// Thread safe. All parts must outlive it.
class Api {
 public:
  struct Parts {
    const apps::CustomerService& customers;
    const apps::Merges& merges;
    apps::Matching& matching;
    apps::Statistics& statistics;
    apps::Quality& quality;
    apps::Findings& findings;
    apps::Desk& desk;
    govern::Campaigns& campaigns;
    const process::ChangeFeed& changes;
    collect::Streams& streams;
    collect::Intake& intake;
    collect::FormParts forms;
    collect::Connectors& connectors;
    govern::SourceRegister& sources;
    const collect::Withdrawal& withdrawal;
    const collect::Importer& importer;
    guard::ServiceKeys& keys;
    guard::SignIn& sign_in;
    guard::Enrollment& enrollment;
    guard::Sso& sso;
    guard::Requests& requests;
    guard::Recertifications& recertifications;
    govern::Guardians& guardians;
    const govern::Authorizations& authorizations;
    govern::Notices& notices;
    govern::Doors& doors;
    govern::CustomerPasskeys& customer_passkeys;
    const govern::SelfService& self_service;
    govern::Feedback& feedback;
    const govern::Unsubscribe& unsubscribe;
    courier::Outbox& outbox;
    govern::RightsCases& rights;
    govern::Retentions& retentions;
    govern::Assurance assurance;
    const vault::Vault& vault;
    apps::Exports& exports;
    const gate::Gate& gate;
    store::Engine& engine;
    recovery::Operations& operations;
    const process::Cleaner& cleaner;
    const Clock& clock;
    Uuid operator_id;
    std::string source;  // this installation, in events
    std::function<bool()> is_ready;
  };
  explicit Api(Parts parts);
  ~Api();

  void Handle(http::Request request, http::Responder respond) const;
  // Waits until what goes on after an answer is done too. For tests and for stopping.
  void Settle() const { pool_->Settle(); }
  // The metrics page, for a listener of its own.
  void Metrics(http::Request request, http::Responder respond) const;

  void Healthz(Call call, http::Responder respond) const;
  void Readyz(Call call, http::Responder respond) const;
  void Contract(Call call, http::Responder respond) const;
  void Catalog(Call call, http::Responder respond) const;
  void CreateCustomer(Call call, http::Responder respond) const;
  void ReadCustomer(Call call, http::Responder respond) const;
  void PatchCustomer(Call call, http::Responder respond) const;
  void EraseCustomer(Call call, http::Responder respond) const;
  void ReadErasure(Call call, http::Responder respond) const;
  void RevealCustomer(Call call, http::Responder respond) const;
  void ListCustomers(Call call, http::Responder respond) const;
  void SearchCustomers(Call call, http::Responder respond) const;
  void ReadQuality(Call call, http::Responder respond) const;
  void RunQuality(Call call, http::Responder respond) const;
  void ProfileSource(Call call, http::Responder respond) const;
  void ReadStale(Call call, http::Responder respond) const;
  void EventIdentify(Call call, http::Responder respond) const;
  void EventTrack(Call call, http::Responder respond) const;
  void EventPage(Call call, http::Responder respond) const;
  void EventScreen(Call call, http::Responder respond) const;
  void EventGroup(Call call, http::Responder respond) const;
  void EventAlias(Call call, http::Responder respond) const;
  void EventBatch(Call call, http::Responder respond) const;
  void EventConfig(Call call, http::Responder respond) const;
  void EventPreflight(Call call, http::Responder respond) const;
  void ReadSourceRegister(Call call, http::Responder respond) const;
  void PutSourceTerms(Call call, http::Responder respond) const;
  void CutSource(Call call, http::Responder respond) const;
  void WithdrawSource(Call call, http::Responder respond) const;
  void TellOfSource(Call call, http::Responder respond) const;
  void ListConnectors(Call call, http::Responder respond) const;
  void AddConnector(Call call, http::Responder respond) const;
  void TurnConnector(Call call, http::Responder respond) const;
  void RunConnector(Call call, http::Responder respond) const;
  void ListLetters(Call call, http::Responder respond) const;
  void ReplayLetters(Call call, http::Responder respond) const;
  void DiscardLetter(Call call, http::Responder respond) const;
  void TakeHook(Call call, http::Responder respond) const;
  void CheckHook(Call call, http::Responder respond) const;
  void ShowForm(Call call, http::Responder respond) const;
  void SubmitForm(Call call, http::Responder respond) const;
  void ConfirmForm(Call call, http::Responder respond) const;
  void FormPreflight(Call call, http::Responder respond) const;
  void ListForms(Call call, http::Responder respond) const;
  void CheckForm(Call call, http::Responder respond) const;
  void AddForm(Call call, http::Responder respond) const;
  void ChangeForm(Call call, http::Responder respond) const;
  void TurnForm(Call call, http::Responder respond) const;
  void NewFormKey(Call call, http::Responder respond) const;
  void ListStreams(Call call, http::Responder respond) const;
  void AddStream(Call call, http::Responder respond) const;
  void EndStream(Call call, http::Responder respond) const;
  void ListFindings(Call call, http::Responder respond) const;
  void DecideFinding(Call call, http::Responder respond) const;
  void VerifyCustomer(Call call, http::Responder respond) const;
  void PortalVerify(Call call, http::Responder respond) const;
  void ListCampaigns(Call call, http::Responder respond) const;
  void StartCampaign(Call call, http::Responder respond) const;
  void CloseCampaign(Call call, http::Responder respond) const;
  void ReadChanges(Call call, http::Responder respond) const;
  void AskStatistics(Call call, http::Responder respond) const;
  void ReadStatistics(Call call, http::Responder respond) const;
  void GrantStatistics(Call call, http::Responder respond) const;
  void StartMatching(Call call, http::Responder respond) const;
  void StopMatching(Call call, http::Responder respond) const;
  void ReadMatching(Call call, http::Responder respond) const;
  void ListPairs(Call call, http::Responder respond) const;
  void ReadPair(Call call, http::Responder respond) const;
  void DecidePair(Call call, http::Responder respond) const;
  void AcceptPairs(Call call, http::Responder respond) const;
  void ListMerges(Call call, http::Responder respond) const;
  void PartMerge(Call call, http::Responder respond) const;
  void PreviewContact(Call call, http::Responder respond) const;
  void TakeContact(Call call, http::Responder respond) const;
  void HandOverTicket(Call call, http::Responder respond) const;
  void CloseTicket(Call call, http::Responder respond) const;
  void ListTickets(Call call, http::Responder respond) const;
  void ReadTickets(Call call, http::Responder respond) const;
  void AddTimeline(Call call, http::Responder respond) const;
  void RevealTimeline(Call call, http::Responder respond) const;
  void ReadTimeline(Call call, http::Responder respond) const;
  void ReadAccesses(Call call, http::Responder respond) const;
  void ReadLineage(Call call, http::Responder respond) const;
  void AddBasis(Call call, http::Responder respond) const;
  void ReadAuthorizations(Call call, http::Responder respond) const;
  void EndAuthorizations(Call call, http::Responder respond) const;
  void CheckAuthorization(Call call, http::Responder respond) const;
  void ReadConsentReceipt(Call call, http::Responder respond) const;
  void RestrictCustomer(Call call, http::Responder respond) const;
  void Import(Call call, http::Responder respond) const;
  void ImportLocal(Call call, http::Responder respond) const;
  void SuggestMapping(Call call, http::Responder respond) const;
  void ListImports(Call call, http::Responder respond) const;
  void ReadImport(Call call, http::Responder respond) const;
  void ReadRejects(Call call, http::Responder respond) const;
  void RepairImport(Call call, http::Responder respond) const;
  void UndoRepairs(Call call, http::Responder respond) const;
  void RevertImport(Call call, http::Responder respond) const;
  void ListSources(Call call, http::Responder respond) const;
  void PutSource(Call call, http::Responder respond) const;
  void SignIn(Call call, http::Responder respond) const;
  void SetUp(Call call, http::Responder respond) const;
  void SignInCode(Call call, http::Responder respond) const;
  void PasskeyOptions(Call call, http::Responder respond) const;
  void SignInPasskey(Call call, http::Responder respond) const;
  void StepUpOptions(Call call, http::Responder respond) const;
  void StepUpPasskey(Call call, http::Responder respond) const;
  void ReadSso(Call call, http::Responder respond) const;
  void StartSso(Call call, http::Responder respond) const;
  void FinishSso(Call call, http::Responder respond) const;
  void StartLink(Call call, http::Responder respond) const;
  void FinishLink(Call call, http::Responder respond) const;
  void Unlink(Call call, http::Responder respond) const;
  void ReadProvider(Call call, http::Responder respond) const;
  void PutProvider(Call call, http::Responder respond) const;
  void RemoveProvider(Call call, http::Responder respond) const;
  void ReadSession(Call call, http::Responder respond) const;
  void SignOut(Call call, http::Responder respond) const;
  void OfferTotp(Call call, http::Responder respond) const;
  void ConfirmTotp(Call call, http::Responder respond) const;
  void AddPasskey(Call call, http::Responder respond) const;
  void RemovePasskey(Call call, http::Responder respond) const;
  void NewRecoveryCodes(Call call, http::Responder respond) const;
  void ChangePassword(Call call, http::Responder respond) const;
  void SignAgreement(Call call, http::Responder respond) const;
  void ReadCourses(Call call, http::Responder respond) const;
  void TakeCourse(Call call, http::Responder respond) const;
  void ListSessions(Call call, http::Responder respond) const;
  void EndSession(Call call, http::Responder respond) const;
  void ListViews(Call call, http::Responder respond) const;
  void SaveView(Call call, http::Responder respond) const;
  void RemoveView(Call call, http::Responder respond) const;
  void ListPeople(Call call, http::Responder respond) const;
  void AddPerson(Call call, http::Responder respond) const;
  void InvitePerson(Call call, http::Responder respond) const;
  void DisablePerson(Call call, http::Responder respond) const;
  void EnablePerson(Call call, http::Responder respond) const;
  void MovePerson(Call call, http::Responder respond) const;
  void ListDepartments(Call call, http::Responder respond) const;
  void PutDepartment(Call call, http::Responder respond) const;
  void ListGrants(Call call, http::Responder respond) const;
  void GiveGrant(Call call, http::Responder respond) const;
  void RevokeGrant(Call call, http::Responder respond) const;
  void ListRequests(Call call, http::Responder respond) const;
  void AskAccess(Call call, http::Responder respond) const;
  void AskExport(Call call, http::Responder respond) const;
  void DecideRequest(Call call, http::Responder respond) const;
  void BreakGlass(Call call, http::Responder respond) const;
  void ReviewGlass(Call call, http::Responder respond) const;
  void MakeExport(Call call, http::Responder respond) const;
  void MakeKey(Call call, http::Responder respond) const;
  void ListExports(Call call, http::Responder respond) const;
  void DownloadExport(Call call, http::Responder respond) const;
  void RecallExport(Call call, http::Responder respond) const;
  void ListRecertifications(Call call, http::Responder respond) const;
  void StartRecertification(Call call, http::Responder respond) const;
  void DecideRecertification(Call call, http::Responder respond) const;
  void NoticePage(Call call, http::Responder respond) const;
  void ListNotices(Call call, http::Responder respond) const;
  void PublishNotice(Call call, http::Responder respond) const;
  void PortalLink(Call call, http::Responder respond) const;
  void PortalEnter(Call call, http::Responder respond) const;
  void PortalSession(Call call, http::Responder respond) const;
  void PortalLeave(Call call, http::Responder respond) const;
  void PortalData(Call call, http::Responder respond) const;
  void PortalUses(Call call, http::Responder respond) const;
  void PortalSwitch(Call call, http::Responder respond) const;
  void PortalRestrict(Call call, http::Responder respond) const;
  void PortalAccesses(Call call, http::Responder respond) const;
  void PortalProof(Call call, http::Responder respond) const;
  void PortalLedger(Call call, http::Responder respond) const;
  void PortalReceipt(Call call, http::Responder respond) const;
  void PortalDownload(Call call, http::Responder respond) const;
  void PortalSay(Call call, http::Responder respond) const;
  void PortalSaid(Call call, http::Responder respond) const;
  void HandLink(Call call, http::Responder respond) const;
  void PortalPasskeyOptions(Call call, http::Responder respond) const;
  void PortalPasskeyEnter(Call call, http::Responder respond) const;
  void PortalPasskeys(Call call, http::Responder respond) const;
  void PortalPasskeyNew(Call call, http::Responder respond) const;
  void PortalPasskeyAdd(Call call, http::Responder respond) const;
  void PortalPasskeyRemove(Call call, http::Responder respond) const;
  void ReadRightsText(Call call, http::Responder respond) const;
  void ReviewRightsTexts(Call call, http::Responder respond) const;
  void RedactRights(Call call, http::Responder respond) const;
  void ClassifyText(Call call, http::Responder respond) const;
  void RedactText(Call call, http::Responder respond) const;
  void PortalWards(Call call, http::Responder respond) const;
  void ListGuardians(Call call, http::Responder respond) const;
  void AddGuardian(Call call, http::Responder respond) const;
  void StepGuardian(Call call, http::Responder respond) const;
  void ListFeedback(Call call, http::Responder respond) const;
  void AnswerFeedback(Call call, http::Responder respond) const;
  void UnsubscribePage(Call call, http::Responder respond) const;
  void Unsubscribe(Call call, http::Responder respond) const;
  void GpcPolicy(Call call, http::Responder respond) const;
  void ReadMail(Call call, http::Responder respond) const;
  void PutMail(Call call, http::Responder respond) const;
  void RemoveMail(Call call, http::Responder respond) const;
  void ListRights(Call call, http::Responder respond) const;
  void TakeInRights(Call call, http::Responder respond) const;
  void ReadRights(Call call, http::Responder respond) const;
  void IdentifyRights(Call call, http::Responder respond) const;
  void TurnRightsClock(Call call, http::Responder respond) const;
  void DecideRights(Call call, http::Responder respond) const;
  void ExecuteRights(Call call, http::Responder respond) const;
  void ReadCertificate(Call call, http::Responder respond) const;
  void PortalAsk(Call call, http::Responder respond) const;
  void PortalAsked(Call call, http::Responder respond) const;
  void PortalTakeBack(Call call, http::Responder respond) const;
  void PortalFetch(Call call, http::Responder respond) const;
  void PortalCertificate(Call call, http::Responder respond) const;
  void ListRetention(Call call, http::Responder respond) const;
  void SimulateRetention(Call call, http::Responder respond) const;
  void DecideRetention(Call call, http::Responder respond) const;
  void CloseRightsTask(Call call, http::Responder respond) const;
  void ListDecisions(Call call, http::Responder respond) const;
  void AddDecision(Call call, http::Responder respond) const;
  void PortalDecisions(Call call, http::Responder respond) const;
  void PortalRecipients(Call call, http::Responder respond) const;
  void ListRecipients(Call call, http::Responder respond) const;
  void ReadRecipient(Call call, http::Responder respond) const;
  void AddRecipient(Call call, http::Responder respond) const;
  void PutRecipient(Call call, http::Responder respond) const;
  void AuditRecipient(Call call, http::Responder respond) const;
  void TurnRecipient(Call call, http::Responder respond) const;
  void ReadThresholds(Call call, http::Responder respond) const;
  void ListAssessments(Call call, http::Responder respond) const;
  void ReadAssessment(Call call, http::Responder respond) const;
  void StartAssessment(Call call, http::Responder respond) const;
  void WriteAssessment(Call call, http::Responder respond) const;
  void StepAssessment(Call call, http::Responder respond) const;
  void ReadProcessingRecord(Call call, http::Responder respond) const;
  void ListFrozenRecords(Call call, http::Responder respond) const;
  void ReadFrozenRecord(Call call, http::Responder respond) const;
  void ListDuties(Call call, http::Responder respond) const;
  void AssignDuty(Call call, http::Responder respond) const;
  void ReviewDuty(Call call, http::Responder respond) const;
  void RetentionCertificate(Call call, http::Responder respond) const;
  void ReadRules(Call call, http::Responder respond) const;
  void DiffRules(Call call, http::Responder respond) const;
  void ExplainCustomer(Call call, http::Responder respond) const;
  void ExplainPolicy(Call call, http::Responder respond) const;
  void ListKeys(Call call, http::Responder respond) const;
  void AddKey(Call call, http::Responder respond) const;
  void RevokeKey(Call call, http::Responder respond) const;
  void AuditCheckpoint(Call call, http::Responder respond) const;
  void AuditVerifier(Call call, http::Responder respond) const;
  void AuditLeaves(Call call, http::Responder respond) const;
  void AuditInclusion(Call call, http::Responder respond) const;
  void AuditConsistency(Call call, http::Responder respond) const;
  void ReadVault(Call call, http::Responder respond) const;
  void Fsck(Call call, http::Responder respond) const;
  void BackUp(Call call, http::Responder respond) const;
  void ReadBackup(Call call, http::Responder respond) const;

 private:
  Status RequireSource(const std::string& id) const;
  void TakeEvents(Call& call, const std::string& type, http::Responder& respond) const;
  Status Authenticate(Needs needs, Call& call) const;
  Status AuthenticatePerson(Needs needs, Call& call) const;
  Status AuthenticateCustomer(Call& call) const;
  void AnswerSignedIn(const guard::SignedIn& signed_in, Json extra, http::Responder& respond) const;
  struct Counters;

  Parts parts_;
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<Counters> counters_;
};

}  // namespace fiducia::api
