// validation/exits.hpp: simulated first exits against the exact chain at the same η (validation.md, S1 to S4). The
// hypotheses are sharp: nothing asymptotic is in them.
#pragma once

#include "sim/exits.hpp"
#include "theory/exit_law.hpp"
#include "validation/design.hpp"
#include "validation/record.hpp"
#include "validation/scale_process.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <string>

namespace exeunt::validation
{

/// Which cell the exits are from; it heads the record.
struct CellName {
    double clip;
    double learning_rate;
    std::size_t well; ///< index from 0

    std::string text() const; ///< "clip=0.5/eta=0.01/well=2"
    friend bool operator==(const CellName&, const CellName&) = default;
};

/// The standard exponential of an exit at step j: -log(1 - U), U = P(σ < j) + V P(σ = j) with V uniform on (0, 1).
/// Under the oracle's law U is uniform, so this is Exp(1), exactly, however coarse the steps. V is a function of
/// (stream, replica).
double exponential_of(const theory::ExitLaw& law, std::uint64_t step, double v);
/// V of a replica: from a lane of the generator that no step uses.
double randomiser(const sim::Stream& stream, std::uint64_t replica);

/// The step at which a replica is censored, given the exact mean: a true path goes on for so long with probability
/// e^-40, and a wrong simulation must not run for ever.
std::uint64_t last_step(double mean);

/// What the tests are given: replicas 0, 1, … of a stream, and the exact chain.
struct Evidence {
    CellName cell;
    std::span<const sim::Exit> exits;
    sim::Stream stream;
    const theory::ExitMoments& moments;
};

/// S1 as it goes on: replicas in the order of their index, looked at every hundredth.
class ScaleTest
{
  public:
    /// `planned`: before so many exits a confirmation does not end the test, for S2 to S4 need them anyway.
    ScaleTest(const theory::ExitLaw& law, double blur, const Design& design, std::uint64_t planned)
        : law_(law), blur_(blur), design_(design), planned_(planned), process_(design)
    {
    }
    void add(const sim::Exit& exit, double v);
    /// Refuted, or confirmed with the planned exits: further replicas change nothing.
    bool over() const { return over_; }
    bool refuted() const { return over_ && verdict() == Verdict::refuted; }
    Verdict verdict() const; ///< at this moment

    std::uint64_t replicas() const { return replicas_; }
    std::uint64_t exits() const { return replicas_ - censored_; }
    std::uint64_t censored() const { return censored_; }
    std::uint64_t impossible() const { return impossible_; } ///< exits at a step that the law excludes
    double sum() const { return sum_; }
    double e_value() const { return std::exp(process_.log_e(static_cast<double>(exits()), sum_)); }
    RateInterval rate() const { return process_.interval(static_cast<double>(exits()), sum_); }
    /// Of the true mean over the exact one, widened by blur.
    double lower() const { return (1 - blur_) / rate().upper; }
    double upper() const { return (1 + blur_) / rate().lower; }

  private:
    bool excluded() const; ///< verdict() == refuted, for possible exits, without the interval

    const theory::ExitLaw& law_;
    double blur_;
    Design design_;
    std::uint64_t planned_;
    ScaleProcess process_;
    std::uint64_t replicas_ = 0, censored_ = 0, impossible_ = 0;
    double sum_ = 0;
    bool over_ = false;
};

/// S1, exit-time scale: the e-process of scale_process.hpp on d exits and the sum S of all exponentials (a censored
/// path gives -log P(σ > c)), replica by replica until it is over. The estimate is of the mean exit time, the oracle's
/// mean times S/d. An exit at a step that the law excludes refutes at once.
Hypothesis exit_time_scale(const Evidence& evidence, const theory::ExitLaw& law, const Design& design,
                           std::uint64_t planned);

/// S2, exit-time shape: Anderson and Darling's test that all U are uniform; a censored path has U beyond P(σ ≤ c), by
/// its V. Refuted where the p-value is below the level; confirmed where the band about the empirical law stays within
/// the effect of the exact one. The estimate is the largest gap between the two.
/// The oracle's errors count as a shift of the law: they are taken from √A².
Hypothesis exit_time_shape(const Evidence& evidence, const theory::ExitLaw& law, const Design& design);

/// S4, joint law of time and place: S2 with the law of σ given the place, among the exits into each place, with the
/// level shared in proportion to the places' probabilities w_k: of the smallest t = p_k / w_k the p-value is
/// 1 - Π_k (1 - w_k t), exactly, since the places are independent. Places with fewer than a hundred expected exits are
/// taken together. Where paths are censored the law is that of exits no later than the first of
/// them, given the place. The estimate is of the likeliest place. With S3 it covers the whole law of (σ, place).
Hypothesis exit_joint_law(const Evidence& evidence, const theory::ExitLaw& law, const Design& design);

/// How many binomial tests the split takes: one for every possible place, and one where there are two.
std::size_t split_tests(const std::vector<double>& to);

/// S3, exit split: exits into each of the K possible places against their exact probabilities by the binomial law, each
/// at level α/K; two places are one test. A censored path may still go anywhere, so it widens
/// every interval by its share. The estimate is of the likeliest place; a place that the oracle excludes
/// refutes with one exit.
Hypothesis exit_split(const Evidence& evidence, const Design& design);

}
