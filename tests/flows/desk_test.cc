// The service desk: contacts taken in without what is not needed, as tickets until they are closed.
#include <set>

#include <gtest/gtest.h>

#include "collect/connectors/mail_message.h"
#include "crypto/hash.h"
#include "testing/canary.h"
#include "testing/customer.h"
#include "testing/world.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::World;

constexpr const char* kCard = "4111 1111 1111 1111";
constexpr int64_t kDayMs = 86400000;

std::string CodeOf(const http::Response& response) { return JsonText(Body(response), "code"); }

class DeskTest : public ::testing::Test {
 protected:
  DeskTest()
      : id_(world_.AddCustomer({{"name_full", {"Emma Smith"}},
                                {"mobile", {"13800138000"}},
                                {"email", {"emma@example.com"}}})) {}

  std::string Tickets() const { return "/api/v1/customers/" + id_ + "/tickets"; }
  static Json Call(const std::string& text) {
    return {{"channel", "phone"}, {"text", text}, {"source", "shop"}, {"minutes", 12}};
  }
  http::Response Take(const Json& contact, const std::string& ticket = {},
                      const std::map<std::string, std::string>& headers = {}) {
    return world_.Send("agent", "POST",
                       ticket.empty() ? Tickets() : Tickets() + "/" + ticket + "/contacts",
                       "service", WriteJson(contact), headers);
  }
  Json List(const std::string& state = "open", const std::string& more = {}) {
    return Body(world_.Send("agent", "GET", "/api/v1/tickets?state=" + state + more, "service"));
  }
  Json Timeline() {
    return Body(world_.Send("agent", "GET", "/api/v1/customers/" + id_ + "/timeline", "service"));
  }

  World world_;
  std::string id_;
};

TEST_F(DeskTest, ACallBecomesATicketWithoutWhatIsNotNeeded) {
  testing::Covers("B5");
  testing::Covers("A4");
  const std::string words = std::string("I want to complain: charged twice on card ") + kCard +
                            ", call me at +44 20 7946 0958 about order 7711. Delete my data!";
  const Json preview = Body(world_.Send("agent", "POST", "/api/v1/tickets/preview", "service",
                                        WriteJson({{"channel", "phone"}, {"text", words}})));
  EXPECT_EQ(JsonText(preview, "matter"), "complaint");
  EXPECT_EQ(preview["rights"], Json({"erase"}));
  EXPECT_EQ(preview["kinds"].size(), 2U) << preview;
  EXPECT_EQ(List()["waiting"], Json(0)) << "a preview keeps nothing";

  const auto taken = Take(Call(words));
  ASSERT_EQ(taken.status, 201) << taken.body;
  const std::string ticket = JsonText(Body(taken), "id");
  const Json listed = List();
  ASSERT_EQ(listed["tickets"].size(), 1U);
  const Json& one = listed["tickets"][0];
  EXPECT_EQ(JsonText(one, "id"), ticket);
  EXPECT_EQ(JsonText(one, "customer"), id_);
  EXPECT_EQ(JsonText(one, "matter"), "complaint");
  EXPECT_EQ(one["rights"], Json({"erase"}));
  EXPECT_EQ(one["taken"], Json({{"bank_card", 1}, {"phone", 1}}));
  EXPECT_EQ(one["contacts"].size(), 1U);

  const Json event = Timeline()["events"][0];
  EXPECT_EQ(event["id"], one["contacts"][0]);
  const std::string note = JsonText(event["fields"]["service_note"][0], "value");
  EXPECT_EQ(note, JsonText(preview, "text"));
  EXPECT_NE(note.find("order 7711"), std::string::npos);
  EXPECT_TRUE(testing::Lacks(note, "4111"));
  EXPECT_EQ(JsonText(event["fields"]["service_note"][0], "access"), "clear");
  EXPECT_EQ(JsonText(event["fields"]["call_log"][0], "value"), "call in, 12 minutes");
  EXPECT_EQ(world_.Leaves("ticket.open"), 1);
  EXPECT_EQ(world_.Leaves("ticket.list"), 2);
}

