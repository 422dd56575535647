// cli/starter.hpp: a spec to start from, for `exeunt init`.
#pragma once

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "model/spec.hpp"

#include <filesystem>
#include <string>

namespace exeunt::cli
{

/// A spec that says every key with its default and what it means; keys that have none to show are commented out.
std::string starter_text();

/// The text of a spec with its own lines for what `spec` says of the dotted keys: their values are replaced, comments
/// stay. A key that is commented out or missing is written; expression and builtin replace each other; a key below
/// potential.parameters stands for all parameters.
/// Shape   `text` has its values on one line each, as the shipped specs have.
std::string rewritten(const std::string& text, const model::Spec& spec, const std::vector<std::string>& keys);

/// Writes the starter, or the shipped spec --from, to a file that must not be there: named after the file, with
/// --potential and --set written into it, and with a threshold that fits a potential that was given without one.
/// `shipped`: where the shipped specs are. BadInput, and no file, for what predict would refuse in the potential.
Status init(const Request& request, const std::filesystem::path& shipped);

}
