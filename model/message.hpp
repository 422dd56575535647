// model/message.hpp: pieces of one-line messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace exeunt::model
{

/// `text` on one line and safe to print: white space as blanks, control characters and broken UTF-8 as '?', at most
/// `limit` characters, then "…".
std::string printable(std::string_view text, std::size_t limit);

/// Up to `limit` characters of `text` around the byte `at`, printable; "…" where something was left out.
std::string excerpt(std::string_view text, std::size_t at, std::size_t limit);

/// "did you mean 'tilt'?" when one of `known` is at most two edits (one for short names) from `name`, else empty.
std::string suggestion(std::string_view name, const std::vector<std::string>& known);

std::string join(const std::vector<std::string>& words, std::string_view separator);

}
