// cli/records.hpp: the outcome of every test for other programs: one JSON document a line, and JUnit's XML.
#pragma once

#include "model/spec.hpp"
#include "validation/verify.hpp"

#include <string>

namespace exeunt::cli
{

/// verify.jsonl: a line for each hypothesis, complete by itself: what a run in a year can be held against.
/// `schema` is raised when a key changes its meaning or goes; a new key raises nothing.
std::string record_lines(const model::Spec& spec, const validation::Verification& verification);

/// What CI systems read: a test case a hypothesis, refuted as a failure, inconclusive as skipped.
std::string junit_xml(const model::Spec& spec, const validation::Verification& verification);

}
