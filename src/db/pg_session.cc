#include "db/pg_session.h"

#include <array>
#include <charconv>
#include <vector>

#include <endian.h>
#include <libpq-fe.h>
#include <poll.h>

#include "db/pg_backoff.h"
#include "db/pg_error.h"

namespace fiducia::db {

namespace {

// Fixed numbers of the built-in types (pg_type.dat).
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kText = 25;
constexpr Oid kToBeInferred = 0;
constexpr int64_t kReadPatienceMs = 5000;  // for other transactions to get out of a read's way
constexpr size_t kDrainEvery = 256;        // statements sent before their outcomes are looked at

class PgRow : public Row {
 public:
  PgRow(const PGresult* result, int row) : result_(result), row_(row) {}
  int64_t Int(int column) const override {
    const char* data = PQgetvalue(result_, row_, column);
    uint64_t value = 0;
    const int size = PQgetlength(result_, row_, column);
    for (int i = 0; i < size && i < 8; ++i) {
      value = (value << 8) | static_cast<uint8_t>(data[i]);
    }
    if (size == 4) {
      return static_cast<int32_t>(static_cast<uint32_t>(value));
    }
    return static_cast<int64_t>(value);
  }
  BytesView Bytes(int column) const override {
    return {PQgetvalue(result_, row_, column),
            static_cast<size_t>(PQgetlength(result_, row_, column))};
  }

