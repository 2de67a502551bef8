// Finds the encoding of a text file and turns it into UTF-8 as it is read.
#pragma once

#include <memory>
#include <string>

#include "collect/imports/table_reader.h"

namespace fiducia::collect {

// "UTF-8", "GB18030", "Big5", "UTF-16LE" …, from the first bytes. Errors: kInvalidInput if it is no
// text.
Result<std::string> DetectEncoding(std::string_view head, bool is_whole);

// Yields UTF-8 without a byte-order mark: `head` first, then the rest of `source`.
Result<std::unique_ptr<ByteSource>> DecodeSource(std::unique_ptr<ByteSource> source,
                                                 std::string head, const std::string& encoding);

}  // namespace fiducia::collect
