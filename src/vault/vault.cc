#include "vault/vault.h"

#include <bit>
#include <mutex>

namespace fiducia::vault {

namespace {

constexpr uint8_t kSuite = 1;  // XAES-256-GCM
constexpr size_t kHeader = 9;
constexpr size_t kLengthPrefix = 4;
constexpr size_t kBlockMax = 4096;

// 16, 32, 64 … 4096, then whole multiples of 4096.
size_t PaddedSize(size_t size) {
  const size_t least = std::max<size_t>(16, size + kLengthPrefix);
  return least <= kBlockMax ? std::bit_ceil(least)
                            : (least + kBlockMax - 1) / kBlockMax * kBlockMax;
}

Bytes Context(const CellPlace& place, uint32_t gen) {
  Bytes context;
  context.reserve(64);
  ByteWriter out(context);
  out.Short("fid1");
  out.U8(kSuite);
  out.U32(place.subject.tenant);
  out.Raw(place.subject.id.bytes());
  out.Short(place.table);
  out.U16(place.field);
  out.U16(place.ordinal);
  out.U32(gen);
  out.U32(place.version);
  return context;
}

Bytes RegisterContext(const RegisterPlace& place) {
  Bytes context;
  ByteWriter out(context);
  out.Short("register");
  out.U32(place.tenant);
  out.Short(place.kind);
  out.Raw(place.id.bytes());
  out.U32(place.version);
  return context;
}

}  // namespace

Vault::Vault(KeyService& keys, const Clock& clock, Rng& rng)
    : keys_(keys),
      clock_(clock),
      rng_(rng),
      mac_(keys.system_key(SystemKey::kMac).view()),
      state_(crypto::Derive(keys.system_key(SystemKey::kMac).view(), {"state"}).view()),
      registers_(crypto::Derive(keys.system_key(SystemKey::kMac).view(), {"registers"})),
      hashes_(crypto::Derive(keys.system_key(SystemKey::kMac).view(), {"hashes"}).view()) {}

Bytes Vault::Seal(const SubjectKey& key, const CellPlace& place,
                  const model::Sensitive& value) const {
  const std::string_view text = value.Reveal();
  Bytes padded;
  padded.reserve(PaddedSize(text.size()));
  ByteWriter(padded).Long(text);
  padded.resize(PaddedSize(text.size()), '\0');
  Bytes sealed;
  sealed.reserve(kHeader + crypto::kNonceSize + padded.size() + crypto::kTagSize);
  ByteWriter out(sealed);
  out.U8(kSuite);
  out.U32(key.gen);
  out.U32(place.version);
  crypto::Seal(key.cells, padded, Context(place, key.gen), rng_, sealed);
  crypto::Wipe(padded);
  return sealed;
}

Result<model::Sensitive> Vault::Open(const model::Permit& permit, const SubjectKey& key,
                                     const CellPlace& place, BytesView sealed) const {
  if (!(permit.subject() == place.subject) || !permit.fields().Has(place.field) ||
      clock_.MonotonicMs() > permit.expires_monotonic_ms()) {
    return Fail(Code::kDenied, "the permit does not cover this value", place.field);
  }
  ByteReader in(sealed);
  const uint8_t suite = in.U8();
  const uint32_t gen = in.U32();
  const uint32_t version = in.U32();
  if (!in.ok() || suite != kSuite || gen != key.gen || version != place.version ||
      in.left() < crypto::kNonceSize + crypto::kTagSize + 16) {
    return Fail(Code::kCorrupt, "a sealed value was altered or moved", place.field);
  }
  std::string padded(in.left() - crypto::kNonceSize - crypto::kTagSize, '\0');
  const Status opened =
      crypto::Open(key.cells, sealed.substr(kHeader), Context(place, gen), padded);
  if (!opened) {
    return Fail(Code::kCorrupt, "a sealed value was altered or moved", place.field);
  }
  const BytesView text = ByteReader(padded).Long();
  model::Sensitive value = model::Sensitive::CopyOf(text);
  crypto::Wipe(padded);
  return value;
}

Bytes Vault::SealRegister(const RegisterPlace& place, const model::Sensitive& text) const {
  const std::string_view plain = text.Reveal();
  Bytes padded;
  padded.reserve(PaddedSize(plain.size()));
  ByteWriter(padded).Long(plain);
  padded.resize(PaddedSize(plain.size()), '\0');
  Bytes sealed(1, static_cast<char>(kSuite));
  crypto::Seal(registers_, padded, RegisterContext(place), rng_, sealed);
  crypto::Wipe(padded);
  return sealed;
}

Result<model::Sensitive> Vault::OpenRegister(const RegisterPlace& place, BytesView sealed) const {
  constexpr size_t kLeast = 1 + crypto::kNonceSize + crypto::kTagSize + kLengthPrefix;
  if (sealed.size() < kLeast || static_cast<uint8_t>(sealed[0]) != kSuite) {
    return Fail(Code::kCorrupt, "a register's document was altered or moved");
  }
  std::string padded(sealed.size() - 1 - crypto::kNonceSize - crypto::kTagSize, '\0');
  if (!crypto::Open(registers_, sealed.substr(1), RegisterContext(place), padded)) {
    return Fail(Code::kCorrupt, "a register's document was altered or moved");
  }
  model::Sensitive text = model::Sensitive::CopyOf(ByteReader(padded).Long());
  crypto::Wipe(padded);
  return text;
}

Bytes Vault::KeyedHash(std::string_view domain, BytesView bytes) const {
  Bytes head;
  ByteWriter(head).Short(domain);
  return Bytes(crypto::View(hashes_.Compute({head, bytes})));
}

Bytes Vault::MacRow(const model::SubjectRef& subject, std::string_view table, uint32_t version,
                    BytesView body) const {
  Bytes head;
  ByteWriter out(head);
  out.Short("row");
  out.U32(subject.tenant);
  out.Raw(subject.id.bytes());
  out.Short(table);
  out.U32(version);
  return Bytes(crypto::View(mac_.Compute({head, body})).substr(0, 16));
}

Status Vault::CheckRow(const model::SubjectRef& subject, std::string_view table, uint32_t version,
                       BytesView body, BytesView mac) const {
  if (!EqualConstantTime(MacRow(subject, table, version, body), mac)) {
    return Fail(Code::kCorrupt, "a stored record was altered");
  }
  return {};
}

Vault::StateNumber Vault::NumberOf(std::string_view domain, BytesView place,
                                   BytesView content) const {
  Bytes head;
  ByteWriter out(head);
  out.Short(domain);
  out.Short(place);
  const crypto::Digest digest = state_.Compute({head, content});
  StateNumber number{};
  ByteReader in(crypto::View(digest));
  for (uint64_t& part : number) {
    part = in.U64();
  }
  return number;
}

Bytes Vault::HashOf(BytesView bytes) const { return Bytes(crypto::View(crypto::Sha256({bytes}))); }

const crypto::Hmac& Vault::IndexKey(model::TenantId tenant, uint32_t kind) const {
  {
    const std::shared_lock lock(mutex_);
    const auto found = index_keys_.find({tenant, kind});
    if (found != index_keys_.end()) {
      return *found->second;
    }
  }
  Bytes info;
  ByteWriter out(info);
  out.U32(tenant);
  out.U32(kind);
  const crypto::Key256 key =
      crypto::Derive(keys_.system_key(SystemKey::kIndex).view(), {"index", info});
  const std::unique_lock lock(mutex_);
  auto& slot = index_keys_[{tenant, kind}];
  if (slot == nullptr) {
    slot = std::make_unique<crypto::Hmac>(key.view());
  }
  return *slot;
}

store::Token Vault::TokenFor(model::TenantId tenant, uint32_t kind, int bits,
                             const model::Sensitive& normalized) const {
  const crypto::Digest digest = IndexKey(tenant, kind).Compute({normalized.Reveal()});
  const auto whole = static_cast<size_t>((bits + 7) / 8);
  Bytes token(digest.data(), std::max<size_t>(whole, 2));
  const int spare = static_cast<int>(token.size()) * 8 - bits;
  if (spare > 0 && spare < 8) {
    token.back() = static_cast<char>(static_cast<uint8_t>(token.back()) & (0xff << spare));
  } else if (spare >= 8) {  // 8 bits: the second byte only places the row
    token.back() = '\0';
  }
  return {kind, std::move(token)};
}

Bytes Vault::Commit(const SubjectKey& key, std::string_view text) const {
  return Bytes(crypto::View(crypto::Hmac(key.pseudonym).Compute({"commit", text})).substr(0, 16));
}

}  // namespace fiducia::vault
