#include "starved.h"

#include <atomic>
#include <cerrno>
#include <cstddef>

namespace fiducia::crash {

namespace {

std::atomic<int64_t> counted{0};
std::atomic<int64_t> first{0};
std::atomic<int64_t> last{0};

}  // namespace

void StarveAt(int64_t at, int64_t calls) {
  first = 0;
  counted = 0;
  last = at + calls;
  first = at;
}

int64_t Allocations() { return counted; }

// Whether this call is to fail.
bool Strikes() {
  const int64_t now = ++counted;
  const int64_t from = first;
  return from > 0 && now >= from && now < last;
}

}  // namespace fiducia::crash

#if !defined(__SANITIZE_ADDRESS__)

// glibc's own functions, under the names it gives them for this.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);

void* malloc(size_t size) {
  if (fiducia::crash::Strikes()) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  if (fiducia::crash::Strikes()) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  if (fiducia::crash::Strikes()) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_realloc(old, size);
}
}

#endif
