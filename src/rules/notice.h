// Notices as they are declared: clauses tied to purposes. What is published of them, and when, is
// kept by govern; the prose is made from these ids.
#pragma once

#include <string>
#include <vector>

#include "rules/texts.h"

namespace fiducia::rules {

struct Policy;
class TomlTable;

struct Clause {
  std::string purpose;
  std::vector<std::string> recipients;  // departments and processors, by code; empty: the company
  std::vector<std::string> countries;   // outside of which it does not go; empty: it stays
  std::string retention;                // ISO 8601
  bool automated = false;               // decisions without a person take part
  Texts necessity;
};

struct Notice {
  std::string id;
  Texts title;
  Texts controller;
  Texts contact;
  Texts complaint;
  std::vector<Clause> clauses;
};

// Throws TomlTable::Fault, also where a clause promises less than its purpose does.
Notice ReadNotice(const TomlTable& file, const Policy& policy);

}  // namespace fiducia::rules
