// validation/limit_studies.hpp: the deterministic half of verify: all that the exact chain says of the limits of a spec
// (validation.md, L1 to L4).
#pragma once

#include "theory/parallel.hpp"
#include "validation/convergence.hpp"
#include "validation/irreducible.hpp"

#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace exeunt::validation
{

struct LimitStudies {
    std::vector<Ladder> ladders;           ///< clip × well, in that order of nesting, with their laws
    std::vector<IrreducibleLadder> shares; ///< one per clip
};

struct LimitOptions {
    std::vector<double> etas = {}; ///< of all ladders; empty: each chooses its own
    double effect;
    unsigned threads = 0; ///< 0: all cores
    theory::Watch watch = {};
    std::function<bool(double clip, std::size_t well)> wanted = {}; ///< which ladders; empty: all
    bool shares = true;                                             ///< L4, too
    /// What all ladders may take together, in the work of theory/work.hpp, and those of shares of it; what lies beyond
    /// is left out. A count, so that a slow or busy machine leaves out no more than a fast one.
    double work = std::numeric_limits<double>::infinity();
    double work_of_shares = std::numeric_limits<double>::infinity();
    std::function<bool()> late = {}; ///< true: no more, even so. Asked by all threads
};

/// For light tails there are no ladders, and those of the shares are silent: there is no limit theorem to hold the
/// exact chain against.
LimitStudies limit_studies(const theory::Setting& setting, const std::vector<theory::Prediction>& predictions,
                           const LimitOptions& options);

/// What they say of every limit.
std::vector<Hypothesis> limits(const LimitStudies& studies, const std::vector<theory::Prediction>& predictions,
                               double effect);

/// For each threshold of which L4 claims nothing, why: one line.
std::vector<std::string> silences(const std::vector<IrreducibleLadder>& shares);
/// Those, and for each other ladder of which rungs or laws were left out, which.
std::vector<std::string> left_out(const LimitStudies& studies);

}
