// What a service hands to the one who asked. Values are still Sensitive: only rendering reveals
// them.
#pragma once

#include <string>
#include <vector>

#include "gate/gate.h"
#include "model/sensitive.h"
#include "store/imports.h"

namespace fiducia::apps {

struct ValueView {
  model::Sensitive text;
  bool masked = false;
  std::string source;
  int64_t verified_ms = 0;
  model::Level level = model::Level::kL1;  // of its field, or higher by what it holds
  int confidence = 100;
};

struct FieldView {
  const rules::Field* field = nullptr;
  gate::Reason reason = gate::Reason::kAllowed;
  std::vector<ValueView> values;
};

struct CustomerView {
  model::SubjectRef subject;
  model::SubjectKind kind = model::SubjectKind::kPerson;
  uint32_t version = 0;
  uint32_t restrictions = 0;
  std::vector<FieldView> fields;
  std::vector<FieldView> withheld;  // without values
};

struct SearchView {
  std::vector<CustomerView> customers;
  std::string next;  // cursor; empty at the end
};

struct EventView {
  Uuid id;
  std::string kind;
  int64_t at_ms = 0;
  std::vector<FieldView> fields;
  std::vector<FieldView> withheld;
};

struct TimelineView {
  std::vector<EventView> events;
  std::string next;
};

struct AccessView {
  uint64_t leaf = 0;
  audit::Leaf entry;
};

struct AccessesView {
  std::vector<AccessView> accesses;
  std::string next;
};

struct LineageValue {
  const rules::Field* field = nullptr;
  model::Provenance provenance;
  uint32_t version = 0;
  int64_t verified_ms = 0;
  int confidence = 100;
  bool stale = false;  // to be looked at again
};

struct LineageView {
  std::vector<LineageValue> values;
  std::vector<model::BasisEvent> bases;
  std::vector<store::SubjectImport> imports;
};

}  // namespace fiducia::apps