 private:
  const PGresult* result_;
  int row_;
};

// Parameters in the shape libpq wants them: binary, numbers big-endian.
class Bound {
 public:
  explicit Bound(std::span<const Param> params)
      : numbers_(params.size()),
        values_(params.size()),
        lengths_(params.size()),
        formats_(params.size(), 1) {
    for (size_t i = 0; i < params.size(); ++i) {
      const Param& param = params[i];
      switch (param.kind()) {
        case Param::Kind::kInt:
          numbers_[i] = htobe64(static_cast<uint64_t>(param.number()));
          values_[i] = reinterpret_cast<const char*>(&numbers_[i]);
          lengths_[i] = sizeof(uint64_t);
          break;
        case Param::Kind::kText:
        case Param::Kind::kBlob:
          values_[i] = param.view().data() == nullptr ? "" : param.view().data();
          lengths_[i] = static_cast<int>(param.view().size());
          break;
        case Param::Kind::kNull:
          break;
      }
    }
  }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  std::vector<uint64_t> numbers_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

Oid TypeOf(const Param& param) {
  switch (param.kind()) {
    case Param::Kind::kInt:
      return kInt8;
    case Param::Kind::kText:
      return kText;
    case Param::Kind::kBlob:
      return kBytea;
    case Param::Kind::kNull:
      return kToBeInferred;
  }
  return kToBeInferred;
}

bool IsGood(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_PIPELINE_SYNC;
}

int64_t ChangedRows(PGresult* result) {
  const std::string_view text = PQcmdTuples(result);
  int64_t changed = 0;
  std::from_chars(text.data(), text.data() + text.size(), changed);
  return changed;
}

}  // namespace

void PgClear::operator()(pg_result* result) const { PQclear(result); }

PgSession::PgSession(PgConnector& connector, std::string setup)
    : connector_(connector), setup_(std::move(setup)) {}

void PgSession::Disconnect() {
  connection_.reset();
  prepared_.clear();
  expected_.clear();
  pipeline_ = false;
}

Status PgSession::EnsureConnected(bool* fresh) {
  if (connection_ != nullptr && PQstatus(connection_.get()) == CONNECTION_OK &&
      (generation_ == connector_.generation() ||
       PQtransactionStatus(connection_.get()) != PQTRANS_IDLE)) {
    return {};
  }
  if (fresh != nullptr) {
    *fresh = true;
  }
  Disconnect();
  generation_ = connector_.generation();
  auto connected = connector_.Connect();
  if (!connected) {
    sqlstate_.clear();
    return std::unexpected(connected.error());
  }
  connection_ = std::move(*connected);
  // Every plan here is the same for all parameters: planning each time would double a read's cost.
  return Run(
      "SET client_min_messages = warning; SET plan_cache_mode = force_generic_plan; "
      "SET search_path = \"" +
      connector_.schema() + "\";" + setup_);
}

Error PgSession::Failed(const PGresult* result) {
  const char* code = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  sqlstate_ = code == nullptr ? "" : code;
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    sqlstate_.clear();
    Disconnect();
    return {Code::kUnavailable, "the connection to the database was lost"};
  }
  return PgError(sqlstate_);
}

Status PgSession::Run(const std::string& sql) {
  FID_TRY(EnsureConnected());
  const PgResult result(PQexec(connection_.get(), sql.c_str()));
  if (!IsGood(result.get())) {
    return std::unexpected(Failed(result.get()));
  }
  return {};
}

Result<const char*> PgSession::Prepared(const Statement& statement, std::span<const Param> params) {
  const auto found = prepared_.find(&statement);
  if (found != prepared_.end()) {
    return found->second.c_str();
  }
  const std::string name = "s" + std::to_string(next_name_++);
  std::vector<Oid> types;
  for (const Param& param : params) {
    types.push_back(TypeOf(param));
  }
  const std::string sql(statement.sql);
  const int count = static_cast<int>(params.size());
  if (pipeline_) {
    if (PQsendPrepare(connection_.get(), name.c_str(), sql.c_str(), count, types.data()) != 1) {
      return std::unexpected(Failed(nullptr));
    }
    expected_.push_back({label_, false});
    fresh_.push_back(&statement);
  } else {
    const PgResult result(
        PQprepare(connection_.get(), name.c_str(), sql.c_str(), count, types.data()));
    if (!IsGood(result.get())) {
      return std::unexpected(Failed(result.get()));
    }
  }
  return prepared_.emplace(&statement, name).first->second.c_str();
}

Status PgSession::Send(const Statement& statement, std::span<const Param> params, bool wanted) {
  if (failure_ != nullptr) {
    return std::unexpected(*failure_);
  }
  const auto fail = [&](const Error& error) -> Status {
    failure_ = std::make_unique<Error>(error);
    failed_label_ = label_;
    return std::unexpected(error);
  };
  if (connection_ == nullptr) {
    return fail({Code::kUnavailable, "the connection to the database was lost"});
  }
  const auto name = Prepared(statement, params);
  if (!name) {
    return fail(name.error());
  }
  const Bound bound(params);
  if (PQsendQueryPrepared(connection_.get(), *name, static_cast<int>(params.size()), bound.values(),
                          bound.lengths(), bound.formats(), 1) != 1) {
    return fail(Failed(nullptr));
  }
  expected_.push_back({label_, wanted});
  return {};
}

// Sends what libpq holds, and reads meanwhile: if both sides only wrote, both would wait for ever.
Status PgSession::Flush() {
  while (true) {
    const int left = PQflush(connection_.get());
    if (left == 0) {
      return {};
    }
    pollfd ready{PQsocket(connection_.get()), POLLIN | POLLOUT, 0};
    if (left < 0 || poll(&ready, 1, -1) < 0 ||
        ((ready.revents & POLLIN) != 0 && PQconsumeInput(connection_.get()) != 1)) {
      return std::unexpected(Failed(nullptr));
    }
  }
}

// The outcome of the statement sent first; an error is kept as the pipeline's.
Result<PgResult> PgSession::TakeOne() {
  const Expected expected = expected_.front();
  expected_.pop_front();
  PgResult first(PQgetResult(connection_.get()));
  if (first == nullptr || (!IsGood(first.get()) && failure_ == nullptr)) {
    failed_label_ = expected.label;
    failure_ = std::make_unique<Error>(Failed(first.get()));
  }
  if (connection_ != nullptr) {
    while (const PgResult rest{PQgetResult(connection_.get())}) {
      // A statement has one result; what ends it is the empty one.
    }
  }
  if (failure_ != nullptr) {
    return std::unexpected(*failure_);
  }
  return first;
}

Result<PgResult> PgSession::TakeUpToWanted() {
  while (!expected_.empty()) {
    const bool wanted = expected_.front().wanted;
    FID_ASSIGN(PgResult result, TakeOne());
    if (wanted) {
      return result;
    }
  }
  return PgResult();
}

Status PgSession::InTransaction(const std::function<Status(Session&)>& work) {
  static constexpr Statement kBegin{"pg.begin", Tag::kReference, "BEGIN"};
  static constexpr Statement kCommit{"pg.commit", Tag::kReference, "COMMIT"};
  FID_TRY(StartPipeline());
  Status status = Session::Post(kBegin, {});
  status = status ? work(*this) : status;
  status = status ? Session::Post(kCommit, {}) : status;
  const Status finished = FinishPipeline();
  status = status ? finished : status;
  if (!status && !lost()) {
    (void)Run("ROLLBACK");
  }
  return status;
}

Status PgSession::StartPipeline() {
  FID_TRY(EnsureConnected());
  failure_.reset();
  failed_label_ = kNoLabel;
  expected_.clear();
  fresh_.clear();
  for (const auto& rows : rows_) {
    rows->Clear();
  }
  if (PQsetnonblocking(connection_.get(), 1) != 0 || PQenterPipelineMode(connection_.get()) != 1) {
    return std::unexpected(Failed(nullptr));
  }
  pipeline_ = true;
  return {};
}

Status PgSession::FinishPipeline() {
  if (connection_ != nullptr) {
    (void)SendRows();  // its error is the pipeline's
  }
  if (connection_ != nullptr && PQpipelineSync(connection_.get()) == 1 && Flush()) {
    while (connection_ != nullptr && !expected_.empty()) {
      (void)TakeOne();
    }
    if (connection_ != nullptr) {
      // The Sync itself.
      const PgResult sync(PQgetResult(connection_.get()));
      if (PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC ||
          PQexitPipelineMode(connection_.get()) != 1 ||
          PQsetnonblocking(connection_.get(), 0) != 0) {
        sqlstate_.clear();
        Disconnect();
      }
    }
  } else if (connection_ != nullptr) {
    sqlstate_.clear();
    Disconnect();
  }
  pipeline_ = false;
  if (failure_ != nullptr) {
    for (const Statement* statement : fresh_) {
      prepared_.erase(statement);
    }
    const Error error = *failure_;
    failure_.reset();
    return std::unexpected(error);
  }
  if (connection_ == nullptr) {
    return Fail(Code::kUnavailable, "the connection to the database was lost");
  }
  return {};
}

Status PgSession::Post(const Statement& statement, std::span<const Param> params) {
  if (!pipeline_) {
    FID_TRY(Ask(statement, params, false));
    return {};
  }
  if (together_ && PgRows::CanHold(statement)) {
    PgRows*& rows = rows_of_[&statement];
    if (rows == nullptr) {
      rows_.push_back(std::make_unique<PgRows>(statement));
      rows = rows_.back().get();
    }
    rows->Add(params, label_);
    return rows->rows() == PgRows::kSizes[0] ? SendRows(*rows) : Status();
  }
  FID_TRY(SendRows());
  FID_TRY(Send(statement, params, false));
  return expected_.size() % kDrainEvery == 0 ? Flush() : Status();
}

Status PgSession::SendRows(PgRows& rows) {
  const int64_t label = label_;
  Status status;
  size_t first = 0;
  for (size_t size = 0; status && size < PgRows::kSizes.size(); ++size) {
    const size_t count = PgRows::kSizes[size];
    for (; status && rows.rows() - first >= count; first += count) {
      label_ = rows.LabelOf(first, count, kMixedLabel);
      const std::vector<Param> params = rows.Params(first, count);
      status = Send(rows.StatementFor(size), params, false);
    }
  }
  label_ = label;
  rows.Clear();
  FID_TRY(status);
  return expected_.size() >= kDrainEvery ? Flush() : Status();
}

Status PgSession::SendRows() {
  for (const auto& rows : rows_) {
    if (rows->rows() > 0) {
      FID_TRY(SendRows(*rows));
    }
  }
  return {};
}

// Sends one statement and waits for its outcome.
Result<PgResult> PgSession::Ask(const Statement& statement, std::span<const Param> params,
                                bool may_repeat) {
  if (pipeline_ || failure_ != nullptr) {
    FID_TRY(SendRows());
    FID_TRY(Send(statement, params, true));
    if (PQsendFlushRequest(connection_.get()) != 1) {
      return std::unexpected(Failed(nullptr));
    }
    FID_TRY(Flush());
    return TakeUpToWanted();
  }
  PgBackoff backoff(kReadPatienceMs);
  for (bool lost_before = false;;) {
    FID_TRY(EnsureConnected());
    const bool in_transaction = PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
    const auto name = Prepared(statement, params);
    PgResult result;
    if (name) {
      const Bound bound(params);
      result.reset(PQexecPrepared(connection_.get(), *name, static_cast<int>(params.size()),
                                  bound.values(), bound.lengths(), bound.formats(), 1));
      if (IsGood(result.get())) {
        return result;
      }
    }
    const Error error = name ? Failed(result.get()) : name.error();
    if (!may_repeat || in_transaction) {
      return std::unexpected(error);
    }
    // A read by itself, where all transactions are serializable: another was in its way.
    if (IsConflictOfTransactions(sqlstate_) && backoff.Wait()) {
      continue;
    }
    if (lost_before || !IsLostServer(sqlstate_)) {
      return std::unexpected(error);
    }
    lost_before = true;
    Disconnect();
  }
}

Result<int64_t> PgSession::Execute(const Statement& statement, std::span<const Param> params) {
  FID_ASSIGN(const PgResult result, Ask(statement, params, false));
  return ChangedRows(result.get());
}

Status PgSession::Query(const Statement& statement, std::span<const Param> params,
                        const EachRow& each) {
  FID_ASSIGN(const PgResult result, Ask(statement, params, true));
  const int rows = PQntuples(result.get());
  for (int row = 0; row < rows; ++row) {
    FID_TRY(each(PgRow(result.get(), row)));
  }
  return {};
}

}  // namespace fiducia::db
