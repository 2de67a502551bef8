#include "process/record/walk.h"

namespace fiducia::process {

namespace {

constexpr int kPage = 500;

}  // namespace

Status WalkRows(store::Engine& engine, const EachRow& each) {
  model::Bucket bucket = 0;
  Uuid after;
  for (;;) {
    FID_ASSIGN(const auto lease, engine.Read());
    FID_ASSIGN(const auto page,
               store::WalkSubjects(lease->session(store::Which::kData), 0, bucket, after, kPage));
    for (const store::WalkedSubject& walked : page) {
      bucket = walked.bucket;
      after = walked.subject.id;
      FID_ASSIGN(const bool on, each(*lease, walked));
      if (!on) {
        return {};
      }
    }
    if (page.size() < kPage) {
      return {};
    }
  }
}

}  // namespace fiducia::process
