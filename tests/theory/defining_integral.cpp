#include "defining_integral.hpp"

#include <array>
#include <gsl/gsl_qrng.h>
#include <random>

namespace
{

constexpr std::size_t largest_dimension = 10; // l ≤ 5
constexpr double sampled_index = 0.3; // of the law that w is drawn from: most of its jumps are long enough to matter

/// Sobol points with a random shift.
class Points
{
  public:
    Points(std::size_t dimension, std::mt19937_64& random)
        : sobol(gsl_qrng_alloc(gsl_qrng_sobol, static_cast<unsigned>(dimension)))
    {
        for (double& s : shift) s = static_cast<double>(random() >> 11) * 0x1p-53;
    }
    Points(const Points&) = delete;
    ~Points() { gsl_qrng_free(sobol); }

    std::array<double, largest_dimension> next()
    {
        std::array<double, largest_dimension> u{};
        gsl_qrng_get(sobol, u.data());
        for (std::size_t d = 0; d < u.size(); ++d) u[d] = std::fmod(u[d] + shift[d], 1.0);
        return u;
    }

  private:
    gsl_qrng* sobol;
    std::array<double, largest_dimension> shift{};
};

}

double DefiningIntegral::longest_wait(int jumps_done)
{
    double t = 0;
    for (const double end : {f.left(well), f.right(well)}) {
        const double side = end > f.minima()[well] ? 1 : -1;
        const double edge = end - side * (l - jumps_done) * b, start = f.minima()[well] + side * jumps_done * b;
        if (std::isfinite(end) && side * (start - edge) > 0) t = std::max(t, time_between(start, edge));
    }
    return t;
}

DefiningIntegral::EndPoint DefiningIntegral::end_point(const double* u, double shortest,
                                                       const std::vector<double>& longest)
{
    // l is minimal, so all jumps of an exit go to the same side: one sign for all, drawn fairly, of the 2^l that ν has.
    const double side = *u++ < 0.5 ? -1 : 1;
    EndPoint h{f.minima()[well], 2 * std::pow(side > 0 ? right : 1 - right, l)};
    for (int k = 1; k <= l; ++k, u += 2) {
        const double w = shortest * std::pow(1 - *u, -1 / sampled_index);
        h.weight *= alpha / sampled_index * std::pow(w, sampled_index - alpha) * std::pow(shortest, -sampled_index);
        h.x += std::clamp(sigma.value(h.x) * side * w, -b, b);
        const bool hopeless = h.x - (l - k) * b > f.left(well) && h.x + (l - k) * b < f.right(well);
        if (k == l || hopeless) break; // no wait brings it nearer to an end
        const double wait = longest[static_cast<std::size_t>(k) - 1];
        h.x = flow(h.x, u[1] * wait);
        h.weight *= wait;
    }
    return h;
}

DefiningIntegral::Estimate DefiningIntegral::sampled(int points, int shifts, unsigned seed)
{
    double largest_sigma = 0;
    for (int k = -500; k <= 500; ++k)
        largest_sigma = std::max(largest_sigma, sigma.value(f.minima()[well] + f.radius(well) * k / 500));
    const double shortest = (f.radius(well) - (l - 1) * b) / largest_sigma; // a shorter jump is no part of an exit
    std::vector<double> longest; // a longer wait after jump k leaves both ends out of reach
    for (int k = 1; k < l; ++k) longest.push_back(longest_wait(k));

    std::mt19937_64 random(seed);
    Estimate e{std::vector<double>(f.wells(), 0.0), std::vector<double>(f.wells(), 0.0)};
    for (int r = 0; r < shifts; ++r) {
        Points sobol(static_cast<std::size_t>(2 * l), random);
        std::vector<double> share(f.wells(), 0.0);
        for (int p = 0; p < points; ++p) {
            const EndPoint h = end_point(sobol.next().data(), shortest, longest);
            share[f.well_of(h.x)] += h.weight / points;
        }
        share[well] = 0;
        for (std::size_t j = 0; j < f.wells(); ++j) {
            e.q[j] += share[j] / shifts;
            e.error[j] += share[j] * share[j] / shifts; // the mean square, for now
        }
    }
    for (std::size_t j = 0; j < f.wells(); ++j)
        e.error[j] = std::sqrt(std::max(0.0, e.error[j] - e.q[j] * e.q[j]) / (shifts - 1));
    return e;
}
