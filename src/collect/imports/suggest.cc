// Proposes a mapping: what the name of a column says, checked against what stands in it.
#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "base/text.h"
#include "collect/imports/mapping.h"
#include "process/classify/columns.h"
#include "process/clean/parts.h"

namespace fiducia::collect {

namespace {

constexpr size_t kSampleRows = 1000;

// Names as people give them, folded to lower case without blanks and punctuation.
const std::multimap<std::string, std::string>& NameTable() {
  static const std::multimap<std::string, std::string> table = [] {
    const std::pair<const char*, const char*> kNames[] = {
        {"name_full",
         "name fullname customername clientname contactname realname 姓名 客户姓名 名字 客户名称 "
         "真实姓名 联系人 姓名全称 客戶姓名"},
        {"sex", "sex gender 性别 性別"},
        {"birth_date",
         "birthdate birthday dob dateofbirth bday birth 生日 出生日期 出生年月 出生年月日"},
        {"occupation", "occupation job jobtitle profession title 职业 职务 職業"},
        {"employer",
         "employer company workplace companyname organisation organization 工作单位 单位 公司 "
         "公司名称 雇主"},
        {"income", "income annualincome salary yearlyincome 收入 年收入 月收入"},
        {"education", "education degree 学历 教育程度 學歷"},
        {"marital_status", "maritalstatus married 婚姻状况 婚姻"},
        {"nationality", "nationality citizenship 国籍"},
        {"ethnicity", "ethnicity race 民族"},
        {"religion", "religion 宗教信仰 宗教"},
        {"national_id_no",
         "idno idnumber nationalid nationalidno idcard identitynumber socsecid ssn "
         "socialsecuritynumber idcardno 身份证 身份证号 身份证号码 证件号码 证件号 身份證號"},
        {"passport_no", "passport passportno passportnumber 护照 护照号 护照号码"},
        {"mobile",
         "mobile phone tel telephone cell cellphone mobilephone phonenumber mobileno mobilenumber "
         "contactnumber 手机 手机号 手机号码 电话 联系电话 移动电话 電話 手機"},
        {"email", "email mail emailaddress mailaddress 邮箱 电子邮箱 电子邮件 邮件 郵箱 電郵"},
        {"street",
         "address street addr streetaddress addressline homeaddress fulladdress mailingaddress "
         "地址 住址 联系地址 家庭住址 通讯地址 收货地址"},
        {"city", "city town suburb 城市 所在城市 市"},
        {"postcode", "postcode postalcode zip zipcode 邮编 邮政编码 郵遞區號"},
        {"country", "country countrycode nation 国家 国家地区 國家"},
        {"im_handle", "wechat weixin qq im imhandle line whatsapp 微信 微信号 qq号"},
        {"language", "language lang locale 语言"},
        {"card_number",
         "cardnumber creditcard creditcardnumber bankcard cardno ccnumber 银行卡号 卡号 信用卡号"},
        {"bank_account", "bankaccount iban accountno accountnumber 银行账号 账号 银行账户"},
        {"tax_invoice_id", "taxid vat vatnumber uscc taxnumber 税号 统一社会信用代码 纳税人识别号"},
        {"ip_address", "ip ipaddress clientip ip地址"},
        {"device_id", "deviceid imei idfa 设备号 设备标识"},
        {"public_handle", "twitter weibo handle username 微博"},
    };
    std::multimap<std::string, std::string> made;
    for (const auto& [field, names] : kNames) {
      for (const std::string_view name : Split(names, ' ')) {
        made.emplace(name, field);
      }
    }
    return made;
  }();
  return table;
}

// Parts of a value that only make sense together.
struct Composite {
  const char* field;
  const char* joiner;
  std::vector<std::set<std::string>> parts;  // in order; the first two must be there
};

const std::vector<Composite>& Composites() {
  static const std::vector<Composite> list = {
      {"name_full",
       " ",
       {{"firstname", "givenname", "forename", "fname", "given", "名"},
        {"lastname", "surname", "familyname", "lname", "family"}}},
      {"name_full", "", {{"姓", "姓氏"}, {"名", "名字"}}},
      {"street",
       " ",
       {{"streetnumber", "housenumber", "streetno"},
        {"address1", "addressline1", "street", "streetname", "street1"},
        {"address2", "addressline2", "street2"}}},
      {"street", " ", {{"address1", "addressline1"}, {"address2", "addressline2"}}},
      {"city", ", ", {{"city", "suburb", "town"}, {"state", "province", "county"}}},
  };
  return list;
}

std::string Plain(std::string_view name) {
  std::string out;
  for (const char c : FoldCase(name)) {
    if (c != ' ' && c != '_' && c != '-' && c != '.' && c != '/' && c != '(' && c != ')' &&
        c != ':') {
      out.push_back(c);
    }
  }
  return out;
}

struct Column {
  std::string name;
  std::string plain;
  std::vector<model::Sensitive> values;  // the non-empty ones of the sample
  std::set<std::string> distinct_hashes;
  size_t rows = 0;
  bool used = false;
};

process::ColumnFinding Classified(const std::string& name,
                                  const std::vector<model::Sensitive>& cells) {
  std::vector<std::string_view> values;
  values.reserve(cells.size());
  for (const model::Sensitive& cell : cells) {
    values.push_back(cell.Reveal());
  }
  return process::ClassifyColumn(name, values);
}

class Suggester {
 public:
  Suggester(const rules::Policy& policy, const process::Cleaner& cleaner)
      : catalog_(policy.catalog), cleaner_(cleaner) {}

