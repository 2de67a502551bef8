// Connectors: what other systems tell comes in once, signed and mapped, or waits to be mended.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/text.h"
#include "collect/connectors/connectors.h"
#include "collect/connectors/mail_message.h"
#include "collect/connectors/xml.h"
#include "collect/imports/table_reader.h"
#include "crypto/hash.h"
#include "crypto/wecom.h"
#include "http/address.h"
#include "testing/canary.h"
#include "testing/world.h"

namespace fiducia {

namespace {

namespace fs = std::filesystem;

using testing::Body;
using testing::World;

constexpr const char* kSecret = "a shared secret of the shop";

std::string CodeOf(const http::Response& response) { return JsonText(Body(response), "code"); }

Bytes HmacOf(std::string_view secret, std::string_view text) {
  return Bytes(crypto::View(crypto::Hmac(secret).Compute({text})));
}

class ConnectorTest : public ::testing::Test {
 protected:
  ConnectorTest() {
    world_.Local("POST", "/api/v1/sources", "",
                 R"({"id":"store","channel":"api","owner":"sales"})");
  }

  // Orders of a shop, for service on the contract; news for who accepts marketing.
  static Json Shop(const std::string& signing = "shopify") {
    return {{"label", "Web shop"},
            {"kind", "webhook"},
            {"source", "store"},
            {"purposes",
             {{{"id", "service"}, {"basis", "contract"}},
              {{"id", "marketing_email"}, {"basis", "consent"}}}},
            {"settings", {{"signing", signing}}},
            {"secret", kSecret},
            {"mappings",
             {{"orders/create",
               {{"event", "Order Completed"},
                {"person", "customer.id"},
                {"when", "created_at"},
                {"values",
                 {{"name_full", "customer.name"},
                  {"email", "customer.email"},
                  {"order", "name"},
                  {"amount", "total_price"},
                  {"order_items", "line_items.title"}}},
                {"consent", {{"marketing_email", "customer.accepts_marketing"}}}}}}}};
  }
  static Json Order(int number) {
    return {{"id", number},
            {"name", "#" + std::to_string(number)},
            {"created_at", "2026-11-23T10:00:00Z"},
            {"total_price", "19.90"},
            {"customer",
             {{"id", 700 + number},
              {"name", "Customer Nr " + std::string(1, static_cast<char>('A' + number % 26))},
              {"email", "c" + std::to_string(number) + "@example.com"},
              {"accepts_marketing", number % 2 == 0}}},
            {"line_items", {{{"title", "Green tea"}}, {{"title", "Teapot"}}}}};
  }
  http::Response Add(const Json& spec, const std::string& role = "engineer") {
    return world_.Send(role, "POST", "/api/v1/connectors", "", WriteJson(spec));
  }
  std::string Added(const Json& spec, const std::string& role = "engineer") {
    const auto made = Add(spec, role);
    EXPECT_EQ(made.status, 201) << made.body;
    return JsonText(Body(made), "id");
  }
  http::Response Call(const std::string& id, const std::string& body,
                      const std::map<std::string, std::string>& headers) {
    return world_.Send("", "POST", "/v1/hooks/" + id, "", body, headers);
  }
  http::Response Shopify(const std::string& id, const std::string& body,
                         const std::string& topic = "orders/create",
                         const std::string& secret = kSecret) {
    return Call(
        id, body,
        {{"x-shopify-topic", topic}, {"x-shopify-hmac-sha256", ToBase64(HmacOf(secret, body))}});
  }
  Json Find(const std::string& email, const std::string& purpose = "service") {
    return Body(world_.Local("POST", "/api/v1/customers/search", purpose,
                             WriteJson({{"where", {{"email", email}}}})))["customers"];
  }
  Json Now(const std::string& id) {
    const Json all = Body(world_.Send("engineer", "GET", "/api/v1/connectors"))["connectors"];
    for (const Json& one : all) {
      if (JsonText(one, "id") == id) {
        return one;
      }
    }
    return {};
  }
  Json Letters(const std::string& id) {
    return Body(world_.Send("engineer", "GET", "/api/v1/connectors/" + id + "/letters"))["letters"];
  }
  int Turn(const std::string& id, const std::string& state) {
    return world_
        .Send("engineer", "POST", "/api/v1/connectors/" + id + "/state", "",
              WriteJson({{"state", state}}))
        .status;
  }
  http::Response Run(const std::string& id) {
    return world_.Send("engineer", "POST", "/api/v1/connectors/" + id + "/run", "", "{}");
  }

