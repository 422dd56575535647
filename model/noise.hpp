// model/noise.hpp: the laws of Z (theory.md, section 1). Tails are functions in their own right: 1 - cdf has lost its
// digits exactly where this theory lives.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace exeunt::model
{

/// A centred, regularly varying law: E Z = 0, H(x) = P(|Z| > x) of index -α. A value type; copies share the law.
class Noise
{
  public:
    /// What a law has to answer. All probabilities are relative-accurate (1e-14) however small.
    struct Law {
        virtual ~Law() = default;
        virtual double density(double z) const = 0;        ///< dP(Z ≤ z)/dz
        virtual double lower_tail(double z) const = 0;     ///< P(Z ≤ z)
        virtual double upper_tail(double z) const = 0;     ///< P(Z > z)
        virtual double lower_quantile(double p) const = 0; ///< the z with P(Z ≤ z) = p; relative-accurate for p → 0
        virtual double upper_quantile(double p) const = 0; ///< the z with P(Z > z) = p; relative-accurate for p → 0
        virtual double tail_index() const = 0;             ///< α
        virtual double p_plus() const = 0;                 ///< lim P(Z > x)/H(x)
        virtual double scale() const = 0;                  ///< s, the length on which the density varies
        virtual std::vector<double> kinks() const = 0;     ///< points where the density is not smooth, increasing
        virtual std::string name() const = 0;              ///< the spec's word, e.g. "lomax"
    };
    explicit Noise(std::shared_ptr<const Law> law) : law_(std::move(law)) {}

    const Law* operator->() const { return law_.get(); }
    /// H(x) = P(|Z| > x), x ≥ 0.
    double tail(double x) const { return law_->upper_tail(x) + law_->lower_tail(-x); }

  private:
    std::shared_ptr<const Law> law_;
};

/// Two-sided Pareto type II, the paper's noise: P(Z > z) = P(Z < -z) = ½ (1 + z/s)^{-α}, z ≥ 0.
/// BadInput unless α > 1 (the theory needs a mean) and s > 0, both finite.
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
    std::optional<double> alpha; ///< tail index
    double scale;
    double p_plus = 0.5; ///< weight of the right tail
};

/// The law of that name. BadInput, naming the ones there are, when there is none, and for parameters it refuses.
Noise make_noise(const std::string& law, const NoiseParameters& parameters);
/// The names that make_noise knows.
std::vector<std::string> noise_laws();

}
