#include "govern/portal/doors.h"

#include <algorithm>

#include "base/text.h"

namespace fiducia::govern {

namespace {

constexpr std::string_view kKind = "portal_link";
constexpr size_t kTokenSize = 32;
constexpr size_t kLinksEach = 3;  // of one contact, at a time
constexpr size_t kContactMax = 200;

const rules::Field* FieldOf(const gate::Gate& gate, std::string_view contact) {
  return gate.policy().catalog.Find(contact.find('@') == std::string_view::npos ? "mobile"
                                                                                : "email");
}

std::string SubjectLine(bool zh) { return zh ? "您的登录链接" : "Your sign-in link"; }

std::string BodyOf(bool zh, const std::string& url) {
  return (zh ? "您(或者知道此地址的人)请求登录客户门户。点击链接即可进入,15 "
               "分钟内有效,只能用一次:\r\n\r\n"
             : "You, or somebody who knows this address, asked to sign in to the customer portal. "
               "The link works once, for 15 minutes:\r\n\r\n") +
         url +
         (zh ? "\r\n\r\n如果不是您本人,请忽略此邮件:没有链接谁也进不去。\r\n"
             : "\r\n\r\nIf it was not you, do nothing: without the link nobody gets in.\r\n");
}

}  // namespace

Result<std::unique_ptr<Doors>> Doors::Open(Parts parts) {
  std::unique_ptr<Doors> made(new Doors(parts));
  FID_ASSIGN(const auto documents, parts.book.Load(kKind));
  for (const guard::Document& document : documents) {
    Link link;
    link.id = document.id;
    link.version = document.version;
    FID_ASSIGN(link.subject.id, Uuid::Parse(JsonText(document.json, "subject")));
    link.until_ms = document.json.value("until", int64_t{0});
    FID_ASSIGN(const Bytes hash, FromBase64(JsonText(document.json, "token")));
    made->links_[hash] = link;
  }
  FID_TRY(parts.sessions.Load());
  return made;
}

void Doors::set_base(std::string url) { base_ = std::move(url); }

Result<std::string> Doors::MakeLink(const model::SubjectRef& subject, const audit::Leaf& leaf) {
  Bytes secret(kTokenSize, '\0');
  parts_.rng.Fill(secret);
  const std::string token = ToBase64Url(secret);
  const Bytes hash = parts_.vault.HashOf(token);
  const int64_t now = parts_.clock.NowMs();
  const Link link{Uuid::V7(parts_.clock, parts_.rng), 1, subject, now + kLinkMs};
  std::vector<guard::DocumentChange> changes = {
      {std::string(kKind), link.id, 1,
       Json{{"subject", subject.id.Text()}, {"until", link.until_ms}, {"token", ToBase64(hash)}}}};
  std::vector<Bytes> gone;
  {
    const std::lock_guard lock(mutex_);
    std::vector<std::pair<int64_t, Bytes>> own;
    for (const auto& [other, old] : links_) {
      if (now >= old.until_ms) {
        gone.push_back(other);
      } else if (old.subject == subject) {
        own.emplace_back(old.until_ms, other);
      }
    }
    // Only the newest few of a person work.
    std::sort(own.begin(), own.end());
    for (size_t i = 0; i + kLinksEach <= own.size(); ++i) {
      gone.push_back(own[i].second);
    }
    for (const Bytes& other : gone) {
      const Link& old = links_.at(other);
      changes.push_back({std::string(kKind), old.id, old.version, std::nullopt});
    }
  }
  FID_TRY(parts_.book.Commit(changes, {leaf}));
  const std::lock_guard lock(mutex_);
  for (const Bytes& other : gone) {
    links_.erase(other);
  }
  links_[hash] = link;
  // Behind the #, so that no server and no log on the way ever sees it.
  return base_ + "/portal/#link=" + token;
}

Result<std::vector<Doors::Known>> Doors::WhoHas(const rules::Field& field,
                                                const model::Sensitive& contact,
                                                bool reachable) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  process::Hints hints;
  hints.region = common.jurisdiction.substr(0, 2);
  hints.today_days = parts_.clock.NowMs() / 86400000;
  const auto cleaned = common.records.builder().cleaner().Clean(field, contact, hints);
  std::vector<Known> found;
  if (!cleaned) {
    return found;
  }
  const auto tokens = common.records.builder().TokensOf(0, field, *cleaned);
  if (tokens.empty()) {
    return found;
  }
  constexpr int kCandidates = 20;
  FID_ASSIGN(const auto lease, common.records.engine().Read());
  FID_ASSIGN(const auto candidates, store::FindByToken(lease->session(store::Which::kIndex), 0,
                                                       tokens[0], Uuid(), kCandidates));
  for (const model::SubjectRef& candidate : candidates) {
    auto loaded = common.records.LoadEven(*lease, candidate);
    if (!loaded || found.size() == kLinksEach) {
      continue;
    }
    FID_ASSIGN(const bool same, common.records.builder().Holds(loaded->dossier, *loaded->key, field,
                                                               false, *cleaned));
    if (!same) {
      continue;
    }
    // The way in leads to the record that stands for the person.
    loaded = common.records.LoadCurrent(*lease, candidate);
    if (!loaded || std::any_of(found.begin(), found.end(), [&](const Known& known) {
          return known.record.dossier.subject == loaded->dossier.subject;
        })) {
      continue;
    }
    if (!reachable) {
      found.push_back({std::move(*loaded), {}});
      continue;
    }
    // A phone number finds the person; the link goes to the mail address that is on record.
    FID_ASSIGN(auto address, FirstValue(common.records, common.gate, *loaded, "email"));
    if (field.id == "email") {
      address = cleaned->value;
    }
    if (!address.empty()) {
      found.push_back({std::move(*loaded), std::move(address)});
    }
  }
  return found;
}

