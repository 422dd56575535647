// plots/ctmc.hpp: X at the time scale λ^large(η) against the limiting chain Y as η falls (theory.md, sections 4 and 8).
#pragma once

#include "plots/output.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace exeunt::plots
{

/// A probability or a share of time, as simulated at one η.
struct Measured {
    double eta;                                              ///< η > 0
    double share;                                            ///< in [0, 1]
    double lower, upper;                                     ///< its interval, lower ≤ share ≤ upper
    double exact = std::numeric_limits<double>::quiet_NaN(); ///< the same by the exact chain, or NaN: not known
};

/// One state of Y at one time.
struct StateLaw {
    std::size_t well;                ///< index from 0; shown counted from 1
    double limit;                    ///< P(Y_t = m_well)
    std::vector<Measured> simulated; ///< P(X is in Ω_well at t / λ^large(η)), in any order of η
};

struct LawAt {
    double time;                  ///< t > 0, in units of 1/λ^large(η)
    std::vector<StateLaw> states; ///< 1 to 6
};

struct CtmcFigure {
    double clip;                 ///< b > 0, may be ∞
    std::vector<LawAt> laws;     ///< 1 to 4 times, a panel each
    std::vector<Measured> sharp; ///< share of the time that X spends outside the fields of Y's states; may be empty
    std::uint64_t replicas;      ///< of each point
    double confidence = 0;       ///< level of the intervals, in (0, 1); 0: not said
    std::string verdict = {};    ///< "confirmed", "refuted", "inconclusive", or empty: not tested
    std::string tested = "X against Y"; ///< what the verdict is about
    std::string title = {};             ///< of the spec
    std::string note = {};              ///< added to the caption; may be empty
    std::string name = "ctmc";
};

/// Over a logarithmic η: points with bars for X, a pale line through what the exact chain says of it, a dashed line at
/// what Y says; below, the share of time in the sharp fields on a logarithmic axis, where it is given and not 0
/// throughout.
std::vector<std::filesystem::path> draw_ctmc(const CtmcFigure& figure, const Output& output);

}