  Result<Mapping> Run(TableReader& table) {
    for (const std::string& name : table.header()) {
      columns_.push_back({name, Plain(name), {}, {}, 0, false});
    }
    TableRow row;
    for (size_t n = 0; n < kSampleRows; ++n) {
      FID_ASSIGN(const bool any, table.Next(row));
      if (!any) {
        break;
      }
      if (row.whole) {
        AddRow(row);
      }
    }
    FindRegion();
    FindComposites();
    FindByName();
    FindByContent();
    FindKey();
    for (const Column& column : columns_) {
      if (!column.used &&
          std::find(mapping_.key.begin(), mapping_.key.end(), column.name) == mapping_.key.end()) {
        mapping_.ignored.push_back(column.name);
      }
    }
    return std::move(mapping_);
  }

 private:
  void AddRow(const TableRow& row) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      Column& column = columns_[i];
      ++column.rows;
      const std::string_view text = TrimAscii(row.cells[i].Reveal());
      if (!text.empty()) {
        column.values.push_back(model::Sensitive::CopyOf(text));
        column.distinct_hashes.insert(std::to_string(std::hash<std::string_view>()(text)));
      }
    }
  }

  double Share(const Column& column, const std::function<bool(const model::Sensitive&)>& test) {
    if (column.values.empty()) {
      return 0;
    }
    const auto hits = std::count_if(column.values.begin(), column.values.end(), test);
    return static_cast<double>(hits) / static_cast<double>(column.values.size());
  }

  process::Hints HintsFor(const ColumnMap& map) const {
    process::Hints hints;
    hints.region = mapping_.region;
    hints.date_order = map.date_order;
    return hints;
  }

  double Fit(const Column& column, const ColumnMap& map) {
    const process::Hints hints = HintsFor(map);
    return Share(column, [&](const model::Sensitive& v) {
      return cleaner_.Clean(*map.field, v, hints).has_value();
    });
  }