  World world_;
};

TEST_F(ConnectorTest, AnOrderOfTheShopBecomesACustomerWithATimeline) {
  testing::Covers("B3");
  testing::Covers("E5");
  const std::string id = Added(Shop());
  const std::string order = WriteJson(Order(2));
  EXPECT_EQ(Shopify(id, order).status, 200);
  const Json found = Find("c2@example.com");
  ASSERT_EQ(found.size(), 1U);
  const std::string customer = JsonText(found[0], "id");
  const Json timeline =
      Body(world_.Local("GET", "/api/v1/customers/" + customer + "/timeline", "service"))["events"];
  ASSERT_EQ(timeline.size(), 1U);
  const std::string text = WriteJson(timeline);
  EXPECT_NE(text.find("Green tea"), std::string::npos) << text;
  EXPECT_NE(text.find("19.9"), std::string::npos) << text;
  EXPECT_EQ(Find("c2@example.com", "marketing_email").size(), 1U) << "said yes";
  EXPECT_EQ(Shopify(id, WriteJson(Order(3))).status, 200);
  EXPECT_TRUE(Find("c3@example.com", "marketing_email").empty()) << "did not";
  // Sent again, by them or by somebody who heard it: known, whatever the headers say.
  EXPECT_EQ(Shopify(id, order).status, 200);
  EXPECT_EQ(Call(id, order,
                 {{"x-shopify-topic", "orders/create"},
                  {"x-shopify-webhook-id", "another"},
                  {"x-shopify-hmac-sha256", ToBase64(HmacOf(kSecret, order))}})
                .status,
            200);
  const Json now = Now(id);
  EXPECT_EQ(now["counts"]["accepted"], Json(2));
  EXPECT_EQ(now["counts"]["duplicates"], Json(2));
  EXPECT_EQ(JsonText(now["health"], "newest_at"), "2026-11-23T10:00:00.000Z");
  // A topic that nobody asked for is counted and left.
  EXPECT_EQ(Shopify(id, order, "products/update").status, 200);
  EXPECT_EQ(Now(id)["counts"]["left_out"]["topic"], Json(1));
  const Json lineage =
      Body(world_.Local("GET", "/api/v1/customers/" + customer + "/lineage", "service"));
  EXPECT_EQ(JsonText(lineage["values"][0], "channel"), "connector");
  EXPECT_EQ(world_.HeldInClear({"c2@example.com", "Customer Nr C", kSecret}), "");
}

TEST_F(ConnectorTest, WhatIsNotSignedChangesNothing) {
  testing::Covers("B3");
  testing::Covers("B9");
  const std::string id = Added(Shop());
  const std::string order = WriteJson(Order(1));
  EXPECT_EQ(Call(id, order, {}).status, 401);
  EXPECT_EQ(Shopify(id, order, "orders/create", "another secret").status, 401);
  EXPECT_EQ(
      Call(id, order, {{"x-shopify-hmac-sha256", ToBase64(HmacOf(kSecret, order)).substr(0, 20)}})
          .status,
      401);
  EXPECT_EQ(
      Call(id, order + " ", {{"x-shopify-hmac-sha256", ToBase64(HmacOf(kSecret, order))}}).status,
      401);
  EXPECT_EQ(world_.Send("", "POST", "/v1/hooks/" + Uuid().Text(), "", order).status, 404);
  EXPECT_TRUE(Find("c1@example.com").empty());
  EXPECT_EQ(Now(id)["counts"]["refused"]["signature"], Json(4));
  EXPECT_EQ(Now(id)["counts"]["accepted"], Json(0));
  EXPECT_TRUE(testing::Lacks(Now(id).dump(), kSecret)) << "never shown";
}

TEST_F(ConnectorTest, EveryWayOfSigningIsCheckedAndOldCallsAreRefused) {
  testing::Covers("B3");
  const auto with_all = [&](Json spec) {
    spec["mappings"][""] = spec["mappings"]["orders/create"];
    return spec;
  };
  const std::string order = WriteJson(Order(4));
  const Bytes mac = HmacOf(kSecret, order);
  Json generic = with_all(Shop("generic"));
  generic["settings"]["header"] = "X-Hub-Signature-256";
  const std::string github = Added(generic);
  EXPECT_EQ(Call(github, order, {{"x-hub-signature-256", "sha256=" + ToHex(mac)}}).status, 200);
  EXPECT_EQ(Call(github, order, {{"x-hub-signature-256", "sha256=" + ToHex(mac) + "00"}}).status,
            401);
  const std::string woo = Added(with_all(Shop("woocommerce")));
  EXPECT_EQ(Call(woo, order, {{"x-wc-webhook-signature", ToBase64(mac)}}).status, 200);
  // Standard Webhooks: the time is signed.
  Json standard = with_all(Shop("standard"));
  standard["secret"] = "whsec_" + ToBase64("a secret of twenty-four bytes");
  const std::string hooks = Added(standard);
  const auto call = [&](int64_t at_s, const std::string& message) {
    const std::string time = std::to_string(at_s);
    const Bytes signed_with =
        HmacOf("a secret of twenty-four bytes", message + "." + time + "." + order);
    return Call(hooks, order,
                {{"webhook-id", message},
                 {"webhook-timestamp", time},
                 {"webhook-signature", "v1,AAAA v1," + ToBase64(signed_with)}})
        .status;
  };
  const int64_t now_s = world_.clock().NowMs() / 1000;
  EXPECT_EQ(call(now_s, "msg_1"), 200);
  EXPECT_EQ(call(now_s - 299, "msg_2"), 200);
  EXPECT_EQ(call(now_s - 301, "msg_3"), 401) << "replayed";
  EXPECT_EQ(call(now_s + 301, "msg_4"), 401) << "from the future";
  EXPECT_EQ(Now(hooks)["counts"]["accepted"], Json(2))
      << "two messages, each with an id of its own";
}

TEST_F(ConnectorTest, WeComIsAnsweredAndRead) {
  testing::Covers("B3");
  Json spec = Shop("wecom");
  const std::string aes = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
  spec["secret"] = "the-token:" + aes;
  spec["mappings"] = {{"text",
                       {{"event", "Message"},
                        {"person", "FromUserName"},
                        {"values", {{"enquiry_text", "Content"}}},
                        {"redact", true}}}};
  spec["purposes"] = Json::array({{{"id", "service"}, {"basis", "contract"}}});
  const std::string id = Added(spec);
  const auto address = [&](const std::string& sealed, const std::string& token) {
    const std::string time = std::to_string(world_.clock().NowMs() / 1000);
    return "/v1/hooks/" + id + "?timestamp=" + time +
           "&nonce=n1&msg_signature=" + crypto::WeComDigest({token, time, "n1", sealed});
  };
  const auto sealed = [&](const std::string& text) {
    return ToBase64(crypto::SealWeCom(aes, text, "corp", SystemRng()).value());
  };
  // They ask first whether we can read what they seal.
  const std::string echo = sealed("4711");
  std::string escaped;
  for (const char c : echo) {
    escaped += c == '+' ? "%2B" : c == '/' ? "%2F" : c == '=' ? "%3D" : std::string(1, c);
  }
  const auto answer = world_.Send("", "GET", address(echo, "the-token") + "&echostr=" + escaped);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "4711");
  EXPECT_EQ(world_.Send("", "GET", address(echo, "other") + "&echostr=" + escaped).status, 401);
  const std::string message = sealed(
      "<xml><FromUserName><![CDATA[u-1]]></FromUserName><MsgType>text</MsgType>"
      "<Content>我的卡号 6222021234567890128 被扣了两次</Content><MsgId>99</MsgId></xml>");
  const std::string body =
      "<xml><ToUserName>corp</ToUserName><Encrypt><![CDATA[" + message + "]]></Encrypt></xml>";
  EXPECT_EQ(world_.Send("", "POST", address(message, "the-token"), "", body).status, 200);
  EXPECT_EQ(world_.Send("", "POST", address(message, "the-token"), "", body).status, 200);
  EXPECT_EQ(Now(id)["counts"]["accepted"], Json(1));
  EXPECT_EQ(Now(id)["counts"]["duplicates"], Json(1));
  EXPECT_EQ(world_.Send("", "POST", address(message, "no"), "", body).status, 401);
  EXPECT_EQ(world_.Send("", "POST", address(message, "the-token"), "", "<xml>").status, 401);
}

TEST_F(ConnectorTest, WhatCannotBeTakenWaitsIsMendedAndComesOnce) {
  testing::Covers("B3");
  testing::Covers("H13");
  const std::string id = Added(Shop());
  EXPECT_EQ(Shopify(id, R"({"id": 1, "name": "#1"})").status, 200) << "names nobody";
  EXPECT_EQ(Shopify(id, R"({"id": 1, "name": "#1"})").status, 200) << "the same again";
  EXPECT_EQ(Shopify(id, "no json").status, 200);
  Json old = Order(5);
  old["created_at"] = "2026-01-01T00:00:00Z";
  EXPECT_EQ(Shopify(id, WriteJson(old)).status, 200);
  const Json letters = Letters(id);
  ASSERT_EQ(letters.size(), 3U) << letters;
  EXPECT_EQ(Now(id)["health"]["letters"], Json(3));
  EXPECT_TRUE(testing::Lacks(WriteJson(letters), "c5@example.com"));
  world_.Reopen();
  EXPECT_EQ(Letters(id).size(), 3U);
  EXPECT_EQ(world_.HeldInClear({"c5@example.com"}), "") << "waits sealed";
  // Looked at by somebody, an old one may come in.
  const auto replay = [&] {
    return Body(world_.Send("engineer", "POST", "/api/v1/connectors/" + id + "/letters", "", "{}"));
  };
  EXPECT_EQ(replay()["taken"], Json(1));
  EXPECT_EQ(Find("c5@example.com").size(), 1U);
  EXPECT_EQ(replay()["taken"], Json(0));
  ASSERT_EQ(Letters(id).size(), 2U);
  const std::string path =
      "/api/v1/connectors/" + id + "/letters/" + JsonText(Letters(id)[0], "id");
  EXPECT_EQ(world_.Send("engineer", "DELETE", path).status, 204);
  EXPECT_EQ(world_.Send("engineer", "DELETE", path).status, 404);
  EXPECT_EQ(Letters(id).size(), 1U);
  EXPECT_EQ(world_.Leaves("connector.discard"), 1);
  // What nobody mends goes: no erasure would reach it.
  world_.clock().Advance(int64_t{31} * 86400000);
  ASSERT_TRUE(world_.instance().connectors().Tick());
  EXPECT_TRUE(
      Body(world_.Local("GET", "/api/v1/connectors/" + id + "/letters"))["letters"].empty());
  EXPECT_EQ(world_.Leaves("connector.forget"), 1);
}

TEST_F(ConnectorTest, PausedItIsCalledAgainLaterEndedNever) {
  testing::Covers("B3");
  const std::string id = Added(Shop());
  const std::string order = WriteJson(Order(6));
  EXPECT_EQ(Turn(id, "paused"), 204);
  EXPECT_EQ(Shopify(id, order).status, 503);
  EXPECT_EQ(Turn(id, "running"), 204);
  EXPECT_EQ(Shopify(id, order).status, 200);
  EXPECT_EQ(Turn(id, "ended"), 204);
  EXPECT_EQ(Shopify(id, order).status, 404);
  EXPECT_EQ(Turn(id, "running"), 409);
  world_.Reopen();
  EXPECT_EQ(JsonText(Now(id), "state"), "ended");
}

TEST_F(ConnectorTest, BringingMoreThanIsNeededIsRefused) {
  testing::Covers("B10");
  Json spec = Shop();
  spec["mappings"]["orders/create"]["values"]["income"] = "customer.income";
  EXPECT_EQ(CodeOf(Add(spec)), "purpose_refused");
  spec = Shop();
  spec["mappings"]["orders/create"]["values"]["shoe_size"] = "x";
  EXPECT_EQ(CodeOf(Add(spec)), "unknown_field");
  spec = Shop();
  spec["source"] = "nowhere";
  EXPECT_EQ(CodeOf(Add(spec)), "unknown_source");
  spec = Shop();
  spec["secret"] = "short";
  EXPECT_EQ(Add(spec).status, 400);
  spec = Shop();
  spec["settings"]["folder"] = "/etc";
  EXPECT_EQ(Add(spec).status, 400);
  EXPECT_EQ(Add(Shop(), "marketer").status, 403);
}

// A socket that lets everybody in and never says a word.
class Mute {
 public:
  Mute() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 16), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~Mute() { close(socket_); }
  Mute(const Mute&) = delete;
  Mute& operator=(const Mute&) = delete;
  int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

TEST_F(ConnectorTest, OneThatHangsHoldsUpNoOtherAndCanBeTurnedOff) {
  testing::Covers("B3");
  testing::Covers("B4");
  const Mute mute;
  Json spec = {
      {"label", "Silent"},
      {"kind", "rest"},
      {"source", "store"},
      {"purposes", Json::array({{{"id", "service"}, {"basis", "contract"}}})},
      {"settings",
       {{"url", "https://127.0.0.1:" + std::to_string(mute.port()) + "/"}, {"inside", "true"}}},
      {"mappings", {{"", {{"person", "id"}, {"values", {{"email", "email"}}}}}}}};
  std::vector<std::string> silent;
  silent.reserve(3);
  for (int i = 0; i < 3; ++i) {
    silent.push_back(Added(spec, "operator"));
  }
  const fs::path folder = fs::path(testing::TempFolder()) / "in";
  fs::create_directories(folder);
  std::ofstream(folder / "a.csv") << "id,email\n1,one@example.com\n";
  fs::last_write_time(folder / "a.csv",
                      fs::file_time_type::clock::now() - std::chrono::seconds(10));
  spec["label"] = "Tills";
  spec["kind"] = "folder";
  spec["settings"] = {{"folder", folder.string()}};
  const std::string tills = Added(spec, "operator");
  world_.instance().StartConnectors();
  for (int i = 0; i < 1000 && Now(tills)["counts"]["accepted"] != Json(1); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(Now(tills)["counts"]["accepted"], Json(1));
  for (const std::string& id : silent) {
    EXPECT_EQ(Now(id)["health"]["failures"], Json(0)) << "still waits for an answer";
    EXPECT_EQ(Turn(id, "ended"), 204) << "without waiting for it";
  }
}

TEST_F(ConnectorTest, AFolderIsEmptiedRowByRow) {
  testing::Covers("B3");
  testing::Covers("B4");
  const fs::path folder = fs::path(testing::TempFolder()) / "in";
  fs::create_directories(folder);
  const Json spec = {
      {"label", "Tills"},
      {"kind", "folder"},
      {"source", "store"},
      {"purposes", Json::array({{{"id", "service"}, {"basis", "contract"}}})},
      {"settings", {{"folder", folder.string()}}},
      {"mappings",
       {{"", {{"person", "id"}, {"values", {{"name_full", "name"}, {"email", "email"}}}}}}}};
  EXPECT_EQ(Add(spec).status, 403) << "reaches into the house";
  const std::string id = Added(spec, "operator");
  const auto put = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    fs::last_write_time(folder / name, fs::file_time_type::clock::now() - std::chrono::seconds(10));
  };
  std::string rows = "id,name,email\n";
  for (int i = 0; i < 1203; ++i) {
    rows += std::to_string(i) + ",Customer Nr " + static_cast<char>('A' + i % 26) + ",t" +
            std::to_string(i) + "@example.com\n";
  }
  put("monday.csv", rows);
  put("half.csv.part", "id,name\n1,Half\n");
  put("contacts.vcf",
      "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:v-1\r\nN:王;芳;;;\r\nTEL;TYPE=CELL:+8613800138000\r\n"
      "EMAIL:wang@example.com\r\nNOTE:a line that is\r\n  folded\r\nEND:VCARD\r\n");
  EXPECT_EQ(Run(id).status, 200) << Run(id).body;
  EXPECT_EQ(Find("t0@example.com").size(), 1U);
  EXPECT_EQ(Find("t1202@example.com").size(), 1U);
  EXPECT_EQ(Now(id)["counts"]["accepted"], Json(1204));
  EXPECT_FALSE(fs::exists(folder / "monday.csv"));
  EXPECT_TRUE(fs::exists(folder / "half.csv.part")) << "somebody writes it";
  const Json wang = Find("wang@example.com");
  ASSERT_EQ(wang.size(), 1U);
  // The same file once more: known row by row.
  put("again.csv", rows);
  EXPECT_EQ(Run(id).status, 200);
  EXPECT_EQ(Now(id)["counts"]["accepted"], Json(1204));
  EXPECT_EQ(Now(id)["counts"]["duplicates"], Json(1203));
  // What is no table is set aside and said; what is beside it comes in the next time.
  put("broken.xlsx", std::string("PK\x03\x04", 4) + "nothing");
  put("tuesday.csv", "id,name,email\n9001,Late Guest,late@example.com\n");
  EXPECT_EQ(Run(id).status, 400);
  EXPECT_TRUE(fs::exists(folder / "broken.xlsx.refused"));
  EXPECT_NE(Now(id)["health"]["why"], Json());
  EXPECT_EQ(Run(id).status, 200);
  EXPECT_EQ(Find("late@example.com").size(), 1U);
  EXPECT_EQ(Now(id)["health"]["why"], Json());
  fs::remove_all(folder);
}

TEST(AddressTest, NoTrickReachesIntoTheHouse) {
  testing::Covers("B3");
  int refused = 0;
  for (const char* address : {"0.0.0.0",
                              "0.1.2.3",
                              "10.0.0.1",
                              "10.255.255.255",
                              "100.64.0.1",
                              "100.127.255.254",
                              "127.0.0.1",
                              "127.1.2.3",
                              "127.255.255.255",
                              "169.254.0.1",
                              "169.254.169.254",
                              "169.254.170.2",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.1",
                              "192.0.0.170",
                              "192.0.2.1",
                              "192.88.99.1",
                              "192.168.0.1",
                              "192.168.255.255",
                              "198.18.0.1",
                              "198.19.255.255",
                              "198.51.100.7",
                              "203.0.113.9",
                              "224.0.0.1",
                              "239.255.255.250",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::127.0.0.1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "::ffff:169.254.169.254",
                              "::ffff:8.8.8.8",
                              "0:0:0:0:0:ffff:7f00:1",
                              "::ffff:0:127.0.0.1",
                              "64:ff9b::7f00:1",
                              "64:ff9b::8.8.8.8",
                              "64:ff9b:1::1",
                              "100::1",
                              "2001::1",
                              "2001:0:7f00:1::",
                              "2001:10::1",
                              "2001:20::1",
                              "2001:db8::1",
                              "2002:7f00:1::",
                              "2002:a00:1::1",
                              "3fff::1",
                              "fc00::1",
                              "fd00::1",
                              "fd12:3456:789a::1",
                              "fe80::1",
                              "fec0::1",
                              "ff02::1",
                              "ff05::2",
                              "5f00::1",
                              "::2",
                              "::ffff:0:0",
                              "1::",
                              "localhost",
                              "127.1",
                              "2130706433",
                              "0x7f000001",
                              "0177.0.0.1",
                              "017700000001",
                              "127.0.0.1.",
                              "1.1",
                              "[::1]",
                              "::1%lo",
                              "0x7f.1",
                              "127.0.0.1:80",
                              "",
                              " 127.0.0.1",
                              "١٢٧.٠.٠.١",
                              "①②⑦.⓪.⓪.①"}) {
    EXPECT_FALSE(http::IsPublicText(address)) << address;
    ++refused;
  }
  EXPECT_GE(refused, 70);
  for (const char* address : {"1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.0.1", "172.32.0.1",
                              "100.63.255.255", "100.128.0.1", "192.0.1.1", "198.17.0.1",
                              "198.20.0.1", "223.255.255.255", "2606:4700:4700::1111",
                              "2a00:1450:4001:81b::200e", "2400:3200::1", "2001:4860:4860::8888"}) {
    EXPECT_TRUE(http::IsPublicText(address)) << address;
  }
}

// Each as a connector: refused when it is made, or when it is about to connect; never called.
TEST_F(ConnectorTest, TwoHundredWaysIntoTheHouseAllEndOutside) {
  testing::Covers("B3");
  std::vector<std::string> hosts = {"127.0.0.1",
                                    "127.1",
                                    "127.0.1",
                                    "0",
                                    "0.0.0.0",
                                    "2130706433",
                                    "0x7f000001",
                                    "0x7f.0.0.1",
                                    "0177.0.0.1",
                                    "017700000001",
                                    "127.0.0.1.",
                                    "localhost",
                                    "LOCALHOST",
                                    "localhost.",
                                    "[::1]",
                                    "[::]",
                                    "[::ffff:127.0.0.1]",
                                    "[::ffff:7f00:1]",
                                    "[0:0:0:0:0:0:0:1]",
                                    "[::127.0.0.1]",
                                    "[64:ff9b::7f00:1]",
                                    "[2002:7f00:1::]",
                                    "[fe80::1]",
                                    "[fd00::1]",
                                    "10.0.0.1",
                                    "10.1",
                                    "167772161",
                                    "0xa000001",
                                    "192.168.1.1",
                                    "192.168.257",
                                    "3232235777",
                                    "172.16.0.1",
                                    "169.254.169.254",
                                    "2852039166",
                                    "0xa9fea9fe",
                                    "0251.0376.0251.0376",
                                    "[::ffff:a9fe:a9fe]",
                                    "169.254.43518",
                                    "100.100.100.200",
                                    "192.0.0.192",
                                    "224.0.0.1",
                                    "255.255.255.255",
                                    "240.0.0.1",
                                    "198.18.0.1",
                                    "0.0.0.1",
                                    "127.127.127.127"};
  std::vector<std::string> urls;
  for (const std::string& host : hosts) {
    for (const char* tail : {"/", ":443/x", ":8443/", "/?q=1"}) {
      urls.push_back("https://" + host + tail);
    }
  }
  for (const char* other :
       {"http://127.0.0.1/", "HTTPS://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/",
        "dict://127.0.0.1:11211/", "ftp://127.0.0.1/", "https://user@127.0.0.1/",
        "https://example.com@127.0.0.1/", "https://127.0.0.1#@example.com/", "https:127.0.0.1",
        "https:///127.0.0.1", "//127.0.0.1/", "https://127.0.0.1%2f@example.com/",
        "https://example.com:80@127.0.0.1/", "ldap://127.0.0.1", "tftp://127.0.0.1/x",
        "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/"}) {
    urls.emplace_back(other);
  }
  EXPECT_GE(urls.size(), 200U);
  Json spec = {{"label", "Trick"},
               {"kind", "rest"},
               {"source", "store"},
               {"purposes", Json::array({{{"id", "service"}, {"basis", "contract"}}})},
               {"mappings", {{"", {{"event", "x"}, {"values", {{"email", "email"}}}}}}}};
  for (const std::string& url : urls) {
    spec["settings"] = {{"url", url}};
    const auto made = Add(spec);
    if (made.status == 201) {
      const auto run = Run(JsonText(Body(made), "id"));
      // Refused by its address, or a name that no resolver knows.
      EXPECT_TRUE(run.status == 403 || run.status == 503) << url << " " << run.body;
      const bool number = std::isdigit(url[8]) != 0 && url.find("1./") == std::string::npos &&
                          url.find("1.:") == std::string::npos &&
                          url.find("。") == std::string::npos;
      if (number) {
        EXPECT_EQ(run.status, 403) << url << " " << run.body;
      }
    } else {
      EXPECT_EQ(made.status, 400) << url << " " << made.body;
    }
  }
  // Only the owner of the house lets a connector in.
  spec["settings"] = {{"url", "https://10.0.0.1/"}, {"inside", "true"}};
  EXPECT_EQ(Add(spec).status, 403);
}

TEST(MailMessageTest, ReadsWhoWroteAndWhatTheyWantWithoutWhatTheyQuote) {
  testing::Covers("B5");
  const auto plain = collect::ReadMessage(
      "From: =?UTF-8?B?546L6Iqz?= <wang@example.com>\r\nSubject: =?GBK?B?tqm1pQ==?=\r\n"
      "Date: Mon, 23 Nov 2026 10:00:00 +0800\r\nMessage-ID: <m1@example.com>\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n\r\n我的包裹在哪里？\r\n> 旧的内容\r\n"
      "\r\n在 2026年 写道：\r\n都是引用\r\n");
  ASSERT_TRUE(plain);
  EXPECT_EQ(JsonText(*plain, "from"), "wang@example.com");
  EXPECT_EQ(JsonText(*plain, "name"), "王芳");
  EXPECT_EQ(JsonText(*plain, "subject"), "订单");
  EXPECT_EQ(JsonText(*plain, "text"), "我的包裹在哪里？");
  EXPECT_EQ(JsonText(*plain, "date"), "2026-11-23T02:00:00.000Z");
  const auto html = collect::ReadMessage(
      "From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
      "Content-Type: text/html\n\n<style>p{}</style><p>Where is <b>my</b> parcel?<script>x</script>"
      "</p>\n--b\nContent-Type: text/plain\nContent-Disposition: attachment\n\nsecret "
      "file\n--b--\n");
  ASSERT_TRUE(html);
  EXPECT_NE(JsonText(*html, "text").find("Where is  my  parcel?"), std::string::npos) << *html;
  EXPECT_TRUE(testing::Lacks(JsonText(*html, "text"), "secret"));
  EXPECT_FALSE(collect::ReadMessage(""));
  EXPECT_FALSE(collect::ReadMessage("no message at all"));
}

TEST(ContactsTest, ReadsCardsAndDirectories) {
  testing::Covers("B3");
  const auto rows = [](const std::string& text) {
    std::vector<std::map<std::string, std::string>> all;
    auto table = collect::OpenTable(collect::MemorySource(text));
    EXPECT_TRUE(table);
    collect::TableRow row;
    while ((*table)->Next(row).value_or(false)) {
      auto& one = all.emplace_back();
      for (size_t c = 0; c < row.cells.size(); ++c) {
        if (!row.cells[c].empty()) {
          one[(*table)->header()[c]] = row.cells[c].Reveal();
        }
      }
    }
    return all;
  };
  const auto cards = rows(
      "BEGIN:VCARD\nVERSION:4.0\nFN:Ana López\nN:López;Ana;;;\nORG:Tea\\; Co;Sales\n"
      "item1.EMAIL;TYPE=work:ana@example.com\nEMAIL:ana2@example.com\nTEL;VALUE=uri:tel:+"
      "35312345678"
      "\nADR;TYPE=home:;;1 Main St;Dublin;;D01;Ireland\nBDAY:1975-07-28\nPHOTO;ENCODING=b:AAAA\n"
      "END:VCARD\nBEGIN:VCARD\nVERSION:2.1\n"
      "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=8E=8B=\n=E8=8A=B3\nEND:VCARD\n");
  ASSERT_EQ(cards.size(), 2U);
  EXPECT_EQ(cards[0].at("name"), "Ana López");
  EXPECT_EQ(cards[0].at("email"), "ana@example.com");
  EXPECT_EQ(cards[0].at("email_2"), "ana2@example.com");
  EXPECT_EQ(cards[0].at("phone"), "+35312345678");
  EXPECT_EQ(cards[0].at("organization"), "Tea; Co");
  EXPECT_EQ(cards[0].at("postcode"), "D01");
  EXPECT_EQ(cards[1].at("name"), "王芳");
  const auto people = rows(
      "version: 1\n\ndn: cn=Bo,dc=example\ncn: Bo Berg\nmail: bo@example.com\ntelephoneNumber: +46 "
      "1\n"
      "\n# a note\ndn: uid=x,dc=example\nuid: x\nsn:: 546L\ngivenName:: 6Iqz\ndescription: a long\n"
      "  line\n");
  ASSERT_EQ(people.size(), 2U);
  EXPECT_EQ(people[0].at("name"), "Bo Berg");
  EXPECT_EQ(people[1].at("id"), "x");
  EXPECT_EQ(people[1].at("name"), "王芳");
  EXPECT_EQ(people[1].at("note"), "a long line");
}

// FUZZ=10000000 for the long run.
TEST(ConnectorFuzzTest, NoParserIsUpsetByChance) {
  testing::Covers("B3");
  const char* rounds = std::getenv("FUZZ");
  SeededRandom random(11);
  const std::vector<std::string> seeds = {
      "<xml><A><![CDATA[x]]></A><B>1</B></xml>", "BEGIN:VCARD\nFN:Ana\nTEL:1\nEND:VCARD\n",
      "dn: cn=x\ncn:: 546L\n\ndn: y\n",
      "From: a@b.example\nSubject: =?UTF-8?B?546L?=\nContent-Type: multipart/mixed; boundary=b\n\n"
      "--b\n\ntext\n--b--\n"};
  for (int i = 0; i < (rounds == nullptr ? 20000 : std::atoi(rounds)); ++i) {
    std::string text = seeds[random.Below(seeds.size())];
    for (size_t n = random.Below(6); n > 0; --n) {
      const size_t at = random.Below(text.size() + 1);
      random.Chance(400) ? void(text.insert(at, 1, static_cast<char>(random.Below(256))))
                         : void(text.erase(std::min(at, text.size()), random.Below(6)));
    }
    (void)collect::ReadXml(text);
    (void)collect::ReadMessage(text);
    (void)crypto::OpenWeCom("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", text);
    if (auto table = collect::OpenTable(collect::MemorySource(text))) {
      collect::TableRow row;
      for (int rows = 0; rows < 100 && (*table)->Next(row).value_or(false); ++rows) {
      }
    }
  }
}

}  // namespace

}  // namespace fiducia
