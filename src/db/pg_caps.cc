#include "db/pg_caps.h"

namespace fiducia::db {

namespace {

constexpr Statement kProbe{
    "pg.probe", Tag::kReference,
    "SELECT version(), current_setting('server_version_num'), current_database()::text, "
    "current_setting('fsync'), current_setting('synchronous_commit'), "
    "current_setting('synchronous_standby_names'), "
    "has_database_privilege(current_database(), 'CREATE')::int::text, "
    "(SELECT COUNT(*) FROM pg_extension WHERE extname='citus')::text"};
constexpr Statement kSystem{"pg.system", Tag::kReference,
                            "SELECT system_identifier::text FROM pg_control_system()"};

}  // namespace

Result<PgCaps> Probe(PgSession& session) {
  PgCaps caps;
  std::string version;
  bool citus = false;
  FID_TRY(session.Query(kProbe, {}, [&](const Row& row) -> Status {
    version = std::string(row.Bytes(0));
    caps.version = std::atoi(std::string(row.Bytes(1)).c_str());
    caps.database = std::string(row.Bytes(2));
    caps.fsync = row.Bytes(3) == "on";
    caps.synchronous = row.Bytes(4) != "off" && row.Bytes(4) != "local";
    caps.standby = !row.Bytes(5).empty();
    caps.can_create = row.Bytes(6) == "1";
    citus = row.Bytes(7) != "0";
    return {};
  }));
  if (version.find("CockroachDB") != std::string::npos) {
    return Fail(Code::kConflict,
                "CockroachDB is not supported: its locks and its license were not tried");
  }
  if (!version.starts_with("PostgreSQL ")) {
    return Fail(Code::kConflict,
                "this engine is unknown: PostgreSQL, Citus or YugabyteDB is needed");
  }
  if (version.find("-YB-") != std::string::npos) {
    caps.kind = PgKind::kYugabyte;
  } else if (citus) {
    caps.kind = PgKind::kCitus;
  }
  // Only to save a flush: not being told is fine.
  (void)session.Query(kSystem, {}, [&](const Row& row) -> Status {
    caps.system = std::string(row.Bytes(0));
    return {};
  });
  return caps;
}

}  // namespace fiducia::db
