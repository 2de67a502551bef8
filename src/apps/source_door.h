// Private to apps: what comes from a source one by one, by a call or at the desk, comes through
// here: only on its terms, and counted.
#pragma once

#include <string>

#include "apps/answer.h"
#include "govern/lawful/source_terms.h"

namespace fiducia::apps {

// Errors: kUnknownSource; kConflict where its terms do not let it bring anything.
inline Status RequireSource(store::Engine& engine, const govern::SourceRegister& sources,
                            const std::string& source) {
  {
    FID_ASSIGN(const auto lease, engine.Read());
    FID_TRY(store::RequireSource(lease->session(store::Which::kData), 0, source));
  }
  return sources.MayBring(source);
}

// The same answer; what was written is counted as of the source.
inline Done<Written> Counted(govern::SourceRegister& sources, const std::string& source,
                             Done<Written> done) {
  return [&sources, source, done = std::move(done)](Result<Written> written) mutable {
    if (written) {
      sources.Took(source);
    }
    done(std::move(written));
  };
}

}  // namespace fiducia::apps
