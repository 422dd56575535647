#include "model/laws/radii.hpp"

#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <limits>
#include <numbers>

namespace exeunt::model
{

namespace
{

struct GaussianRadius final : Radius {
    explicit GaussianRadius(double scale) : s(scale) {}

    double density(double r) const override
    {
        return std::numbers::sqrt2 * std::numbers::inv_sqrtpi / s * std::exp(-0.5 * (r / s) * (r / s));
    }
    double survival(double r) const override { return std::erfc(r / s / std::numbers::sqrt2); }
    double cumulative(double r) const override { return std::erf(r / s / std::numbers::sqrt2); }
    double at(double g) const override
    {
        const double v = std::exp(-g);
        if (v == 0) return std::numeric_limits<double>::infinity();
        return std::numbers::sqrt2 * s * (g < 0.7 ? boost::math::erf_inv(-std::expm1(-g)) : boost::math::erfc_inv(v));
    }

    const double s;
};

}

Distance gaussian_distance(double s)
{
    return {std::make_shared<GaussianRadius>(s), std::numbers::sqrt2 * std::numbers::inv_sqrtpi * s};
}

}
