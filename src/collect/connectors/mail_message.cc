#include "collect/connectors/mail_message.h"

#include <memory>
#include <mutex>

#include <gmime/gmime.h>

#include "base/clock.h"
#include "base/text.h"

namespace fiducia::collect {

namespace {

constexpr size_t kTextMost = 8000;

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
struct Free {
  void operator()(char* text) const { g_free(text); }
};
template <typename T>
using Held = std::unique_ptr<T, Unref>;

void Start() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

// The first part of plain text; of HTML if there is none.
struct Found {
  GMimeTextPart* plain = nullptr;
  GMimeTextPart* html = nullptr;
};

void Look(GMimeObject* /*parent*/, GMimeObject* part, gpointer into) {
  auto& found = *static_cast<Found*>(into);
  if (!GMIME_IS_TEXT_PART(part)) {
    return;
  }
  const char* where = g_mime_object_get_disposition(part);
  if (where != nullptr && g_ascii_strcasecmp(where, "attachment") == 0) {
    return;
  }
  GMimeContentType* type = g_mime_object_get_content_type(part);
  if (found.plain == nullptr && g_mime_content_type_is_type(type, "text", "plain") != 0) {
    found.plain = GMIME_TEXT_PART(part);
  } else if (found.html == nullptr && g_mime_content_type_is_type(type, "text", "html") != 0) {
    found.html = GMIME_TEXT_PART(part);
  }
}

// The words of a page: enough to know what somebody wants.
std::string WordsOf(std::string_view html) {
  std::string words;
  bool inside = false;
  std::string_view skipped;
  for (size_t i = 0; i < html.size(); ++i) {
    const std::string_view rest = html.substr(i);
    if (!skipped.empty()) {
      if (LowerAscii(rest.substr(0, skipped.size())) == skipped) {
        skipped = {};
        inside = true;
      }
      continue;
    }
    if (rest.front() == '<') {
      const std::string tag = LowerAscii(rest.substr(0, 7));
      skipped = tag.starts_with("<style")    ? std::string_view("</style")
                : tag.starts_with("<script") ? std::string_view("</script")
                                             : std::string_view();
      inside = true;
      words +=
          tag.starts_with("<br") || tag.starts_with("<p") || tag.starts_with("<div") ? '\n' : ' ';
    } else if (rest.front() == '>' && inside) {
      inside = false;
    } else if (!inside) {
      words += rest.front();
    }
  }
  for (const auto& [entity, letter] :
       {std::pair("&nbsp;", " "), {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}}) {
    for (size_t at = words.find(entity); at != std::string::npos; at = words.find(entity, at + 1)) {
      words.replace(at, std::string_view(entity).size(), letter);
    }
  }
  return words;
}

// "<a@x> <b@x>" without its brackets: the first.
std::string FirstId(const char* list) {
  const std::string_view all = list == nullptr ? "" : list;
  const size_t from = all.find('<');
  const size_t to = all.find('>', from == std::string_view::npos ? 0 : from);
  return to == std::string_view::npos || from == std::string_view::npos
             ? std::string()
             : std::string(all.substr(from + 1, to - from - 1));
}

void Put(Json& json, const char* member, const char* text) {
  if (text != nullptr && *text != '\0' && IsUtf8(text)) {
    json[member] = text;
  }
}

}  // namespace

std::string WithoutQuotes(std::string_view text) {
  std::string kept;
  for (const std::string_view line : Split(text, '\n')) {
    const std::string_view trimmed = TrimAscii(line);
    const bool introduces =
        (trimmed.ends_with("wrote:") || trimmed.ends_with("写道：") || trimmed.ends_with("写道:") ||
         trimmed.starts_with("-----Original Message") || trimmed.starts_with("-----原始邮件"));
    if (introduces || trimmed == "--") {
      break;
    }
    if (!trimmed.starts_with('>')) {
      kept.append(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line).append("\n");
    }
  }
  return std::string(TrimAscii(kept));
}

Result<Json> ReadMessage(std::string_view raw) {
  Start();
  const Held<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(raw.data(), raw.size()));
  const Held<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Held<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
  InternetAddressList* from = message == nullptr ? nullptr : g_mime_message_get_from(message.get());
  if (from == nullptr || internet_address_list_length(from) < 1 ||
      !INTERNET_ADDRESS_IS_MAILBOX(internet_address_list_get_address(from, 0))) {
    return Fail(Code::kInvalidInput, "this is no message from anybody");
  }
  Json json = Json::object();
  InternetAddress* writer = internet_address_list_get_address(from, 0);
  Put(json, "from", internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(writer)));
  Put(json, "name", internet_address_get_name(writer));
  Put(json, "subject", g_mime_message_get_subject(message.get()));
  Put(json, "id", g_mime_message_get_message_id(message.get()));
  for (const char* header : {"References", "In-Reply-To"}) {
    const std::string first =
        FirstId(g_mime_object_get_header(GMIME_OBJECT(message.get()), header));
    if (!first.empty() && !json.contains("thread")) {
      Put(json, "thread", first.c_str());
    }
  }
  if (!json.contains("thread") && json.contains("id")) {
    json["thread"] = json["id"];
  }
  if (GDateTime* date = g_mime_message_get_date(message.get()); date != nullptr) {
    json["date"] = FormatTime(g_date_time_to_unix(date) * 1000);
  }
  Found found;
  g_mime_message_foreach(message.get(), &Look, &found);
  GMimeTextPart* part = found.plain != nullptr ? found.plain : found.html;
  const std::unique_ptr<char, Free> text(part == nullptr ? nullptr
                                                         : g_mime_text_part_get_text(part));
  if (text != nullptr && IsUtf8(text.get())) {
    std::string words =
        WithoutQuotes(found.plain != nullptr ? std::string(text.get()) : WordsOf(text.get()));
    while (words.size() > kTextMost || !IsUtf8(words)) {
      words.resize(std::min(words.size() - 1, kTextMost));
    }
    if (!words.empty()) {
      json["text"] = std::move(words);
    }
  }
  const std::string subject = JsonText(json, "subject");
  const std::string body = JsonText(json, "text");
  if (!(subject + body).empty()) {
    json["words"] = subject + (subject.empty() || body.empty() ? "" : "\n\n") + body;
  }
  return json;
}

}  // namespace fiducia::collect
