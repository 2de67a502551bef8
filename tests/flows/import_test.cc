// Files in: real ones, awkward ones, hostile ones; twice, half, and out again.
#include <fstream>

#include <gtest/gtest.h>
#include <zip.h>

#include "audit/publisher.h"
#include "base/text.h"
#include "import_text.h"
#include "testing/shared_data.h"
#include "testing/world.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::World;

constexpr const char* kMapping = R"(
key = ["no"]
[[column]]
name = "name"
field = "name_full"
[[column]]
name = "phone"
field = "mobile"
[[column]]
name = "income"
field = "income"
)";

using fiducia::ImportText;
Imported ImportText(World& world, const std::string& content) {
  return ImportText(world, content, kMapping);
}

TEST(ImportTest, RowsBecomeSealedCustomersAndTheRestIsAccountedFor) {
  for (const char* row : {"B4", "B7", "C1", "B10"}) {
    testing::Covers(row);
  }
  World world;
  const std::string csv =
      "no,name,phone,income\n"
      "1,Ana López,13800138000,100\n"
      "2,\"Bo, the second\",139-0013-9000,\n"
      "3,Cy,138****8000,\n"
      "4,Di\n"
      "\n"
      "5,,,\n";
  const Imported dry = ImportText(world, csv, kMapping, "?dry_run=1");
  ASSERT_EQ(dry.status, 200) << dry.json.dump();
  EXPECT_EQ(dry.Count("created"), 2);
  EXPECT_EQ(Body(world.Local("GET", "/api/v1/imports"))["imports"].size(), 0U);

  const Imported run = ImportText(world, csv);
  ASSERT_EQ(run.status, 201) << run.json.dump();
  EXPECT_EQ(run.Count("rows"), 5);
  EXPECT_EQ(run.Count("created"), 2);
  EXPECT_EQ(run.Count("quarantined"), 3);
  EXPECT_EQ(run.json["counts"]["dropped"]["income"], 1);  // not needed for service
  const std::string id = JsonText(run.json, "id");
  const Json rejects = Body(world.Local("GET", "/api/v1/imports/" + id + "/rejects"))["rejects"];
  ASSERT_EQ(rejects.size(), 3U);
  EXPECT_EQ(rejects[0]["row"], 3);
  EXPECT_EQ(JsonText(rejects[0], "field"), "mobile");
  EXPECT_EQ(JsonText(rejects[0], "reason"), "the phone number is masked");
  EXPECT_EQ(rejects[1]["row"], 4);
  EXPECT_EQ(JsonText(rejects[2], "reason"), "the row holds nothing that is needed");

  // The same again adds nothing; so do the same rows in another file.
  EXPECT_EQ(ImportText(world, csv).Count("unchanged"), 2);
  const Imported other = ImportText(world, csv + "9,New,13700137000,\n");
  EXPECT_EQ(other.Count("unchanged"), 2);
  EXPECT_EQ(other.Count("created"), 1);
}

TEST(ImportTest, AQuarantinedRowIsRepairedAndComesIn) {
  testing::Covers("C1");
  World world;
  const Imported run = ImportText(world, "no,name,phone,income\n1,Ana,138,\n2,Bo,13900139000,\n");
  ASSERT_EQ(run.Count("quarantined"), 1);
  const std::string path = "/api/v1/imports/" + JsonText(run.json, "id");
  const auto wrong = world.Send("engineer", "POST", path + "/repairs", "",
                                R"({"rows":[{"row":1,"set":{"phone":"139"}}]})");
  ASSERT_EQ(wrong.status, 200) << wrong.body;
  EXPECT_EQ(Body(wrong)["counts"]["quarantined"], 1);
  const auto right = world.Send("engineer", "POST", path + "/repairs", "",
                                R"({"rows":[{"row":1,"set":{"phone":"13800138000"}}]})");
  ASSERT_EQ(right.status, 200) << right.body;
  EXPECT_EQ(Body(right)["counts"]["quarantined"], 0);
  EXPECT_EQ(Body(right)["counts"]["repaired"], 1);
  EXPECT_EQ(Body(world.Send("agent", "POST", "/api/v1/customers/search", "service",
                            R"({"where":{"mobile":"13800138000"}})"))["customers"]
                .size(),
            1U);
  EXPECT_EQ(world
                .Send("engineer", "POST", path + "/repairs", "",
                      R"({"rows":[{"row":1,"set":{"phone":"13800138000"}}]})")
                .status,
            404);
}

