#include "cli/demo_table.h"

#include <array>
#include <cstdio>
#include <map>

#include "base/text.h"
#include "rules/policy.h"

namespace fiducia::cli {

namespace {

enum Column {
  kId,
  kName,
  kSex,
  kBirth,
  kIdNo,
  kMobile,
  kEmail,
  kAddress,
  kPostcode,
  kCountry,
  kEmployer,
  kLanguage
};

const std::vector<std::string> kFirstMale = {"James", "Robert", "Daniel", "Oliver",
                                             "Noah",  "Lucas",  "Ethan",  "Mateo"};
const std::vector<std::string> kFirstFemale = {"Mary",  "Linda", "Emma",  "Olivia",
                                               "Sofia", "Grace", "Chloe", "Ana"};
const std::vector<std::string> kLast = {
    "Smith",  "Johnson", "Brown", "Garcia",   "Miller", "Wilson",  "Taylor", "Novak",
    "Müller", "Rossi",   "Silva", "Kowalski", "Nguyen", "O'Brien", "Larsen", "Dubois"};
const std::vector<std::string> kStreets = {"Oak Street",    "Maple Avenue", "Station Road",
                                           "High Street",   "Park Lane",    "Mill Road",
                                           "Church Street", "Victoria Road"};
const std::vector<std::string> kTowns = {"Springfield", "Riverton",   "Lakeside",
                                         "Fairview",    "Brookfield", "Ashford"};
const std::vector<std::string> kRoads = {"解放路", "人民路", "中山路", "建设路",
                                         "滨江街", "和平路", "文化路", "长安街"};
const std::vector<std::string> kEstates = {"世纪花园", "阳光小区", "翠竹苑",
                                           "东方名城", "锦绣家园", "金色港湾"};
const std::vector<std::string> kCompanies = {"信诚致远信息有限公司", "恒通贸易有限公司",
                                             "华盛科技有限公司", "蓝天物流有限公司"};
const std::vector<std::string> kFirms = {"Northwind Traders", "Contoso", "Fabrikam",
                                         "Tailspin Toys", ""};

std::string Date(int year, int month, int day) {
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
  return text;
}

std::string Digits(SeededRandom& random, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    out.push_back(static_cast<char>('0' + random.Below(10)));
  }
  return out;
}

std::string Number(uint64_t n) { return std::to_string(n); }

}  // namespace

DemoTable::DemoTable(int64_t customers, uint64_t seed)
    : customers_(customers),
      random_(seed),
      header_{"customer_id", "name",    "sex",      "birth_date", "id_no",    "mobile",
              "email",       "address", "postcode", "country",    "employer", "language"} {
  std::map<std::string, std::string> names;
  for (const std::string_view line : Split(rules::EmbeddedText("reference/cn_regions.csv"), '\n')) {
    const size_t comma = line.find(',');
    if (comma == std::string_view::npos) {
      continue;
    }
    const std::string code(line.substr(0, comma));
    names[code] = TrimAscii(line.substr(comma + 1));
    if (code.size() == 6) {
      const std::string city = names[code.substr(0, 4)];
      regions_.emplace_back(code, names[code.substr(0, 2)] +
                                      (city == "市辖区" || city == "县" ? "" : city) + names[code]);
    }
  }
  for (const std::string_view line :
       Split(rules::EmbeddedText("reference/cn_surnames.csv"), '\n')) {
    if (HasHan(line)) {
      surnames_.emplace_back(TrimAscii(line));
    }
  }
  for (const std::string_view line :
       Split(rules::EmbeddedText("reference/cn_given_names.csv"), '\n')) {
    const size_t comma = line.find(',');
    if (HasHan(line)) {
      (line.ends_with("M") ? given_male_ : given_female_).emplace_back(line.substr(0, comma));
    }
  }
}

std::string DemoTable::Mapping() {
  return R"(kind = "person"
region = "CN"
key = ["customer_id"]
[[column]]
name = "name"
field = "name_full"
[[column]]
name = "sex"
field = "sex"
[[column]]
name = "birth_date"
field = "birth_date"
[[column]]
name = "id_no"
field = "national_id_no"
[[column]]
name = "mobile"
field = "mobile"
[[column]]
name = "email"
field = "email"
[[column]]
name = "address"
field = "street"
[[column]]
name = "postcode"
field = "postcode"
on_invalid = "drop"
[[column]]
name = "country"
field = "country"
[[column]]
name = "employer"
field = "employer"
[[column]]
name = "language"
field = "language"
)";
}

std::string DemoTable::ResidentId(const std::string& region, int year, int month, int day,
                                  bool male) {
  constexpr std::array<int, 17> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  std::string id = region + Date(year, month, day);
  std::erase(id, '-');
  id += Digits(random_, 2) + static_cast<char>('0' + random_.Below(5) * 2 + (male ? 1 : 0));
  int sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) {
    sum += (id[i] - '0') * kWeights[i];
  }
  return id + "10X98765432"[sum % 11];
}