  // Where the people are: Han characters say mainland China, else a constant country or the phones.
  void FindRegion() {
    size_t cells = 0;
    size_t han = 0;
    std::map<std::string, size_t> countries;
    for (const Column& column : columns_) {
      for (const model::Sensitive& value : column.values) {
        ++cells;
        han += HasHan(value.Reveal()) ? 1 : 0;
        if (column.plain == "country" || column.plain == "countrycode" || column.plain == "国家") {
          if (const auto code = process::CleanCountry(value.Reveal())) {
            ++countries[*code];
          }
        }
      }
    }
    const bool mobiles = std::any_of(columns_.begin(), columns_.end(), [&](const Column& column) {
      return Share(column, LooksLikeMainlandMobile) >= 0.5;
    });
    mapping_.region = han * 10 > cells        ? "CN"
                      : countries.size() == 1 ? countries.begin()->first
                      : mobiles               ? "CN"
                                              : "ZZ";
  }

  // Eleven digits from 13 to 19: no other country writes its numbers so.
  static bool LooksLikeMainlandMobile(const model::Sensitive& value) {
    const std::string_view text = TrimAscii(value.Reveal());
    return text.size() == 11 && text[0] == '1' && text[1] >= '3' &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
  }

  Column* FindColumn(const std::set<std::string>& names) {
    for (Column& column : columns_) {
      if (!column.used && names.contains(column.plain)) {
        return &column;
      }
    }
    return nullptr;
  }

  bool Mapped(const rules::Field* field) const {
    return std::any_of(mapping_.columns.begin(), mapping_.columns.end(),
                       [&](const ColumnMap& m) { return m.field == field; });
  }

  void FindComposites() {
    for (const Composite& composite : Composites()) {
      std::vector<Column*> parts;
      for (const auto& names : composite.parts) {
        if (Column* column = FindColumn(names)) {
          parts.push_back(column);
        }
      }
      const bool first_two = FindColumn(composite.parts[0]) && FindColumn(composite.parts[1]);
      const rules::Field* field = catalog_.Find(composite.field);
      if (!first_two || field == nullptr || Mapped(field)) {
        continue;
      }
      ColumnMap map;
      map.field = field;
      map.joiner = composite.joiner;
      map.confidence = 0.95;
      for (Column* part : parts) {
        map.columns.push_back(part->name);
        part->used = true;
      }
      mapping_.columns.push_back(std::move(map));
    }
  }

  void FindByName() {
    for (Column& column : columns_) {
      const auto known = NameTable().find(column.plain);
      if (column.used || known == NameTable().end()) {
        continue;
      }
      ColumnMap map;
      map.columns = {column.name};
      map.field = catalog_.Find(known->second);
      if (map.field == nullptr || (!map.field->many && Mapped(map.field))) {
        continue;
      }
      if (map.field->type == "date") {
        map.date_order = OrderOf(column);
      }
      const double fit = Fit(column, map);
      if (!column.values.empty() && fit < 0.3) {
        continue;  // the name says one thing, the contents another
      }
      map.confidence = column.values.empty() ? 0.5 : 0.6 + 0.4 * fit;
      column.used = true;
      mapping_.columns.push_back(std::move(map));
    }
  }

  // A day above 12 in the first or the second place tells the order of the whole column.
  process::DateOrder OrderOf(const Column& column) {
    size_t day_first = 0;
    size_t month_first = 0;
    for (const model::Sensitive& value : column.values) {
      const std::string_view text = value.Reveal();
      process::Hints hints;
      hints.date_order = process::DateOrder::kDayFirst;
      const auto a = process::CleanDate(text, hints);
      hints.date_order = process::DateOrder::kMonthFirst;
      const auto b = process::CleanDate(text, hints);
      if (a && b && *a == *b && text.size() > 4 && text[4] != '-' && text[4] != '/' &&
          text.find_first_of("/-.") <= 2) {
        const int first = std::atoi(std::string(text.substr(0, 2)).c_str());
        day_first += first > 12 ? 1 : 0;
        month_first += first > 12 ? 0 : 1;
      }
    }
    if (day_first == 0 && month_first == 0) {
      return process::DateOrder::kUnknown;
    }
    return day_first >= month_first ? process::DateOrder::kDayFirst
                                    : process::DateOrder::kMonthFirst;
  }

