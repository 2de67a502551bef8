#include "process/classify/recognizers.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace fiducia::process {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLetter(char c) { return IsUpper(c) || (c >= 'a' && c <= 'z'); }
bool IsWordLetter(char c) { return IsDigit(c) || IsLetter(c) || c == '_'; }

// How far before a number the words that name it may stand, in bytes.
constexpr size_t kBefore = 36;
constexpr size_t kAfter = 18;

bool HasAny(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

bool Luhn(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (size_t i = digits.size(); i-- > 0;) {
    int d = digits[i] - '0';
    if (twice) {
      d = d * 2 > 9 ? d * 2 - 9 : d * 2;
    }
    sum += d;
    twice = !twice;
  }
  return sum % 10 == 0;
}

bool IsDay(int year, int month, int day) {
  static constexpr std::array<int, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return year >= 1900 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 &&
         day <= kDays[static_cast<size_t>(month - 1)];
}

int Number(std::string_view digits) {
  int number = 0;
  for (const char c : digits) {
    number = number * 10 + (c - '0');
  }
  return number;
}

// GB 11643: weights and the character that makes the sum right.
bool NationalIdFits(std::string_view id) {
  static constexpr std::array<int, 17> kWeights = {7, 9, 10, 5,  8, 4, 2, 1, 6,
                                                   3, 7, 9,  10, 5, 8, 4, 2};
  if (id.size() == 15) {
    return IsDay(1900 + Number(id.substr(6, 2)), Number(id.substr(8, 2)), Number(id.substr(10, 2)));
  }
  int sum = 0;
  for (size_t i = 0; i < 17; ++i) {
    sum += (id[i] - '0') * kWeights[i];
  }
  const char check = "10X98765432"[sum % 11];
  return (id[17] == check || (id[17] == 'x' && check == 'X')) &&
         IsDay(Number(id.substr(6, 4)), Number(id.substr(10, 2)), Number(id.substr(12, 2)));
}

// GB 32100: a code over 31 characters.
bool CompanyCodeFits(std::string_view code) {
  static constexpr std::string_view kLetters = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  int sum = 0;
  int weight = 1;
  for (size_t i = 0; i < 18; ++i) {
    const size_t value = kLetters.find(code[i]);
    if (value == std::string_view::npos) {
      return false;
    }
    if (i == 17) {
      return static_cast<int>(value) == (31 - sum % 31) % 31;
    }
    sum += static_cast<int>(value) * weight;
    weight = weight * 3 % 31;
  }
  return false;
}

bool IbanFits(std::string_view iban) {
  std::string turned(iban.substr(4));
  turned += iban.substr(0, 4);
  int rest = 0;
  for (const char c : turned) {
    if (IsDigit(c)) {
      rest = (rest * 10 + (c - '0')) % 97;
    } else {
      rest = (rest * 100 + (c - 'A' + 10)) % 97;
    }
  }
  return rest == 1;
}

// A run of digits that blanks, dashes, dots and brackets may part.
struct NumberRun {
  size_t from = 0;
  size_t to = 0;
  std::string digits;
  std::vector<size_t> groups;  // how many digits each has
  std::string parts;           // what stands between them
  bool plus = false;
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<Entity> Run() {
    for (size_t at = 0; at < text_.size();) {
      at = Step(at);
    }
    return std::move(found_);
  }

 private:
  char At(size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  std::string_view Before(size_t at) const {
    const size_t from = at > kBefore ? at - kBefore : 0;
    return text_.substr(from, at - from);
  }
  std::string_view After(size_t at) const {
    return text_.substr(std::min(at, text_.size()), kAfter);
  }

  void Add(size_t from, size_t to, EntityKind kind, double sure = 1) {
    while (!found_.empty() && found_.back().to > from) {
      found_.pop_back();
    }
    found_.push_back({from, to, kind, sure});
  }

  // Looks at what begins here; gives where to look next.
  size_t Step(size_t at) {
    const char c = text_[at];
    const bool begins = at == 0 || !IsWordLetter(text_[at - 1]);
    if (IsDigit(c) || (c == '+' && IsDigit(At(at + 1))) || (c == '(' && IsDigit(At(at + 1)))) {
      return begins || c != '(' ? Digits(at) : at + 1;
    }
    if (IsLetter(c) && begins) {
      return Word(at);
    }
    if (static_cast<uint8_t>(c) >= 0xe0) {
      return Plate(at);
    }
    return at + 1;
  }

  size_t WordEnd(size_t at) const {
    while (at < text_.size() && (IsWordLetter(text_[at]) || text_[at] == '-' || text_[at] == '.' ||
                                 text_[at] == '+' || text_[at] == '%' || text_[at] == '@')) {
      ++at;
    }
    return at;
  }

  // Letters and digits in one: mail, passport, code of a company, account at a bank, a handle.
  size_t Word(size_t at) {
    size_t end = WordEnd(at);
    while (end > at && (text_[end - 1] == '.' || text_[end - 1] == '-' || text_[end - 1] == '+')) {
      --end;
    }
    const std::string_view word = text_.substr(at, end - at);
    if (const size_t sign = word.find('@'); sign != std::string_view::npos) {
      return Mail(at, end, sign);
    }
    const bool plain =
        std::all_of(word.begin(), word.end(), [](char c) { return IsDigit(c) || IsLetter(c); });
    if (plain && word.size() == 9 && IsUpper(word[0])) {
      const bool one = std::all_of(word.begin() + 1, word.end(), IsDigit);
      const bool two =
          word[0] == 'E' && IsUpper(word[1]) && std::all_of(word.begin() + 2, word.end(), IsDigit);
      if ((one && HasAny(std::string_view("EGDSPHMK"), {word.substr(0, 1)})) || two) {
        Add(at, end, EntityKind::kPassport, 0.8);
        return end;
      }
    }
    if (Iban(at) || Url(at)) {
      return found_.back().to;
    }
    if (Handle(at, end)) {
      return end;
    }
    if (Domain(at, end)) {
      return end;
    }
    return std::max(end, at + 1);
  }

  size_t Mail(size_t at, size_t end, size_t sign) {
    const std::string_view word = text_.substr(at, end - at);
    const std::string_view domain = word.substr(sign + 1);
    const size_t dot = domain.rfind('.');
    if (sign > 0 && dot != std::string_view::npos && dot > 0 && domain.size() - dot > 2 &&
        domain.find('@') == std::string_view::npos) {
      Add(at, end, EntityKind::kEmail);
    }
    return end;
  }

  bool Iban(size_t at) {
    if (!IsUpper(At(at)) || !IsUpper(At(at + 1)) || !IsDigit(At(at + 2)) || !IsDigit(At(at + 3))) {
      return false;
    }
    std::string iban;
    size_t end = at;
    for (size_t i = at; i < text_.size() && iban.size() < 34; ++i) {
      if (IsUpper(text_[i]) || IsDigit(text_[i])) {
        iban.push_back(text_[i]);
        if (iban.size() >= 15 && !IsWordLetter(At(i + 1)) && IbanFits(iban)) {
          end = i + 1;
        }
      } else if (text_[i] != ' ' || iban.size() % 4 != 0) {
        break;
      }
    }
    if (end == at) {
      return false;
    }
    Add(at, end, EntityKind::kIban);
    return true;
  }

  bool Handle(size_t at, size_t end) {
    const std::string_view word = text_.substr(at, end - at);
    const bool fits =
        word.size() >= 6 && word.size() <= 20 &&
        std::all_of(word.begin(), word.end(), [](char c) { return IsWordLetter(c) || c == '-'; });
    const std::string_view before = Before(at);
    const std::string_view near = before.substr(before.size() > 24 ? before.size() - 24 : 0);
    if (!fits || !(HasAny(near, {"微信", "薇信", "WeChat", "wechat", "加v", "加V", "vx", "VX"}) ||
                   word.starts_with("wxid_") || word.starts_with("wx_"))) {
      return false;
    }
    Add(at, end, EntityKind::kWechat, 0.9);
    return true;
  }

  // https://www.example.com/path: all of it is one.
  bool Url(size_t at) {
    const std::string_view rest = text_.substr(at, 12);
    const size_t head = rest.starts_with("https://") ? 8 : rest.starts_with("http://") ? 7 : 0;
    if (head == 0) {
      return false;
    }
    size_t end = at + head;
    bool dot = false;
    while (end < text_.size() && static_cast<uint8_t>(text_[end]) > 0x20 &&
           static_cast<uint8_t>(text_[end]) < 0x7f && text_[end] != '"' && text_[end] != '<' &&
           text_[end] != ')') {
      dot = dot || text_[end] == '.';
      ++end;
    }
    while (end > at + head && (text_[end - 1] == '.' || text_[end - 1] == ',')) {
      --end;
    }
    if (!dot) {
      return false;
    }
    Add(at, end, EntityKind::kDomain, 0.8);
    return true;
  }

  bool Domain(size_t at, size_t end) {
    static constexpr std::array<std::string_view, 14> kTops = {
        "com", "net", "org", "cn", "io", "edu", "gov", "uk", "de", "info", "co", "us", "biz", "jp"};
    const std::string_view word = text_.substr(at, end - at);
    const size_t dot = word.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || word.find("..") != std::string_view::npos) {
      return false;
    }
    std::string top(word.substr(dot + 1));
    std::transform(top.begin(), top.end(), top.begin(),
                   [](char c) { return IsUpper(c) ? static_cast<char>(c + 32) : c; });
    const bool www = word.starts_with("www.") || word.starts_with("WWW.");
    if (std::find(kTops.begin(), kTops.end(), top) == kTops.end() && !(www && top.size() >= 2)) {
      return false;
    }
    Add(at, end, EntityKind::kDomain, 0.7);
    return true;
  }

  // A character of a province, a letter, and five or six more.
  size_t Plate(size_t at) {
    static constexpr std::string_view kProvinces =
        "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领";
    const size_t size = static_cast<uint8_t>(text_[at]) >= 0xf0 ? 4 : 3;
    if (size == 3 && IsUpper(At(at + 3)) && at + 9 <= text_.size() &&
        kProvinces.find(text_.substr(at, 3)) != std::string_view::npos) {
      size_t end = at + 4;
      end += text_.substr(end).starts_with("·") ? 2 : 0;
      size_t count = 0;
      bool digit = false;
      while (count < 6 && (IsUpper(At(end)) || IsDigit(At(end)))) {
        digit = digit || IsDigit(text_[end]);
        ++end;
        ++count;
      }
      if ((count == 5 || count == 6) && !IsWordLetter(At(end)) &&
          (digit || HasAny(Before(at), {"车牌", "牌照", "号牌", "车"}))) {
        Add(at, end, EntityKind::kPlate, 0.9);
        return end;
      }
    }
    return at + size;
  }

  NumberRun Collect(size_t at) const {
    NumberRun run;
    run.from = at;
    if (text_[at] == '+') {
      run.plus = true;
      ++at;
    }
    size_t digits = 0;
    for (; at < text_.size(); ++at) {
      const char c = text_[at];
      if (IsDigit(c)) {
        run.digits.push_back(c);
        ++digits;
        run.to = at + 1;
        continue;
      }
      const bool parts = c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/';
      const bool goes_on =
          parts && (IsDigit(At(at + 1)) ||
                    ((At(at + 1) == ' ' || At(at + 1) == '(') && IsDigit(At(at + 2))));
      if (!goes_on) {
        break;
      }
      if (digits > 0) {
        run.groups.push_back(digits);
        run.parts.push_back(c);
      }
      digits = 0;
    }
    if (digits > 0) {
      run.groups.push_back(digits);
    }
    return run;
  }

  size_t Digits(size_t at) {
    // A code of letters and digits, such as that of a company, begins with a digit too.
    size_t solid = at;
    while (IsDigit(At(solid)) || IsLetter(At(solid))) {
      ++solid;
    }
    const std::string_view word = text_.substr(at, solid - at);
    const bool begins = at == 0 || !IsWordLetter(text_[at - 1]);
    if (begins && word.size() == 18 && Eighteen(at, word)) {
      return solid;
    }
    if (begins && std::any_of(word.begin(), word.end(), IsLetter)) {
      if (IsHandleLike(word) && Handle(at, solid)) {
        return solid;
      }
      if (const size_t end = WordEnd(at);
          text_.substr(at, end - at).find('@') != std::string_view::npos) {
        size_t stop = end;
        while (stop > at && text_[stop - 1] == '.') {
          --stop;
        }
        return Mail(at, stop, text_.substr(at, stop - at).find('@'));
      }
      return std::max(solid, at + 1);
    }
    if (const size_t end = WordEnd(solid);
        At(solid) != '\0' && text_.substr(solid, end - solid).find('@') != std::string_view::npos &&
        begins) {
      size_t stop = end;
      while (stop > at && text_[stop - 1] == '.') {
        --stop;
      }
      const size_t sign = text_.substr(at, stop - at).find('@');
      if (text_.substr(at, sign).find_first_of(" /()") == std::string_view::npos) {
        return Mail(at, stop, sign);
      }
    }
    if (!begins) {
      return std::max(solid, at + 1);
    }
    const NumberRun run = Collect(at);
    if (run.digits.empty()) {
      return at + 1;
    }
    return Judge(run);
  }

  static bool IsHandleLike(std::string_view word) { return word.size() >= 6 && word.size() <= 20; }

  bool Eighteen(size_t at, std::string_view word) {
    const bool digits = std::all_of(word.begin(), word.end() - 1, IsDigit);
    if (digits && (IsDigit(word[17]) || word[17] == 'X' || word[17] == 'x') &&
        NationalIdFits(word)) {
      Add(at, at + 18, EntityKind::kNationalId);
      return true;
    }
    if (std::all_of(word.begin(), word.end(), [](char c) { return IsDigit(c) || IsUpper(c); }) &&
        CompanyCodeFits(word)) {
      Add(at, at + 18, EntityKind::kCompanyCode, digits ? 0.7 : 1);
      return true;
    }
    return false;
  }

  size_t Judge(const NumberRun& run) {
    const std::string_view before = Before(run.from);
    const size_t n = run.digits.size();
    const bool solid = run.groups.size() == 1;
    // What is numbered for other reasons.
    const std::string_view near = before.substr(before.size() > 15 ? before.size() - 15 : 0);
    const bool other =
        HasAny(near, {"订单", "单号", "编号", "条码", "条形码", "流水", "版本", "型号", "¥", "￥",
                      "order", "Order", "invoice", "version", "Version", "No."}) &&
        !HasAny(near, {"电话", "手机", "联系", "卡", "证"});
    if (Address(run, before) || Dated(run, before)) {
      return found_.back().to;
    }
    if (!other && Ssn(run)) {
      return run.to;
    }
    if (n == 15 && solid && HasAny(before, {"身份证", "证件"}) && NationalIdFits(run.digits)) {
      Add(run.from, run.to, EntityKind::kNationalId, 0.8);
      return run.to;
    }
    if (n >= 13 && n <= 19 && !run.plus && !other && Card(run, before)) {
      return run.to;
    }
    if (n >= 5 && n <= 11 && solid &&
        HasAny(before.substr(before.size() > 14 ? before.size() - 14 : 0),
               {"QQ", "qq", "扣扣", "企鹅"})) {
      Add(run.from, run.to, EntityKind::kQq, 0.9);
      return run.to;
    }
    if (!other) {
      Phone(run, before);
    }
    return run.to;
  }

  bool Address(const NumberRun& run, std::string_view before) {
    if (run.groups.size() != 4 || run.parts != "..." || run.plus) {
      return false;
    }
    size_t at = 0;
    for (const size_t size : run.groups) {
      if (size > 3 || Number(std::string_view(run.digits).substr(at, size)) > 255) {
        return false;
      }
      at += size;
    }
    const std::string_view near = before.substr(before.size() > 9 ? before.size() - 9 : 0);
    if (HasAny(near, {"版本", "ersion", "v", "V"})) {
      return false;
    }
    Add(run.from, run.to, EntityKind::kIpAddress, 0.95);
    return true;
  }

  bool Dated(const NumberRun& run, std::string_view before) {
    int year = 0;
    int month = 0;
    int day = 0;
    size_t to = run.to;
    const std::string_view digits = run.digits;
    if (run.groups.size() == 1 && run.groups[0] == 4 && text_.substr(run.to).starts_with("年")) {
      // 1984年3月22日
      size_t at = run.to + 3;
      const auto part = [&](std::string_view unit) {
        const size_t from = at;
        while (IsDigit(At(at)) && at - from < 2) {
          ++at;
        }
        const int value = at == from ? 0 : Number(text_.substr(from, at - from));
        const bool fits = value > 0 && text_.substr(at).starts_with(unit);
        at += fits ? unit.size() : 0;
        return fits ? value : 0;
      };
      year = Number(digits);
      month = part("月");
      day = month == 0 ? 0 : part("日");
      to = at;
    } else if (run.groups.size() == 3 && run.groups[0] == 4 && run.groups[1] <= 2 &&
               run.groups[2] <= 2 && run.parts[0] == run.parts[1]) {
      year = Number(digits.substr(0, 4));
      month = Number(digits.substr(4, run.groups[1]));
      day = Number(digits.substr(4 + run.groups[1]));
    } else if (run.groups.size() == 3 && run.groups[2] == 4 && run.groups[0] <= 2 &&
               run.groups[1] <= 2 && run.parts[0] == run.parts[1] && run.parts[0] != ' ' &&
               (run.from == 0 || static_cast<uint8_t>(text_[run.from - 1]) < 0x80)) {
      // After a Chinese character it is building, entrance and room.
      const int first = Number(digits.substr(0, run.groups[0]));
      const int second = Number(digits.substr(run.groups[0], run.groups[1]));
      year = Number(digits.substr(run.groups[0] + run.groups[1]));
      month = first > 12 ? second : first;
      day = first > 12 ? first : second;
    } else if (run.groups.size() == 1 && run.groups[0] == 8 &&
               HasAny(before, {"生日", "出生", "born", "birth"})) {
      year = Number(digits.substr(0, 4));
      month = Number(digits.substr(4, 2));
      day = Number(digits.substr(6));
    }
    if (!IsDay(year, month, day)) {
      return false;
    }
    const bool birth =
        HasAny(before, {"生日", "出生", "生于", "born", "birth", "Birth", "DOB", "dob"}) ||
        HasAny(After(to), {"出生", "生日", "生的"});
    Add(run.from, to, birth ? EntityKind::kBirthDate : EntityKind::kDate, birth ? 0.95 : 0.6);
    return true;
  }

  bool Ssn(const NumberRun& run) {
    const std::vector<size_t> form = {3, 2, 4};
    if (run.groups != form || run.parts[0] != run.parts[1] || run.parts[0] == '.' || run.plus) {
      return false;
    }
    const std::string_view digits = run.digits;
    if (digits.starts_with("000") || digits.starts_with("666") || digits[0] == '9' ||
        digits.substr(3, 2) == "00" || digits.substr(5) == "0000") {
      return false;
    }
    Add(run.from, run.to, EntityKind::kSocialSecurity, 0.9);
    return true;
  }

  bool Card(const NumberRun& run, std::string_view before) {
    const std::string_view digits = run.digits;
    const bool named = HasAny(before, {"卡", "card", "Card", "账号", "账户", "credit", "Credit"});
    const bool known = HasAny(std::string_view("45623"), {digits.substr(0, 1)}) ||
                       (digits.size() == 15 && digits.starts_with("1800"));
    if (!Luhn(digits) || !known || run.parts.find('/') != std::string::npos ||
        run.parts.find('.') != std::string::npos ||
        (!named && digits.size() < 15 && digits[0] != '4' && digits[0] != '3')) {
      return false;
    }
    Add(run.from, run.to, EntityKind::kBankCard, named ? 1 : 0.8);
    return true;
  }

  void Phone(const NumberRun& run, std::string_view before) {
    std::string_view digits = run.digits;
    size_t from = run.from;
    if (digits.starts_with("86") && (run.plus || digits.size() == 13)) {
      digits.remove_prefix(2);
    } else if (digits.starts_with("0086")) {
      digits.remove_prefix(4);
    }
    const bool parts = run.parts.find('/') == std::string::npos;
    const bool mobile = digits.size() == 11 && digits[0] == '1' && digits[1] >= '3';
    const bool line = digits[0] == '0' && digits.size() >= 10 && digits.size() <= 12 &&
                      run.groups.size() >= 2 && (run.groups[0] == 3 || run.groups[0] == 4);
    const bool service = digits.size() == 10 &&
                         (digits.starts_with("400") || digits.starts_with("800")) &&
                         run.groups.size() >= 2;
    const bool named =
        HasAny(before, {"电话", "手机", "联系", "致电", "拨打", "phone", "Phone", "call", "Call",
                        "tel", "Tel", "mobile", "number is", "contact", "fax", "Fax"}) ||
        HasAny(After(run.to).substr(0, 9),
               {"ffice", "fax", "Fax", "mobile", "Mobile", "phone", "home", "cell"});
    const bool abroad = run.plus && digits.size() >= 8 && digits.size() <= 15;
    const bool american = digits.size() == 10 && run.groups.size() == 3 && run.groups[0] == 3 &&
                          run.groups[1] == 3 && digits[0] >= '2';
    const bool grouped =
        named && run.groups.size() >= 2 && digits.size() >= 7 && digits.size() <= 14;
    const bool long_enough = named && digits.size() >= 8 && digits.size() <= 12;
    if (!parts || !(mobile || line || service || abroad || american || grouped || long_enough)) {
      return;
    }
    if (from > 0 && text_[from - 1] == '(') {
      --from;
    }
    Add(from, run.to, EntityKind::kPhone, mobile || abroad ? 1 : 0.8);
  }

  std::string_view text_;
  std::vector<Entity> found_;
};

}  // namespace

std::vector<Entity> FindNumbered(std::string_view text) { return Scanner(text).Run(); }

}  // namespace fiducia::process
