// A permit opens named fields of one subject, once, soon. Only the gate can make one.
#pragma once

#include <cstdint>

#include "model/types.h"

namespace fiducia::gate {
class Gate;
}

namespace fiducia::model {

class Permit {
 public:
  const SubjectRef& subject() const { return subject_; }
  Op op() const { return op_; }
  const FieldSet& fields() const { return fields_; }  // may be opened at all (clear or masked)
  const FieldSet& clear() const { return clear_; }    // may leave in clear
  int64_t expires_monotonic_ms() const { return expires_monotonic_ms_; }

 private:
  friend class gate::Gate;
  Permit(SubjectRef subject, Op op, FieldSet fields, FieldSet clear, int64_t expires_monotonic_ms)
      : subject_(subject),
        op_(op),
        fields_(fields),
        clear_(clear),
        expires_monotonic_ms_(expires_monotonic_ms) {}

  SubjectRef subject_;
  Op op_;
  FieldSet fields_;
  FieldSet clear_;
  int64_t expires_monotonic_ms_;
};

// The right to destroy one subject's key. Only the gate can make one.
class ErasureOrder {
 public:
  const SubjectRef& subject() const { return subject_; }

 private:
  friend class gate::Gate;
  explicit ErasureOrder(SubjectRef subject) : subject_(subject) {}
  SubjectRef subject_;
};

}  // namespace fiducia::model
