#include "theory/phase_diagram.hpp"

#include "model/error.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numbers>

namespace exeunt::theory
{
namespace
{

constexpr double rtol = 1e-6;
constexpr double silent = 4e-3; ///< of b, beside r_i / k

double largest_radius(const model::Landscape& f)
{
    double r = 0;
    for (std::size_t i = 0; i < f.wells(); ++i) r = std::max(r, f.radius(i));
    return r;
}

/// Where the orders of a well change, without constants.
std::vector<Phase> phases(double radius, const ClipRange& range)
{
    std::vector<Phase> found;
    const int most = static_cast<int>(std::ceil(radius / range.lo));
    for (int l = std::max(1, most); l >= 1; --l) {
        const double from = std::max(range.lo, radius / l);
        const double to = l == 1 ? range.hi : std::min(range.hi, radius / (l - 1));
        if (to > from * (1 + 4 * silent)) found.push_back({l, from, to, {}, 0});
    }
    return found;
}

/// The constants of one phase. What the theorem or the quadrature does not reach is left out, and counted.
void fill(const Setting& setting, std::size_t well, std::size_t points, Phase& phase)
{
    const double lo = std::log(phase.from * (1 + silent)), hi = std::log(phase.to * (1 - silent));
    for (std::size_t k = 0; k < points; ++k) try {
            const double angle = std::numbers::pi * static_cast<double>(k) / static_cast<double>(points - 1);
            const double b = std::exp(lo + (hi - lo) * (1 - std::cos(angle)) / 2);
            const auto q = exit_constants(setting.landscape, setting.noise, setting.diffusion, well, b, rtol);
            if (q.total() > 0) // a well that l* jumps do not leave has no constant to show
                phase.constants.push_back({b, q.total()});
            else
                ++phase.left_out;
        } catch (const BadInput&) {
            ++phase.left_out;
        } catch (const NotConverged&) {
            ++phase.left_out;
        }
}

}

ClipRange phase_range(const model::Spec& spec, const model::Landscape& f)
{
    const double r = largest_radius(f);
    ClipRange range{r / 4.5, 1.25 * r};
    for (const double b : spec.dynamics.clip)
        if (std::isfinite(b)) range = {std::min(range.lo, b / 1.1), std::max(range.hi, b * 1.1)};
    range.lo = std::max(range.lo, r / 12);
    return range;
}

std::vector<std::vector<Phase>> phase_diagram(const Setting& setting, const ClipRange& range, std::size_t points,
                                              unsigned threads, const Watch& watch)
{
    if (!(0 < range.lo && range.lo < range.hi && std::isfinite(range.hi)) || points < 2)
        throw BadInput(fmt::format("a phase diagram needs thresholds 0 < {} < {} < inf, and {} of them to be 2 or more",
                                   range.lo, range.hi, points));
    std::vector<std::vector<Phase>> diagram;
    for (std::size_t i = 0; i < setting.landscape.wells(); ++i)
        diagram.push_back(phases(setting.landscape.radius(i), range));
    if (!setting.noise->heavy_tailed()) return diagram;
    for_each_cell(diagram.size(), threads, watch, [&](std::size_t well) {
        for (Phase& phase : diagram[well]) fill(setting, well, points, phase);
    });
    return diagram;
}

}
