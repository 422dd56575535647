#include "validation/cell_tests.hpp"

#include <algorithm>

namespace exeunt::validation
{

std::vector<Hypothesis> cell_tests(const Evidence& evidence, const theory::ExitLaw& law, const model::VerifySpec& asked,
                                   std::size_t tests, std::uint64_t planned)
{
    const auto design = [&](Claim claim) { return design_of(asked, claim, tests); };
    std::vector<Hypothesis> found{exit_time_scale(evidence, law, design(Claim::exit_scale), planned)};
    if (found.front().samples < planned) return found;
    const Evidence first{evidence.cell, evidence.exits.first(planned), evidence.stream, evidence.moments};
    found.push_back(exit_time_shape(first, law, design(Claim::exit_shape)));
    found.push_back(exit_split(first, design(Claim::exit_split)));
    const auto& to = evidence.moments.to;
    if (std::count_if(to.begin(), to.end(), [](double p) { return p > 0; }) > 1)
        found.push_back(exit_joint_law(first, law, design(Claim::exit_joint)));
    return found;
}

}
