// Made-up customers, the same for the same seed at any size: bilingual, with typos, other spellings
// and duplicates. Names, numbers and addresses are random combinations; nobody real is meant.
#pragma once

#include "base/rng.h"
#include "collect/imports/table_reader.h"

namespace fiducia::cli {

class DemoTable : public collect::TableReader {
 public:
  DemoTable(int64_t customers, uint64_t seed);
  const std::vector<std::string>& header() const override { return header_; }
  Result<bool> Next(collect::TableRow& row) override;
  int64_t bytes_read() const override { return 0; }

  // The mapping that fits the columns, as TOML.
  static std::string Mapping();

 private:
  using Cells = std::vector<std::string>;
  Cells MakeChinese(int64_t number);
  Cells MakeEnglish(int64_t number);
  void Spoil(Cells& cells);
  std::string ResidentId(const std::string& region, int year, int month, int day, bool male);
  const std::string& Pick(const std::vector<std::string>& list) {
    return list[random_.Below(list.size())];
  }

  int64_t customers_;
  int64_t made_ = 0;
  SeededRandom random_;
  std::vector<std::string> header_;
  std::vector<std::pair<std::string, std::string>> regions_;  // code, full name
  std::vector<std::string> surnames_;
  std::vector<std::string> given_male_;
  std::vector<std::string> given_female_;
  std::vector<Cells> recent_;  // to repeat as duplicates
};

}  // namespace fiducia::cli
