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
    const bool cut_off = bits_of(word) - table.from < table.length;
    const std::uint32_t cell = (word & 1) * 16 + (cut_off ? CellTable::cut_off : octave(v));
    const float m = mantissa(v) - (cut_off ? table.centre : 0);
    float p = 0;
    for (int k = table.terms - 1; k >= 0; --k) p = std::fma(p, m, table.p[k][cell]);
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
        const double cut = change();
        for (const int terms : {9, 12, CellTable::most_terms}) {
            const NoiseTable table{.in_cells = true, .power = {}, .cells = cells(terms, cut)};
            if (holds(table.cells)) return table;
        }
        // log_pareto has a square root's end just beyond V = 1 when α is near 1
        const NoiseTable table{.in_cells = true, .power = {}, .cells = cells(CellTable::most_terms, 0.95)};
        if (cut == 1 && holds(table.cells)) return table;
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

    /// With one octave cut at V = cut.
    CellTable cells(int terms, double cut) const
    {
        CellTable table{};
        table.terms = terms;
        std::fill_n(table.p[0], 32, std::nanf("")); // those that stay empty
        for (int e = 31 - octaves; e < 31; ++e) {
            const double from = std::exp2(e - 31), to = 2 * from;
            const bool in_two = from < cut && cut < to;
            if (in_two) cut_off(table, e, cut);
            for (const std::uint32_t side : {0U, 16U}) {
                fit(table, side + static_cast<std::uint32_t>(e + 127) % 16, from, in_two ? cut : to, 1.5 * from, from);
                if (in_two) fit(table, side + CellTable::cut_off, cut, to, (1.5 + double{table.centre}) * from, from);
            }
        }
        return table;
    }

    /// Where, in V, the law changes from one half-line to the other; V = 1, the median, when it is symmetric.
    double change() const
    {
        const auto kinks = noise_->kinks();
        if (kinks.empty()) return 1;
        const double above = noise_->upper_tail(kinks.back());
        return 2 * (above <= 0.5 ? above : noise_->lower_tail(kinks.front()));
    }

    /// The words with V ≥ cut in the octave of 2^e.
    static void cut_off(CellTable& table, int e, double cut)
    {
        table.from = static_cast<std::uint32_t>(std::ceil(cut * words - 0.5));
        auto end = std::uint32_t{2} << e;
        while (end < words && scaled_uniform(2 * (end - 1)) >= std::ldexp(2.0F, e)) --end; // rounded up into the next
        table.length = std::max(end, table.from) - table.from;
        table.centre = static_cast<float>(0.5 * std::ldexp(cut, 31 - e) - 0.5); // of m from there to 2, less 3/2
    }

    /// scale · Z over V in [from, to], as Σ_k p_k ((V - origin)/unit)^k.
    void fit(CellTable& table, std::uint32_t cell, double from, double to, double origin, double unit) const
    {
        const double middle = 0.5 * (from + to), half = 0.5 * (to - from);
        const double centre = (middle - origin) / unit, radius = half / unit;
        const auto a = model::chebyshev_interpolant<double>(
            [&](double u) {
                return scale_ * noise_of(noise_, {cell < 16, middle + half * u});
            },
            table.terms);
        double largest = 0;
        for (const double c : a) largest = std::max(largest, std::abs(c));
        double p[CellTable::most_terms] = {}; // by Horner's rule, from powers of ((V - origin)/unit - centre)/radius
        for (int k = table.terms - 1; k >= 0; --k) {
            for (int i = table.terms - 1; i > 0; --i) p[i] = (p[i - 1] - centre * p[i]) / radius;
            p[0] = -centre * p[0] / radius;
            const double c = a[static_cast<std::size_t>(k)];
            if (std::abs(c) >= 1e-10 * largest) p[0] += c; // the rest is rounding, and large over radius^k
        }
        for (int k = 0; k < table.terms; ++k) table.p[k][cell] = static_cast<float>(p[k]);
    }

    template<class Table> bool holds(const Table& table) const
    {
        constexpr std::uint32_t points = 40;
        const auto cut = static_cast<std::uint32_t>(change() * (words - 1));
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
