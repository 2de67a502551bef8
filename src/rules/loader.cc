#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "model/names.h"
#include "rules/onboarding.h"
#include "rules/policy.h"
#include "rules/toml_reader.h"

namespace fiducia::rules {

namespace {

namespace fs = std::filesystem;

// In catalog/, and not about one class of fields.
constexpr std::string_view kTypesFile = "catalog/types.toml";
constexpr std::string_view kCombinationsFile = "catalog/combinations.toml";

const std::set<std::string> kFlags = {"cn_sensitive",    "eu_special",      "eu_criminal",
                                      "us_ca_sensitive", "jp_special_care", "au_sensitive",
                                      "value_dependent", "third_person",    "derived",
                                      "not_raw",         "identifies"};
const std::set<std::string> kMasks = {"none", "all",  "text", "name",    "phone", "email",
                                      "id",   "card", "date", "address", "long",  "ip"};
const std::set<std::string> kCapabilities = {
    "customers.read",     "customers.search",  "customers.list",   "customers.reveal",
    "customers.create",   "customers.write",   "customers.erase",  "timeline.read",
    "timeline.write",     "tickets.read",      "tickets.write",    "accesses.read",
    "basis.write",        "imports.run",       "imports.read",     "imports.revert",
    "sources.write",      "keys.manage",       "audit.read",       "people.read",
    "people.manage",      "requests.create",   "requests.read",    "requests.approve",
    "exports.read",       "exports.recall",    "policy.test",      "break_glass.use",
    "break_glass.review", "vault.read",        "vault.rotate",     "access.recertify",
    "customers.restrict", "notices.publish",   "portal.link",      "feedback.answer",
    "rights.handle",      "retention.run",     "recipients.read",  "recipients.manage",
    "assessments.write",  "assessments.sign",  "records.read",     "duties.manage",
    "decisions.record",   "decisions.review",  "guardians.record", "guardians.confirm",
    "customers.merge",    "statistics.read",   "statistics.grant", "quality.read",
    "quality.decide",     "quality.ask",       "changes.read",     "streams.manage",
    "forms.manage",       "connectors.manage", "sources.read",     "sources.terms"};
const std::set<std::string> kClasses = {"identity",   "contact", "transaction", "interaction",
                                        "preference", "credit",  "social"};

struct TypeDecl {
  std::string normalizer;
  std::string validator;
  size_t characters_max;
};
using Types = std::map<std::string, TypeDecl>;

template <typename T>
T Word(const TomlTable& table, std::string_view key, Result<T> parsed) {
  if (!parsed) {
    table.Refuse(key, "'" + std::string(key) + "' has an unknown word");
  }
  return *parsed;
}

void CheckKnown(const TomlTable& table, std::string_view key, const std::set<std::string>& known) {
  for (const std::string& word : table.Words(key)) {
    if (!known.contains(word)) {
      table.Refuse(key, "'" + std::string(key) + "' has the unknown word '" + word + "'");
    }
  }
}

void CheckId(const TomlTable& table, const std::string& id) {
  const bool good =
      !id.empty() && id.size() <= 40 &&
      id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  if (!good) {
    table.Refuse("id", "an id has 1 to 40 of a-z, 0-9 and _");
  }
}

Types ReadTypes(const TomlTable& file) {
  file.AllowOnly({"type"});
  Types types;
  for (const TomlTable& table : file.Tables("type")) {
    table.AllowOnly({"id", "normalizer", "validator", "characters_max"});
    const int64_t longest = table.Number("characters_max");
    if (longest < 1 || longest > 100000) {
      table.Refuse("characters_max", "'characters_max' must lie between 1 and 100000");
    }
    types[table.Text("id")] = {table.Text("normalizer"), table.Text("validator"),
                               static_cast<size_t>(longest)};
  }
  return types;
}

std::vector<IndexDecl> ReadIndex(const TomlTable& table) {
  std::vector<IndexDecl> index;
  for (const TomlTable& decl : table.Tables("index")) {
    decl.AllowOnly({"kind", "bits"});
    const std::string kind = decl.Text("kind");
    const int64_t bits = decl.Number("bits");
    if (kind != "exact" && kind != "pinyin") {
      decl.Refuse("kind", "an index is 'exact' or 'pinyin'");
    }
    if (bits < 8 || bits > 128) {
      decl.Refuse("bits", "a token has 8 to 128 bits");
    }
    index.push_back(
        {kind == "exact" ? IndexKind::kExact : IndexKind::kPinyin, static_cast<int>(bits)});
  }
  return index;
}

// How many days a value stays fresh: of the field, else of its class; 0: always.
int ReadFresh(const TomlTable& table, int otherwise) {
  if (!table.Has("fresh")) {
    return otherwise;
  }
  const std::string period = table.Text("fresh");
  const auto days = AfterPeriod(0, period);
  if (!days) {
    table.Refuse("fresh", "a period is an ISO 8601 duration such as P18M");
  }
  return static_cast<int>(*days);
}

Field ReadField(const TomlTable& table, const std::string& data_class, int fresh_days,
                const Types& types) {
  table.AllowOnly({"id", "number", "level", "flags", "type", "many", "mask", "index", "leakage",
                   "retention", "fideslang", "dpv", "name", "description", "fresh"});
  Field field;
  field.id = table.Text("id");
  CheckId(table, field.id);
  const int64_t number = table.Number("number");
  if (number < 1 || number >= model::kFieldMax) {
    table.Refuse("number", "a field number lies between 1 and 511");
  }
  field.number = static_cast<model::FieldNo>(number);
  field.data_class = data_class;
  field.level = Word(table, "level", model::ParseLevel(table.Text("level")));
  CheckKnown(table, "flags", kFlags);
  field.flags = table.Words("flags");
  field.type = table.Text("type");
  const auto type = types.find(field.type);
  if (type == types.end()) {
    table.Refuse("type", "the type '" + field.type + "' is not declared in catalog/types.toml");
  }
  field.normalizer = type->second.normalizer;
  field.validator = type->second.validator;
  field.characters_max = type->second.characters_max;
  field.many = table.Flag("many");
  field.mask = table.Text("mask");
  if (!kMasks.contains(field.mask)) {
    table.Refuse("mask", "unknown mask '" + field.mask + "'");
  }
  field.index = ReadIndex(table);
  field.leakage = table.Text("leakage");
  if (!field.index.empty() && field.leakage.size() < 10) {
    table.Refuse("leakage", "an indexed field must say what its tokens leak");
  }
  const TomlTable retention = table.Table("retention");
  retention.AllowOnly({"after", "period"});
  field.retention_after = retention.Text("after");
  field.retention_period = retention.Text("period");
  static const std::set<std::string> kStarts = {"event", "last_confirmed", "observed",
                                                "relationship_end"};
  if (!kStarts.contains(field.retention_after)) {
    retention.Refuse("after",
                     "a period starts at event, last_confirmed, observed or relationship_end");
  }
  if (!AfterPeriod(0, field.retention_period)) {
    retention.Refuse("period", "a period is an ISO 8601 duration such as P3Y");
  }
  field.fideslang = table.Text("fideslang");
  field.fresh_days = ReadFresh(table, fresh_days);
  field.dpv = table.Text("dpv");
  field.name = table.Both("name");
  field.description = table.Both("description");
  return field;
}

void ReadCatalogFile(const TomlTable& file, const Types& types, Catalog& catalog) {
  file.AllowOnly({"class", "name", "field", "fresh"});
  const int fresh_days = ReadFresh(file, 0);
  const std::string data_class = file.Text("class");
  if (!kClasses.contains(data_class)) {
    file.Refuse("class", "unknown class '" + data_class + "'");
  }
  for (const TomlTable& table : file.Tables("field")) {
    Field field = ReadField(table, data_class, fresh_days, types);
    if (catalog.Find(field.id) != nullptr) {
      table.Refuse("id", "the field '" + field.id + "' is declared twice");
    }
    if (catalog.Find(field.number) != nullptr) {
      table.Refuse("number", "the number " + std::to_string(field.number) + " is taken");
    }
    catalog.Add(std::move(field));
  }
}

// "a|b": any of these.
model::FieldSet ReadAlternatives(const TomlTable& table, std::string_view key,
                                 std::string_view words, const Catalog& catalog) {
  model::FieldSet fields;
  for (const std::string_view id : Split(words, '|')) {
    const Field* field = catalog.Find(id);
    if (field == nullptr) {
      table.Refuse(key, "the field '" + std::string(id) + "' is not in the catalog");
    }
    fields.Add(field->number);
  }
  return fields;
}

Combination ReadCombination(const TomlTable& table, const Catalog& catalog) {
  table.AllowOnly({"id", "name", "fields", "level", "raised"});
  Combination combination;
  combination.id = table.Text("id");
  CheckId(table, combination.id);
  combination.name = table.Both("name");
  combination.level = Word(table, "level", model::ParseLevel(table.Text("level")));
  model::FieldSet all;
  for (const std::string& words : table.Words("fields")) {
    combination.parts.push_back(ReadAlternatives(table, "fields", words, catalog));
    all = all | combination.parts.back();
  }
  for (const std::string& words : table.Words("raised")) {
    combination.raised = combination.raised | ReadAlternatives(table, "raised", words, catalog);
  }
  if (combination.parts.size() < 2) {
    table.Refuse("fields", "one field is not a combination");
  }
  if (combination.raised.empty() || !(combination.raised - all).empty()) {
    table.Refuse("raised", "what is raised is one of the fields, or more");
  }
  if (combination.level <= model::Level::kL2 || !(all - catalog.UpTo(combination.level)).empty()) {
    table.Refuse("level", "a combination is L3 or L4, and no field of it is above that");
  }
  return combination;
}

void ReadCombinations(std::span<const EmbeddedFile> files, Policy& policy) {
  for (const EmbeddedFile& file : files) {
    if (file.name != kCombinationsFile) {
      continue;
    }
    const TomlTable root = TomlTable::Parse(std::string(file.name), file.content);
    root.AllowOnly({"combination"});
    for (const TomlTable& table : root.Tables("combination")) {
      policy.combinations.push_back(ReadCombination(table, policy.catalog));
    }
  }
}

void Raise(const std::vector<Combination>& combinations, Purpose& purpose) {
  for (const Combination& combination : combinations) {
    if (combination.In(purpose.fields)) {
      model::FieldSet& raised =
          combination.level == model::Level::kL4 ? purpose.raised_l4 : purpose.raised_l3;
      raised = raised | (combination.raised & purpose.fields);
    }
  }
}

Purpose ReadPurpose(const TomlTable& file, const Catalog& catalog) {
  file.AllowOnly({"id", "name", "description", "dpv", "fideslang", "bases", "classes", "fields",
                  "without", "level_max", "term", "overriding", "owner", "parent", "opt_out_signal",
                  "assessment"});
  Purpose purpose;
  purpose.id = file.Text("id");
  purpose.parent = file.Has("parent") ? file.Text("parent") : "";
  CheckId(file, purpose.id);
  purpose.name = file.Both("name");
  purpose.description = file.Both("description");
  purpose.dpv = file.Text("dpv");
  purpose.fideslang = file.Text("fideslang");
  for (const std::string& word : file.Words("bases")) {
    purpose.bases.push_back(Word(file, "bases", model::ParseBasisKind(word)));
  }
  CheckKnown(file, "classes", kClasses);
  purpose.classes = file.Words("classes");
  purpose.extra_fields = file.Words("fields");
  purpose.without = file.Words("without");
  purpose.level_max = Word(file, "level_max", model::ParseLevel(file.Text("level_max")));
  purpose.term = file.Text("term");
  if (!AfterPeriod(0, purpose.term)) {
    file.Refuse("term", "a term is an ISO 8601 duration such as P12M");
  }
  purpose.owner = file.Text("owner");
  purpose.overriding = file.Flag("overriding");
  purpose.assessed = file.Has("assessment") && file.Flag("assessment");
  if (purpose.assessed && purpose.overriding) {
    file.Refuse("assessment", "what the law demands does not wait for an assessment");
  }
  purpose.opt_out_signal = file.Has("opt_out_signal") && file.Flag("opt_out_signal");
  for (const std::string& data_class : purpose.classes) {
    purpose.fields = purpose.fields | catalog.OfClass(data_class);
  }
  for (const auto* list : {&purpose.extra_fields, &purpose.without}) {
    for (const std::string& id : *list) {
      const Field* field = catalog.Find(id);
      if (field == nullptr) {
        file.Refuse(list == &purpose.without ? "without" : "fields",
                    "the field '" + id + "' is not in the catalog");
      }
      list == &purpose.without ? purpose.fields.Remove(field->number)
                               : purpose.fields.Add(field->number);
    }
  }
  purpose.fields = purpose.fields & catalog.UpTo(purpose.level_max);
  return purpose;
}

std::optional<model::Level> ReadReach(const TomlTable& levels, std::string_view key) {
  const std::string word = levels.Text(key);
  if (word == "none") {
    return std::nullopt;
  }
  return Word(levels, key, model::ParseLevel(word));
}

// Who configures, and who keeps the keys, reaches no customers.
void CheckPowers(const TomlTable& file, const Role& role) {
  const bool configures = role.can.contains("people.manage") || role.can.contains("keys.manage") ||
                          role.can.contains("vault.rotate");
  const bool reaches =
      !role.purposes.empty() || role.read || role.masked || role.reveal || role.write;
  if (role.assignable && configures && reaches) {
    file.Refuse("can", "a role that manages people or keys works for no purpose and has no levels");
  }
}

Role ReadRole(const TomlTable& file, const Policy& policy) {
  file.AllowOnly({"id", "name", "purposes", "classes", "masked_fields", "can", "assignable",
                  "exports", "excludes", "levels"});
  Role role;
  role.id = file.Text("id");
  CheckId(file, role.id);
  role.name = file.Both("name");
  for (const std::string& purpose : file.Words("purposes")) {
    if (policy.FindPurpose(purpose) == nullptr) {
      file.Refuse("purposes", "the purpose '" + purpose + "' is not declared");
    }
    role.purposes.insert(purpose);
  }
  CheckKnown(file, "classes", kClasses);
  role.classes = file.Words("classes");
  for (const std::string& id : file.Words("masked_fields")) {
    if (policy.catalog.Find(id) == nullptr) {
      file.Refuse("masked_fields", "the field '" + id + "' is not in the catalog");
    }
    role.masked_fields.push_back(id);
  }
  CheckKnown(file, "can", kCapabilities);
  for (const std::string& word : file.Words("can")) {
    role.can.insert(word);
  }
  role.assignable = file.Flag("assignable");
  role.exports = file.Flag("exports");
  for (const std::string& word : file.Words("excludes")) {
    role.excludes.insert(word);
  }
  const TomlTable levels = file.Table("levels");
  levels.AllowOnly({"read", "masked", "reveal", "write", "search"});
  role.read = ReadReach(levels, "read");
  role.masked = ReadReach(levels, "masked");
  role.reveal = ReadReach(levels, "reveal");
  role.write = ReadReach(levels, "write");
  role.search = ReadReach(levels, "search");
  if (role.read && *role.read > model::Level::kL2) {
    levels.Refuse("read", "what opens in clear without a reason ends at L2");
  }
  CheckPowers(file, role);
  return role;
}

// Every parent is declared, and no chain of them bites its tail.
void CheckTree(const Policy& policy) {
  for (const auto& [id, purpose] : policy.purposes) {
    size_t steps = 0;
    for (const Purpose* at = &purpose; !at->parent.empty(); ++steps) {
      at = policy.FindPurpose(at->parent);
      if (at == nullptr || steps > policy.purposes.size()) {
        std::string reason =
            "the purpose '" + id + "' has a parent that is not declared, or is below itself";
        throw TomlTable::Fault{{"purposes", 0, std::move(reason)}};
      }
    }
  }
}

std::string Fingerprint(std::span<const EmbeddedFile> files) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const EmbeddedFile& file : files) {
    if (file.name.ends_with(".toml")) {
      for (const std::string_view part : {file.name, std::string_view(file.content)}) {
        for (const char c : part) {
          hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3ULL;
        }
      }
    }
  }
  Bytes bytes;
  ByteWriter(bytes).U64(hash);
  return ToHex(bytes);
}

