#include "plots/text.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <sstream>

namespace exeunt::plots
{

std::string number(double x) { return fmt::format("{}", x); }

std::string shown(double x, int digits)
{
    if (std::isinf(x)) return x > 0 ? "∞" : "−∞";
    std::string text = fmt::format("{:.{}g}", x, digits);
    if (const auto e = text.find('e'); e != std::string::npos)
        return fmt::format("{}·10^{}", shown(std::stod(text.substr(0, e)), digits), std::stoi(text.substr(e + 1)));
    if (text.front() == '-') text.replace(0, 1, "−");
    return text;
}

std::string subscript(std::size_t n)
{
    static constexpr const char* figures[] = {"₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"};
    std::string text;
    for (const char c : std::to_string(n)) text += figures[c - '0'];
    return text;
}

std::string plain(std::string_view text)
{
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    return line;
}

std::string literal(std::string_view text)
{
    std::string constant = "'";
    for (const char c : plain(text)) constant += c == '\'' ? "''" : std::string(1, c);
    return constant + "'";
}

std::size_t letters(std::string_view text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xc0) != 0x80; }));
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width)
{
    std::istringstream words(plain(text));
    std::vector<std::string> lines;
    for (std::string word; words >> word;) {
        if (lines.empty() || letters(lines.back()) + 1 + letters(word) > width)
            lines.push_back(word);
        else
            lines.back() += " " + word;
    }
    return lines;
}

double inches(std::string_view text)
{
    constexpr double letter = 0.56 * 7.5 / 72; // a wide one, so that what fits by this count fits
    std::size_t commands = 0;
    for (auto at = text.find("{/:"); at != std::string_view::npos; at = text.find("{/:", at + 1))
        commands += text.find(' ', at) - at + 2;
    return letter * static_cast<double>(letters(text) - commands);
}

std::string clip_words(double b) { return std::isinf(b) ? "no clipping" : "b = " + shown(b, 6); }

std::string clip_label(double b)
{
    return std::isinf(b) ? "no clipping" : fmt::format("{{/:Italic b}}{}= {}", space, shown(b, 6));
}

}
