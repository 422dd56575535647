// validation/scale_process.hpp: the scale of exit times, tested as often as one likes (validation.md, S1).
//
// d exits whose standard exponentials sum to S have the likelihood R^d e^{-RS} at the hazard ratio R. Mixed over a
// gamma law of R about 1,
//
//     E(d, S) = ∫ R^d e^{-(R-1)S} Gamma(k, k)(dR) = Γ(k+d)/Γ(k) · k^k / (k+S)^{k+d} · e^S
//
// is, as replicas are added, a martingale with mean 1 when R = 1, censored ones included: by Ville's inequality it ever
// reaches 1/α with probability at most α. So looking after every replica, stopping, resuming and extending keep the
// level. The interval for R is {R₀ : E(d, R₀S) < 1/α}.
#pragma once

#include "validation/design.hpp"

#include <cstdint>

namespace exeunt::validation
{

class ScaleProcess
{
  public:
    /// The mixture's k is (1/(√2 effect))²: 200 at 5 %, a prior about as wide as the effect is large.
    explicit ScaleProcess(const Design& design);

    /// log E(d, S).
    double log_e(double d, double sum) const;
    /// d/S and the R₀ that the process has not excluded; p_value is 1/E, valid at any time. d = 0 gives the lower
    /// end 0.
    RateInterval interval(double d, double sum) const;
    /// Whether R₀ is outside that interval: cheap enough for every look.
    bool excludes(double d, double sum, double r0) const { return log_e(d, r0 * sum) >= bound_; }

  private:
    double shape_;
    double bound_; ///< log 1/α
};

/// The least number of exits with which the process, looked at once, confirms a true law with probability ≥ power:
/// where a campaign gives up. Exact gamma law.
/// `blur` as in exits_for_scale.
std::uint64_t most_exits_for_scale(const Design& design, double blur = 0);

}
