// model/laws/two_sided.hpp: a law on two half-lines. With weights w₊ + w₋ = 1 and distances R₊, R₋ ≥ 0,
//
//     P(Y > y) = w₊ P(R₊ > y),     P(Y < -y) = w₋ P(R₋ > y),     y ≥ 0,     Z = Y - μ.
#pragma once

#include "model/noise.hpp"

#include <memory>
#include <string>
#include <vector>

namespace exeunt::model
{

/// The law of a distance R ≥ 0. Both probabilities are relative-accurate however small.
struct Radius {
    virtual ~Radius() = default;
    virtual double density(double r) const = 0;    ///< dP(R ≤ r)/dr, r ≥ 0
    virtual double survival(double r) const = 0;   ///< P(R > r), r ≥ 0
    virtual double cumulative(double r) const = 0; ///< P(R ≤ r), r ≥ 0
    virtual double at(double g) const = 0; ///< the r with P(R > r) = e^{-g}, 0 ≤ g ≤ ∞; accurate for g → 0 too
    virtual double start() const { return 0; }      ///< where the density begins
    virtual double peak() const { return start(); } ///< where it is largest
};

/// One half-line.
struct Half {
    double weight;
    std::shared_ptr<const Radius> radius;
};

/// What the law is called and where its tails lead.
struct Name {
    std::string law;   ///< the spec's word
    double tail_index; ///< α; ∞ for a light-tailed law
    double p_plus;     ///< lim P(Z > x)/H(x)
    double scale;
    bool smooth; ///< the density is smooth where the half-lines meet
};

/// The law of Z. Nothing is approximated by the shift μ: the tails are those of Y at z + μ.
/// Exact   exchanging the halves and the sign of μ mirrors every number.
class TwoSided final : public Noise::Law
{
  public:
    TwoSided(Name name, Half right, Half left, double shift);

    double density(double z) const override;
    double lower_tail(double z) const override;
    double upper_tail(double z) const override;
    double lower_quantile(double p) const override;
    double upper_quantile(double p) const override;
    double tail_index() const override { return name_.tail_index; }
    double p_plus() const override { return name_.p_plus; }
    double scale() const override { return name_.scale; }
    std::vector<double> kinks() const override;
    double mode() const override;
    double mean_shift() const override { return shift_; }
    std::string name() const override { return name_.law; }

  private:
    Name name_;
    Half right_;
    Half left_;
    double shift_; ///< μ
};

}
