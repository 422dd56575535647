// cli/plan.hpp: what plan prints.
#pragma once

#include "model/spec.hpp"
#include "validation/plan.hpp"

#include <string>

namespace exeunt::cli
{

/// One row a cell, then what it comes to; `cores` adds the time on so many, 0 does not.
std::string plan_text(const model::Spec& spec, const validation::Plan& plan, unsigned cores);
std::string plan_json(const model::Spec& spec, const validation::Plan& plan, unsigned cores);

}
