// Takes answers to forms in. What has to be confirmed waits as it came, sealed by the browser,
// until somebody opens the link in the mailbox; nobody is in the records before.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "collect/events/intake.h"
#include "collect/events/sealing_key.h"
#include "collect/forms/answers.h"
#include "collect/forms/challenge.h"
#include "collect/forms/forms.h"
#include "courier/outbox.h"

namespace fiducia::collect {

struct Submission {
  std::string id;  // made by the page: sent twice, taken once
  Json sealed = Json::object();
  std::string notice;     // that the page showed: id@version
  std::string challenge;  // of a form; a capture page has a key
  std::string solution;
  std::string key;
  std::string trap;  // of a field that people do not see; they leave it empty
  std::string base;  // of the links that lead back: https://host
};

enum class Taken : uint8_t {
  kKept,     // on record
  kConfirm,  // a message is on its way; nothing is on record yet
  kNothing,  // nothing was allowed: nothing is kept
};
std::string_view Name(Taken taken);

// Thread safe. All parts must outlive it.
class Submissions {
 public:
  struct Parts {
    const gate::Gate& gate;
    const process::RecordReader& records;
    Forms& forms;
    Intake& intake;
    Challenges& challenges;
    const SealingKey& key;
    courier::Outbox& outbox;
    const guard::RegisterBook& book;
    const vault::Vault& vault;
    const Clock& clock;
    Rng& rng;
    std::string jurisdiction;
  };
  static Result<std::unique_ptr<Submissions>> Open(Parts parts);

  // Errors: kNotFound, kInvalidInput with what is wrong, kConflict if the notice is another by now,
  // kUnauthenticated for a capture page without its key, kUnavailable.
  Result<Taken> Take(const std::string& code, const Submission& submission);
  // What somebody confirmed from the mailbox. Errors: kNotFound for a link that is used up, run out
  // or none.
  Result<FormPtr> Confirm(std::string_view token);
  // Forgets what nobody confirmed. Call now and then.
  Status Tick();
  size_t waiting() const;
  // The least age at which somebody answers without a guardian, under the law of the house.
  int OwnAge() const;

 private:
  struct Pending {
    Uuid id;
    uint32_t version = 0;
    Uuid form;
    std::string code;
    std::string submission;  // its id
    Json sealed;
    Bytes secret_hash;
    bool by_guardian = false;
    int64_t until_ms = 0;
  };
  explicit Submissions(Parts parts) : parts_(std::move(parts)) {}
  static Json DocumentOf(const Pending& pending);
  static Result<Pending> PendingOf(const guard::Document& document);
  Result<Answers> Read(const Form& form, const Json& sealed, const std::string& id) const;
  Status Check(const Form& form, const Answers& answers) const;
  Status AskToConfirm(const FormPtr& form, const Submission& submission, const Answers& answers);
  Result<Taken> Keep(const FormPtr& form, const Answers& answers, const std::string& id,
                     std::string_view method);
  void Refused(const Form& form, std::string_view reason);
  audit::Leaf LeafOf(const Form& form, std::string_view operation) const;

  Parts parts_;
  mutable std::mutex mutex_;
  std::map<Uuid, Pending> pending_;
};

}  // namespace fiducia::collect