TEST_F(DeskTest, ATicketGoesOnIsClosedAndOpensAgain) {
  testing::Covers("B5");
  const std::string ticket = JsonText(Body(Take(Call("The lid came broken."))), "id");
  world_.clock().Advance(kDayMs);
  Json mail = Call("Where is the replacement?");
  mail["channel"] = "mail";
  mail.erase("minutes");
  ASSERT_EQ(Take(mail, ticket).status, 201);
  EXPECT_EQ(List()["tickets"][0]["contacts"].size(), 2U);
  const auto close = [&] {
    return world_.Send("agent", "POST", Tickets() + "/" + ticket + "/close", "service",
                       R"({"outcome":"solved"})");
  };
  ASSERT_EQ(close().status, 200);
  EXPECT_EQ(close().status, 409) << "it is closed";
  EXPECT_EQ(List()["waiting"], Json(0));
  const Json closed = List("closed")["tickets"];
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(JsonText(closed[0], "outcome"), "solved");
  world_.Reopen();
  ASSERT_EQ(Take(Call("Broken again."), ticket).status, 201);
  EXPECT_EQ(List()["waiting"], Json(1));
  EXPECT_EQ(List()["tickets"][0]["outcome"], Json());
  EXPECT_EQ(
      Body(world_.Send("agent", "GET", Tickets(), "service"))["tickets"][0]["contacts"].size(), 3U);
}

TEST_F(DeskTest, WhatIsARequestUnderTheLawIsHandedOverWithItsTimeRunning) {
  testing::Covers("B5");
  testing::Covers("G6");
  Json call = Call("Please delete my data.");
  call["occurred_at"] = "2026-11-20T09:00:00Z";
  const std::string ticket = JsonText(Body(Take(call)), "id");
  const auto hand_over = [&](const Json& rights, const std::string& role = "agent") {
    return world_.Send(role, "POST", Tickets() + "/" + ticket + "/request", "service",
                       WriteJson({{"rights", rights}}));
  };
  EXPECT_EQ(hand_over({"erase"}, "marketer").status, 403);
  EXPECT_EQ(CodeOf(hand_over(Json::array())), "invalid_input");
  EXPECT_EQ(CodeOf(hand_over({"rectify"})), "invalid_input");
  EXPECT_EQ(CodeOf(hand_over({"fly"})), "invalid_input");
  EXPECT_EQ(List()["tickets"][0]["request"], Json());
  const auto made = hand_over({"erase"});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(CodeOf(hand_over({"erase"})), "conflict");
  EXPECT_EQ(JsonText(List()["tickets"][0], "request"), JsonText(Body(made), "number"));
  const Json cases = Body(world_.Local("GET", "/api/v1/rights"))["cases"];
  ASSERT_EQ(cases.size(), 1U);
  EXPECT_EQ(JsonText(cases[0], "number"), JsonText(Body(made), "number"));
  EXPECT_EQ(JsonText(cases[0], "customer"), id_);
  EXPECT_EQ(JsonText(cases[0], "received_at").substr(0, 10), "2026-11-20") << cases[0];
}

TEST_F(DeskTest, AChatIsKeptAsWhoSaidWhat) {
  testing::Covers("B5");
  const Json chat = {{"channel", "chat"},
                     {"source", "shop"},
                     {"text",
                      "[10:02] Emma Smith: the parcel has not arrived\n[10:03] Tom: which "
                      "order? We never delete my data\n[10:04] Emma Smith: 7711\n"},
                     {"customer", "Emma Smith"}};
  ASSERT_EQ(Take(chat).status, 201);
  EXPECT_EQ(JsonText(Timeline()["events"][0]["fields"]["service_note"][0], "value"),
            "Customer: the parcel has not arrived\nDesk: which order? We never delete my "
            "data\nCustomer: 7711");
  EXPECT_EQ(JsonText(List()["tickets"][0], "matter"), "after_sales");
  EXPECT_EQ(List()["tickets"][0]["rights"], Json::array()) << "the desk spoke of it, not she";
}

TEST_F(DeskTest, WhatTheMatterIsAboutStaysAgainstAReasonOnly) {
  testing::Covers("B5");
  testing::Covers("B10");
  Json contact = Call(std::string("Her diabetes: was there sugar in it? Card ") + kCard);
  contact["keep"] = {"health", "bank_card"};
  EXPECT_EQ(CodeOf(Take(contact)), "reason_required");
  contact["reason"] = "the complaint is about it";
  ASSERT_EQ(Take(contact).status, 201);
  EXPECT_EQ(List()["tickets"][0]["taken"], Json({{"bank_card", 1}}));
  // What stayed is still of its level: an agent sees it hidden.
  const Json value = Timeline()["events"][0]["fields"]["service_note"][0];
  EXPECT_TRUE(testing::Lacks(JsonText(value, "value"), "4111"));
  EXPECT_EQ(JsonText(value, "level"), "L4") << value;
}

