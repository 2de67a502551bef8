// Looks for a value where it must not be. Ids, hashes and base64 hold any few letters by chance,
// so a short value counts only where it stands by itself.
#pragma once

#include <string_view>

#include <gtest/gtest.h>

namespace fiducia::testing {

// Whether a value this long is no accident in random text: five bytes, or nine where all are
// digits, which hexadecimal text is full of.
bool TellsItself(std::string_view value);

// That `text` holds `value` nowhere. A value that does not tell itself may stand inside a longer
// run of letters, digits and the signs of base64.
::testing::AssertionResult Lacks(std::string_view text, std::string_view value);

}  // namespace fiducia::testing
