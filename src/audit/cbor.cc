#include "audit/cbor.h"

namespace fiducia::audit {

void CborWriter::Head(unsigned major, uint64_t v) {
  const auto lead = [&](unsigned low) { return static_cast<uint8_t>(major << 5 | low); };
  ByteWriter out(out_);
  if (v < 24) {
    out.U8(lead(static_cast<unsigned>(v)));
  } else if (v <= 0xff) {
    out.U8(lead(24));
    out.U8(static_cast<uint8_t>(v));
  } else if (v <= 0xffff) {
    out.U8(lead(25));
    out.U16(static_cast<uint16_t>(v));
  } else if (v <= 0xffffffff) {
    out.U8(lead(26));
    out.U32(static_cast<uint32_t>(v));
  } else {
    out.U8(lead(27));
    out.U64(v);
  }
}

Result<uint64_t> CborReader::Head(unsigned major) {
  ByteReader in(in_);
  const uint8_t lead = in.U8();
  const unsigned low = lead & 31U;
  uint64_t v = low;
  if (low == 24) {
    v = in.U8();
  } else if (low == 25) {
    v = in.U16();
  } else if (low == 26) {
    v = in.U32();
  } else if (low == 27) {
    v = in.U64();
  }
  if (!in.ok() || lead >> 5 != major || low > 27) {
    return Fail(Code::kCorrupt, "an audit leaf is malformed");
  }
  in_ = in_.substr(in_.size() - in.left());
  return v;
}

Result<BytesView> CborReader::String(unsigned major) {
  FID_ASSIGN(const uint64_t size, Head(major));
  if (size > in_.size()) {
    return Fail(Code::kCorrupt, "an audit leaf is malformed");
  }
  const BytesView v = in_.substr(0, size);
  in_.remove_prefix(size);
  return v;
}

Result<CborMap> CborReader::Map() {
  FID_ASSIGN(const uint64_t count, Head(5));
  CborMap map;
  for (uint64_t i = 0; i < count; ++i) {
    FID_ASSIGN(const uint64_t key, Head(0));
    CborValue value;
    const unsigned major = in_.empty() ? 7 : static_cast<uint8_t>(in_[0]) >> 5;
    if (major == 0) {
      FID_ASSIGN(value.number, Head(0));
    } else {
      value.kind = major == 2 ? CborValue::Kind::kBlob : CborValue::Kind::kText;
      FID_ASSIGN(value.view, String(major == 2 ? 2 : 3));
    }
    if (!map.emplace(key, value).second) {
      return Fail(Code::kCorrupt, "an audit leaf is malformed");
    }
  }
  return map;
}

}  // namespace fiducia::audit
