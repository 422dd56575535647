// cli/constants.hpp: constants record and constants check: the file, today's code, and what is printed.
#pragma once

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "validation/constants.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace exeunt::cli
{

/// What was found: a line for each that is refuted, one for each spec, the acceptance if there was one, and the
/// verdict.
std::string constants_text(const std::string& file, const std::vector<validation::SpecCheck>& checks,
                           const std::optional<validation::Acceptance>& accepted, bool colour);
/// The same as one document in the manner of verify's: a hypothesis a constant, and one a spec that changed, whose
/// constants are then none.
std::string constants_json(const std::string& file, const std::vector<validation::SpecCheck>& checks,
                           const std::optional<validation::Acceptance>& accepted);

/// Adds the constants of each spec to the file, which is made when it is missing. `shipped`: where the shipped specs
/// are.
Status record_constants(const Request& request, const std::filesystem::path& shipped);
/// Holds the file against today's code; with a reason, takes today's values into it. Status refuted when a constant or
/// a spec differs and nothing was accepted.
Status check_constants(const Request& request, const std::filesystem::path& shipped, bool colour);

}