Status Doors::SendLinks(const model::Sensitive& contact, const std::string& locale,
                        const std::string& peer) {
  const gate::Gate& gate = parts_.authorizations.parts().gate;
  const std::string folded = LowerAscii(TrimAscii(contact.Reveal()));
  const Bytes who = parts_.vault.KeyedHash("portal link", folded);
  if (const Status allowed = asking_.Allow(who, false, peer); !allowed) {
    model::Access access;
    access.actor.role = "customer";
    audit::Leaf leaf = gate.NewLeaf(access, "portal.link", "refused");
    leaf.reason = Info(Code::kTooManyRequests).name;
    FID_TRY(gate.Record(0, leaf).Wait());
    return allowed;
  }
  // Every question counts, whoever is asked about: a flood is slowed down.
  asking_.Failed(who, false, peer);
  const rules::Field* field = FieldOf(gate, folded);
  if (folded.size() < 3 || folded.size() > kContactMax || field == nullptr) {
    return {};
  }
  FID_ASSIGN(const auto people, WhoHas(*field, contact, true));
  const bool zh = locale.starts_with("zh");
  for (const Known& person : people) {
    FID_ASSIGN(
        const std::string url,
        MakeLink(person.record.dossier.subject,
                 gate.LeafOfSubject({person.record.dossier, *person.record.key}, "portal.link")));
    courier::Message message;
    message.to = person.address;
    message.subject = model::Sensitive(SubjectLine(zh));
    message.body = model::Sensitive(BodyOf(zh, url));
    message.until_ms = parts_.clock.NowMs() + kLinkMs;
    FID_TRY(parts_.outbox.Queue(
        std::move(message),
        gate.LeafOfSubject({person.record.dossier, *person.record.key}, "message.queue")));
  }
  return {};
}

Result<std::vector<Uuid>> Doors::Whose(const model::Sensitive& contact) const {
  std::vector<Uuid> owners;
  const rules::Field* field =
      FieldOf(parts_.authorizations.parts().gate, std::string(TrimAscii(contact.Reveal())));
  if (field == nullptr) {
    return owners;
  }
  FID_ASSIGN(const auto people, WhoHas(*field, contact, false));
  for (const Known& person : people) {
    owners.push_back(person.record.dossier.subject.id);
  }
  return owners;
}

