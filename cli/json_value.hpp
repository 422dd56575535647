// cli/json_value.hpp: numbers and documents as every --json writes them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace exeunt::cli
{

using Json = nlohmann::ordered_json;

/// null for NaN, "inf" and "-inf" for the infinities, never -0.
Json number(double x);

/// The whole of what a command prints: indented, broken UTF-8 replaced, one line feed at the end.
std::string document(const Json& json);

}
