// validation/calibrate.hpp: the tests, tested (validation.md, "Test the tests"): campaigns drawn from the exact law, of
// which as many are refuted as the false alarm allows, and campaigns drawn from a law that is wrong by the effect, of
// which as many are refuted as the power promises.
#pragma once

#include "model/spec.hpp"
#include "theory/predict.hpp"
#include "validation/exits.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace exeunt::validation
{

/// How a law differs from the exact one.
struct WrongLaw {
    double slower = 1;   ///< P(σ > j)^{1/slower} in place of P(σ > j), given the place
    double likelier = 1; ///< factor of the probability of the likeliest place; the others' keep their ratios
};

/// Draws of (σ, place) from the exact law of a cell.
class ExitSampler
{
  public:
    /// The law is tabulated step by step: for means up to about 10⁵ steps.
    ExitSampler(const theory::ExitLaw& law, const theory::ExitMoments& moments);
    /// From two numbers in (0, 1): the place by the first, the step by the second.
    sim::Exit operator()(double place, double step, const WrongLaw& wrong = {}) const;
    double likeliest() const { return places_.front().mass; } ///< of the places' probabilities the largest

  private:
    struct Place {
        std::uint32_t index;
        double mass;                  ///< its probability
        std::vector<double> survival; ///< P(σ > j | place), j = 0, 1, …
    };
    std::vector<Place> places_; ///< the likeliest first
    double rate_;               ///< of the steps beyond the table
};

/// What became of `campaigns` campaigns of one cell.
struct Outcomes {
    std::uint64_t campaigns = 0;
    std::uint64_t refuted = 0;
    std::uint64_t confirmed = 0;
};

struct Calibration {
    theory::ExactCell cell;
    std::uint64_t planned;   ///< exits of a campaign
    double false_alarm;      ///< asked
    Outcomes null = {};      ///< at the false alarm asked
    Outcomes loose = {};     ///< the same campaigns at ten times that
    double mean_e = 0;       ///< of S1's e-values with the planned exits: at most 1
    double mean_e_error = 0; ///< its standard error
    /// Kolmogorov's p-values of the uniformity of the p-values of S2 and S4; NaN where S4 has none.
    double shape_uniform = 0, joint_uniform = 0;
    Outcomes slow = {}, fast = {}; ///< exits slower and faster by the effect
    /// The likeliest place more and less likely by the effect; no campaigns where that is no probability, or there is
    /// one place only.
    Outcomes more = {}, less = {};

    /// 99 % interval for the probability that a campaign is refuted.
    static ShareInterval rate(const Outcomes& outcomes);
    /// Why the tests are not what they claim to be; empty when they are.
    std::vector<std::string> complaints(double power) const;
};

struct CalibrationOptions {
    std::uint64_t campaigns = 1000;
    std::uint64_t wrong = 100; ///< campaigns of each wrong law
    WrongLaw planted = {};     ///< of the campaigns that should be of the exact law: an error that must be seen
    unsigned threads = 0;
    std::function<void(double share)> progress = {};
    std::function<bool()> stop = {};
};

/// On the cell of the spec with the least mean exit time that has two likely places to go; if there is none, with the
/// least mean. The family is that cell alone, so the whole false alarm is spent on it. BadInput for a false alarm of
/// 0.1 or more, ten times which is no probability; and where the least mean is beyond 10⁵ steps.
Calibration calibrate(const model::Spec& spec, const CalibrationOptions& options = {});

}
