#include "model/chebyshev.hpp"
#include "sim/reference.hpp"
#include "sim/setup.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>

namespace exeunt::sim
{

namespace
{

constexpr double tolerance = 5e-7;
constexpr double words = 0x1p31;         // on each side
constexpr std::uint32_t rounded_up = 65; // at most so many words at an octave's end round to the next

// What the kernel does with one word, again.

/// 2³¹V as the kernel rounds it.
float scaled_uniform(std::uint32_t word) { return static_cast<float>(bits_of(word)) + 0.5F; }

/// m - 3/2
float mantissa(float v)
{
    return std::bit_cast<float>((std::bit_cast<std::uint32_t>(v) & 0x7fffffU) | 0x3f800000U) - 1.5F;
}

std::uint32_t octave(float v) { return std::bit_cast<std::uint32_t>(v) >> 23 & 15; }

float value(const PowerTable& table, std::uint32_t word)
{
    const float v = scaled_uniform(word);
    float p = 0;
    for (int k = PowerTable::terms - 1; k >= 0; --k) p = std::fma(p, mantissa(v), table.p[k]);
    const float size = std::fma(table.t[octave(v)], p, -table.shift);
    return word & 1 ? -size : size;
}

float value(const CellTable& table, std::uint32_t word)
{
    const float v = std::min(scaled_uniform(word), std::nextafter(0x1p31F, 0.0F));
    const bool other = std::rotr(word, 1) - table.from < table.length;
    const std::uint32_t cell = other ? table.other : (word & 1) * 16 + octave(v);
    float p = 0;
    for (int k = table.terms - 1; k >= 0; --k) p = std::fma(p, mantissa(v), table.p[k][cell]);
    return p;
}

class Fitter
{
  public:
    Fitter(const model::Noise& noise, double scale) : noise_(noise), scale_(scale) {}

    std::optional<NoiseTable> operator()() const
    {
        // Lomax is a power of V less s, Pareto a power
        for (const double shift : {noise_->scale(), 0.0}) {
            const NoiseTable table{.in_cells = false, .power = power(shift), .cells = {}};
            if (holds(table.power)) return table;
        }
        for (const int terms : {9, 12, CellTable::most_terms}) {
            const NoiseTable table{.in_cells = true, .power = {}, .cells = cells(terms)};
            if (holds(table.cells)) return table;
        }
        return {};
    }

  private:
    static constexpr int octaves = 14; ///< those that every table has, the last of 2³¹V begins at 2³⁰

    /// Z/s = V^{-1/α} - shift/s
    PowerTable power(double shift) const
    {
        const double alpha = noise_->tail_index(), scale = scale_ * noise_->scale();
        PowerTable table{};
        for (float& t : table.t) t = std::nanf("");
        // 2³¹V has exponent e when 2^{e-31} ≤ V < 2^{e-30}; a float stores e + 127
        for (int e = 16; e < 31; ++e) table.t[(e + 127) % 16] = static_cast<float>(scale * std::exp2((31 - e) / alpha));
        const auto p = model::chebyshev_interpolant<double>(
            [&](double u) { return std::pow(1.5 + 0.5 * u, -1 / alpha); }, PowerTable::terms);
        for (int k = 0; k < PowerTable::terms; ++k)
            table.p[k] = static_cast<float>(p[static_cast<std::size_t>(k)] * std::exp2(k));
        table.shift = static_cast<float>(scale_ * shift);
        return table;
    }

    CellTable cells(int terms) const
    {
        CellTable table{};
        table.terms = terms;
        std::fill_n(table.p[0], 32, std::nanf("")); // those that stay empty
        const Uniform cut = change();
        for (const bool upper : {true, false})
            for (int e = 31 - octaves; e < 31; ++e) {
                const double from = std::exp2(e - 31), to = 2 * from;
                const auto cell = static_cast<std::uint32_t>(upper ? 0 : 16) + static_cast<std::uint32_t>(e + 127) % 16;
                if (upper == cut.upper && from < cut.v && cut.v < to) {
                    table.other = upper ? 14 : 30; // no octave's
                    set_range(table, e, cut);
                    fit(table, cell, upper, from, cut.v, from);
                    fit(table, table.other, upper, cut.v, to, from);
                } else
                    fit(table, cell, upper, from, to, from);
            }
        return table;
    }

