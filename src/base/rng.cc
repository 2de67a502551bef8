#include "base/rng.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <sys/random.h>

#include "base/result.h"

namespace fiducia {

namespace {

class KernelRng : public Rng {
 public:
  void Fill(std::span<char> out) override {
    thread_local std::array<char, 4096> block;
    thread_local size_t used = block.size();
    size_t done = 0;
    while (done < out.size()) {
      if (used == block.size()) {
        Refill(block);
        used = 0;
      }
      const size_t n = std::min(out.size() - done, block.size() - used);
      std::memcpy(out.data() + done, block.data() + used, n);
      explicit_bzero(block.data() + used, n);
      used += n;
      done += n;
    }
  }

 private:
  static void Refill(std::span<char> block) {
    size_t got = 0;
    while (got < block.size()) {
      const ssize_t n = getrandom(block.data() + got, block.size() - got, 0);
      FID_CHECK(n > 0 || errno == EINTR);
      got += n > 0 ? static_cast<size_t>(n) : 0;
    }
  }
};

}  // namespace

Rng& SystemRng() {
  static KernelRng rng;
  return rng;
}

uint64_t SeededRandom::Next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace fiducia