Result<HandedLink> Doors::HandLink(const model::Access& access, const model::SubjectRef& subject) {
  const gate::Gate& gate = parts_.authorizations.parts().gate;
  FID_TRY(gate.Require(access.actor, "portal.link"));
  FID_TRY(gate.CheckAccess(access));
  if (!SaysWhy(access.reason)) {
    return Fail(Code::kReasonRequired,
                "say how the person was recognized, in at least three letters");
  }
  FID_ASSIGN(const auto record, parts_.authorizations.parts().records.LoadFresh(subject));
  audit::Leaf leaf = gate.NewLeaf(access, "portal.link", "done");
  leaf.pseudonym = record.key->pseudonym;
  leaf.commitment = parts_.vault.Commit(*record.key, access.reason);
  FID_ASSIGN(std::string url, MakeLink(subject, leaf));
  return HandedLink{std::move(url), parts_.clock.NowMs() + kLinkMs};
}

Status Doors::MayTry(BytesView what, const std::string& peer) {
  return entering_.Allow(parts_.vault.HashOf(what), false, peer);
}

Result<guard::Sessions::Opened> Doors::Refuse(BytesView what, const std::string& peer) {
  const gate::Gate& gate = parts_.authorizations.parts().gate;
  entering_.Failed(parts_.vault.HashOf(what), false, peer);
  model::Access access;
  access.actor.role = "customer";
  audit::Leaf leaf = gate.NewLeaf(access, "portal.enter", "refused");
  leaf.reason = Info(Code::kUnauthenticated).name;
  FID_TRY(gate.Record(0, leaf).Wait());
  return Fail(Code::kUnauthenticated, "this does not let you in, or no more: ask for a new link");
}

Result<audit::Leaf> Doors::LeafFor(const Uuid& customer, std::string_view op) const {
  FID_ASSIGN(const auto record, parts_.authorizations.parts().records.LoadFresh({0, customer}));
  return parts_.authorizations.parts().gate.LeafOfSubject({record.dossier, *record.key}, op);
}

Result<guard::Sessions::Opened> Doors::Open(const model::SubjectRef& subject,
                                            const std::string& device,
                                            std::vector<guard::DocumentChange> with) {
  FID_ASSIGN(const audit::Leaf leaf, LeafFor(subject.id, "portal.enter"));
  guard::Session session;
  session.user = subject.id;
  session.factors = 2;  // the contact was known before, and answered; or a key did that was left
  session.device = device.substr(0, 120);
  return parts_.sessions.Start(std::move(session), leaf, std::move(with));
}

Result<guard::Sessions::Opened> Doors::Enter(const std::string& token, const std::string& device,
                                             const std::string& peer) {
  FID_TRY(MayTry(token, peer));
  Link link;
  {
    const std::lock_guard lock(mutex_);
    const auto found = links_.find(parts_.vault.HashOf(token));
    if (token.size() < kTokenSize || found == links_.end()) {
      return Refuse(token, peer);
    }
    link = found->second;
    links_.erase(found);  // once: whoever comes second finds nothing
  }
  if (parts_.clock.NowMs() >= link.until_ms) {
    return Refuse(token, peer);
  }
  auto opened =
      Open(link.subject, device, {{std::string(kKind), link.id, link.version, std::nullopt}});
  return opened ? std::move(opened) : Refuse(token, peer);
}

Status Doors::RequireFresh(const guard::Session& session) const {
  const int64_t age = parts_.clock.NowMs() - session.factor_ms;
  if (age < 0 || age > guard::kStepUpMs) {
    return Fail(Code::kStepUpRequired, "this weighs more: come in anew");
  }
  return {};
}

Status Doors::Forget(const Uuid& customer) {
  std::vector<guard::DocumentChange> changes = parts_.sessions.ChangesToEnd(customer);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [hash, link] : links_) {
      if (link.subject.id == customer) {
        changes.push_back({std::string(kKind), link.id, link.version, std::nullopt});
      }
    }
    std::erase_if(links_, [&](const auto& entry) { return entry.second.subject.id == customer; });
  }
  parts_.sessions.Forget(customer);
  return parts_.book.Commit(changes, {});
}

Status Doors::Leave(const guard::Session& session) {
  model::Access access;
  access.actor.role = "customer";
  const auto leaf = LeafFor(session.user, "portal.leave");
  return parts_.sessions.End(
      session,
      leaf ? *leaf : parts_.authorizations.parts().gate.NewLeaf(access, "portal.leave", "done"));
}

}  // namespace fiducia::govern
