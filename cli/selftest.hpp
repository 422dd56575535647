// cli/selftest.hpp: what calibrate and mutants print: the tests, tested.
#pragma once

#include "model/spec.hpp"
#include "validation/calibrate.hpp"
#include "validation/mutants.hpp"

#include <string>
#include <vector>

namespace exeunt::cli
{

std::string calibrate_text(const model::Spec& spec, const validation::Calibration& calibration);
std::string calibrate_json(const model::Spec& spec, const validation::Calibration& calibration);

/// Whether the right simulation was never refuted and every wrong one in at least 99 of 100 campaigns.
bool all_seen(const std::vector<validation::MutantOutcome>& outcomes);
std::string mutants_text(const std::vector<validation::MutantOutcome>& outcomes);
std::string mutants_json(const std::vector<validation::MutantOutcome>& outcomes);

}
