// What can be counted about the values of one column.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "process/classify/columns.h"

namespace fiducia::process {

// Shares are of the values that are not empty, 0 to 1.
struct ColumnFacts {
  size_t values = 0;
  size_t distinct_values = 0;
  double distinct = 0;  // of the values

  // Size in characters.
  double mean_size = 0;
  double size_spread = 0;
  size_t min_size = 0;
  size_t max_size = 0;
  double words = 0;        // mean
  double letters = 0;      // share of values of letters and blanks only
  double digit_share = 0;  // share of values with a digit
  double mean_digits = 0;

  // Known by their form.
  double email = 0;
  double phone = 0;
  double resident_id = 0;
  double ssn = 0;
  double card = 0;
  double masked_card = 0;
  double iban = 0;
  double ip = 0;
  double company_code = 0;
  double passport = 0;
  double plate = 0;
  double domain = 0;
  double agent = 0;   // what a browser says of itself
  double parcel = 0;  // 1Z…
  double uuid = 0;
  double hex = 0;
  double coordinates = 0;  // a pair
  double far_decimal = 0;  // one, with four or more places
  double feet_inches = 0;
  double letter_postcode = 0;
  double two_capitals = 0;
  double country_code = 0;
  double country_name = 0;
  double income_band = 0;
  double month_of_year = 0;

  double date = 0;
  bool has_time = false;
  int this_year = 0;
  double year_mean = 0;
  double year_spread = 0;
  double future = 0;  // share of dates that are not yet

  double number = 0;
  double integer = 0;
  double decimals = 0;  // mean count of places
  double min = 0;
  double max = 0;
  double mean = 0;
  double spread = 0;  // standard deviation
  double zero_first = 0;
  bool in_order = false;  // never falls

  double first_name = 0;  // share of words
  double family_name = 0;
  double place_name = 0;
  double plain_word = 0;
  double full_name = 0;  // share of values: a given and a family name
  double han_name = 0;
  double han_address = 0;
  double address = 0;
  double street_word = 0;
  double organization = 0;
  double occupation = 0;
  double names_person = 0;  // the tagger sees somebody

  double code = 0;        // letters and digits without blanks
  double mixed_code = 0;  // both letters and digits
  double one_form = 0;    // share of the most common form
  double secret = 0;      // small, capital and digit in no order
  double handle = 0;      // one word of letters, digits, dots

  std::array<double, kColumnKinds> of_list{};
  double IsWord(ColumnKind kind) const { return of_list[static_cast<size_t>(kind)]; }
};

ColumnFacts FactsOf(const std::vector<std::string_view>& values);

}  // namespace fiducia::process