TEST(ImportTest, AllOfOneReasonAreRepairedAtOnceAndTakenOutAgain) {
  testing::Covers("C1");
  World world;
  const std::string file =
      "no,name,phone,income\n1,Ana,138,\n2,Bo,13900139000,\n3,Cy,139,\n4,Dee,13700137000,x\n";
  const Imported run = ImportText(world, file);
  const std::string path = "/api/v1/imports/" + JsonText(run.json, "id");
  const Json rejects = Body(world.Send("engineer", "GET", path + "/rejects"))["rejects"];
  ASSERT_GE(rejects.size(), 2U) << rejects;
  Json all = {{"field", rejects[0]["field"]}, {"reason", rejects[0]["reason"]}};
  const auto repair = [&](const Json& body) {
    return world.Send("engineer", "POST", path + "/repairs", "", WriteJson(body));
  };
  all["set"] = {{"no_such", "x"}};
  EXPECT_EQ(JsonText(Body(repair({{"all", all}})), "code"), "unknown_field");
  all["set"] = {{"phone", nullptr}};
  Json other = all;
  other["reason"] = "no such reason";
  EXPECT_EQ(repair({{"all", other}}).status, 404);
  EXPECT_EQ(repair({{"all", all}, {"rows", Json::array()}}).status, 400);
  const auto repaired = repair({{"all", all}});
  ASSERT_EQ(repaired.status, 200) << repaired.body;
  EXPECT_EQ(Body(repaired)["counts"]["repaired"], 2) << repaired.body;
  const auto changes = [&] {
    return Body(world.Send("engineer", "GET", "/api/v1/changes", "service"))["events"].size();
  };
  const size_t known = changes();
  // One of them out again: the customer is gone, the row is neither open nor repaired.
  const auto undo = [&](const Json& rows) {
    return world.Send("engineer", "POST", path + "/repairs/undo", "", WriteJson({{"rows", rows}}));
  };
  EXPECT_EQ(undo(Json::array()).status, 400);
  EXPECT_EQ(undo(Json::array({2})).status, 404);
  const auto undone = undo(Json::array({1}));
  ASSERT_EQ(undone.status, 200) << undone.body;
  EXPECT_EQ(Body(undone)["customers_removed"], 1);
  EXPECT_EQ(undo(Json::array({1})).status, 404);
  EXPECT_EQ(changes(), known);
  EXPECT_EQ(JsonText(Body(world.Send("engineer", "GET", path + "/rejects"))["rejects"][0], "state"),
            "undone");
  EXPECT_EQ(Body(world.Send("engineer", "GET", path))["counts"]["repaired"], 1);
  // The row again, in another file: it is not here any more, and comes.
  const Imported again = ImportText(world, "no,name,phone,income\n1,Ana,13800138000,\n");
  EXPECT_EQ(again.Count("created"), 1) << again.json;
}

TEST(ImportTest, ImportsAreListedPageByPageTheNewestFirst) {
  testing::Covers("B4");
  World world;
  const auto import = [&](int number) {
    world.clock().Advance(1000);
    return ImportText(world, "name\nCustomer " + std::to_string(number) + "\n",
                      "[[column]]\nname = \"name\"\nfield = \"name_full\"\n");
  };
  std::vector<std::string> newest_first;
  for (int i = 0; i < 5; ++i) {
    newest_first.insert(newest_first.begin(), JsonText(import(i).json, "id"));
  }
  std::vector<std::string> seen;
  std::string cursor;
  for (int pages = 0; pages < 4; ++pages) {
    const Json page = Body(world.Local("GET", "/api/v1/imports?limit=2" + cursor));
    for (const Json& one : page["imports"]) {
      seen.push_back(JsonText(one, "id"));
    }
    if (page["next"].is_null()) {
      break;
    }
    cursor = "&cursor=" + JsonText(page, "next");
  }
  EXPECT_EQ(seen, newest_first);
  EXPECT_EQ(world.Local("GET", "/api/v1/imports?cursor=yesterday").status, 400);
  EXPECT_EQ(JsonText(import(0).json, "state"), "already_imported") << "however many came since";
}

