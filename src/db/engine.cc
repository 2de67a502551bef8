#include "db/engine.h"

#include <future>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "db/engines.h"

namespace fiducia::db {

Status Engine::SubmitAndWait(Job job) {
  std::promise<Status> promise;
  std::future<Status> result = promise.get_future();
  auto then = std::move(job.done);
  job.done = [&promise, &then](const Status& status) {
    if (then) {
      then(status);
    }
    promise.set_value(status);
  };
  Submit(std::move(job));
  return result.get();
}

Result<std::unique_ptr<Engine>> OpenStore(const StoreAddress& address,
                                          std::span<const Migration> migrations,
                                          std::string* detail) {
  const std::string lock_path = address.folder + "/lock";
  const int fd = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return Fail(Code::kUnavailable, "the data folder cannot be written");
  }
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    close(fd);
    return Fail(Code::kUnavailable, "another process is using this data folder");
  }
  return address.data.empty() ? OpenSqlite(address.folder, fd, migrations)
                              : OpenPostgres(address, fd, migrations, detail);
}

Result<std::unique_ptr<SchemaSession>> OpenBare(const StoreAddress& address, Which which,
                                                Access access) {
  return address.data.empty() ? OpenBareSqlite(address.folder, which, access)
                              : OpenBarePostgres(address, which, access);
}

}  // namespace fiducia::db
