// A personal value in clear. It cannot be printed, formatted, compared in passing or turned into
// JSON; it is wiped when it goes. `Reveal()` is the only way in, and tools/check_layout.py holds
// the short list of files that may call it.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace fiducia::model {

class Sensitive {
 public:
  Sensitive() = default;
  // Takes the text over; the source is wiped.
  explicit Sensitive(std::string&& text) : text_(std::move(text)) {
    // A short string is copied by the move: write over what it leaves behind.
    // NOLINTNEXTLINE(bugprone-use-after-move,clang-analyzer-cplusplus.Move): that is the point.
    text.assign(kShortMax, '\0');
    Clear(text);
  }
  static Sensitive CopyOf(std::string_view text) { return Sensitive(std::string(text)); }
  Sensitive(const Sensitive&) = default;
  Sensitive& operator=(const Sensitive&) = default;
  Sensitive(Sensitive&& other) noexcept : Sensitive(std::move(other.text_)) {}
  Sensitive& operator=(Sensitive&& other) noexcept {
    if (this != &other) {
      Clear(text_);
      text_ = std::move(other.text_);
      Clear(other.text_);
    }
    return *this;
  }
  ~Sensitive() { Clear(text_); }

  std::string_view Reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  static constexpr size_t kShortMax = 15;  // what a std::string holds without allocating
  static void Clear(std::string& text) {
    explicit_bzero(text.data(), text.size());
    text.clear();
  }
  std::string text_;
};

}  // namespace fiducia::model
