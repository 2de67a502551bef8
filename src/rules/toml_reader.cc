#include "rules/toml_reader.h"

#include <algorithm>

#include <toml++/toml.h>

namespace fiducia::rules {

struct TomlTable::Node {
  std::string file;
  std::shared_ptr<const toml::table> root;
  const toml::table* table;
};

namespace {

int LineOf(const toml::node& node) { return static_cast<int>(node.source().begin.line); }

}  // namespace

TomlTable TomlTable::Parse(const std::string& file, std::string_view text) {
  try {
    auto root = std::make_shared<const toml::table>(toml::parse(text, file));
    TomlTable table;
    table.node_ = std::make_shared<Node>(Node{file, root, root.get()});
    return table;
  } catch (const toml::parse_error& e) {
    throw Fault{{file, static_cast<int>(e.source().begin.line), std::string(e.description())}};
  }
}

void TomlTable::Refuse(std::string_view key, const std::string& reason) const {
  const toml::node* node = node_->table->get(key);
  throw Fault{{node_->file, node != nullptr ? LineOf(*node) : LineOf(*node_->table), reason}};
}

void TomlTable::AllowOnly(std::initializer_list<std::string_view> keys) const {
  for (const auto& [key, value] : *node_->table) {
    if (std::find(keys.begin(), keys.end(), std::string_view(key.str())) == keys.end()) {
      throw Fault{{node_->file, LineOf(value), "unknown key '" + std::string(key.str()) + "'"}};
    }
  }
}

bool TomlTable::Has(std::string_view key) const { return node_->table->get(key) != nullptr; }

std::vector<std::string> TomlTable::Keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, value] : *node_->table) {
    keys.emplace_back(key.str());
  }
  return keys;
}

std::string TomlTable::Text(std::string_view key) const {
  const toml::node* node = node_->table->get(key);
  if (node == nullptr || !node->is_string()) {
    Refuse(key, "'" + std::string(key) + "' must be a text");
  }
  return node->as_string()->get();
}

int64_t TomlTable::Number(std::string_view key) const {
  const toml::node* node = node_->table->get(key);
  if (node == nullptr || !node->is_integer()) {
    Refuse(key, "'" + std::string(key) + "' must be a whole number");
  }
  return node->as_integer()->get();
}

bool TomlTable::Flag(std::string_view key) const {
  const toml::node* node = node_->table->get(key);
  if (node == nullptr || !node->is_boolean()) {
    Refuse(key, "'" + std::string(key) + "' must be true or false");
  }
  return node->as_boolean()->get();
}

std::vector<std::string> TomlTable::Words(std::string_view key) const {
  const toml::node* node = node_->table->get(key);
  if (node == nullptr || !node->is_array()) {
    Refuse(key, "'" + std::string(key) + "' must be a list of texts");
  }
  std::vector<std::string> words;
  for (const toml::node& item : *node->as_array()) {
    if (!item.is_string()) {
      Refuse(key, "'" + std::string(key) + "' must hold texts only");
    }
    words.push_back(item.as_string()->get());
  }
  return words;
}

TomlTable TomlTable::Table(std::string_view key) const {
  const toml::node* node = node_->table->get(key);
  if (node == nullptr || !node->is_table()) {
    Refuse(key, "'" + std::string(key) + "' must be a table");
  }
  TomlTable table;
  table.node_ = std::make_shared<Node>(Node{node_->file, node_->root, node->as_table()});
  return table;
}

Texts TomlTable::Both(std::string_view key) const {
  const TomlTable table = Table(key);
  table.AllowOnly({"zh-CN", "en"});
  return {table.Text("zh-CN"), table.Text("en")};
}

std::vector<TomlTable> TomlTable::Tables(std::string_view key) const {
  std::vector<TomlTable> tables;
  const toml::node* node = node_->table->get(key);
  if (node == nullptr) {
    return tables;
  }
  if (!node->is_array()) {
    Refuse(key, "'" + std::string(key) + "' must be a list of tables");
  }
  for (const toml::node& item : *node->as_array()) {
    if (!item.is_table()) {
      Refuse(key, "'" + std::string(key) + "' must hold tables only");
    }
    TomlTable table;
    table.node_ = std::make_shared<Node>(Node{node_->file, node_->root, item.as_table()});
    tables.push_back(table);
  }
  return tables;
}

}  // namespace fiducia::rules