TEST(ImportTest, AnImportIsTakenOutWhole) {
  testing::Covers("B4");
  World world;
  const std::string mapping =
      std::string(kMapping) + "[[column]]\nname = \"idno\"\nfield = \"national_id_no\"\n";
  const Imported first = ImportText(
      world, "no,name,phone,income,idno\n1,Ana,13800138000,,11010519491231002X\n", mapping);
  ASSERT_EQ(first.Count("created"), 1);
  const Imported second = ImportText(
      world,
      "no,name,phone,income,idno\n7,Ana,13900139000,,11010519491231002X\n8,Bo,13700137000,,\n",
      mapping);
  ASSERT_EQ(second.Count("matched"), 1);
  ASSERT_EQ(second.Count("created"), 1);
  const auto count = [&](const std::string& number) {
    return Body(world.Send("agent", "POST", "/api/v1/customers/search", "service",
                           R"({"where":{"mobile":")" + number + "\"}}"))["customers"]
        .size();
  };
  EXPECT_EQ(count("13900139000"), 1U);
  // What is kept for a legal claim stays until the hold is lifted.
  const Json found = Body(world.Send("agent", "POST", "/api/v1/customers/search", "service",
                                     R"({"where":{"mobile":"13700137000"}})"))["customers"];
  const auto hold = [&](bool on) {
    return world
        .Send("privacy_officer", "POST",
              "/api/v1/customers/" + JsonText(found[0], "id") + "/restriction", "legal_compliance",
              WriteJson({{"kind", "hold"}, {"restricted", on}, {"reason", "a claim is pending"}}))
        .status;
  };
  const auto revert = [&] {
    return Body(world.Send("engineer", "POST",
                           "/api/v1/imports/" + JsonText(second.json, "id") + "/revert"));
  };
  ASSERT_EQ(hold(true), 201);
  const Json some = revert();
  EXPECT_EQ(some["customers_held"], 1) << some;
  EXPECT_EQ(some["customers_removed"], 0);
  EXPECT_EQ(some["customers_reduced"], 1);
  EXPECT_EQ(JsonText(some, "state"), "done") << "not done with";
  ASSERT_EQ(hold(false), 201);
  const Json rest = revert();
  EXPECT_EQ(rest["customers_removed"], 1) << rest;
  EXPECT_EQ(rest["customers_held"], 0);
  EXPECT_EQ(JsonText(rest, "state"), "reverted");
  EXPECT_EQ(JsonText(revert(), "code"), "conflict");
  EXPECT_EQ(count("13900139000"), 0U);
  EXPECT_EQ(count("13700137000"), 0U);
  EXPECT_EQ(count("13800138000"), 1U);
  // What was taken out can come in again.
  EXPECT_EQ(ImportText(world, "no,name,phone,income,idno\n8,Bo,13700137000,,\n", mapping)
                .Count("created"),
            1);
}

