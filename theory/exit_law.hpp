// theory/exit_law.hpp: the whole law of σ_i jointly with the place of exit, at a given η, without sampling.
//
// First steps: the law of X_j given σ > j, μ_j, is carried forward on the mesh and its exits read off,
// h_{j+1} = Σ μ_j e, until h has settled. Where that takes long, the rest comes from a small model of the chain: the
// resolvents (δ + I - P)⁻¹ applied to 1, and their transposes to the start, at shifts δ from 1 down to a fraction of
// the relaxation rate and at 0, span the two spaces on which P is projected (rational Krylov, two-sided). Its
// eigenvalues 1 - ν_i give
//
//     P(σ > j) = Σ_i a_i (1 - ν_i)^j,     P(σ > j, X_σ ∈ Ω_k) = Σ_i a_{k,i} (1 - ν_i)^j,
//
// at any j, 10^18 included. The slowest ν is the rate at which the quasi-stationary law loses mass; it is set so that
// Σ_j P(σ > j) is the exact mean.
#pragma once

#include "theory/oracle.hpp"

#include <complex>
#include <cstdint>
#include <vector>

namespace exeunt::theory
{

class ExitLaw
{
  public:
    /// On the mesh that `moments` needed.
    /// Accuracy  of P(σ > j): `error`, absolute, and that of moments.mean on the scale of j.
    ExitLaw(const model::Model& model, std::size_t well, const ExitMoments& moments);

    /// log P(σ > j); 0 at j = 0, never rising.
    double log_survival(std::uint64_t j) const;
    /// P(σ = j | σ ≥ j), j ≥ 1.
    double hazard(std::uint64_t j) const;
    /// P(σ > j, X_σ ∈ Ω_k).
    double survival_into(std::uint64_t j, std::size_t k) const;
    /// The least j with P(σ ≤ j) ≥ p, 0 ≤ p < 1; 2^62 where it is beyond that.
    std::uint64_t quantile(double p) const;
    /// P(σ < j) + v P(σ = j): uniform on (0, 1) when j is drawn from the law and v uniform.
    double pit(std::uint64_t j, double v) const;
    /// Σ_{j ≥ 0} P(σ > j).
    double mean() const;
    /// The rate at which the quasi-stationary law loses mass, 1 - the principal eigenvalue of P.
    double rate() const { return mode_.front().nu.real(); }
    /// Largest difference found between the small model and the exact first steps; 0 where there is no small model.
    double error() const { return error_; }
    /// Only the mean is exact: neither way led to a law.
    bool geometric() const { return geometric_; }

  private:
    struct Mode {
        std::complex<double> nu;
        std::complex<double> weight;            ///< of (1 - ν)^{j - J} in P(σ > j), J the steps carried forward
        std::vector<std::complex<double>> into; ///< of the same in P(σ > j, X_σ ∈ Ω_k)
        std::complex<double> log_kept = {};     ///< log(1 - ν)
    };
    /// After j steps of the modes.
    struct Left {
        double survival; ///< P(σ > j)
        double next;     ///< P(σ = j + 1)
    };
    /// Carries forward `steps` steps or until settled, which it returns; false also where it is unstable.
    bool carry_forward(const Chain& chain, std::size_t steps);
    bool reduce(const Chain& chain, const ExitMoments& moments, double relaxation);
    void take(std::vector<Mode> modes);
    template<class Add> void for_modes(std::uint64_t j, Add add) const; ///< add(mode, (1 - ν)^{j - J})
    Left left(std::uint64_t j) const;
    double log_survival_of(std::uint64_t j, double by_modes) const;
    double hazard_of(const Left& left) const;

    std::vector<double> hazard_;       ///< h_1, h_2, …, h_J
    std::vector<double> log_survival_; ///< log P(σ > j), j = 0, 1, …, J
    std::vector<double> into_;         ///< P(σ > j, X_σ ∈ Ω_k), labels_ of them for each j ≤ J
    std::size_t labels_ = 0;
    std::vector<Mode> mode_; ///< from j = J on; the slowest first
    double error_ = 0;
    bool geometric_ = false;
};

}
