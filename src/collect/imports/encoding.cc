#include "collect/imports/encoding.h"

#include <algorithm>
#include <cstring>

#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

#include "base/text.h"

namespace fiducia::collect {

namespace {

// How many of the characters of `text`, read as `encoding`, are broken or private: less is
// likelier.
int BrokenCharacters(std::string_view text, const char* encoding) {
  UErrorCode error = U_ZERO_ERROR;
  UConverter* converter = ucnv_open(encoding, &error);
  if (U_FAILURE(error)) {
    return 1 << 30;
  }
  std::vector<UChar> out(text.size() + 16);
  const int32_t n = ucnv_toUChars(converter, out.data(), static_cast<int32_t>(out.size()),
                                  text.data(), static_cast<int32_t>(text.size()), &error);
  ucnv_close(converter);
  int broken = 0;
  for (int32_t i = 0; i < n; ++i) {
    const UChar c = out[static_cast<size_t>(i)];
    broken += c == 0xfffd || (c >= 0xe000 && c < 0xf900) ||
              (c < 0x20 && c != '\n' && c != '\r' && c != '\t');
    // Rare blocks that a wrong guess falls into.
    broken += (c >= 0x2500 && c < 0x2600) || (c >= 0x3100 && c < 0x3130);
  }
  return broken;
}

// How many characters are among the commonest thousand or so of simplified and traditional text.
int CommonCharacters(std::string_view text, const char* encoding) {
  static const std::u32string common =
      U"的一是不了人我在有他这中大来上国個个和说也子时道出而要于就下得可你年生会自着去之过家学对"
      U"省市县区路街号号楼室单元镇乡村姓名电话手机地址邮箱客户编号性别出生日期男女北京上海广东江苏"
      U"浙江"
      U"山东河南河北湖南湖北四川福建安徽台灣臺灣王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡林"
      U"郭何高"
      U"姓名電話地址郵箱客戶編號性別縣區號樓鎮鄉東廣門龍國華偉麗";
  UErrorCode error = U_ZERO_ERROR;
  UConverter* converter = ucnv_open(encoding, &error);
  if (U_FAILURE(error)) {
    return 0;
  }
  std::vector<UChar> out(text.size() + 16);
  const int32_t n = ucnv_toUChars(converter, out.data(), static_cast<int32_t>(out.size()),
                                  text.data(), static_cast<int32_t>(text.size()), &error);
  ucnv_close(converter);
  int found = 0;
  for (int32_t i = 0; i < n; ++i) {
    found += common.find(out[static_cast<size_t>(i)]) != std::u32string::npos;
  }
  return found;
}

class PlainSource : public ByteSource {
 public:
  PlainSource(std::unique_ptr<ByteSource> source, std::string head)
      : source_(std::move(source)), head_(std::move(head)) {}
  Result<size_t> Read(char* out, size_t size) override {
    if (at_ < head_.size()) {
      const size_t n = std::min(size, head_.size() - at_);
      std::memcpy(out, head_.data() + at_, n);
      at_ += n;
      return n;
    }
    return source_->Read(out, size);
  }
  int64_t size() const override { return source_->size(); }

 private:
  std::unique_ptr<ByteSource> source_;
  std::string head_;
  size_t at_ = 0;
};

// Converts chunk by chunk; ICU keeps the state of a character cut in two.
class ConvertedSource : public ByteSource {
 public:
  ConvertedSource(std::unique_ptr<PlainSource> source, UConverter* from, UConverter* to)
      : source_(std::move(source)), from_(from), to_(to) {}
  ~ConvertedSource() override {
    ucnv_close(from_);
    ucnv_close(to_);
  }
  ConvertedSource(const ConvertedSource&) = delete;
  ConvertedSource& operator=(const ConvertedSource&) = delete;