TEST_F(DeskTest, WhatWasKeptAgainstAReasonIsOpenedAgainstAReason) {
  testing::Covers("B5");
  Json contact = Call("Her diabetes is the matter. Call back at +44 20 7946 0958.");
  contact["keep"] = {"phone", "health"};
  contact["reason"] = "to call back";
  ASSERT_EQ(Take(contact).status, 201);
  const Json entry = Timeline()["events"][0];
  EXPECT_TRUE(testing::Lacks(JsonText(entry["fields"]["service_note"][0], "value"), "7946"));
  const auto reveal = [&](const std::string& event, const std::string& reason,
                          const std::string& role = "agent") {
    return world_.Send(role, "POST", "/api/v1/customers/" + id_ + "/timeline/" + event + "/reveal",
                       "service", WriteJson({{"reason", reason}}));
  };
  const std::string id = JsonText(entry, "id");
  EXPECT_EQ(CodeOf(reveal(id, "")), "reason_required");
  EXPECT_EQ(CodeOf(reveal("nothing", "to call back")), "not_found");
  EXPECT_EQ(reveal(id, "to call back", "marketer").status, 403);
  const Json opened = Body(reveal(id, "to call back"));
  ASSERT_EQ(opened["events"].size(), 1U) << opened;
  const std::string note = JsonText(opened["events"][0]["fields"]["service_note"][0], "value");
  EXPECT_NE(note.find("7946"), std::string::npos) << note;
  EXPECT_TRUE(testing::Lacks(note, "diabetes")) << "beyond what an agent's reveal reaches";
  EXPECT_EQ(world_.Leaves("reveal"), 1);
}

TEST_F(DeskTest, TheSameContactSentAgainIsTakenOnce) {
  testing::Covers("B5");
  const std::map<std::string, std::string> key = {{"idempotency-key", "call-1"}};
  const auto first = Take(Call("Hello?"), {}, key);
  const auto again = Take(Call("Hello?"), {}, key);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(JsonText(Body(first), "id"), JsonText(Body(again), "id"));
  EXPECT_EQ(Take(Call("Something else"), {}, key).status, 409);
  EXPECT_EQ(List()["waiting"], Json(1));
}

TEST_F(DeskTest, ALongConversationIsKeptToItsEnd) {
  testing::Covers("B5");
  std::string text;
  for (int i = 0; i < 900; ++i) {
    text += "Visitor: line " + std::to_string(i) + " 快递\nAgent: noted\n";
  }
  ASSERT_EQ(Take({{"channel", "chat"}, {"source", "shop"}, {"text", text}}).status, 201);
  const Json values = Timeline()["events"][0]["fields"]["service_note"];
  ASSERT_GT(values.size(), 2U);
  std::string all;
  for (const Json& value : values) {
    all += JsonText(value, "value") + "\n";
  }
  for (const int line : {0, 1, 450, 899}) {
    EXPECT_NE(all.find("line " + std::to_string(line) + " 快递\n"), std::string::npos) << line;
  }
}

TEST_F(DeskTest, BadInputIsRefusedAndChangesNothing) {
  testing::Covers("B5");
  const auto with = [](const char* member, const Json& value) {
    Json contact = Call("Hello");
    contact[member] = value;
    return contact;
  };
  for (const auto& [contact, code] : std::initializer_list<std::pair<Json, const char*>>{
           {with("channel", "pigeon"), "invalid_input"},
           {with("text", "  \n "), "invalid_input"},
           {with("text", ""), "invalid_input"},
           {with("text", std::string(200001, 'a')), "invalid_input"},
           {with("source", "nowhere"), "unknown_source"},
           {with("keep", {"everything"}), "invalid_input"},
           {with("matter", "riddle"), "invalid_input"},
           {with("minutes", 1441), "invalid_input"},
           {with("minutes", "12"), "invalid_input"},
           {with("occurred_at", "yesterday"), "invalid_input"},
           {with("color", "red"), "invalid_input"}}) {
    EXPECT_EQ(CodeOf(Take(contact)), code) << WriteJson(contact).substr(0, 200);
  }
  const std::string nobody = "01990000-0000-7000-8000-000000000000";
  EXPECT_EQ(CodeOf(Take(Call("Hello"), nobody)), "not_found");
  EXPECT_EQ(CodeOf(Take(Call("Hello"), "no-id")), "not_found");
  EXPECT_EQ(world_.Send("agent", "GET", "/api/v1/tickets?state=lost", "service").status, 400);
  EXPECT_EQ(world_.Send("agent", "GET", "/api/v1/tickets?cursor=x", "service").status, 400);
  EXPECT_EQ(List()["waiting"], Json(0));
  EXPECT_TRUE(Timeline()["events"].empty());
}

