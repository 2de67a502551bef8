#include "govern/portal/campaigns.h"

#include <algorithm>

#include "process/record/walk.h"

namespace fiducia::govern {

namespace {

constexpr std::string_view kKind = "campaign";
constexpr std::string_view kCapability = "quality.ask";
constexpr int64_t kDayMs = 86400000;
constexpr int64_t kRestMs = 90 * kDayMs;    // between two questions to one person
constexpr int64_t kMessageMs = 7 * kDayMs;  // not sent later than this
constexpr int kAskedMost = 1000;

Json ToJson(const Campaign& one) {
  Json asked = Json::array();
  for (const Uuid& customer : one.asked) {
    asked.push_back(customer.Text());
  }
  return {{"fields", one.fields},      {"most", one.most},          {"started", one.started_ms},
          {"closed", one.closed_ms},   {"by", one.by.Text()},       {"passed", one.passed},
          {"asked", std::move(asked)}, {"confirmed", one.confirmed}};
}

Result<Campaign> CampaignOf(const guard::Document& document) {
  const Json& json = document.json;
  Campaign one;
  one.id = document.id;
  one.fields = json.value("fields", std::vector<std::string>());
  one.most = json.value("most", 0);
  one.started_ms = json.value("started", int64_t{0});
  one.closed_ms = json.value("closed", int64_t{0});
  FID_ASSIGN(one.by, Uuid::Parse(JsonText(json, "by")));
  one.passed = json.value("passed", int64_t{0});
  one.confirmed = json.value("confirmed", int64_t{0});
  for (const std::string& customer : json.value("asked", std::vector<std::string>())) {
    FID_ASSIGN(const Uuid id, Uuid::Parse(customer));
    one.asked.push_back(id);
  }
  return one;
}

// Whether a value of these fields is to be looked at again.
bool HasStale(const store::Dossier& dossier, const rules::Catalog& catalog,
              const model::FieldSet& fields, int64_t now_ms) {
  return std::any_of(dossier.cells.begin(), dossier.cells.end(), [&](const store::Cell& cell) {
    const rules::Field* field = catalog.Find(cell.field);
    return field != nullptr && fields.Has(cell.field) &&
           field->IsStale(dossier.SeenMs(cell), now_ms);
  });
}

std::string BodyOf(bool zh, const std::string& url) {
  return zh ? "您好，\n\n我们已有一段时间没有核对您的资料。请登录下面的页面查看，确认无误或予以更正"
              "：\n\n" +
                  url +
                  "\n\n您可以用自己的邮箱或手机号登录。本邮件不包含您的任何资料；如果不想处理，忽略"
                  "即可。\n"
            : "Hello,\n\nIt has been a while since your details were checked. Please look at them "
              "here, and say that they are right or correct them:\n\n" +
                  url +
                  "\n\nYou sign in with your own mail address or phone number. Nothing about you "
                  "stands in this message; if you do not want to, just leave it.\n";
}

}  // namespace

Result<std::unique_ptr<Campaigns>> Campaigns::Open(Parts parts) {
  std::unique_ptr<Campaigns> made(new Campaigns(parts));
  FID_ASSIGN(const auto documents, parts.book.Load(kKind));
  for (const guard::Document& document : documents) {
    FID_ASSIGN(Campaign one, CampaignOf(document));
    made->known_[document.id] = {document.version, std::move(one)};
  }
  return made;
}

Result<model::FieldSet> Campaigns::FieldsOf(const std::vector<std::string>& ids) const {
  if (ids.empty()) {
    return Fail(Code::kInvalidInput, "name at least one field");
  }
  model::FieldSet fields;
  for (const std::string& id : ids) {
    const rules::Field* field = parts_.authorizations.parts().gate.policy().catalog.Find(id);
    if (field == nullptr) {
      return Fail(Code::kUnknownField, "a field is not in the catalog");
    }
    if (field->fresh_days == 0) {
      return Fail(Code::kInvalidInput, "a value of this field never has to be looked at again",
                  field->number);
    }
    fields.Add(field->number);
  }
  return fields;
}

std::set<Uuid> Campaigns::AskedLately() const {
  const int64_t since = parts_.clock.NowMs() - kRestMs;
  std::set<Uuid> lately;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, held] : known_) {
    if (held.campaign.started_ms > since) {
      lately.insert(held.campaign.asked.begin(), held.campaign.asked.end());
    }
  }
  return lately;
}

Status Campaigns::Ask(const model::Access& access, const process::LoadedRecord& record,
                      bool& asked) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  const rules::Field* email = common.gate.policy().catalog.Find("email");
  const auto may = common.gate.AskInSet(access, {record.dossier, *record.key}, model::Op::kRead,
                                        model::FieldSet::Of({email->number}));
  if (record.dossier.standing.restrictions != 0 || !may) {
    return {};
  }
  FID_ASSIGN(model::Sensitive address, FirstValue(common.records, common.gate, record, "email"));
  FID_ASSIGN(const model::Sensitive language,
             FirstValue(common.records, common.gate, record, "language"));
  if (address.empty()) {
    return {};
  }
  const bool zh = language.empty() ? common.jurisdiction.starts_with("CN")
                                   : language.Reveal().starts_with("zh");
  courier::Message message;
  message.to = std::move(address);
  message.subject =
      model::Sensitive(std::string(zh ? "请核对您的资料" : "Please check your details"));
  message.body = model::Sensitive(BodyOf(zh, parts_.doors.base() + "/portal/"));
  message.until_ms = common.clock.NowMs() + kMessageMs;
  audit::Leaf leaf = common.gate.NewLeaf(access, "campaign.ask", "done");
  leaf.pseudonym = record.key->pseudonym;
  leaf.masked = model::FieldSet::Of({email->number});
  FID_TRY(parts_.outbox.Queue(std::move(message), leaf));
  asked = true;
  return {};
}

