// How a message of the outbox becomes a mail.
#pragma once

#include "courier/outbox.h"

namespace fiducia::server {

Status SendByMail(const courier::MailServer& server, const courier::Message& message);

}  // namespace fiducia::server