TEST_F(DeskTest, OnlyTheDeskSeesTicketsAndOnlyForItsPurpose) {
  testing::Covers("B5");
  ASSERT_EQ(Take(Call("Hello")).status, 201);
  for (const char* role : {"marketer", "analyst", "engineer", "collector"}) {
    EXPECT_EQ(world_.Send(role, "GET", "/api/v1/tickets", "service").status, 403) << role;
    EXPECT_EQ(world_.Send(role, "POST", Tickets(), "service", WriteJson(Call("x"))).status, 403);
  }
  EXPECT_EQ(CodeOf(world_.Send("agent", "GET", "/api/v1/tickets")), "purpose_required");
  // A purpose that is not about the desk: the ticket is there, what it says is not.
  const Json other =
      Body(world_.Send("agent", "GET", "/api/v1/tickets", "order_fulfilment"))["tickets"];
  ASSERT_EQ(other.size(), 1U);
  EXPECT_FALSE(other[0]["withheld"].is_null()) << other;
  EXPECT_FALSE(other[0].contains("matter"));
}

TEST_F(DeskTest, ARestrictedCustomerIsNotSpokenOf) {
  testing::Covers("B5");
  testing::Covers("G6");
  ASSERT_EQ(Take(Call("Hello")).status, 201);
  ASSERT_EQ(world_
                .Send("privacy_officer", "POST", "/api/v1/customers/" + id_ + "/restriction",
                      "legal_compliance",
                      R"({"kind":"dispute","restricted":true,"reason":"the address is wrong"})")
                .status,
            201);
  const Json listed = List()["tickets"];
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(JsonText(listed[0], "withheld"), "restricted") << listed;
  EXPECT_EQ(CodeOf(Take(Call("Hello again"))), "restricted");
}

TEST_F(DeskTest, ErasureTakesTicketsAndTimeForgetsThem) {
  testing::Covers("B5");
  testing::Covers("G6");
  const std::string ticket = JsonText(Body(Take(Call("Hello"))), "id");
  const std::string other = std::exchange(id_, world_.AddCustomer({{"name_full", {"Bo"}}}));
  ASSERT_EQ(Take(Call("Hi")).status, 201);
  EXPECT_EQ(List()["waiting"], Json(2));
  ASSERT_EQ(world_.Local("DELETE", "/api/v1/customers/" + other, "service").status, 200);
  EXPECT_EQ(List()["waiting"], Json(1));
  const std::string mine = JsonText(List()["tickets"][0], "id");
  EXPECT_NE(mine, ticket);
  ASSERT_EQ(world_
                .Send("agent", "POST", Tickets() + "/" + mine + "/close", "service",
                      R"({"outcome":"no_answer"})")
                .status,
            200);
  world_.instance().Housekeep();
  EXPECT_EQ(List("closed")["tickets"].size(), 1U);
  world_.clock().Advance(int64_t{740} * kDayMs);
  world_.instance().Housekeep();
  EXPECT_TRUE(List("closed")["tickets"].empty());
}

TEST_F(DeskTest, TheCustomerSeesTicketsAndWhoLooked) {
  testing::Covers("B5");
  testing::Covers("G6");
  ASSERT_EQ(Take(Call("I want to complain about order 7711")).status, 201);
  List();
  testing::Customer emma(world_, "emma@example.com");
  const Json events = Body(emma.Send("GET", "/api/v1/portal/data"))["events"];
  ASSERT_EQ(events.size(), 2U) << events;
  const std::string all = WriteJson(events);
  EXPECT_NE(all.find("complaint, phone, open"), std::string::npos) << all;
  EXPECT_NE(all.find("order 7711"), std::string::npos) << all;
  const std::string looked = WriteJson(Body(emma.Send("GET", "/api/v1/portal/accesses")));
  EXPECT_NE(looked.find("ticket.open"), std::string::npos) << looked;
}

