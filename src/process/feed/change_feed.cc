#include "process/feed/change_feed.h"

#include <charconv>
#include <map>

namespace fiducia::process {

FeedPlace FeedPlace::Behind(int64_t seq) { return {seq, *Uuid::FromBytes(Bytes(16, '\xff'))}; }

std::string FeedPlace::Text() const {
  return seq == 0 && subject.is_nil() ? "" : std::to_string(seq) + "_" + subject.Text();
}

Result<FeedPlace> FeedPlace::Parse(std::string_view text) {
  FeedPlace place;
  if (text.empty()) {
    return place;
  }
  const size_t bar = text.find('_');
  const char* end = text.data() + std::min(bar, text.size());
  const auto read = std::from_chars(text.data(), end, place.seq);
  if (bar == std::string_view::npos || read.ec != std::errc() || read.ptr != end || place.seq < 0) {
    return Fail(Code::kInvalidInput, "the cursor is not one of ours");
  }
  const auto subject = Uuid::Parse(text.substr(bar + 1));
  if (!subject) {
    return Fail(Code::kInvalidInput, "the cursor is not one of ours");
  }
  place.subject = *subject;
  return place;
}

Result<std::unique_ptr<ChangeFeed>> ChangeFeed::Open(store::Engine& engine, const Clock& clock) {
  std::unique_ptr<ChangeFeed> feed(new ChangeFeed(engine, clock));
  FID_ASSIGN(const auto lease, engine.Read());
  FID_ASSIGN(const int64_t last, store::LastChange(lease->session(store::Which::kData)));
  feed->last_ = last;
  feed->given_ = last;
  engine.Join(*feed);
  engine.AddWatch(*feed);
  return feed;
}

ChangeFeed::~ChangeFeed() {
  engine_.RemoveWatch(*this);
  engine_.Leave(*this);
  (void)engine_.SubmitAndWait({});  // a group may be under way
}

Result<std::vector<store::ChangeRow>> ChangeFeed::After(const FeedPlace& place, int limit) const {
  FID_ASSIGN(const auto lease, engine_.Read());
  return store::ListChanges(lease->session(store::Which::kData), 0, place.seq, place.subject,
                            limit);
}

void ChangeFeed::Take(BytesView place, bool appeared) {
  // Of the records of a subject; a register is nobody's.
  if (place.empty() || (place[0] != 's' && place[0] != 'b' && place[0] != 't')) {
    return;
  }
  ByteReader in(place.substr(1));
  const model::TenantId tenant = in.U32();
  const BytesView id = in.Raw(16);
  if (in.ok()) {
    notes_.push_back(
        {{tenant, Uuid::FromBytes(id).value_or(Uuid())}, static_cast<char>(place[0]), appeared});
  }
}

void ChangeFeed::Appeared(uint32_t /*bucket*/, BytesView place, BytesView /*content*/) {
  Take(place, true);
}

void ChangeFeed::Gone(uint32_t /*bucket*/, BytesView place, BytesView /*content*/) {
  Take(place, false);
}

Status ChangeFeed::BeforeCommit(store::Session& data) {
  std::map<std::pair<model::TenantId, Uuid>, store::ChangeRow> changed;
  given_ = last_;
  for (const Note& note : notes_) {
    const auto [at, is_new] = changed.try_emplace({note.subject.tenant, note.subject.id});
    store::ChangeRow& row = at->second;
    if (is_new) {
      row.subject = note.subject;
      row.seq = ++given_;
      row.at_ms = clock_.NowMs();
    }
    int64_t& part = note.kind == 's'   ? row.record_seq
                    : note.kind == 'b' ? row.basis_seq
                                       : row.timeline_seq;
    if (note.kind == 's') {
      // A change is the old going and the new appearing.
      if (note.appeared && part == 0) {
        row.created_seq = row.seq;
      }
      row.erased = !note.appeared;
    }
    part = row.seq;
  }
  for (const auto& [place, row] : changed) {
    FID_TRY(store::PutChange(data, row));
  }
  return {};
}

void ChangeFeed::Committed() {
  last_ = given_;
  notes_.clear();
  mark_ = 0;
}

void ChangeFeed::Failed() {
  given_ = last_;
  notes_.clear();
  mark_ = 0;
}

}  // namespace fiducia::process