TEST(ImportTest, EncodingsDelimitersAndFormatsAreFoundOut) {
  testing::Covers("B4");
  struct Case {
    const char* what;
    std::string content;
  };
  const std::string gb = "no,name,phone,income\n1,\xd5\xc5\xce\xb0,13800138000,\n";    // 张伟
  const std::string big5 = "no,name,phone,income\n1,\xb1\x69\xb0\xb6,13800138000,\n";  // 張偉
  const Case cases[] = {
      {"UTF-8 with a mark", "\xEF\xBB\xBFno,name,phone,income\n1,张伟,13800138000,\n"},
      {"GB18030", gb},
      {"Big5", big5},
      {"semicolons and CRLF", "no;name;phone;income\r\n1;\"张伟\";13800138000;\r\n"},
      {"tabs", "no\tname\tphone\tincome\n1\t张伟\t13800138000\t\n"},
      {"NDJSON", "{\"no\":1,\"name\":\"张伟\",\"phone\":\"13800138000\",\"income\":null}\n"},
      {"a quoted line break", "no,name,phone,income\n1,\"张\n伟\",13800138000,\n"},
      {"no newline at the end", "no,name,phone,income\n1,张伟,13800138000,"},
  };
  for (const Case& c : cases) {
    World world;
    const Imported run = ImportText(world, c.content);
    EXPECT_EQ(run.Count("created"), 1) << c.what << " " << run.json.dump();
    const Json found = Body(world.Send("agent", "POST", "/api/v1/customers/search", "service",
                                       R"({"where":{"name_full":"zhang wei"}})"));
    EXPECT_EQ(found["customers"].size(), 1U) << c.what;
  }
}

// A workbook with one sheet of this XML.
std::string Workbook(const std::string& sheet, const std::string& strings) {
  const std::string path = testing::TempFolder() + "/book.xlsx";
  int error = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
  const auto add = [&](const char* name, const std::string& content) {
    zip_file_add(archive, name, zip_source_buffer(archive, content.data(), content.size(), 0), 0);
  };
  add("xl/worksheets/sheet1.xml", sheet);
  add("xl/sharedStrings.xml", strings);
  EXPECT_EQ(zip_close(archive), 0);
  return *audit::ReadWholeFile(path);
}

TEST(ImportTest, ReadsWorkbooksAndRefusesBombs) {
  testing::Covers("B4");
  World world;
  const std::string strings =
      "<sst><si><t>no</t></si><si><t>name</t></si><si><t>phone</t></si><si><t>income</t></"
      "si><si><r><t>张</t></r><r><t>伟</t></r></si></sst>";
  const std::string sheet =
      "<worksheet><sheetData>"
      "<row><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c><c r=\"C1\" "
      "t=\"s\"><v>2</v></c><c r=\"D1\" t=\"s\"><v>3</v></c></row>"
      "<row><c r=\"A2\"><v>1</v></c><c r=\"B2\" t=\"s\"><v>4</v></c><c "
      "r=\"C2\"><v>13800138000</v></c></row>"
      "</sheetData></worksheet>";
  EXPECT_EQ(ImportText(world, Workbook(sheet, strings)).Count("created"), 1);
  const std::string bomb = "<sst><si><t>" + std::string(30000000, 'A') + "</t></si></sst>";
  const Imported refused = ImportText(world, Workbook(sheet, bomb));
  EXPECT_EQ(refused.code(), "too_large");
  const Imported entities = ImportText(
      world, Workbook("<!DOCTYPE a [<!ENTITY x \"xxxxxxxx\">]><worksheet><sheetData><row><c "
                      "r=\"A1\"><v>&x;</v></c></row></sheetData></worksheet>",
                      strings));
  EXPECT_EQ(entities.code(), "invalid_input");
  EXPECT_EQ(ImportText(world, Workbook(sheet, strings).substr(0, 200)).code(), "invalid_input");
}

