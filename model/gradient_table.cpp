#include "model/gradient_table.hpp"

#include "model/chebyshev.hpp"
#include "model/error.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <limits>
#include <numbers>

namespace exeunt::model
{

GradientTable::GradientTable(const Function& f, double lo, double hi, Options options) : f_(f), lo_(lo), hi_(hi)
{
    if (!(lo < hi) || !std::isfinite(lo) || !std::isfinite(hi))
        throw BadInput(fmt::format("a table of f' needs a finite interval, not [{}, {}]", lo, hi));
    std::vector<double> ends{lo};
    for (const double kink : f.kinks())
        if (lo < kink && kink < hi) ends.push_back(kink);
    ends.push_back(hi);
    for (std::size_t k = 0; k + 1 < ends.size(); ++k) add(ends[k], ends[k + 1], options);
    cells_.back().end = std::numeric_limits<double>::infinity();
    index();
}

GradientTable::Fit GradientTable::fit(double lo, double hi) const
{
    const double centre = lo + (hi - lo) / 2, half = (hi - lo) / 2;
    const auto gradient = [&](double t) {
        const double x = std::clamp(centre + half * t, std::nextafter(lo, hi), std::nextafter(hi, lo)); // one side only
        const double g = f_.gradient(x);
        if (!std::isfinite(g)) throw BadInput(fmt::format("f' is not finite at x = {:.9g}: {}", x, g));
        return g;
    };
    Fit result{{centre, 1 / half, hi, {}}, 0, 0};
    const auto p = chebyshev_interpolant<long double>([&](long double t) { return gradient(static_cast<double>(t)); },
                                                      static_cast<int>(std::size(result.cell.a)));
    std::transform(p.begin(), p.end(), result.cell.a, [](long double c) { return static_cast<double>(c); });

    constexpr int checks = 16;
    for (int j = 0; j <= checks; ++j) {
        const double t = std::cos(std::numbers::pi * j / checks), g = gradient(t);
        result.error = std::max(result.error, 2 * std::abs(result.cell.at(centre + half * t) - g));
        result.largest = std::max(result.largest, std::abs(g));
    }
    return result;
}

void GradientTable::add(double lo, double hi, const Options& options)
{
    const Fit found = fit(lo, hi);
    if (found.error <= options.tolerance * found.largest) {
        cells_.push_back(found.cell);
        absolute_error_ = std::max(absolute_error_, found.error);
        if (found.largest > 0) relative_error_ = std::max(relative_error_, found.error / found.largest);
        return;
    }
    if (cells_.size() >= options.most_cells || hi - lo <= 1e-9 * (hi_ - lo_))
        throw NotConverged(fmt::format("the table of f' reached {:.2g} of max|f'| near x = {:.6g}, while {:.2g} is "
                                       "asked: is there a kink, or is that below the rounding of f'?",
                                       found.error / found.largest, lo, options.tolerance));
    const double middle = lo + (hi - lo) / 2;
    add(lo, middle, options);
    add(middle, hi, options);
}

void GradientTable::index()
{
    const std::size_t buckets = 2 * cells_.size();
    buckets_per_length_ = static_cast<double>(buckets) / (hi_ - lo_);
    first_.resize(buckets + 2); // x = hi, and rounding, may lead one beyond the last
    const double slack = 8 * std::numeric_limits<double>::epsilon() * std::max(std::abs(lo_), std::abs(hi_));
    std::size_t cell = 0;
    for (std::size_t k = 0; k < first_.size(); ++k) {
        const double begin = lo_ + static_cast<double>(k) / buckets_per_length_ - slack;
        while (begin >= cells_[cell].end) ++cell;
        first_[k] = static_cast<std::uint32_t>(cell);
    }
}

}