TEST_F(DeskTest, TheQueueGoesPageByPageWhoWaitsLongestFirst) {
  testing::Covers("B5");
  std::vector<std::string> tickets;
  for (int i = 0; i < 5; ++i) {
    world_.clock().Advance(1000);
    tickets.push_back(JsonText(Body(Take(Call("Hello " + std::to_string(i)))), "id"));
  }
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const Json page = List("open", "&limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    EXPECT_EQ(page["waiting"], Json(5));
    for (const Json& one : page["tickets"]) {
      seen.push_back(JsonText(one, "id"));
    }
    cursor = JsonText(page, "next");
  } while (!cursor.empty());
  EXPECT_EQ(seen, tickets);
}

// What a chat program sends, signed.
class DeskConnectorTest : public DeskTest {
 protected:
  DeskConnectorTest() {
    const Json spec = {
        {"label", "Chat"},
        {"kind", "webhook"},
        {"source", "shop"},
        {"settings", {{"signing", "generic"}, {"header", "X-Signature"}}},
        {"purposes", {{{"id", "service"}, {"basis", "contract"}}}},
        {"secret", kSecret},
        {"mappings",
         {{"",
           {{"event", "Message"},
            {"person", "from.id"},
            {"id", "message"},
            {"ticket", "conversation"},
            {"channel", "chat"},
            {"match", "email"},
            {"values",
             {{"service_note", "text"}, {"email", "from.mail"}, {"name_former", "from.name"}}}}}}}};
    const auto made = world_.Send("engineer", "POST", "/api/v1/connectors", "", WriteJson(spec));
    EXPECT_EQ(made.status, 201) << made.body;
    hook_ = "/v1/hooks/" + JsonText(Body(made), "id");
  }
  int Bring(const std::string& message, const std::string& conversation, const std::string& text,
            const std::string& who = "u7") {
    const std::string body =
        WriteJson({{"message", message},
                   {"conversation", conversation},
                   {"from", {{"id", who}, {"mail", who + "@example.com"}, {"name", "Mallory"}}},
                   {"text", text}});
    const Bytes mac(crypto::View(crypto::Hmac(kSecret).Compute({body})));
    return world_.Send("", "POST", hook_, "", body, {{"x-signature", ToHex(mac)}}).status;
  }

  static constexpr const char* kSecret = "a shared secret of the chat program";
  std::string hook_;
};

TEST_F(DeskConnectorTest, MessagesOfOneConversationAreOneTicketTakenOnce) {
  testing::Covers("B5");
  testing::Covers("E5");
  const std::string words = std::string("I want to complain, card ") + kCard + " was charged twice";
  ASSERT_EQ(Bring("m1", "c1", words), 200);
  ASSERT_EQ(Bring("m1", "c1", words), 200) << "sent again";
  ASSERT_EQ(Bring("m2", "c1", "Please delete my data as well"), 200);
  world_.clock().Advance(1000);
  ASSERT_EQ(Bring("m3", "c2", "How much is the large tin?"), 200);
  const Json tickets = List()["tickets"];
  ASSERT_EQ(tickets.size(), 2U) << tickets;
  EXPECT_EQ(JsonText(tickets[0], "matter"), "complaint");
  EXPECT_EQ(JsonText(tickets[0], "channel"), "chat");
  EXPECT_EQ(tickets[0]["contacts"].size(), 2U);
  EXPECT_EQ(tickets[0]["taken"], Json({{"bank_card", 1}}));
  EXPECT_EQ(tickets[0]["rights"], Json({"erase"}));
  EXPECT_EQ(JsonText(tickets[1], "matter"), "inquiry");
  id_ = JsonText(tickets[0], "customer");
  ASSERT_EQ(world_
                .Send("agent", "POST", Tickets() + "/" + JsonText(tickets[0], "id") + "/close",
                      "service", R"({"outcome":"solved"})")
                .status,
            200);
  EXPECT_EQ(List()["waiting"], Json(1));
  ASSERT_EQ(Bring("m4", "c1", "It happened again"), 200);
  EXPECT_EQ(List()["waiting"], Json(2)) << "who writes again waits again";
  EXPECT_EQ(List()["tickets"].size(), 2U);
  EXPECT_TRUE(testing::Lacks(WriteJson(Timeline()), "4111"));
}

