#include "process/classify/column_names.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/text.h"

namespace fiducia::process {

namespace {

using Kind = ColumnKind;

// "customerID", "customer_id", "Customer ID": customer, id. Han runs stay whole.
std::vector<std::string> WordsOf(std::string_view name) {
  std::vector<std::string> words(1);
  char last = '\0';
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    const bool digit = c >= '0' && c <= '9';
    const bool other = static_cast<uint8_t>(c) >= 0x80;
    if (!upper && !lower && !digit && !other) {
      words.emplace_back();
    } else {
      const bool turn = upper && last >= 'a' && last <= 'z';
      if (turn) {
        words.emplace_back();
      }
      words.back().push_back(upper ? static_cast<char>(c + 32) : c);
    }
    last = c;
  }
  std::erase_if(words, [](const std::string& w) { return w.empty(); });
  return words;
}

struct Named {
  Kind kind;
  std::string_view names;  // joined words; "~" before one: the name ends with it
};

// The first that fits counts: the more special stand before the more general.
constexpr std::array kNames = {
    Named{Kind::kSecret,
          "password passwd pwd passphrase pin pincode ~password secret apikey token ~token ~secret "
          "密码 "
          "支付密码 口令"},
    Named{Kind::kCardCode,
          "cvv cvv2 cvc cvc2 cvn securitycode ccv cardcvv cardcvc 安全码 卡安全码"},
    Named{Kind::kCardExpiry,
          "ccexpires cardexpiry cardexpires expirydate expiry expirationdate ccexpiry expdate "
          "cardexpirydate "
          "~expiry validthru ccexp 有效期 卡有效期"},
    Named{
        Kind::kCardNumber,
        "ccnumber cardnumber creditcard creditcardnumber creditcardno cardno cardnumbermasked pan "
        "maskedcardnumber bankcard bankcardno debitcard paymentcard cardmasked 银行卡 银行卡号 "
        "卡号 信用卡号"},
    Named{Kind::kBankAccount,
          "iban bankaccount bankaccountnumber accountnumber accountno acctnumber 银行账号 账号 "
          "银行账户"},
    Named{Kind::kNationalId,
          "nationalid nationalidno idno idnumber idcard idcardno ssn socialsecurity "
          "socialsecuritynumber "
          "socsecid socsec sin nino taxpayerid tin identitynumber citizenid personalid "
          "personnummer aadhaar "
          "curp dni cpf mynumber hkid driverslicense driverlicense licensenumber sinnumber "
          "ssnlast4 身份证 身份证号 "
          "身份证号码 證件號碼 证件号 证件号码 身份證 身份證號"},
    Named{Kind::kPassport, "passport passportno passportnumber 护照 护照号 护照号码"},
    Named{Kind::kPlate, "plate platenumber licenseplate numberplate 车牌 车牌号"},
    Named{Kind::kCompanyCode,
          "uscc taxid vat vatnumber vatid taxnumber ein 税号 统一社会信用代码 纳税人识别号"},
    Named{Kind::kMessenger,
          "wechat weixin wechatid qq qqnumber im imhandle whatsapp line telegram skype 微信 微信号 "
          "qq号"},
    Named{Kind::kEmail,
          "email mail emailaddress mailaddress e-mail ~email ~emailaddress 邮箱 电子邮箱 电子邮件 "
          "邮件 "
          "郵箱 電郵 邮箱地址"},
    Named{
        Kind::kIpAddress,
        "ip ipaddress ipaddr clientip remoteip remoteaddr lastip loginip ipv4 ipv6 ~ipaddress ~ip "
        "ip地址 登录ip"},
    Named{Kind::kDevice,
          "device deviceid deviceidentifier useragent browseruseragent browser imei idfa gaid "
          "macaddress mac "
          "fingerprint devicefingerprint devicetoken 设备号 设备标识 设备id"},
    Named{Kind::kGeo,
          "latitude longitude lat lon lng long geolocation geo coordinates coordinate latlng "
          "latlong location "
          "gps gpslocation merchantlat merchantlong 纬度 经度 坐标 位置"},
    Named{Kind::kPhone,
          "phone telephone mobile tel cell cellphone phonenumber telephonenumber mobilenumber "
          "mobileno phoneno "
          "mobilephone homephone workphone contactnumber fax phonehome phonework ~phone "
          "~phonenumber ~mobile 手机 手机号 "
          "手机号码 电话 联系电话 移动电话 電話 手機 電話號碼 座机 固定电话"},
    Named{Kind::kUsername,
          "username login loginname userlogin screenname handle nickname alias accountname twitter "
          "userhandle 用户名 登录名 昵称 微博"},
    Named{Kind::kBirthDate,
          "birthdate birthday dob dateofbirth birth bday birthdt borndate yearofbirth birthyear "
          "datebirth ~birthdate ~dob "
          "生日 出生日期 出生年月 出生年月日 出生"},
    Named{Kind::kAge,
          "age ageyears customerage currentage clientage ageinyears agegroup ~age 年龄 年齡"},
    Named{Kind::kSex, "sex gender genderidentity ~gender ~sex 性别 性別"},
    Named{Kind::kTitle, "title salutation prefix nameprefix honorific courtesytitle 称谓 称呼"},
    Named{Kind::kFullName,
          "name fullname customername clientname contactname realname holdername cardholder "
          "cardholdername personname "
          "displayname accountholder ownername beneficiary recipientname employeename patientname "
          "~fullname "
          "contactperson 姓名 客户姓名 名字 客户名称 真实姓名 联系人 收货人 收件人 客戶姓名 持卡人 "
          "持有人"},
    Named{Kind::kGivenName,
          "firstname givenname forename fname first given middlename secondname firstnames "
          "givennames "
          "~firstname ~givenname 名"},
    Named{Kind::kSurname,
          "lastname surname familyname lname last maidenname mothersmaiden mothersmaidenname "
          "family secondsurname "
          "~lastname ~surname 姓 姓氏"},
    Named{Kind::kPostcode,
          "postcode postalcode zip zipcode postcodefake birthpostcode postal zip4 ~postcode "
          "~postalcode ~zip ~zipcode 邮编 "
          "邮政编码 郵遞區號"},
    Named{Kind::kAddressPart,
          "streetnumber housenumber streetno houseno address1 address2 address3 addressline1 "
          "addressline2 street streetname unit apartment "
          "aptnumber suite unitnumber building buildingno streettype streetsuffix addressnumber "
          "apt 门牌号 街道 楼栋 单元"},
    Named{Kind::kAddress,
          "address streetaddress addr homeaddress fulladdress mailingaddress shippingaddress "
          "billingaddress "
          "postaladdress deliveryaddress workaddress ~address ~addr 地址 住址 联系地址 家庭住址 "
          "通讯地址 收货地址 详细地址 單位地址 单位地址"},
    Named{
        Kind::kRegion,
        "state province region county statefull prefecture stateprovince stateorprovince statecode "
        "provincecode administrativearea ~state ~province 省 省份 省市 州"},
    Named{Kind::kCity,
          "city town suburb birthplace placeofbirth municipality locality village district ~city "
          "城市 所在城市 市 区 区县 出生地"},
    Named{Kind::kCountry,
          "country countrycode nation nativecountry countryfull nationality citizenship "
          "birthcountry countryofbirth "
          "residencecountry ~country 国家 国家地区 國家 国籍"},
    Named{Kind::kOrganization,
          "employer company companyname organization organisation organizationname workplace "
          "merchant merchantname firm "
          "business businessname businessunit sitename agency agencyname provider school "
          "schoolname university vendor "
          "suppliername supplier 工作单位 单位 公司 公司名称 雇主 单位名称 企业名称 商户名称"},
    Named{Kind::kEmployment,
          "workclass employmenttype employmentclass employmentsector jobtype 就业类型"},
    Named{Kind::kOccupation,
          "occupation job jobtitle profession position role jobrole occupationname 职业 职务 職業 "
          "职位"},
    Named{Kind::kIncome,
          "income annualincome salary yearlyincome monthlyincome salaryclass incomelevel "
          "estimatedsalary wage earnings "
          "householdincome annualsalary netincome ~income ~salary 收入 年收入 月收入 工资 薪资"},
    Named{
        Kind::kEducation,
        "education degree educationlevel educationnum schooling qualification 学历 教育程度 學歷"},
    Named{Kind::kMaritalStatus,
          "maritalstatus married marital relationshipstatus civilstatus personalstatus 婚姻状况 "
          "婚姻"},
    Named{Kind::kEthnicity, "race ethnicity ethnicgroup ethnic 民族 种族"},
    Named{Kind::kReligion, "religion faith 宗教 宗教信仰"},
    Named{Kind::kHealth,
          "bloodtype blood weight height pounds kilograms feetinches centimeters bmi diagnosis "
          "disease allergy allergies "
          "disability medication medicalcondition bloodgroup bloodpressure heartrate weightkg "
          "heightcm condition 血型 身高 体重 "
          "病史 过敏史 诊断"},
    Named{Kind::kDomain, "domain website url homepage webpage site hostname 网站 域名 网址"},
    Named{Kind::kTrackingId,
          "ups fedex trackingid trackingnumber trackingno tracking mtcn westernunionmtcn "
          "moneygrammtcn waybill "
          "shipmentid consignment 快递单号 运单号 物流单号"},
    Named{Kind::kNone,
          "number nameset middleinitial telephonecountrycode color colour vehicle zodiac "
          "tropicalzodiac cctype "
          "productname itemname description status channel currency amount quantity price "
          "unitprice balance "
          "timestamp created createdat updatedat invoicedate orderdate transactiontype stockcode "
          "source type "
          "category segment employmentstatus filename eventname phoneservice churn contract"},
    Named{Kind::kRecordId,
          "id recid recordid customerid clientid userid accountid memberid uniqueid cluster guid "
          "uuid rowid invoiceno "
          "invoiceid orderid orderno transactionid cardid customerno customernumber clientno "
          "memberno pk key "
          "entityid loanid policyid policynumber applicationid caseid ticketid employeeid personid "
          "subjectid externalid ~id "
          "~guid ~uuid ~key 客户编号 会员号 编号 客户号 订单号 会员编号"},
};

// Names of dates, amounts and states that are about things, not about who a person is.
constexpr std::array<std::string_view, 44> kOfThings = {
    "date",     "amount",      "balance",  "price",   "rate",    "flag",     "status",   "type",
    "count",    "limit",       "fee",      "score",   "tier",    "segment",  "category", "channel",
    "currency", "payment",     "points",   "program", "time",    "at",       "since",    "level",
    "rating",   "description", "quantity", "credit",  "service", "contract", "charges",  "total",
    "active",   "due",         "months",   "years",   "purpose", "duration", "savings",  "housing",
    "property", "telephone",   "existing", "foreign"};

const std::unordered_map<std::string, Kind>& Exact() {
  static const std::unordered_map<std::string, Kind> table = [] {
    std::unordered_map<std::string, Kind> made;
    for (const Named& named : kNames) {
      for (const std::string_view name : Split(named.names, ' ')) {
        if (!name.empty() && !name.starts_with('~')) {
          made.emplace(name, named.kind);
        }
      }
    }
    return made;
  }();
  return table;
}

struct Words {
  Kind kind;
  std::string_view words;  // parted by |
};
constexpr std::array kWords = {
    Words{Kind::kSex,
          "m|f|male|female|man|woman|unknown|other|non-binary|nonbinary|diverse|x|u|男|女|男性|"
          "女性|未知|先生|女士"},
    Words{Kind::kTitle,
          "mr|mr.|mrs|mrs.|ms|ms.|miss|dr|dr.|prof|prof.|sir|mx|mx.|herr|frau|mme|m.|sr.|sra.|先生|"
          "女士|小姐|太太|博士|教授"},
    Words{Kind::kMaritalStatus,
          "single|married|divorced|widowed|separated|never-married|never "
          "married|married-civ-spouse|married-spouse-absent|"
          "married-af-spouse|domestic partnership|civil "
          "union|common-law|partnered|unmarried|cohabiting|未婚|已婚|离异|丧偶|离婚"},
    Words{Kind::kEducation,
          "bachelors|bachelor|bachelor's|masters|master|master's|doctorate|phd|hs-grad|high "
          "school|some-college|assoc-voc|assoc-acdm|"
          "prof-school|11th|10th|9th|12th|7th-8th|5th-6th|1st-4th|preschool|college|university|"
          "graduate|postgraduate|undergraduate|"
          "secondary|primary|tertiary|diploma|associate|high_school|小学|初中|高中|中专|大专|专科|"
          "本科|硕士|博士|研究生"},
    Words{Kind::kEthnicity,
          "white|black|asian|hispanic|latino|african "
          "american|asian-pac-islander|amer-indian-eskimo|caucasian|native american|pacific "
          "islander|mixed|other|indigenous|汉族|汉|回族|藏族|维吾尔族|蒙古族|壮族|满族|苗族|彝族|"
          "土家族|朝鲜族"},
    Words{Kind::kEmployment,
          "private|self-emp-not-inc|self-emp-inc|federal-gov|local-gov|state-gov|without-pay|never-"
          "worked|public|self-employed|government"},
    Words{Kind::kReligion,
          "christian|muslim|buddhist|hindu|jewish|catholic|protestant|atheist|sikh|佛教|基督教|"
          "伊斯兰教|道教|天主教|无宗教"},
    Words{Kind::kHealth, "a+|a-|b+|b-|ab+|ab-|o+|o-|a型|b型|o型|ab型"},
    Words{Kind::kRegion,
          "al|ak|az|ar|ca|co|ct|de|fl|ga|hi|id|il|in|ia|ks|ky|la|me|md|ma|mi|mn|ms|mo|mt|ne|nv|nh|"
          "nj|nm|ny|nc|nd|oh|ok|or|pa|ri|sc|sd|"
          "tn|tx|ut|vt|va|wa|wv|wi|wy|dc|nsw|qld|vic|tas|act|nt|sa|on|qc|bc|ab|mb|sk|ns|nb|nl|pe|"
          "yt|nu|alabama|alaska|arizona|arkansas|"
          "california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois|indiana|"
          "iowa|kansas|kentucky|louisiana|maine|"
          "maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|"
          "new hampshire|new jersey|new mexico|"
          "new york|north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania|rhode "
          "island|south carolina|south dakota|tennessee|"
          "texas|utah|vermont|virginia|washington|west "
          "virginia|wisconsin|wyoming|ontario|quebec|british columbia|alberta|manitoba|"
          "saskatchewan|nova scotia|new brunswick|newfoundland and labrador|prince edward "
          "island|new south wales|queensland|victoria|"
          "tasmania|south australia|western australia|northern "
          "territory|england|scotland|wales|northern ireland|bavaria|北京市|"
          "天津市|上海市|重庆市|河北省|山西省|辽宁省|吉林省|黑龙江省|江苏省|浙江省|安徽省|福建省|"
          "江西省|山东省|河南省|湖北省|"
          "湖南省|广东省|海南省|四川省|贵州省|云南省|陕西省|甘肃省|青海省|台湾省|内蒙古自治区|"
          "广西壮族自治区|西藏自治区|"
          "宁夏回族自治区|新疆维吾尔自治区|北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|"
          "浙江|安徽|福建|江西|山东|河南|"
          "湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆"},
};

}  // namespace

