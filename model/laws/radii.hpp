// model/laws/radii.hpp: the distances R of the two-sided laws, t = r/s. Their parameters are checked by whoever calls.
#pragma once

#include "model/laws/two_sided.hpp"

#include <memory>

namespace exeunt::model
{

/// A distance and its mean, in closed form.
struct Distance {
    std::shared_ptr<const Radius> radius;
    double mean; ///< E R
};

/// P(R > r) = (1 + t)^-α.
Distance lomax_distance(double alpha, double s);
/// P(R > r) = t^-α, t ≥ 1.
Distance pareto_distance(double alpha, double s);
/// P(R > r) = (1 + t)^-α (1 + log(1 + t)): decreasing for every α > 1, since its density is
/// (1 + t)^{-α-1} (α - 1 + α log(1 + t))/s > 0.
Distance log_pareto_distance(double alpha, double s);
/// R = s|T|, T Student's t with ν degrees of freedom.
Distance student_distance(double nu, double s);
/// R = s|N|, N standard normal.
Distance gaussian_distance(double s);

}
