#include "sim/leaving.hpp"

#include "model/chebyshev.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace exeunt::sim
{

Leaving::Leaving(const model::Model& model, std::size_t well, bool to_the_right, bool tabulated)
    : m_(model), f_(model.landscape), right_(to_the_right), end_(right_ ? f_.right(well) : f_.left(well)),
      nearest_(right_ ? well + 1 : well - 1), wells_(right_ ? f_.wells() - 1 - well : well),
      most_(std::min(m_.b, std::min(f_.right(well), f_.domain().hi) - std::max(f_.left(well), f_.domain().lo)))
{
    if (!tabulated || wells_ == 0) return;
    std::vector<double> kinks = f_.potential().kinks();
    kinks.insert(kinks.end(), m_.diffusion.kinks().begin(), m_.diffusion.kinks().end());
    for (std::size_t i = 1; i < wells_; ++i) kinks.push_back(right_ ? near(i) - m_.b : near(i) + m_.b);
    for (double& kink : kinks) kink = way(kink);
    cells_.reserve(octaves * per_octave);
    for (std::uint64_t k = 0; k < octaves * per_octave; ++k) fit(key(most_) - k, kinks);
}

void Leaving::add(double x, std::vector<double>& to) const
{
    const double d = way(x);
    if (d > m_.b) return;
    const std::uint64_t k = key(most_) - key(d);
    const bool holds = k < cells_.size() && cells_[k].holds;
    for (std::size_t i = 0; i < wells_; ++i)
        to[well(i)] +=
            holds ? polynomial(p_.data() + (k * wells_ + i) * terms, (d - cells_[k].middle) * cells_[k].per_length)
                  : into(i, x);
}

double Leaving::near(std::size_t i) const { return right_ ? f_.left(well(i)) : f_.right(well(i)); }

/// Sign, exponent and three bits of d: the number of its cell. A d that is not positive has a large one.
std::uint64_t Leaving::key(double d) { return std::bit_cast<std::uint64_t>(d) >> 49; }

/// P( X_{n+1} in the (i + 1)th well or beyond | X_n = x )
double Leaving::beyond(std::size_t i, double x) const
{
    if (i == wells_) return 0;
    const double jump = near(i) - x;
    if (std::abs(jump) > m_.b) return 0;
    const double z = (jump + m_.eta * f_.potential().gradient(x)) / (m_.eta * m_.diffusion.value(x));
    return right_ ? m_.noise->upper_tail(z) : m_.noise->lower_tail(z);
}

double Leaving::polynomial(const double* p, double u)
{
    static_assert(terms == 7);
    const double square = u * u;
    const double even = p[0] + square * (p[2] + square * (p[4] + square * p[6]));
    return even + u * (p[1] + square * (p[3] + square * p[5]));
}

/// The next cell, which begins at the d of this key.
void Leaving::fit(std::uint64_t begin, const std::vector<double>& kinks)
{
    const double from = std::bit_cast<double>(begin << 49);
    const double to = std::min(most_, std::bit_cast<double>((begin + 1) << 49));
    const double half = 0.5 * (to - from);
    Cell cell{.middle = 0.5 * (from + to), .per_length = 1 / half, .holds = half > 0};
    for (const double kink : kinks) cell.holds &= !(from < kink && kink < to);
    for (std::size_t i = 0; i < wells_; ++i) {
        const auto exact = [&](double u) {
            const double d = cell.middle + half * u;
            return into(i, right_ ? end_ - d : end_ + d);
        };
        const auto p = model::chebyshev_interpolant<double>(exact, terms);
        for (int n = -4; n <= 4; ++n)
            cell.holds &= std::abs(polynomial(p.data(), 0.249 * n) - exact(0.249 * n)) <= 1e-8 * exact(0.249 * n);
        p_.insert(p_.end(), p.begin(), p.end());
    }
    cells_.push_back(cell);
}

}