void CheckExclusions(const Policy& policy) {
  for (const auto& [id, role] : policy.roles) {
    for (const std::string& other : role.excludes) {
      if (policy.FindRole(other) == nullptr) {
        std::string reason = "the role '";
        reason.append(id).append("' excludes '").append(other).append("', which is not declared");
        throw TomlTable::Fault{{"roles", 0, std::move(reason)}};
      }
    }
  }
}

// All files in one text, each after its name.
std::string TextOf(std::span<const EmbeddedFile> files) {
  std::string text;
  for (const EmbeddedFile& file : files) {
    text.append(file.name).append("\n").append(file.content).append("\n");
  }
  return text;
}

Policy ReadAll(std::span<const EmbeddedFile> files) {
  Policy policy;
  Types types;
  for (const EmbeddedFile& file : files) {
    if (file.name == kTypesFile) {
      types = ReadTypes(TomlTable::Parse(std::string(file.name), file.content));
    }
  }
  const auto each = [&](std::string_view folder, const auto& read) {
    for (const EmbeddedFile& file : files) {
      if (file.name.starts_with(folder) && file.name.ends_with(".toml") &&
          file.name != kTypesFile && file.name != kCombinationsFile) {
        read(TomlTable::Parse(std::string(file.name), file.content));
      }
    }
  };
  each("catalog/", [&](const TomlTable& t) { ReadCatalogFile(t, types, policy.catalog); });
  ReadCombinations(files, policy);
  each("purposes/", [&](const TomlTable& t) {
    Purpose purpose = ReadPurpose(t, policy.catalog);
    Raise(policy.combinations, purpose);
    if (policy.purposes.contains(purpose.id)) {
      t.Refuse("id", "the purpose '" + purpose.id + "' is declared twice");
    }
    policy.purposes[purpose.id] = std::move(purpose);
  });
  CheckTree(policy);
  each("roles/", [&](const TomlTable& t) {
    Role role = ReadRole(t, policy);
    if (policy.roles.contains(role.id)) {
      t.Refuse("id", "the role '" + role.id + "' is declared twice");
    }
    policy.roles[role.id] = std::move(role);
  });
  CheckExclusions(policy);
  each("onboarding/", [&](const TomlTable& t) { ReadOnboarding(t, policy); });
  if (policy.agreement.id.empty()) {
    throw TomlTable::Fault{{"onboarding", 0, "there is no confidentiality agreement"}};
  }
  policy.laws = ReadJurisdictions(files);
  each("notices/", [&](const TomlTable& t) {
    if (!policy.notices.empty()) {
      t.Refuse("id", "there is one notice; another file of the same name replaces it");
    }
    policy.notices.push_back(ReadNotice(t, policy));
  });
  each("decisions/", [&](const TomlTable& t) {
    DecisionModel model = ReadDecisionModel(t, policy);
    if (policy.FindDecision(model.id) != nullptr) {
      t.Refuse("id", "the decision '" + model.id + "' is declared twice");
    }
    policy.decisions.push_back(std::move(model));
  });
  for (const EmbeddedFile& file : files) {
    if (file.name.starts_with("jurisdictions/") || file.name.starts_with("calendars/")) {
      policy.law_files[std::string(file.name)] = file.content;
    }
  }
  policy.version = Fingerprint(files);
  policy.text = TextOf(files);
  return policy;
}

}  // namespace

