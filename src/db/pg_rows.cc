#include "db/pg_rows.h"

#include <algorithm>

namespace fiducia::db {

namespace {

constexpr std::string_view kValues = "VALUES(";

}  // namespace

bool PgRows::CanHold(const Statement& statement) {
  // Two rows of one statement cannot update the same row: those travel alone.
  return statement.sql.starts_with("INSERT INTO ") &&
         statement.sql.find("DO UPDATE") == std::string_view::npos &&
         statement.sql.find(kValues) != std::string_view::npos;
}

PgRows::PgRows(const Statement& statement) : statement_(statement) {
  const size_t from = statement.sql.find(kValues);
  const size_t end = statement.sql.find(')', from);
  head_ = statement.sql.substr(0, from);
  tail_ = statement.sql.substr(end + 1);
}

void PgRows::Add(std::span<const Param> params, int64_t label) {
  for (const Param& param : params) {
    const bool number = param.kind() == Param::Kind::kInt;
    kept_.push_back({param.kind(), number ? param.number() : 0,
                     number ? std::string() : std::string(param.view())});
  }
  width_ = params.size();
  labels_.push_back(label);
}

const Statement& PgRows::StatementFor(size_t size) {
  std::unique_ptr<Many>& many = many_[size];
  if (many != nullptr) {
    return many->statement;
  }
  const size_t from = statement_.sql.find(kValues) + kValues.size() - 1;
  const std::string_view row =
      statement_.sql.substr(from, statement_.sql.find(')', from) + 1 - from);
  many = std::make_unique<Many>();
  many->sql = head_ + "VALUES";
  for (size_t i = 0; i < kSizes[size]; ++i) {
    many->sql += i == 0 ? "" : ", ";
    for (size_t at = 0; at < row.size(); ++at) {
      many->sql += row[at];
      if (row[at] == '$') {
        size_t number = 0;
        for (++at; at < row.size() && row[at] >= '0' && row[at] <= '9'; ++at) {
          number = number * 10 + static_cast<size_t>(row[at] - '0');
        }
        --at;
        many->sql += std::to_string(i * width_ + number);
      }
    }
  }
  many->sql += tail_;
  many->statement = {statement_.name, statement_.tag, many->sql};
  return many->statement;
}

std::vector<Param> PgRows::Params(size_t first, size_t count) const {
  std::vector<Param> params;
  params.reserve(count * width_);
  for (size_t i = first * width_; i < (first + count) * width_; ++i) {
    const Kept& kept = kept_[i];
    switch (kept.kind) {
      case Param::Kind::kInt:
        params.emplace_back(kept.number);
        break;
      case Param::Kind::kText:
        params.push_back(Param::Text(kept.bytes));
        break;
      case Param::Kind::kBlob:
        params.push_back(Param::Blob(kept.bytes));
        break;
      case Param::Kind::kNull:
        params.push_back(Param::Null());
        break;
    }
  }
  return params;
}

int64_t PgRows::LabelOf(size_t first, size_t count, int64_t mixed) const {
  const auto begin = labels_.begin() + static_cast<ptrdiff_t>(first);
  const bool same = std::all_of(begin, begin + static_cast<ptrdiff_t>(count),
                                [&](int64_t label) { return label == *begin; });
  return same ? *begin : mixed;
}

void PgRows::Clear() {
  kept_.clear();
  labels_.clear();
}

}  // namespace fiducia::db
