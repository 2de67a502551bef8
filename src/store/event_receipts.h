// Which messages were taken in already. All take the session of the data database.
#pragma once

#include "db/session.h"
#include "model/types.h"

namespace fiducia::store {

// `message`: a hash; where it lies follows from it. Gives whether it is new.
Result<bool> KeepEventReceipt(db::Session& data, BytesView message, int64_t at_ms);
Result<bool> HasEventReceipt(db::Session& data, BytesView message);
Status ForgetEventReceipts(db::Session& data, int64_t before_ms);

}  // namespace fiducia::store