Loaded<Policy> LoadPolicyFrom(std::span<const EmbeddedFile> files) {
  try {
    return ReadAll(files);
  } catch (const TomlTable::Fault& fault) {
    return std::unexpected(fault.error);
  }
}

Loaded<Policy> LoadPolicy(const std::string& overlay_folder) {
  std::map<std::string, std::string> files;
  for (const EmbeddedFile& file : embedded_files()) {
    files[std::string(file.name)] = file.content;
  }
  for (const char* sub : {"catalog", "purposes", "roles", "onboarding", "calendars",
                          "jurisdictions", "notices", "decisions"}) {
    std::error_code error;
    if (overlay_folder.empty() || !fs::is_directory(overlay_folder + "/" + sub, error)) {
      continue;
    }
    for (const auto& entry : fs::directory_iterator(overlay_folder + "/" + sub, error)) {
      std::ifstream in(entry.path(), std::ios::binary);
      std::stringstream text;
      text << in.rdbuf();
      files[std::string(sub) + "/" + entry.path().filename().string()] = text.str();
    }
  }
  std::vector<EmbeddedFile> all;
  all.reserve(files.size());
  for (const auto& [name, content] : files) {
    all.push_back({name, content});
  }
  return LoadPolicyFrom(all);
}

}  // namespace fiducia::rules
