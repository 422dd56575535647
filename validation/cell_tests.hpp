// validation/cell_tests.hpp: all that is asked of the exits of one cell (validation.md, S1 to S4).
#pragma once

#include "model/spec.hpp"
#include "validation/exits.hpp"
#include "validation/plan.hpp"

#include <vector>

namespace exeunt::validation
{

/// S1 to S4, in this order but S4 last: S1 on the replicas as they come, S2 to S4 on the first `planned`, and only
/// where S1 has not refuted before that; S4 where there is more than one place to go. `tests`: how many cells share the
/// levels.
std::vector<Hypothesis> cell_tests(const Evidence& evidence, const theory::ExitLaw& law, const model::VerifySpec& asked,
                                   std::size_t tests, std::uint64_t planned);

}
