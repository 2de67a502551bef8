#include "collect/connectors/xml.h"

#include <memory>
#include <vector>

#include <expat.h>

namespace fiducia::collect {

namespace {

constexpr size_t kDepthMost = 8;
constexpr int kElementsMost = 1000;

struct Reading {
  XML_Parser parser = nullptr;
  struct Element {
    std::string name;
    std::string text;
    Json children = Json::object();
  };
  std::vector<Element> open;
  Json root = Json::object();
  int elements = 0;
  bool bad = false;

  void Stop() {
    bad = true;
    XML_StopParser(parser, XML_FALSE);
  }
};

void Start(void* data, const XML_Char* name, const XML_Char** /*attributes*/) {
  auto& reading = *static_cast<Reading*>(data);
  if (reading.open.size() >= kDepthMost || ++reading.elements > kElementsMost) {
    return reading.Stop();
  }
  reading.open.push_back({name, "", Json::object()});
}

void End(void* data, const XML_Char* /*name*/) {
  auto& reading = *static_cast<Reading*>(data);
  Reading::Element element = std::move(reading.open.back());
  reading.open.pop_back();
  Json value =
      element.children.empty() ? Json(std::move(element.text)) : Json(std::move(element.children));
  if (reading.open.empty()) {
    reading.root = std::move(value);
  } else {
    reading.open.back().children[element.name] = std::move(value);
  }
}

void Text(void* data, const XML_Char* text, int size) {
  auto& reading = *static_cast<Reading*>(data);
  if (!reading.open.empty()) {
    reading.open.back().text.append(text, static_cast<size_t>(size));
  }
}

// A document that declares entities wants to grow.
void Entity(void* data, const XML_Char*, int, const XML_Char*, int, const XML_Char*,
            const XML_Char*, const XML_Char*, const XML_Char*) {
  static_cast<Reading*>(data)->Stop();
}

}  // namespace

Result<Json> ReadXml(std::string_view text) {
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser(
      XML_ParserCreate("UTF-8"), &XML_ParserFree);
  Reading reading;
  reading.parser = parser.get();
  XML_SetUserData(parser.get(), &reading);
  XML_SetElementHandler(parser.get(), &Start, &End);
  XML_SetCharacterDataHandler(parser.get(), &Text);
  XML_SetEntityDeclHandler(parser.get(), &Entity);
  const bool read =
      XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), 1) == XML_STATUS_OK &&
      !reading.bad && reading.root.is_object();
  if (!read) {
    return Fail(Code::kInvalidInput, "the body is no document of elements");
  }
  return std::move(reading.root);
}

}  // namespace fiducia::collect