  Result<size_t> Read(char* out, size_t size) override {
    while (ready_.empty() && !ended_) {
      char raw[16384];
      FID_ASSIGN(const size_t n, source_->Read(raw, sizeof raw));
      ended_ = n == 0;
      FID_TRY(Convert(raw, n));
    }
    const size_t n = std::min(size, ready_.size());
    std::memcpy(out, ready_.data(), n);
    ready_.erase(0, n);
    return n;
  }
  int64_t size() const override { return source_->size(); }

 private:
  Status Convert(const char* raw, size_t n) {
    std::vector<UChar> wide(n * 2 + 16);
    UErrorCode error = U_ZERO_ERROR;
    UChar* target = wide.data();
    const char* from = raw;
    ucnv_toUnicode(from_, &target, wide.data() + wide.size(), &from, raw + n, nullptr,
                   static_cast<UBool>(ended_), &error);
    std::string utf8(static_cast<size_t>(target - wide.data()) * 3 + 16, '\0');
    char* end = utf8.data();
    const UChar* wide_from = wide.data();
    ucnv_fromUnicode(to_, &end, utf8.data() + utf8.size(), &wide_from, target, nullptr,
                     static_cast<UBool>(ended_), &error);
    if (U_FAILURE(error)) {
      return Fail(Code::kInvalidInput, "the file cannot be read in its encoding");
    }
    ready_.append(utf8.data(), static_cast<size_t>(end - utf8.data()));
    return {};
  }

  std::unique_ptr<PlainSource> source_;
  UConverter* from_;
  UConverter* to_;
  std::string ready_;
  bool ended_ = false;
};

}  // namespace

Result<std::string> DetectEncoding(std::string_view head, bool is_whole) {
  if (head.starts_with("\xEF\xBB\xBF")) {
    return std::string("UTF-8");
  }
  if (head.starts_with("\xFF\xFE")) {
    return std::string("UTF-16LE");
  }
  if (head.starts_with("\xFE\xFF")) {
    return std::string("UTF-16BE");
  }
  if (head.find('\0') != std::string_view::npos) {
    return Fail(Code::kInvalidInput, "the file is not text: it is binary or of an unknown format");
  }
  // A character may be cut at the end of what was read.
  std::string_view whole = head;
  for (int cut = 0; !is_whole && cut < 3 && !IsUtf8(whole); ++cut) {
    whole.remove_suffix(1);
  }
  if (IsUtf8(whole)) {
    return std::string("UTF-8");
  }
  const std::string_view sample = head.substr(0, 32768);
  const int broken_gb = BrokenCharacters(sample, "GB18030");
  const int broken_big5 = BrokenCharacters(sample, "Big5");
  const int score_gb = CommonCharacters(sample, "GB18030") - 5 * broken_gb;
  const int score_big5 = CommonCharacters(sample, "Big5") - 5 * broken_big5;
  const int tolerated = static_cast<int>(sample.size() / 50) + 2;
  if (std::min(broken_gb, broken_big5) > tolerated) {
    return Fail(Code::kInvalidInput,
                "the encoding of the file is unknown: save it as UTF-8, GB18030 or Big5");
  }
  return std::string(score_big5 > score_gb ? "Big5" : "GB18030");
}

Result<std::unique_ptr<ByteSource>> DecodeSource(std::unique_ptr<ByteSource> source,
                                                 std::string head, const std::string& encoding) {
  const size_t mark = head.starts_with("\xEF\xBB\xBF")                               ? 3
                      : head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF") ? 2
                                                                                     : 0;
  head.erase(0, mark);
  auto plain = std::make_unique<PlainSource>(std::move(source), std::move(head));
  if (encoding == "UTF-8") {
    return plain;
  }
  UErrorCode error = U_ZERO_ERROR;
  UConverter* from = ucnv_open(encoding.c_str(), &error);
  UConverter* to = ucnv_open("UTF-8", &error);
  if (U_FAILURE(error)) {
    ucnv_close(from);
    ucnv_close(to);
    return Fail(Code::kInternal, "an encoding is not available");
  }
  return std::make_unique<ConvertedSource>(std::move(plain), from, to);
}

}  // namespace fiducia::collect