TEST_F(DeskConnectorTest, WhoIsOnRecordIsFoundAndNothingIsLearnedOfThem) {
  testing::Covers("B5");
  testing::Covers("B8");
  ASSERT_EQ(Bring("m1", "c1", "Where is my parcel?", "emma"), 200);
  const Json tickets = List()["tickets"];
  ASSERT_EQ(tickets.size(), 1U);
  EXPECT_EQ(JsonText(tickets[0], "customer"), id_) << "who holds the address";
  const Json record =
      Body(world_.Send("agent", "GET", "/api/v1/customers/" + id_, "service"))["fields"];
  EXPECT_FALSE(record.contains("name_former")) << "anybody can write a sender's name";
  // Two hold it: to neither.
  world_.AddCustomer({{"name_full", {"Bo"}}, {"email", {"both@example.com"}}});
  world_.AddCustomer({{"name_full", {"Cy"}}, {"email", {"both@example.com"}}});
  ASSERT_EQ(Bring("m2", "c2", "Hello?", "both"), 200);
  // Known by then, without looking at the address again.
  ASSERT_EQ(Bring("m3", "c1", "Still nothing", "emma"), 200);
  std::set<std::string> whose;
  for (const char* state : {"open", "closed"}) {
    const Json all = List(state)["tickets"];
    for (const Json& one : all) {
      whose.insert(JsonText(one, "customer"));
    }
  }
  EXPECT_EQ(whose.size(), 2U);
  EXPECT_TRUE(whose.contains(id_));
}

TEST_F(DeskConnectorTest, OnlyAConnectorOpensTickets) {
  testing::Covers("B5");
  const std::string key = JsonText(Body(world_.Send("engineer", "POST", "/api/v1/streams", "",
                                                    WriteJson({{"source", "shop"},
                                                               {"label", "Site"},
                                                               {"purposes", {"service"}},
                                                               {"basis", "contract"},
                                                               {"fields", {"service_note"}}}))),
                                   "write_key");
  const auto sent =
      world_.Send("", "POST", "/v1/track", "",
                  WriteJson({{"event", "x"},
                             {"userId", "u1"},
                             {"messageId", "m"},
                             {"properties", {{"service_note", "hello"}}},
                             {"context", {{"ticket", {{"thread", "t"}}}, {"match", "email"}}}}),
                  {{"authorization", "Basic " + ToBase64(key + ":")}});
  EXPECT_EQ(sent.status, 200) << sent.body;
  EXPECT_EQ(List()["waiting"], Json(0));
}

TEST(MailThreadTest, AnswersBelongToTheMessageThatBeganIt) {
  testing::Covers("B5");
  const auto thread = [](const std::string& headers) {
    const auto read = collect::ReadMessage("From: a@example.com\nSubject: Kettle\n" + headers +
                                           "Content-Type: text/plain\n\nIt broke\n");
    return read ? JsonText(*read, "thread") + "|" + JsonText(*read, "words") : "";
  };
  EXPECT_EQ(thread("Message-ID: <m1@x>\n"), "m1@x|Kettle\n\nIt broke");
  EXPECT_EQ(thread("Message-ID: <m2@x>\nIn-Reply-To: <m1@x>\n"), "m1@x|Kettle\n\nIt broke");
  EXPECT_EQ(thread("Message-ID: <m3@x>\nReferences: <m1@x> <m2@x>\nIn-Reply-To: <m2@x>\n"),
            "m1@x|Kettle\n\nIt broke");
  EXPECT_EQ(thread("References: broken\n"), "|Kettle\n\nIt broke");
}

TEST_F(DeskTest, NoWordOfAContactReachesTheDiskInClear) {
  testing::Covers("B5");
  testing::Covers("D2");
  ASSERT_EQ(Take(Call("The xylocarpousword is what matters")).status, 201);
  EXPECT_FALSE(world_.AnyFileHolds("xylocarpousword"));
}

}  // namespace

}  // namespace fiducia
