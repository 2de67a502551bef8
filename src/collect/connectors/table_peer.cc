// Tables of other databases. The place is the key of the last row; what was committed late is found
// by going back over the last minute again, and known by its id.
#include <chrono>

#include "base/text.h"
#include "collect/connectors/peer.h"
#include "db/foreign_table.h"

namespace fiducia::collect {

namespace {

constexpr int kRows = 500;
constexpr std::chrono::seconds kBack{60};

class TablePeer : public Peer {
 public:
  TablePeer(std::unique_ptr<db::ForeignTable> table, std::vector<std::string> order)
      : table_(std::move(table)), order_(std::move(order)) {}

  Result<Pulled> Pull(const std::string& cursor) override {
    const auto now = std::chrono::steady_clock::now();
    // Two places: where it is, and where it was a minute ago; those that come late lie between.
    const auto places = ParseJson(cursor.empty() ? "{}" : cursor).value_or(Json::object());
    Json here = places.value("here", Json::array());
    Json back = places.value("back", Json::array());
    const bool again = caught_up_ && back != here;
    const Json start = again ? back : here;
    std::vector<std::string> after;
    for (const Json& part : start) {
      after.push_back(part.is_string() ? part.get<std::string>() : "");
    }
    FID_ASSIGN(const auto rows, table_->Read(after, kRows));
    Pulled pulled;
    for (const db::ForeignRow& row : rows) {
      Json record = Json::object();
      for (const auto& [column, value] : row) {
        record[column] = value ? Json(*value) : Json();
      }
      Json key = Json::array();
      for (const std::string& column : order_) {
        key.push_back(record.value(column, Json()));
        if (!key.back().is_string()) {
          return Fail(Code::kInvalidInput, "a column of the order is missing or has no value");
        }
      }
      here = key;
      pulled.records.push_back({WriteJson(key), std::move(record)});
    }
    pulled.more = rows.size() == kRows;
    caught_up_ = !pulled.more;
    if (caught_up_ && now - marked_ >= kBack) {
      back = std::exchange(mark_, here);
      marked_ = now;
    }
    pulled.cursor = WriteJson({{"here", here}, {"back", back}});
    return pulled;
  }

 private:
  std::unique_ptr<db::ForeignTable> table_;
  std::vector<std::string> order_;
  bool caught_up_ = false;
  Json mark_ = Json::array();
  std::chrono::steady_clock::time_point marked_{};
};

}  // namespace

Result<std::unique_ptr<Peer>> ReachTable(const Connector& connector) {
  const auto& settings = connector.spec.settings;
  db::ForeignSpec spec{settings.at("url"), settings.at("table"), {}, connector.secret, ""};
  for (const std::string_view column : Split(settings.at("order"), ',')) {
    spec.order.emplace_back(TrimAscii(column));
  }
  if (const auto ca = settings.find("ca"); ca != settings.end()) {
    spec.ca_pem = ca->second;
  }
  const bool postgres = connector.spec.kind == ConnectorKind::kPostgres;
  FID_ASSIGN(auto table, postgres ? db::OpenPostgresTable(spec) : db::OpenMysqlTable(spec));
  return std::make_unique<TablePeer>(std::move(table), std::move(spec.order));
}

Result<std::unique_ptr<Peer>> Reach(const Connector& connector) {
  switch (connector.spec.kind) {
    case ConnectorKind::kRest:
      return ReachRest(connector);
    case ConnectorKind::kFolder:
      return ReachFolder(connector);
    case ConnectorKind::kMailbox:
      return ReachMailbox(connector);
    case ConnectorKind::kPostgres:
    case ConnectorKind::kMysql:
      return ReachTable(connector);
    case ConnectorKind::kNats:
      return ReachNats(connector);
    case ConnectorKind::kWebhook:
      break;
  }
  return Fail(Code::kInvalidInput, "a webhook is called; it does not look");
}

}  // namespace fiducia::collect