DemoTable::Cells DemoTable::MakeChinese(int64_t number) {
  const bool male = random_.Chance(500);
  const auto year = static_cast<int>(1945 + random_.Below(60));
  const auto month = static_cast<int>(1 + random_.Below(12));
  const auto day = static_cast<int>(1 + random_.Below(28));
  const auto& [code, place] = regions_[random_.Below(regions_.size())];
  const std::string name = Pick(surnames_) + Pick(male ? given_male_ : given_female_);
  Cells cells(12);
  cells[kId] = "D" + std::to_string(number);
  cells[kName] = name;
  cells[kSex] = male ? "男" : "女";
  cells[kBirth] = Date(year, month, day);
  cells[kIdNo] = random_.Chance(700) ? ResidentId(code, year, month, day, male) : "";
  cells[kMobile] = "1" + Number(3 + random_.Below(7)) + Digits(random_, 9);
  std::string local = Pinyin(name);
  std::erase(local, ' ');
  cells[kEmail] = random_.Chance(600) ? local + Number(random_.Below(10000)) + "@example.com" : "";
  cells[kAddress] = place + Pick(kRoads) + Number(1 + random_.Below(400)) + "号" + Pick(kEstates) +
                    Number(1 + random_.Below(30)) + "号楼" + Number(1 + random_.Below(6)) + "单元" +
                    Number(101 + random_.Below(2500)) + "室";
  cells[kPostcode] = code.substr(0, 4) + "00";
  cells[kCountry] = "CN";
  cells[kEmployer] = random_.Chance(500) ? Pick(kCompanies) : "";
  cells[kLanguage] = "zh-CN";
  return cells;
}

DemoTable::Cells DemoTable::MakeEnglish(int64_t number) {
  const bool male = random_.Chance(500);
  const std::string first = Pick(male ? kFirstMale : kFirstFemale);
  const std::string last = Pick(kLast);
  Cells cells(12);
  cells[kId] = "D" + std::to_string(number);
  cells[kName] = first + " " + last;
  cells[kSex] = male ? "M" : "F";
  cells[kBirth] =
      Date(static_cast<int>(1945 + random_.Below(60)), static_cast<int>(1 + random_.Below(12)),
           static_cast<int>(1 + random_.Below(28)));
  // Numbers set aside for fiction: any area code with 555-01xx.
  cells[kMobile] = "+1-" + Number(201 + random_.Below(700)) + "-555-01" + Digits(random_, 2);
  cells[kEmail] = LowerAscii(first) + "." + Number(number) + "@example.org";
  cells[kAddress] = Number(1 + random_.Below(999)) + " " + Pick(kStreets) + ", " + Pick(kTowns);
  cells[kPostcode] = Digits(random_, 6);
  cells[kCountry] = random_.Chance(500) ? "US" : "GB";
  cells[kEmployer] = Pick(kFirms);
  cells[kLanguage] = "en";
  return cells;
}

// A fault that quarantine must find, or another way to write the same.
void DemoTable::Spoil(Cells& cells) {
  switch (random_.Below(8)) {
    case 0:
      cells[kMobile] = cells[kMobile].substr(0, 7);
      break;
    case 1:
      cells[kEmail] = "not-an-address";
      break;
    case 2:
      if (!cells[kIdNo].empty()) {
        cells[kIdNo][16] = cells[kIdNo][16] == '9' ? '0' : static_cast<char>(cells[kIdNo][16] + 1);
      }
      break;
    case 3:
      cells[kBirth] = cells[kBirth].substr(0, 4) + "/" + cells[kBirth].substr(5, 2) + "/" +
                      cells[kBirth].substr(8);
      break;
    case 4:
      cells[kName] = " " + cells[kName] + " ";
      break;
    case 5:
      cells[kBirth] = "1987-02-30";
      break;
    case 6:
      if (cells[kMobile].size() == 11) {
        cells[kMobile] = "+86 " + cells[kMobile].substr(0, 3) + "-" + cells[kMobile].substr(3, 4) +
                         "-" + cells[kMobile].substr(7);
      }
      break;
    default:
      cells[kEmployer].clear();
  }
}

Result<bool> DemoTable::Next(collect::TableRow& row) {
  if (made_ == customers_) {
    return false;
  }
  ++made_;
  Cells cells;
  if (!recent_.empty() && random_.Chance(40)) {
    // The same person again, under another record number.
    cells = recent_[random_.Below(recent_.size())];
    cells[kId] = "D" + std::to_string(made_);
  } else {
    cells = random_.Chance(600) ? MakeChinese(made_) : MakeEnglish(made_);
    if (recent_.size() < 1000) {
      recent_.push_back(cells);
    } else {
      recent_[random_.Below(recent_.size())] = cells;
    }
  }
  if (random_.Chance(30)) {
    Spoil(cells);
  }
  row.number = made_;
  row.whole = true;
  row.cells.clear();
  for (std::string& cell : cells) {
    row.cells.emplace_back(std::move(cell));
  }
  return true;
}

}  // namespace fiducia::cli
