// model/model.hpp: the process itself (theory.md, section 1),
//
//     X_j = clamp_L( X_{j-1} + φ_b( -η f'(X_{j-1}) + η σ(X_{j-1}) Z_j ) ),     j = 1, 2, …
#pragma once

#include "model/landscape.hpp"
#include "model/noise.hpp"
#include "model/potential.hpp"

#include <algorithm>
#include <cstddef>

namespace exeunt::model
{

/// φ_b(w) = sign(w) min(|w|, b): gradient clipping at threshold b; b = ∞ is plain SGD.
inline double clip(double w, double b) { return std::clamp(w, -b, b); }

/// The projection onto [lo, hi] where the domain asks for it, else x itself.
inline double clamp(double x, const Domain& domain) { return domain.clamp ? std::clamp(x, domain.lo, domain.hi) : x; }

/// Everything that determines the law of X: what theory/, sim/ and the oracle are each given.
struct Model {
    Landscape landscape; ///< f and its attraction fields
    Noise noise;         ///< the law of Z
    Function diffusion;  ///< σ(x) > 0
    double b;            ///< clip threshold, > 0, may be +∞
    double eta;          ///< learning rate η > 0

    /// One step from x when Z = z.
    double step(double x, double z) const
    {
        const double w = -eta * landscape.potential().gradient(x) + eta * diffusion.value(x) * z;
        return clamp(x + clip(w, b), landscape.domain());
    }
};

}
