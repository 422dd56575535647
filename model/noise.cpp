#include "model/noise.hpp"

#include "model/laws/radii.hpp"
#include "model/laws/stable.hpp"
#include "model/laws/two_sided.hpp"
#include "model/message.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <limits>

namespace exeunt::model
{

namespace
{

void check_index(double alpha)
{
    if (!(alpha > 1) || !std::isfinite(alpha))
        throw BadNoise("alpha",
                       fmt::format("alpha = {} gives the noise no mean; the theory needs a finite alpha > 1", alpha));
}

void check_scale(double s)
{
    if (!(s > 0) || !std::isfinite(s))
        throw BadNoise("scale", fmt::format("scale = {} must be a finite number > 0", s));
}

}

Lomax::Lomax(double tail_index, double scale) : alpha(tail_index), s(scale)
{
    check_index(alpha);
    check_scale(s);
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

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The parameters of a heavy-tailed law, checked for what all of them need.
struct Heavy {
    double alpha, s, p_plus;

    explicit Heavy(const NoiseParameters& p) : alpha(p.alpha.value_or(1.2)), s(p.scale), p_plus(p.p_plus)
    {
        check_index(alpha);
        check_scale(s);
        if (!(p_plus >= 0 && p_plus <= 1))
            throw BadNoise("p_plus", fmt::format("p_plus = {} must be between 0 and 1", p_plus));
    }
};

/// Y = ±R with weights p₊ and p₋, less its mean μ = (p₊ - p₋) E R.
Noise centred(const std::string& law, const Heavy& p, const Distance& distance, bool smooth)
{
    const double p_minus = 1 - p.p_plus;
    const double shift = p.p_plus == p_minus ? 0 : (p.p_plus - p_minus) * distance.mean;
    if (!std::isfinite(shift))
        throw BadNoise("scale", fmt::format("scale = {} and alpha = {} give a one-sided mean of {}, too large to be "
                                            "subtracted: lower the scale, or take p_plus = 0.5",
                                            p.s, p.alpha, distance.mean));
    return Noise(std::make_shared<TwoSided>(Name{law, p.alpha, p.p_plus, p.s, smooth}, Half{p.p_plus, distance.radius},
                                            Half{p_minus, distance.radius}, shift));
}

Noise make_lomax(const NoiseParameters& parameters)
{
    const Heavy p(parameters);
    if (p.p_plus == 0.5) return Noise(std::make_shared<Lomax>(p.alpha, p.s));
    return centred("lomax", p, lomax_distance(p.alpha, p.s), false);
}

Noise make_pareto(const NoiseParameters& parameters)
{
    const Heavy p(parameters);
    return centred("pareto", p, pareto_distance(p.alpha, p.s), false);
}

Noise make_log_pareto(const NoiseParameters& parameters)
{
    const Heavy p(parameters);
    return centred("log_pareto", p, log_pareto_distance(p.alpha, p.s), false);
}

Noise make_student(const NoiseParameters& parameters)
{
    const Heavy p(parameters);
    if (p.alpha > 1e4)
        throw BadNoise("alpha", fmt::format("alpha = {} is more than 10000 degrees of freedom, Gaussian in all but "
                                            "name: take law = \"gaussian\" without alpha",
                                            p.alpha));
    return centred("student_t", p, student_distance(p.alpha, p.s), p.p_plus == 0.5);
}

Noise make_stable(const NoiseParameters& parameters)
{
    constexpr double least = 1.01, most = 1.9999, thin = 1e-9;
    const Heavy p(parameters);
    if (p.alpha > most)
        throw BadNoise("alpha", fmt::format("alpha = {}: a stable law has alpha < 2, here up to {}; for alpha = 2 take "
                                            "law = \"gaussian\" without alpha, its scale times sqrt(2)",
                                            p.alpha, most));
    if (p.alpha < least)
        throw BadNoise("alpha", fmt::format("alpha = {}: a stable law must have alpha >= {} here, or its tails are not "
                                            "accurate; take a larger alpha or law = \"student_t\"",
                                            p.alpha, least));
    if (p.p_plus != 0 && p.p_plus != 1 && !(p.p_plus >= thin && p.p_plus <= 1 - thin))
        throw BadNoise("p_plus", fmt::format("p_plus = {}: a stable law takes 0, 1 or a number between {} and 1 - {}",
                                             p.p_plus, thin, thin));
    return Noise(stable_law(p.alpha, p.p_plus, p.s));
}

Noise make_gaussian(const NoiseParameters& p)
{
    check_scale(p.scale);
    if (p.alpha) throw BadNoise("alpha", fmt::format("law 'gaussian' has no tail index: remove alpha = {}", *p.alpha));
    if (p.p_plus != 0.5)
        throw BadNoise("p_plus", fmt::format("law 'gaussian' is symmetric: p_plus = {} must be 0.5", p.p_plus));
    const Half half{0.5, gaussian_distance(p.scale).radius};
    return Noise(std::make_shared<TwoSided>(Name{"gaussian", infinity, 0.5, p.scale, true}, half, half, 0));
}

struct LawEntry {
    const char* name;
    Noise (*make)(const NoiseParameters&);
    bool takes_alpha;
};

/// A new law is one line here.
constexpr LawEntry laws[] = {
    {"lomax", make_lomax, true},       {"pareto", make_pareto, true},         {"stable", make_stable, true},
    {"student_t", make_student, true}, {"log_pareto", make_log_pareto, true}, {"gaussian", make_gaussian, false},
};

}

Noise make_noise(const std::string& law, const NoiseParameters& parameters)
{
    for (const auto& entry : laws)
        if (law == entry.name) return entry.make(parameters);
    throw BadNoise(
        "law", fmt::format("law '{}' does not exist; there is: {}", printable(law, 40), fmt::join(noise_laws(), ", ")));
}

std::vector<std::string> noise_laws()
{
    std::vector<std::string> names;
    for (const auto& entry : laws) names.emplace_back(entry.name);
    return names;
}

bool takes_alpha(const std::string& law)
{
    return std::none_of(std::begin(laws), std::end(laws),
                        [&](const LawEntry& entry) { return law == entry.name && !entry.takes_alpha; });
}

}