Result<Campaign> Campaigns::Start(const model::Access& access,
                                  const std::vector<std::string>& fields, int most) {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  FID_TRY(common.gate.Require(access.actor, kCapability));
  FID_TRY(common.gate.CheckAccess(access));
  FID_ASSIGN(const model::FieldSet wanted, FieldsOf(fields));
  if (most < 1 || most > kAskedMost) {
    return Fail(Code::kInvalidInput, "a campaign asks 1 to 1000 customers");
  }
  const std::lock_guard changing(changing_);
  const std::set<Uuid> lately = AskedLately();
  Held held{1, {}};
  Campaign& one = held.campaign;
  one.id = Uuid::V7(common.clock, parts_.rng);
  one.fields = fields;
  one.most = most;
  one.by = access.actor.id;
  one.started_ms = common.clock.NowMs();
  FID_TRY(process::WalkRows(
      common.records.engine(),
      [&](store::ReadLease& lease, const store::WalkedSubject& walked) -> Result<bool> {
        FID_ASSIGN(const store::Dossier dossier,
                   common.records.builder().Decode(walked.subject, walked.row));
        if (!dossier.merged_into.is_nil() || lately.contains(walked.subject.id) ||
            !HasStale(dossier, common.gate.policy().catalog, wanted, common.clock.NowMs())) {
          return true;
        }
        const auto record = common.records.Load(lease, walked.subject);
        bool asked = false;
        if (record) {
          Status told = Ask(access, *record, asked);
          if (!told) {
            return std::unexpected(told.error());
          }
        }
        if (asked) {
          one.asked.push_back(walked.subject.id);
        } else {
          ++one.passed;
        }
        return static_cast<int>(one.asked.size()) < most;
      }));
  audit::Leaf leaf = common.gate.NewLeaf(access, "campaign.start", "done");
  leaf.count = one.asked.size();
  leaf.clear = wanted;
  FID_TRY(parts_.book.Commit({{std::string(kKind), one.id, 1, ToJson(one)}}, {leaf}));
  const std::lock_guard lock(mutex_);
  known_[one.id] = held;
  return one;
}

Status Campaigns::Count(Campaign& campaign) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  if (campaign.closed_ms != 0) {
    return {};
  }
  FID_ASSIGN(const model::FieldSet wanted, FieldsOf(campaign.fields));
  campaign.confirmed = 0;
  FID_ASSIGN(const auto lease, common.records.engine().Read());
  for (const Uuid& customer : campaign.asked) {
    const auto record = common.records.LoadCurrent(*lease, {0, customer});
    if (!record) {
      continue;  // erased meanwhile
    }
    const auto& cells = record->dossier.cells;
    campaign.confirmed += std::any_of(cells.begin(), cells.end(),
                                      [&](const store::Cell& cell) {
                                        return wanted.Has(cell.field) &&
                                               record->dossier.SeenMs(cell) >= campaign.started_ms;
                                      })
                              ? 1
                              : 0;
  }
  return {};
}

Result<std::vector<Campaign>> Campaigns::List(const model::Access& access) const {
  FID_TRY(parts_.authorizations.parts().gate.Require(access.actor, kCapability));
  std::vector<Campaign> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, held] : known_) {
      all.push_back(held.campaign);
    }
  }
  for (Campaign& campaign : all) {
    FID_TRY(Count(campaign));
  }
  std::reverse(all.begin(), all.end());
  return all;
}

Result<Campaign> Campaigns::Close(const model::Access& access, const Uuid& id) {
  const gate::Gate& gate = parts_.authorizations.parts().gate;
  FID_TRY(gate.Require(access.actor, kCapability));
  FID_TRY(gate.CheckAccess(access));
  const std::lock_guard changing(changing_);
  Held held;
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(id);
    if (found == known_.end()) {
      return Fail(Code::kNotFound, "there is no such campaign");
    }
    held = found->second;
  }
  if (held.campaign.closed_ms != 0) {
    return Fail(Code::kConflict, "the campaign is closed already");
  }
  FID_TRY(Count(held.campaign));
  held.campaign.closed_ms = parts_.clock.NowMs();
  ++held.version;
  const audit::Leaf leaf = gate.NewLeaf(access, "campaign.close", "done");
  FID_TRY(
      parts_.book.Commit({{std::string(kKind), id, held.version, ToJson(held.campaign)}}, {leaf}));
  const std::lock_guard lock(mutex_);
  known_[id] = held;
  return held.campaign;
}

}  // namespace fiducia::govern