  void FindByContent() {
    for (Column& column : columns_) {
      if (!column.used) {
        ByKind(column);
      }
    }
  }

  // What the classifier makes of the name and the values, where a field holds that.
  void ByKind(Column& column) {
    using Kind = process::ColumnKind;
    static const std::map<Kind, const char*> kFields = {{Kind::kFullName, "name_full"},
                                                        {Kind::kEmail, "email"},
                                                        {Kind::kPhone, "mobile"},
                                                        {Kind::kNationalId, "national_id_no"},
                                                        {Kind::kAddress, "street"},
                                                        {Kind::kCity, "city"},
                                                        {Kind::kPostcode, "postcode"},
                                                        {Kind::kCountry, "country"},
                                                        {Kind::kBirthDate, "birth_date"},
                                                        {Kind::kSex, "sex"},
                                                        {Kind::kOccupation, "occupation"},
                                                        {Kind::kOrganization, "employer"},
                                                        {Kind::kEducation, "education"},
                                                        {Kind::kMaritalStatus, "marital_status"},
                                                        {Kind::kEthnicity, "ethnicity"},
                                                        {Kind::kReligion, "religion"},
                                                        {Kind::kCardNumber, "card_number"},
                                                        {Kind::kBankAccount, "bank_account"},
                                                        {Kind::kIpAddress, "ip_address"},
                                                        {Kind::kPassport, "passport_no"},
                                                        {Kind::kMessenger, "im_handle"},
                                                        {Kind::kUsername, "public_handle"},
                                                        {Kind::kCompanyCode, "tax_invoice_id"}};
    if (column.values.size() < 3) {
      return;
    }
    const process::ColumnFinding found = Classified(column.name, column.values);
    const auto known = kFields.find(found.kind);
    if (known == kFields.end()) {
      return;
    }
    ColumnMap map;
    map.columns = {column.name};
    map.field = catalog_.Find(known->second);
    if (map.field == nullptr || (!map.field->many && Mapped(map.field))) {
      return;
    }
    if (map.field->type == "date") {
      map.date_order = OrderOf(column);
    }
    const double fit = Fit(column, map);
    if (fit < 0.5) {
      return;  // the field would not take most of it
    }
    map.confidence = found.sure * fit;
    column.used = true;
    mapping_.columns.push_back(std::move(map));
  }

  // The first column that looks like a record's own id: full, distinct, and named like one.
  void FindKey() {
    for (const Column& column : columns_) {
      const bool full = column.rows > 1 && column.values.size() == column.rows &&
                        column.distinct_hashes.size() == column.rows;
      const bool named = column.plain.ends_with("id") || column.plain.ends_with("no") ||
                         column.plain.ends_with("编号") || column.plain.ends_with("编码") ||
                         column.plain == "key" || column.plain.ends_with("number");
      if (!column.used && full && named) {
        mapping_.key = {column.name};
        return;
      }
    }
  }

  const rules::Catalog& catalog_;
  const process::Cleaner& cleaner_;
  std::vector<Column> columns_;
  Mapping mapping_;
};

}  // namespace

Result<Mapping> SuggestMapping(TableReader& table, const rules::Policy& policy,
                               const process::Cleaner& cleaner) {
  return Suggester(policy, cleaner).Run(table);
}

Result<std::vector<ColumnReport>> DescribeColumns(TableReader& table) {
  std::vector<std::vector<model::Sensitive>> cells(table.header().size());
  TableRow row;
  for (size_t n = 0; n < kSampleRows; ++n) {
    FID_ASSIGN(const bool any, table.Next(row));
    if (!any) {
      break;
    }
    for (size_t i = 0; row.whole && i < cells.size(); ++i) {
      cells[i].push_back(std::move(row.cells[i]));
    }
  }
  std::vector<ColumnReport> reports;
  reports.reserve(cells.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    reports.push_back({table.header()[i], Classified(table.header()[i], cells[i])});
  }
  return reports;
}

}  // namespace fiducia::collect
