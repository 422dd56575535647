// validation/constants.hpp: the numbers that predict prints, kept in a file and held against today's code.
//
// Two values agree when they differ by no more than the sum of their error bounds. So a rounding error is no change,
// and a changed ninth digit is one.
#pragma once

#include "model/spec.hpp"
#include "theory/predict.hpp"
#include "validation/record.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace exeunt::validation
{

/// One number of a prediction.
struct Constant {
    std::optional<double> clip; ///< b; none for minima and saddles
    std::string name;           ///< kind and wells, from 1: "exit_constant[2,1]" is q_{2,1}
    double value;
    double bound;           ///< of its error: relative; but absolute for minima and saddles, which may be 0
    double error() const;   ///< the same, always absolute
    std::string id() const; ///< "clip=0.5/exit_constant[2,1]"
};

/// The constants of one spec.
struct SpecConstants {
    std::string spec;         ///< a path or the name of a shipped spec, as it was typed
    std::uint64_t hash;       ///< model::hash: what determines the constants, but for the thresholds
    std::vector<double> clip; ///< the thresholds b, in the order of the spec
    std::vector<Constant> constants;
};

/// Minima, saddles, exit orders, and whatever is not zero of q_{i,j}, generators, killing, stationary and entrance
/// laws; not what holds by definition (a large well is entered at itself). Bounds  q: its own. Minima and saddles:
/// 1e-14 of the domain's width, to which Landscape refines them. The chain's: with
///         q_{i,·} off by at most ε_i and L_i = -log(1 - ε_i), the matrix-tree theorem writes θ(k, j) as a ratio of
///         sums of products that hold one q of each small well s, a rate Q_ij with one of well i besides, and π_i with
///         one of each well of the class. All terms are positive, so the relative errors are at most
///         exp(2 Σ_s L_s) - 1,  exp(L_i + 2 Σ_s L_s) - 1  and  exp(2 Σ_k L_k) - 1, and a few n³ rounding errors.
///         All are rounded up to two digits.
/// Throws  BadInput when the name of the spec cannot stand in the file: white space, '#' in front or ':' at the end.
SpecConstants constants_of(const std::string& typed, const model::Spec& spec, const model::Landscape& landscape,
                           const std::vector<theory::Prediction>& predictions);

/// A change that somebody accepted.
struct Acceptance {
    std::size_t changed; ///< constants whose value changed by more than its bounds
    std::size_t gone;
    std::size_t added;
    double largest; ///< |new - old| / max(|old|, |new|) over those that changed
    std::string version;
    std::string reason;
};

/// The content of a file of constants. Specs in the order of their names.
struct ConstantsFile {
    std::vector<SpecConstants> specs;
    std::vector<Acceptance> history; ///< oldest first
    const SpecConstants* find(const std::string& spec) const;
};

/// The file as text, a line a constant.
/// Exact   parse_constants takes it back, every number bit for bit; equal content gives equal bytes.
std::string constants_text(const ConstantsFile& file);
/// BadInput, naming `source` and the line, for what constants_text cannot have written: another file or version, a bad
/// line or number, a name twice, an end that is missing.
ConstantsFile parse_constants(std::string_view text, const std::string& source);

/// One constant then and now.
struct ConstantCheck {
    Constant constant;              ///< today's, or the recorded one where there is none today
    std::optional<double> recorded; ///< none: it is new
    std::optional<double> today;    ///< none: it is gone
    double difference;              ///< |today - recorded|; NaN where one is missing
    double allowed;                 ///< the sum of the two error bounds, absolute; NaN where one is missing
    Verdict verdict;                ///< confirmed when difference ≤ allowed, else refuted
    double relative() const;        ///< difference / max(|today|, |recorded|); 0 for 0/0
};

/// One spec then and now.
struct SpecCheck {
    std::string spec;
    std::string changed;                  ///< what of the spec itself is another one; empty: it is the recorded one
    std::vector<ConstantCheck> constants; ///< in the order of today's, what is gone last
    Verdict verdict() const;              ///< refuted when the spec changed or a constant did
};
SpecCheck compare(const SpecConstants& recorded, const SpecConstants& today);
/// refuted if any is refuted.
Verdict overall(const std::vector<SpecCheck>& checks);

/// Adds a spec to the file, or takes today's constants where the spec itself changed. Unchanged: nothing to do.
/// BadInput where the spec is the recorded one and its constants are not: that needs a reason.
void add(ConstantsFile& file, const SpecConstants& today, const std::string& source);

/// Takes today's values of these specs into the file and writes the acceptance into its history; nothing, and no change
/// of the file, when all are confirmed. A constant that agrees keeps its line, unless its bound fell below half, so
/// that values cannot creep and the change of the file shows what was accepted.
std::optional<Acceptance> accept(ConstantsFile& file, const std::vector<SpecConstants>& today,
                                 const std::string& version, const std::string& reason);

}
