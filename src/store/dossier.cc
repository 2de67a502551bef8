#include "store/dossier.h"

#include <algorithm>

namespace fiducia::store {

namespace {

constexpr uint8_t kFormat = 2;
constexpr uint8_t kMergedFormat = 3;  // merged, or with others joined
constexpr uint8_t kFirstFormat = 1;

void PutText(ByteWriter& out, std::string_view text) {
  out.U8(static_cast<uint8_t>(text.size()));  // ids of at most 255 bytes, checked on entry
  out.Raw(text.substr(0, 255));
}

std::string GetText(ByteReader& in) { return std::string(in.Raw(in.U8())); }

Uuid GetId(ByteReader& in) { return Uuid::FromBytes(in.Raw(16)).value_or(Uuid()); }

void PutProvenance(ByteWriter& out, const model::Provenance& p) {
  PutText(out, p.source);
  PutText(out, p.channel);
  PutText(out, p.basis);
  out.Raw(p.collector.bytes());
  out.Raw(p.batch.bytes());
  out.U64(static_cast<uint64_t>(p.collected_ms));
}

model::Provenance GetProvenance(ByteReader& in) {
  model::Provenance p;
  p.source = GetText(in);
  p.channel = GetText(in);
  p.basis = GetText(in);
  p.collector = GetId(in);
  p.batch = GetId(in);
  p.collected_ms = static_cast<int64_t>(in.U64());
  return p;
}

void PutCell(ByteWriter& out, const Cell& c) {
  out.U16(c.field);
  out.U16(c.ordinal);
  out.U8(c.provenance);
  out.U8(c.confidence);
  out.U32(c.version);
  out.U64(static_cast<uint64_t>(c.verified_ms));
  out.Long(c.sealed);
}

Cell GetCell(ByteReader& in) {
  Cell c;
  c.field = in.U16();
  c.ordinal = in.U16();
  c.provenance = in.U8();
  c.confidence = in.U8();
  c.version = in.U32();
  c.verified_ms = static_cast<int64_t>(in.U64());
  c.sealed = in.Long();
  return c;
}

void PutJoined(ByteWriter& out, const Joined& one) {
  out.Raw(one.merge.bytes());
  out.Raw(one.subject.bytes());
  out.U64(static_cast<uint64_t>(one.at_ms));
  out.U32(one.known);
  out.U32(one.standing.restrictions);
  PutStanding(out, one.standing);
  out.U16(static_cast<uint16_t>(one.replaced.size()));
  for (const Cell& cell : one.replaced) {
    PutCell(out, cell);
  }
}

Joined GetJoined(ByteReader& in) {
  Joined one;
  one.merge = GetId(in);
  one.subject = GetId(in);
  one.at_ms = static_cast<int64_t>(in.U64());
  one.known = in.U32();
  one.standing.restrictions = in.U32();
  GetStanding(in, kMergedFormat, one.standing);
  for (uint16_t n = in.U16(); n > 0 && in.ok(); --n) {
    one.replaced.push_back(GetCell(in));
  }
  return one;
}

}  // namespace

model::FieldSet Dossier::held() const {
  model::FieldSet set;
  for (const Cell& cell : cells) {
    set.Add(cell.field);
  }
  return set;
}

Standing Dossier::InForce() const {
  Standing in_force = standing;
  for (const Joined& one : joined) {
    in_force = Unite(in_force, one.known, one.standing);
  }
  return in_force;
}

Bytes EncodeDossier(const Dossier& d) {
  Bytes body;
  ByteWriter out(body);
  const bool merged = !d.merged_into.is_nil() || !d.joined.empty();
  out.U8(merged ? kMergedFormat : kFormat);
  out.U8(static_cast<uint8_t>(d.kind));
  out.U32(d.standing.restrictions);
  out.U32(d.basis_seq);
  out.U16(d.next_ordinal);
  out.U64(static_cast<uint64_t>(d.created_ms));
  out.U64(static_cast<uint64_t>(d.updated_ms));
  out.U8(static_cast<uint8_t>(d.provenances.size()));
  for (const model::Provenance& p : d.provenances) {
    PutProvenance(out, p);
  }
  PutStanding(out, d.standing);
  PutText(out, d.ledger_head);
  out.U16(static_cast<uint16_t>(d.cells.size()));
  for (const Cell& c : d.cells) {
    PutCell(out, c);
  }
  if (merged) {
    out.Raw(d.merged_into.bytes());
    out.U16(static_cast<uint16_t>(d.joined.size()));
    for (const Joined& one : d.joined) {
      PutJoined(out, one);
    }
  }
  return body;
}

Result<Dossier> DecodeDossier(const model::SubjectRef& subject, uint32_t version, BytesView body) {
  ByteReader in(body);
  Dossier d;
  d.subject = subject;
  d.version = version;
  const uint8_t format = in.U8();
  d.kind = in.Word(model::SubjectKind::kOrganization);
  d.standing.restrictions = in.U32();
  d.basis_seq = in.U32();
  d.next_ordinal = in.U16();
  d.created_ms = static_cast<int64_t>(in.U64());
  d.updated_ms = static_cast<int64_t>(in.U64());
  for (uint8_t n = in.U8(); n > 0 && in.ok(); --n) {
    d.provenances.push_back(GetProvenance(in));
  }
  GetStanding(in, format, d.standing);
  if (format != kFirstFormat) {
    d.ledger_head = GetText(in);
  }
  for (uint16_t n = in.U16(); n > 0 && in.ok(); --n) {
    d.cells.push_back(GetCell(in));
  }
  if (format == kMergedFormat) {
    d.merged_into = GetId(in);
    for (uint16_t n = in.U16(); n > 0 && in.ok(); --n) {
      d.joined.push_back(GetJoined(in));
    }
  }
  const auto places_ok = [&](const std::vector<Cell>& cells) {
    return std::all_of(cells.begin(), cells.end(), [&](const Cell& c) {
      return c.field < model::kFieldMax && c.provenance < d.provenances.size();
    });
  };
  const bool cells_ok =
      places_ok(d.cells) && std::all_of(d.joined.begin(), d.joined.end(),
                                        [&](const Joined& one) { return places_ok(one.replaced); });
  if (!in.done() || format < kFirstFormat || format > kMergedFormat || !cells_ok) {
    return Fail(Code::kCorrupt, "a stored record is damaged");
  }
  return d;
}

}  // namespace fiducia::store
