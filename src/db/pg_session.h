// PostgreSQL behind the Session contract: binary values, prepared statements, and in a write
// transaction pipeline mode, where statements are on their way while the next is still being made.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "db/pg_connector.h"
#include "db/pg_rows.h"
#include "db/session.h"

struct pg_result;  // libpq's PGresult

namespace fiducia::db {

struct PgClear {
  void operator()(pg_result* result) const;
};
using PgResult = std::unique_ptr<pg_result, PgClear>;

// Connects at its first use, and again when the connection was lost between two uses. A read that
// loses its connection is tried once more.
class PgSession : public SchemaSession {
 public:
  // `connector` must outlive the session. `setup` is run on every new connection.
  explicit PgSession(PgConnector& connector, std::string setup = {});

  using Session::Execute;
  using Session::Post;
  using Session::Query;
  Result<int64_t> Execute(const Statement& statement, std::span<const Param> params) override;
  Status Query(const Statement& statement, std::span<const Param> params,
               const EachRow& each) override;
  Status Post(const Statement& statement, std::span<const Param> params) override;
  Status Run(const std::string& sql) override;
  Status InTransaction(const std::function<Status(Session&)>& work) override;

  // From here to FinishPipeline statements are sent without waiting.
  Status StartPipeline();
  // Waits for all outcomes and gives the first error.
  Status FinishPipeline();
  // Labels what is sent from now on; `failed_label` is the label of what the server refused first,
  // kNoLabel if it refused nothing.
  static constexpr int64_t kNoLabel = INT64_MIN;
  // The label of rows that went together and belong to several.
  static constexpr int64_t kMixedLabel = INT64_MIN + 1;
  // Whether rows may go together. Where one of them is at fault, the whole is tried again without.
  void Gather(bool together) { together_ = together; }
  void Label(int64_t label) { label_ = label; }
  int64_t failed_label() const { return failed_label_; }
  // The code of the last failure; empty if the connection was lost.
  const std::string& sqlstate() const { return sqlstate_; }
  bool lost() const { return connection_ == nullptr; }
  void Disconnect();
  // Whether it had to connect anew is told in `fresh`.
  Status EnsureConnected(bool* fresh = nullptr);
  // This connection is the one that the newest generation starts from.
  void AdoptGeneration() { generation_ = connector_.generation(); }

 private:
  struct Expected {
    int64_t label;
    bool wanted;  // its rows are asked for
  };
  Result<const char*> Prepared(const Statement& statement, std::span<const Param> params);
  Status Send(const Statement& statement, std::span<const Param> params, bool wanted);
  Status Flush();
  // Sends the rows that wait, of all statements.
  Status SendRows();
  Status SendRows(PgRows& rows);
  // Takes the outcomes of what was sent, up to and with the one whose rows are wanted.
  Result<PgResult> TakeUpToWanted();
  Result<PgResult> TakeOne();
  Result<PgResult> Ask(const Statement& statement, std::span<const Param> params, bool may_repeat);
  Error Failed(const pg_result* result);

  PgConnector& connector_;
  std::string setup_;
  PgConnection connection_;
  int generation_ = 0;  // of the connector, when this connection was made
  std::unordered_map<const Statement*, std::string> prepared_;
  int next_name_ = 0;
  std::vector<const Statement*> fresh_;  // prepared in this pipeline: unsure until it ends
  bool pipeline_ = false;
  std::deque<Expected> expected_;
  int64_t label_ = kNoLabel;
  int64_t failed_label_ = kNoLabel;
  std::string sqlstate_;
  std::unique_ptr<Error> failure_;  // of this pipeline
  bool together_ = false;
  std::vector<std::unique_ptr<PgRows>> rows_;  // in the order of their first row
  std::unordered_map<const Statement*, PgRows*> rows_of_;
};

}  // namespace fiducia::db
