#include "plots/axes.hpp"

#include "plots/text.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

namespace exeunt::plots
{
namespace
{

constexpr double key_line = 0.15; ///< inches

}

Range padded_decades(const Range& range, double share)
{
    const double factor = std::pow(10.0, std::max(share * range.decades(), 0.1));
    return {range.lo / factor, range.hi * factor};
}

std::string margins(const Layout& layout)
{
    return fmt::format("set lmargin at screen {:.4f}\nset rmargin at screen {:.4f}\n"
                       "set tmargin at screen {:.4f}\nset bmargin at screen {:.4f}\n",
                       layout.left / layout.width, 1 - layout.right / layout.width, 1 - layout.top / layout.height,
                       layout.bottom / layout.height);
}

std::string frame()
{
    return fmt::format("set tics out nomirror scale 0.6,0.3 textcolor rgb '{0}'\nset border 3 lw 0.6 lc rgb '{0}'\n"
                       "unset key\n",
                       colour::ink);
}

std::string log_ticks(const char* axis, const Range& range, bool named, int most)
{
    const int first = static_cast<int>(std::ceil(std::log10(range.lo) - 1e-9));
    const int last = static_cast<int>(std::floor(std::log10(range.hi) + 1e-9));
    const int every = std::max(1, (last - first + most - 1) / most);
    std::vector<std::string> ticks;
    if (last - first >= 1) {
        for (int k = first - 1; k <= last; ++k) {
            const bool major = k >= first && (k - first) % every == 0;
            const std::string power = fmt::format("10^{{{}{}}}", k < 0 ? "−" : "", std::abs(k));
            if (major) ticks.push_back(fmt::format("'{}' 1e{} 0", named ? power : "", k));
            for (int digit = major || k < first ? 2 : 1; every == 1 && digit <= 9; ++digit) {
                const double at = std::stod(fmt::format("{}e{}", digit, k));
                if (at >= range.lo && at <= range.hi) ticks.push_back(fmt::format("'' {}e{} 1", digit, k));
            }
        }
    } else {
        for (int k = first - 1; k <= last; ++k)
            for (const int digit : {1, 2, 3, 4, 5, 6, 7, 8, 9}) {
                const double at = std::stod(fmt::format("{}e{}", digit, k));
                if (at < range.lo || at > range.hi) continue;
                const bool major = digit == 1 || digit == 2 || digit == 5;
                ticks.push_back(major ? fmt::format("'{}' {}e{} 0", named ? shown(at, 6) : "", digit, k)
                                      : fmt::format("'' {}e{} 1", digit, k));
            }
    }
    return fmt::format("set {}tics ({})\n", axis, fmt::join(ticks, ", "));
}

double step(double length, double parts)
{
    const double power = std::pow(10, std::floor(std::log10(length / parts)));
    const double lead = length / parts / power;
    return power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10);
}

std::string linear_ticks(const char* axis, const Range& range, double parts)
{
    const double by = step(range.length(), parts);
    std::vector<std::string> ticks;
    for (double k = std::ceil(range.lo / by - 1e-9); k * by <= range.hi + 1e-9 * by; ++k)
        ticks.push_back(fmt::format("{} {:.6g}", literal(shown(k == 0 ? 0 : k * by, 6)), k * by));
    return fmt::format("set {}tics ({})\n", axis, fmt::join(ticks, ", "));
}

void Drawing::symbol(std::size_t tag, const std::string& where, const std::string& look)
{
    marks += fmt::format("set label {} '' at {} point {}\n", tag, where, look);
}

Drawing key_drawing(const std::vector<Entry>& entries, const Layout& page, double& depth)
{
    constexpr double sample = 0.26, gap = 0.06, apart = 0.14;
    Drawing key;
    double x = page.left;
    double y = depth + key_line / 2;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const double words = inches(entries[i].words);
        const bool line = entries[i].sample.starts_with("lw");
        const double length = (line ? sample : sample / 2) + gap + words;
        if (x > page.left && x + length > page.width) x = page.left, y += key_line;
        const double row = 1 - y / page.height;
        const auto at = [&](double inch) { return fmt::format("screen {:.4f},{:.4f}", inch / page.width, row); };
        if (line)
            key.settings +=
                fmt::format("set arrow from {} to {} nohead {}\n", at(x), at(x + sample), entries[i].sample);
        else
            key.symbol(101 + i, at(x + sample / 4), entries[i].sample);
        key.settings += fmt::format("set label {} at {} left textcolor rgb '{}'\n", literal(entries[i].words),
                                    at(x + length - words), colour::ink);
        x += length + apart;
    }
    depth = y + key_line / 2;
    return key;
}

}
