// plots/axes.hpp: what several figures draw alike: the place of the axes on the page, ticks, the key, the dress of a
// series. Lengths are inches unless said otherwise.
#pragma once

#include "plots/page.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace exeunt::plots
{

/// An interval that grows with what is added to it.
struct Range {
    double lo = std::numeric_limits<double>::infinity();
    double hi = -std::numeric_limits<double>::infinity();
    void add(double x)
    {
        if (x < lo) lo = x;
        if (x > hi) hi = x;
    }
    bool empty() const { return !(lo <= hi); }
    double length() const { return hi - lo; }
    double decades() const { return std::log10(hi / lo); } ///< of a positive range
};

/// Widened on both sides by a share of its decades, and by a tenth of a decade at least.
Range padded_decades(const Range& range, double share);

/// The page and the axes on it.
struct Layout {
    double width, height, left, right, top, bottom;
    double axes_width() const { return width - left - right; }
    double axes_height() const { return height - top - bottom; }
};

/// The margins that put the axes there.
std::string margins(const Layout& layout);
/// Two lines and no more, with ticks that point outwards.
std::string frame();

/// Ticks of a logarithmic axis: powers of ten, every k-th where there are many, 1, 2 and 5 where there are few.
/// About `most` of them have a name; without any for the upper ones of panels that share an axis.
std::string log_ticks(const char* axis, const Range& range, bool named = true, int most = 7);
/// A step of 1, 2 or 5 times a power of ten that cuts a length into about `parts`.
double step(double length, double parts);
/// Ticks of a linear axis, about `parts` apart; shown with a true minus sign.
std::string linear_ticks(const char* axis, const Range& range, double parts);

/// Colour and symbol of a series.
struct Dress {
    const char* colour;
    const char* tint; ///< the colour of a line under symbols: pale, so that symbols and dashes show on it
    int filled;       ///< its symbol, as gnuplot numbers them
};
inline constexpr std::array<Dress, 6> wardrobe = {{
    {colour::blue, "#A6CEE3", 7},
    {colour::vermillion, "#F4C09A", 5},
    {colour::green, "#A3D9C9", 9},
    {colour::purple, "#EBCADB", 13},
    {colour::orange, "#F5DDA6", 11},
    {colour::ink, "#BFBFBF", 15},
}};

/// Commands, and those of them that every format needs anew.
struct Drawing {
    std::string settings;
    std::string marks;
    void symbol(std::size_t tag, const std::string& where, const std::string& look);
};

/// A line ("lw …") or a symbol ("pt …") of the key, and its meaning.
struct Entry {
    std::string sample;
    std::string words;
};

/// The entries in lines, as many in each as the page has room for. `depth` is where the lines begin, from the top; it
/// is set to where they end.
Drawing key_drawing(const std::vector<Entry>& entries, const Layout& page, double& depth);

}
