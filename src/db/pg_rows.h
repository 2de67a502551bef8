// Private to db: rows on their way to one INSERT, to be sent many at a time: a statement costs
// PostgreSQL more than a row does.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "db/session.h"

namespace fiducia::db {

class PgRows {
 public:
  // Sizes a statement is prepared for, largest first.
  static constexpr std::array<size_t, 4> kSizes = {64, 16, 4, 1};
  // Whether rows of the statement may travel together: a plain INSERT, or one that does nothing on
  // conflict.
  static bool CanHold(const Statement& statement);

  explicit PgRows(const Statement& statement);
  void Add(std::span<const Param> params, int64_t label);
  size_t rows() const { return labels_.size(); }
  // The statement for `kSizes[size]` rows, kept as long as this lives.
  const Statement& StatementFor(size_t size);
  // The parameters of `count` rows from `first`.
  std::vector<Param> Params(size_t first, size_t count) const;
  // The label of a row, or `mixed` if the rows have several.
  int64_t LabelOf(size_t first, size_t count, int64_t mixed) const;
  void Clear();

 private:
  struct Kept {
    Param::Kind kind;
    int64_t number;
    std::string bytes;
  };
  struct Many {
    std::string sql;
    Statement statement;
  };
  const Statement& statement_;
  size_t width_ = 0;  // parameters of one row
  std::string head_;  // up to VALUES
  std::string tail_;  // after the row
  std::vector<Kept> kept_;
  std::vector<int64_t> labels_;
  std::array<std::unique_ptr<Many>, kSizes.size()> many_;
};

}  // namespace fiducia::db
