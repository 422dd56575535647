#include "model/noise.hpp"

#include "model/error.hpp"
#include "model/message.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

namespace exeunt::model
{

Lomax::Lomax(double tail_index, double scale) : alpha(tail_index), s(scale)
{
    if (!(alpha > 1) || !std::isfinite(alpha))
        throw BadInput(fmt::format("alpha = {} gives the noise no mean; the theory needs a finite alpha > 1", alpha));
    if (!(s > 0) || !std::isfinite(s)) throw BadInput(fmt::format("scale = {} must be a finite number > 0", s));
}

double Lomax::density(double z) const { return 0.5 * alpha / s * std::pow(1 + std::abs(z) / s, -alpha - 1); }

double Lomax::upper_tail(double z) const
{
    return z >= 0 ? 0.5 * std::pow(1 + z / s, -alpha) : 1 - 0.5 * std::pow(1 - z / s, -alpha);
}

double Lomax::lower_tail(double z) const { return upper_tail(-z); }

// s (v^{-1/α} - 1) with v = 2p, written with expm1 so that z keeps its digits near the median, where v → 1.
double Lomax::upper_quantile(double p) const
{
    const bool right = p <= 0.5;
    const double v = 2 * (right ? p : 1 - p);
    const double z = s * std::expm1(-std::log(v) / alpha);
    return right ? z : -z;
}

double Lomax::lower_quantile(double p) const { return -upper_quantile(p); }

namespace
{

Noise make_lomax(const NoiseParameters& p)
{
    if (p.p_plus != 0.5) throw BadInput(fmt::format("law 'lomax' is symmetric: p_plus = {} must be 0.5", p.p_plus));
    return Noise(std::make_shared<Lomax>(p.alpha.value_or(1.2), p.scale));
}

struct LawEntry {
    const char* name;
    Noise (*make)(const NoiseParameters&);
};

/// A new law is one line here.
constexpr LawEntry laws[] = {
    {"lomax", make_lomax},
};

/// Laws that the contract names and that are still to come.
constexpr const char* planned[] = {"pareto", "stable", "student_t", "log_pareto", "gaussian"};

}

Noise make_noise(const std::string& law, const NoiseParameters& parameters)
{
    for (const auto& entry : laws)
        if (law == entry.name) return entry.make(parameters);
    const bool later = std::find(std::begin(planned), std::end(planned), law) != std::end(planned);
    throw BadInput(fmt::format("law '{}' {}; there is: {}", printable(law, 40),
                               later ? "is not available yet" : "does not exist", fmt::join(noise_laws(), ", ")));
}

std::vector<std::string> noise_laws()
{
    std::vector<std::string> names;
    for (const auto& entry : laws) names.emplace_back(entry.name);
    return names;
}

}
