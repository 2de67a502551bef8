// Erasure: intent, fingerprints and tokens, key, rows, each step durable and repeated after a
// crash; and the receipt of it.
#include "apps/crm/customers.h"
#include "audit/receipt.h"
#include "base/log.h"
#include "store/erasures.h"
#include "store/subjects.h"

namespace fiducia::apps {

// Everything in the index that points at the customer.
Result<std::vector<store::Token>> CustomerService::AllTokens(const Loaded& loaded) const {
  FID_ASSIGN(std::vector<store::Token> tokens,
             parts_.builder.TokensOf(loaded.dossier, *loaded.key));
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  FID_ASSIGN(const auto imports,
             store::LoadImportsOf(lease->session(store::Which::kData), loaded.dossier.subject));
  for (const store::SubjectImport& import : imports) {
    for (store::Token& token : store::TokensOfImport(import.row)) {
      tokens.push_back(std::move(token));
    }
  }
  return tokens;
}

Result<bool> CustomerService::Suppressed(const process::BuiltRecord& built) const {
  if (built.fingerprints.empty() || suppressions_ == Known::kNone) {
    return false;
  }
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  if (suppressions_ == Known::kNo) {
    FID_ASSIGN(const bool any,
               store::AnySuppressed(lease->session(store::Which::kData), built.subject.tenant));
    Known before = Known::kNo;
    suppressions_.compare_exchange_strong(before, any ? Known::kSome : Known::kNone);
    if (!any) {
      return false;
    }
  }
  for (const store::Token& fingerprint : built.fingerprints) {
    FID_ASSIGN(const bool suppressed, store::IsSuppressed(lease->session(store::Which::kData),
                                                          built.subject.tenant, fingerprint));
    if (suppressed) {
      return true;
    }
  }
  return false;
}

// Asked for by the person: a job of its own, since fingerprints lie in buckets of their own.
void CustomerService::LiftSuppression(const process::BuiltRecord& built,
                                      std::move_only_function<void(const Status&)> then) const {
  store::Job job;
  job.spans_buckets = true;
  job.data = [tenant = built.subject.tenant,
              fingerprints = built.fingerprints](store::Session& data) -> Status {
    for (const store::Token& fingerprint : fingerprints) {
      FID_TRY(store::RemoveSuppression(data, tenant, fingerprint));
    }
    return {};
  };
  job.done = std::move(then);
  parts_.engine.Submit(std::move(job));
}

// What points at the customer goes; what keeps the person from coming back unawares is added. Needs
// the key, so it comes before its destruction.
Status CustomerService::Unlink(const Loaded& loaded, bool suppress) const {
  const model::SubjectRef subject = loaded.dossier.subject;
  if (suppress) {
    FID_ASSIGN(const std::vector<store::Token> fingerprints,
               parts_.builder.FingerprintsOf(loaded.dossier, *loaded.key));
    store::Job remember;
    remember.spans_buckets = true;
    remember.data = [&](store::Session& data) -> Status {
      for (const store::Token& fingerprint : fingerprints) {
        FID_TRY(store::AddSuppression(data, subject.tenant, fingerprint, parts_.clock.NowMs()));
      }
      return {};
    };
    suppressions_ = Known::kSome;
    FID_TRY(parts_.engine.SubmitAndWait(std::move(remember)));
  }
  FID_ASSIGN(const std::vector<store::Token> tokens, AllTokens(loaded));
  store::Job unindex;
  unindex.index = [&](store::Session& index) -> Status {
    for (const store::Token& token : tokens) {
      FID_TRY(store::RemoveToken(index, token, subject));
    }
    return {};
  };
  return parts_.engine.SubmitAndWait(std::move(unindex));
}

Status CustomerService::FinishErasure(const model::ErasureOrder& order, audit::Leaf leaf) const {
  FID_TRY(parts_.builder.vault().keys().Shred(order));
  const model::SubjectRef& subject = order.subject();
  Bytes salt(audit::kReceiptSaltSize, '\0');
  parts_.rng.Fill(salt);
  leaf.commitment = audit::ErasureCommitment(salt, subject);
  const audit::LeafDraft draft = parts_.gate.DraftOf(leaf, subject);
  store::Job remove;
  remove.data = [&](store::Session& data) -> Status {
    FID_TRY(store::DeleteSubject(data, subject));
    FID_TRY(store::RemoveErasureIntent(data, subject));
    FID_ASSIGN(const uint64_t place, parts_.gate.log().Append(data, draft));
    return store::PutErasureProof(data, subject, {place, salt});
  };
  return parts_.engine.SubmitAndWait(std::move(remove));
}

Result<std::string> CustomerService::ReceiptOf(const model::SubjectRef& subject) const {
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  FID_ASSIGN(const store::ErasureProof proof,
             store::LoadErasureProof(lease->session(store::Which::kData), subject));
  FID_TRY(parts_.gate.log().Publish());
  return audit::WriteErasureReceipt(parts_.gate.log(), subject, proof.salt, proof.leaf);
}

Result<std::string> CustomerService::Erase(const model::Access& access,
                                           const model::SubjectRef& subject, bool suppress) const {
  // Before anything is looked up: who may not erase does not learn who is on record.
  FID_TRY(parts_.gate.CheckAccess(access));
  FID_TRY(parts_.gate.Require(access.actor, "customers.erase"));
  // One that stopped halfway, on a full disk for example, is finished with the next, or with the
  // same asked for again.
  if (unfinished_erasures_.exchange(false)) {
    if (const Status resumed = ResumeErasures(); !resumed) {
      unfinished_erasures_ = true;
      return std::unexpected(resumed.error());
    }
  }
  // A person is erased in all records that stand for them. The one in use goes last: until then
  // the rest can be found again.
  FID_ASSIGN(const Loaded whole, parts_.records.LoadFresh(subject));
  for (const store::Joined& one : whole.dossier.joined) {
    const auto joined = EraseNow(access, {subject.tenant, one.subject}, suppress);
    const Code code = joined ? Code::kErased : joined.error().code();
    if (code != Code::kErased && code != Code::kNotFound) {
      unfinished_erasures_ = code == Code::kUnavailable;
      return joined;
    }
  }
  auto receipt = EraseNow(access, subject, suppress);
  if (!receipt && receipt.error().code() == Code::kUnavailable) {
    unfinished_erasures_ = true;
  }
  return receipt;
}

Result<std::string> CustomerService::EraseRecord(const model::Access& access,
                                                 const model::SubjectRef& subject,
                                                 bool suppress) const {
  FID_TRY(parts_.gate.CheckAccess(access));
  FID_TRY(parts_.gate.Require(access.actor, "customers.erase"));
  return EraseNow(access, subject, suppress);
}

Result<std::string> CustomerService::EraseNow(const model::Access& access,
                                              const model::SubjectRef& subject,
                                              bool suppress) const {
  FID_ASSIGN(const Loaded loaded, [&]() -> Result<Loaded> {
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    return parts_.records.LoadEven(*lease, subject);
  }());
  FID_ASSIGN(gate::Gate::Erasure erasure,
             parts_.gate.AskErasure(access, {loaded.dossier, *loaded.key},
                                    access.reason.empty() ? Bytes()
                                                          : parts_.builder.vault().Commit(
                                                                *loaded.key, access.reason)));
  store::Job intent;
  intent.data = [&](store::Session& data) -> Status {
    FID_TRY(store::AddErasureIntent(data, {subject, suppress}, parts_.clock.NowMs()));
    FID_TRY(parts_.gate.log().Append(data, erasure.leaf));
    return {};
  };
  FID_TRY(parts_.engine.SubmitAndWait(std::move(intent)));
  FID_TRY(Unlink(loaded, suppress));
  audit::Leaf finished = parts_.gate.NewLeaf(access, "erase.finished", "done");
  finished.pseudonym = loaded.key->pseudonym;
  FID_TRY(FinishErasure(erasure.order, std::move(finished)));
  return ReceiptOf(subject);
}

Result<std::string> CustomerService::ErasureReceipt(const model::Access& access,
                                                    const model::SubjectRef& subject) const {
  FID_TRY(parts_.gate.CheckAccess(access));
  FID_TRY(parts_.gate.Require(access.actor, "customers.erase"));
  return ReceiptOf(subject);
}

Status CustomerService::ResumeErasures() const {
  std::vector<store::ErasureIntent> pending;
  {
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(pending, store::LoadErasureIntents(lease->session(store::Which::kData)));
  }
  for (const auto& [subject, suppress] : pending) {
    const auto lease = parts_.engine.Read();
    if (!lease) {
      return std::unexpected(lease.error());
    }
    if (const auto loaded = parts_.records.LoadEven(**lease, subject)) {
      FID_TRY(Unlink(*loaded, suppress));
    }
    model::Access system;
    system.actor.role = "system";
    FID_TRY(FinishErasure(parts_.gate.ResumeErasure(subject),
                          parts_.gate.NewLeaf(system, "erase.finished", "done")));
    Log(LogLevel::kInfo, "an interrupted erasure was finished");
  }
  return {};
}

}  // namespace fiducia::apps