    /// Where, in V, the law changes from one half-line to the other; V = 1, the median, when it is symmetric.
    Uniform change() const
    {
        const auto kinks = noise_->kinks();
        if (kinks.empty()) return {true, 1};
        const double above = noise_->upper_tail(kinks.back());
        return above <= 0.5 ? Uniform{true, 2 * above} : Uniform{false, 2 * noise_->lower_tail(kinks.front())};
    }

    /// The words with V ≥ cut.v in the octave of 2^e.
    static void set_range(CellTable& table, int e, const Uniform& cut)
    {
        const auto first = static_cast<std::uint32_t>(std::ceil(cut.v * words - 0.5));
        auto end = std::uint32_t{2} << e;
        while (end < words && scaled_uniform(2 * (end - 1)) >= std::ldexp(2.0F, e)) --end; // rounded up into the next
        table.from = first + (cut.upper ? 0 : 1U << 31);
        table.length = std::max(end, first) - first;
    }

    /// ησZ over [from, to], part of the octave that begins at `octave`, as Σ_k p_k (m - 3/2)^k.
    void fit(CellTable& table, std::uint32_t cell, bool upper, double from, double to, double octave) const
    {
        const double centre = 0.5 * (from + to) / octave - 1.5, half = 0.5 * (to - from) / octave;
        const auto a = model::chebyshev_interpolant<double>(
            [&](double u) {
                return scale_ * noise_of(noise_, {upper, octave * (1.5 + centre + half * u)});
            },
            table.terms);
        double largest = 0;
        for (const double c : a) largest = std::max(largest, std::abs(c));
        double p[CellTable::most_terms] = {}; // by Horner's rule, in powers of (m - 3/2 - centre)/half
        for (int k = table.terms - 1; k >= 0; --k) {
            for (int i = table.terms - 1; i > 0; --i) p[i] = (p[i - 1] - centre * p[i]) / half;
            p[0] = -centre * p[0] / half;
            const double c = a[static_cast<std::size_t>(k)];
            if (std::abs(c) >= 1e-10 * largest) p[0] += c; // the rest is rounding, and large over half^k
        }
        for (int k = 0; k < table.terms; ++k) table.p[k][cell] = static_cast<float>(p[k]);
    }

    template<class Table> bool holds(const Table& table) const
    {
        constexpr std::uint32_t points = 40;
        const auto cut = static_cast<std::uint32_t>(change().v * (words - 1));
        for (const std::uint32_t side : {0U, 1U}) {
            for (int e = 31 - octaves; e < 31; ++e)
                for (std::uint32_t i = 0; i < points; ++i) {
                    const std::uint32_t begin = std::uint32_t{1} << e;
                    const std::uint64_t last = begin - rounded_up;
                    const auto k = begin + static_cast<std::uint32_t>(last * i / (points - 1));
                    if (!holds(table, k << 1 | side)) return false;
                }
            for (std::uint32_t k = cut - 2; k <= cut + 2; ++k)
                if (1U << (31 - octaves) <= k && k < words - rounded_up && !holds(table, k << 1 | side)) return false;
        }
        return true;
    }

    template<class Table> bool holds(const Table& table, std::uint32_t word) const
    {
        const double z = value(table, word);
        const double exact = scale_ * noise_of(noise_, uniform(word, 0));
        const double size = std::abs(exact) + scale_ * (noise_->scale() + std::abs(noise_->mean_shift()));
        return std::abs(z - exact) <= tolerance * size;
    }

    const model::Noise& noise_;
    double scale_;
};

}

std::optional<NoiseTable> fit_noise(const model::Noise& noise, double scale) { return Fitter(noise, scale)(); }

}
