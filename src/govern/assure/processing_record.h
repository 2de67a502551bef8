// The record of processing: made from what runs (GDPR Art. 30, PIPL Art. 55 and 56), in the forms
// that authorities and auditors read.
#pragma once

#include <string>

#include "govern/assure/assessments.h"
#include "govern/lawful/thresholds.h"

namespace fiducia::govern {

// What a record is made from.
struct ProcessingFacts {
  const rules::Policy& policy;
  std::string home;
  std::vector<NoticeVersion> notices;  // newest first
  std::vector<Recipient> recipients;
  std::vector<AssessmentNeed> assessments;
  std::vector<std::array<std::string, 3>> sources;  // id, channel, owner
  std::map<std::string, std::string> owners;        // of purposes, where one was named
};

// fiducia-processing-record/1. Ids and declared words only: no personal data.
Json ProcessingRecord(const ProcessingFacts& facts);
// One line for each purpose.
std::string ProcessingCsv(const Json& record);
// JSON-LD in the words of the Data Privacy Vocabulary.
Json ProcessingDpv(const Json& record);

}  // namespace fiducia::govern