std::optional<ColumnKind> KindByName(std::string_view name) {
  const std::vector<std::string> words = WordsOf(name);
  std::string joined;
  for (const std::string& word : words) {
    joined += word;
  }
  if (const auto found = Exact().find(joined); found != Exact().end()) {
    return found->second;
  }
  // Without a number behind it, or a word before it: "phone2", "cust_phone".
  while (!joined.empty() && joined.back() >= '0' && joined.back() <= '9') {
    joined.pop_back();
  }
  if (const auto found = Exact().find(joined); found != Exact().end() && joined.size() > 1) {
    return found->second;
  }
  if (words.empty()) {
    return std::nullopt;
  }
  for (size_t from = 1; from < words.size(); ++from) {
    std::string tail;
    for (size_t i = from; i < words.size(); ++i) {
      tail += words[i];
    }
    const auto found = Exact().find(tail);
    if (found != Exact().end() && tail.size() > 1 && tail != "name" && tail != "number") {
      return found->second;
    }
  }
  if (std::find(kOfThings.begin(), kOfThings.end(), words.back()) != kOfThings.end() ||
      std::find(kOfThings.begin(), kOfThings.end(), words.front()) != kOfThings.end()) {
    return Kind::kNone;
  }
  for (const Named& named : kNames) {
    for (const std::string_view known : Split(named.names, ' ')) {
      if (known.starts_with('~') && joined.ends_with(known.substr(1)) && known.size() > 3) {
        return named.kind;
      }
      // Chinese names of columns are written without blanks.
      if (HasHan(known) && known.size() >= 6 && joined.ends_with(known)) {
        return named.kind;
      }
    }
  }
  return std::nullopt;
}

bool IsWordOf(ColumnKind kind, std::string_view value) {
  static const std::unordered_map<uint8_t, std::unordered_set<std::string>> tables = [] {
    std::unordered_map<uint8_t, std::unordered_set<std::string>> made;
    for (const Words& list : kWords) {
      for (const std::string_view word : Split(list.words, '|')) {
        made[static_cast<uint8_t>(list.kind)].emplace(word);
      }
    }
    return made;
  }();
  const auto table = tables.find(static_cast<uint8_t>(kind));
  return table != tables.end() && table->second.contains(LowerAscii(value));
}

}  // namespace fiducia::process
