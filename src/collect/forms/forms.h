// The forms of the house: declared, opened, closed, and what came by each.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "collect/forms/form.h"
#include "process/record/reader.h"

namespace fiducia::collect {

struct Form {
  Uuid id;
  uint32_t version = 0;
  FormSpec spec;
  FormState state = FormState::kDraft;
  int64_t created_ms = 0;
  int64_t opened_ms = 0;
  int64_t closed_ms = 0;
  Bytes key_hash;  // of a capture page's key; empty: none was made
  // Made once: as what answers are taken in.
  StreamPtr stream;
};
using FormPtr = std::shared_ptr<const Form>;

// Thread safe. All parts must outlive it.
class Forms {
 public:
  struct Parts {
    store::Engine& engine;
    const gate::Gate& gate;
    const guard::RegisterBook& book;
    const vault::Vault& vault;
    Streams& streams;
    const Clock& clock;
    Rng& rng;
  };
  static Result<std::unique_ptr<Forms>> Open(Parts parts);

  // What is wrong with it; on record if it asks for more than its purposes need.
  Result<std::vector<FormProblem>> Check(const model::Access& access, const FormSpec& spec);
  // Errors: kInvalidInput if Check finds anything; kConflict if the code is taken.
  Result<FormPtr> Add(const model::Access& access, FormSpec spec);
  // Answers from now on are to the new one. Errors: the same; kNotFound; kConflict once closed.
  Result<FormPtr> Change(const model::Access& access, const Uuid& id, FormSpec spec);
  // Opens or closes it. Errors: kNotFound, kConflict.
  Result<FormPtr> Turn(const model::Access& access, const Uuid& id, FormState state);
  // A new key of a capture page; the one before ends. Shown once, kept nowhere. Errors: kNotFound,
  // kInvalidInput for another kind of form.
  Result<std::string> NewKey(const model::Access& access, const Uuid& id);

  struct Listed {
    FormPtr form;
    StreamCounts counts;
  };
  Result<std::vector<Listed>> List(const model::Access& access) const;

  // The open form of this code. Errors: kNotFound.
  Result<FormPtr> Find(std::string_view code) const;
  bool IsKey(const Form& form, std::string_view key) const;
  void Count(const Form& form, const StreamCounts& more) { parts_.streams.Count(form.id, more); }

 private:
  explicit Forms(Parts parts) : parts_(parts) {}
  std::vector<FormProblem> Problems(const FormSpec& spec) const;
  FormPtr Made(Form form) const;
  Result<Form> Load(const Uuid& id) const;
  Result<FormPtr> Save(const model::Access& access, Form form, std::string_view op);

  Parts parts_;
  std::mutex changing_;
  mutable std::shared_mutex mutex_;
  std::map<Uuid, FormPtr> known_;
};

}  // namespace fiducia::collect
