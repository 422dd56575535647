// validation/irreducible.hpp: the theorem on an irreducible graph against the exact chain (validation.md, L4), on a
// ladder of η: where X spends its time, and its law at given times.
#pragma once

#include "theory/irreducible.hpp"
#include "theory/predict.hpp"
#include "validation/extrapolation.hpp"
#include "validation/record.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace exeunt::validation
{

/// The ladder of one threshold. X starts at the minimum of a largest well, the one that Y leaves soonest, so that its
/// law moves.
struct IrreducibleLadder {
    double clip;
    std::string silence = {};                        ///< why nothing is claimed, one line; empty: there are rungs
    std::size_t start = 0;                           ///< well, index from 0
    std::vector<double> times = {};                  ///< of the law, in units of 1/λ^large(η)
    std::vector<double> limits = {};                 ///< what each well's scaled share tends to
    std::vector<theory::IrreducibleRung> rungs = {}; ///< η falling
    std::vector<Extrapolated> share = {};            ///< of the scaled share of each well: should be `limits`
    Extrapolated apart = {};                         ///< of the largest distance over the times: should be 0
    double tail_excess = 0;                          ///< as in Ladder
};

/// The largest of a rung's distances from the law of Y.
double apart(const theory::IrreducibleRung& rung);

/// Runs the exact chain on the whole line along the ladder `etas`; an empty one goes down from the top rung by √10,
/// five rungs and further until all errors are below ¾ of `effect`, to 10⁻⁹ or as far as the chain reaches. The times
/// are ¼, 1 and 2 times the mean that Y stays in the well of the start, or 1/q of it where it stays for ever.
/// Silent where the tail is light, the graph has several classes, the chain knows fewer than three rungs, or the
/// allowance of the thread ends (theory/work.hpp).
IrreducibleLadder climb(const theory::Setting& setting, const theory::Prediction& prediction, std::vector<double> etas,
                        double effect);

/// L4: of every well the share of time, times (H(1/η)/η)^(l* - l^large), tends to its limit, which for a largest well
/// is the stationary law of Y; and the law of X_{⌊t/λ^large⌋} tends to that of Y_t. None where the ladder is silent.
std::vector<Hypothesis> limits(const IrreducibleLadder& ladder, double effect);

}
