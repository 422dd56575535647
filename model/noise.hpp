// model/noise.hpp: the laws of Z (theory.md, section 1). Tails are functions in their own right: 1 - cdf has lost its
// digits exactly where this theory lives.
#pragma once

#include "model/error.hpp"

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace exeunt::model
{

/// A centred law, E Z = 0: regularly varying, H(x) = P(|Z| > x) of index -α, or the light-tailed control. A value type;
/// copies share the law.
class Noise
{
  public:
    /// What a law has to answer. Probabilities and quantiles are relative-accurate however small: to 1e-14 where
    /// make_noise says nothing else, but for what the rounding of their argument does.
    struct Law {
        virtual ~Law() = default;
        virtual double density(double z) const = 0;        ///< dP(Z ≤ z)/dz
        virtual double lower_tail(double z) const = 0;     ///< P(Z ≤ z)
        virtual double upper_tail(double z) const = 0;     ///< P(Z > z)
        virtual double lower_quantile(double p) const = 0; ///< the z with P(Z ≤ z) = p; relative-accurate for p → 0
        virtual double upper_quantile(double p) const = 0; ///< the z with P(Z > z) = p; relative-accurate for p → 0
        virtual double tail_index() const = 0;             ///< α; ∞ for a light-tailed law
        virtual double p_plus() const = 0;                 ///< lim P(Z > x)/H(x); ½ for a light-tailed law
        virtual double scale() const = 0;                  ///< s, the length on which the density varies
        virtual std::vector<double> kinks() const = 0;     ///< points where the density is not smooth, increasing
        virtual std::string name() const = 0;              ///< the spec's word, e.g. "lomax"

        virtual double mode() const { return 0; }       ///< where the density is largest, roughly
        virtual double mean_shift() const { return 0; } ///< μ, what was subtracted to centre the law
        /// H is regularly varying: the theorems of sections 3 and 4 apply.
        bool heavy_tailed() const { return tail_index() < std::numeric_limits<double>::infinity(); }
    };
    explicit Noise(std::shared_ptr<const Law> law) : law_(std::move(law)) {}

    const Law* operator->() const { return law_.get(); }
    /// H(x) = P(|Z| > x), x ≥ 0.
    double tail(double x) const { return law_->upper_tail(x) + law_->lower_tail(-x); }

  private:
    std::shared_ptr<const Law> law_;
};

/// A parameter that a law refuses.
struct BadNoise : BadInput {
    BadNoise(std::string word, const std::string& message) : BadInput(message), key(std::move(word)) {}
    std::string key; ///< the spec's word for it: "law", "alpha", "scale" or "p_plus"
};

/// Two-sided Pareto type II, the paper's noise: P(Z > z) = P(Z < -z) = ½ (1 + z/s)^{-α}, z ≥ 0.
/// BadNoise unless α > 1 (the theory needs a mean) and s > 0, both finite.
struct Lomax final : Noise::Law {
    Lomax(double alpha, double s);

    double density(double z) const override;
    double lower_tail(double z) const override;
    double upper_tail(double z) const override;
    double lower_quantile(double p) const override;
    double upper_quantile(double p) const override;
    double tail_index() const override { return alpha; }
    double p_plus() const override { return 0.5; }
    double scale() const override { return s; }
    std::vector<double> kinks() const override { return {0}; }
    std::string name() const override { return "lomax"; }

    const double alpha;
    const double s;
};

/// What a spec may say of a law; each law takes what it knows and refuses the rest.
struct NoiseParameters {
    std::optional<double> alpha; ///< tail index, 1.2 when absent
    double scale;
    double p_plus = 0.5; ///< weight of the right tail
};

/// The law of that name, with s = scale and p₋ = 1 - p₊. In the first four the mean of Y is subtracted: Z = Y - E Y.
///
///     lomax       P(Y > y) = p₊ (1 + y/s)^-α,   P(Y < -y) = p₋ (1 + y/s)^-α,   y ≥ 0
///     pareto      P(Y > y) = p₊ (y/s)^-α,       P(Y < -y) = p₋ (y/s)^-α,       y ≥ s
///     log_pareto  the same with (1 + y/s)^-α (1 + log(1 + y/s)): H(x) ~ (x/s)^-α log x, a slowly varying factor
///     student_t   Y = ±s|T|, + with probability p₊, T Student's t with α degrees of freedom; p₊ = ½ gives Z = sT
///     stable      E e^{itZ} = exp(-|st|^α (1 - iβ tan(πα/2) sign t)), β = p₊ - p₋: Nolan's 1-parametrisation
///     gaussian    variance s²; light-tailed, it takes no alpha and no p_plus
///
/// Error    student_t and stable: 1e-14 max(1, |log p|) of a tail of size p and of the density there, 1e-14 of a
///          quantile's z; stable up to 0.1/(α - 1) times that where α < 1.1, and a few times that on a side whose
///          weight is below 1e-3 and not 0. Both keep tables, made at the first question (3 ms and 10 to 30 ms; 100 at
///          α = 1.01) and checked: NotConverged if they fail. Elsewhere 1e-14.
/// BadNoise (a BadInput) for parameters it refuses: α ≤ 1, stable outside 1.01 ≤ α ≤ 1.9999 or p₊ nearer to 0 or 1 than
///          1e-9 without being it, student_t above 10,000, p₊ outside [0, 1], s ≤ 0, anything not finite, E Y included,
///          and for a name that does not exist.
Noise make_noise(const std::string& law, const NoiseParameters& parameters);
/// The names that make_noise knows.
std::vector<std::string> noise_laws();
/// Whether the law of that name takes alpha; true for a name that does not exist.
bool takes_alpha(const std::string& law);

}