TEST(ImportTest, HostileFilesGiveOneClearErrorAndChangeNothing) {
  testing::Covers("C1");
  World world;
  std::string binary = "no,name";
  for (int i = 0; i < 5000; ++i) {
    binary.push_back(static_cast<char>(i * 7));
  }
  std::string wide = "no,name,phone,income";
  for (int i = 0; i < 5000; ++i) {
    wide += ",c" + std::to_string(i);
  }
  std::string garbage = "no,name,phone,income\n";
  for (int i = 0; i < 3000; ++i) {
    garbage += "\xff\xfe\x81\xa0";
  }
  std::string many = "no,name,phone,income\n";
  for (int i = 0; i < 12000; ++i) {
    many += std::to_string(i) + ",Ana,1380013" + std::to_string(1000 + i % 9000) + ",\n";
  }
  struct Case {
    const char* what;
    std::string content;
    const char* part;
  };
  const Case cases[] = {
      {"empty", "", "empty"},
      {"binary", binary, "not text"},
      {"one line of 10 MB", "no,name,phone,income\n" + std::string(10000000, 'x'),
       "longer than 4 MiB"},
      {"an open quote", "no,name,phone,income\n1,\"" + std::string(100, 'x'), "quoted cell"},
      {"5,000 columns", wide + "\n1\n", "2000 columns"},
      {"wrong encoding", garbage, "encoding"},
      {"broken after many good rows", many + "x,\"open", "quoted cell"},
      {"columns missing", "a,b\n1,2\n", "does not have"},
  };
  for (const Case& c : cases) {
    const Imported run = ImportText(world, c.content);
    EXPECT_EQ(run.status, 400) << c.what << " " << run.json.dump();
    EXPECT_NE(JsonText(run.json, "detail").find(c.part), std::string::npos)
        << c.what << " " << run.json.dump();
  }
  EXPECT_EQ(ImportText(world, "no,name,phone,income\n", "[[column]\n").code(), "invalid_input");
  EXPECT_EQ(ImportText(world, "no,name,phone,income\n1,Ana,13800138000,\n",
                       "[[column]]\nname = \"name\"\nfield = \"shoe\"\n")
                .code(),
            "invalid_input");
  const auto lease = world.instance().engine().Read();
  EXPECT_EQ(*store::CountSubjects((*lease)->session(db::Which::kData), 0), 0);
}

// The real files, each with the mapping that is proposed for it, as it is.
TEST(ImportTest, TheSharedFilesComeInWithTheProposedMapping) {
  for (const char* row : {"B7", "C1", "A1", "A2"}) {
    testing::Covers(row);
  }
  struct Case {
    const char* file;
    int64_t rows;
    int64_t accepted_min;
  };
  for (const Case& c :
       {Case{"bank/CUSTOMERS.csv", 1500, 1500}, Case{"febrl/dataset1.csv", 1000, 990},
        Case{"cn-customers/cn_customers_dev.csv", 7875, 7000}}) {
    const std::string path = testing::SharedData(c.file);
    if (path.empty()) {
      GTEST_SKIP() << "the shared data is not here";
    }
    World world;
    Json ask;
    ask["path"] = path;
    ask["suggest"] = true;
    const Json suggestion = Body(world.Local("POST", "/api/v1/imports/local", "", WriteJson(ask)));
    ASSERT_FALSE(JsonText(suggestion, "mapping").empty()) << suggestion.dump();
    Json go;
    go["path"] = path;
    go["mapping"] = suggestion["mapping"];
    go["source"] = "shop";
    go["basis"] = "contract";
    go["purposes"] = {"service"};
    const auto response = world.Local("POST", "/api/v1/imports/local", "", WriteJson(go));
    ASSERT_EQ(response.status, 201) << response.body;
    const Json counts = Body(response)["counts"];
    EXPECT_EQ(counts["rows"], c.rows) << c.file;
    EXPECT_EQ(counts["accepted"].get<int64_t>() + counts["quarantined"].get<int64_t>(), c.rows);
    EXPECT_GE(counts["accepted"].get<int64_t>(), c.accepted_min) << counts.dump();
    // None of what the file held is readable in any file of the installation.
    std::ifstream in(path);
    std::string line;
    std::vector<std::string> markers;
    std::getline(in, line);
    for (int n = 0; std::getline(in, line); ++n) {
      if (n % 31 != 0) {
        continue;
      }
      for (const std::string_view cell : Split(line, ',')) {
        const std::string_view text = TrimAscii(cell);
        if (text.size() >= 11 && text.find("-SYN") == std::string_view::npos) {
          markers.emplace_back(text);
        }
      }
    }
    EXPECT_GT(markers.size(), 10U);
    EXPECT_EQ(world.HeldInClear(markers), "") << c.file;
    const Json again =
        Body(world.Local("POST", "/api/v1/imports/local", "", WriteJson(go)))["counts"];
    EXPECT_EQ(again["created"], 0);
    EXPECT_EQ(again["matched"], 0);
  }
}

}  // namespace

}  // namespace fiducia
