#include "cli/table.hpp"

#include "plots/text.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <fmt/format.h>

namespace exeunt::cli
{
namespace
{

bool is_verdict(std::string_view word) { return word == "confirmed" || word == "refuted" || word == "inconclusive"; }

std::string blanks(std::size_t n) { return std::string(n, ' '); }

/// 1e+07 and 1e-06 as 1e7 and 1e-6.
std::string short_exponent(std::string text)
{
    const auto e = text.find('e');
    if (e == std::string::npos) return text;
    return fmt::format("{}e{}", text.substr(0, e), std::stoi(text.substr(e + 1)));
}

}

std::string shown(double x, int digits)
{
    if (std::isnan(x)) return "–";
    if (x == 0) return "0"; // also -0
    return short_exponent(fmt::format("{:.{}g}", x, digits));
}

std::string with_error(double x, double error)
{
    if (!(error > 0) || !std::isfinite(x) || !std::isfinite(error)) return shown(x, 10);
    if (x == 0) return fmt::format("0 ± {}", shown(error, 1));
    const double size = std::floor(std::log10(std::abs(x)));
    const double last = std::max(std::floor(std::log10(error)), size - 9); // the last digit worth showing
    const std::string blur = error >= 1 && error < 1e6 ? fmt::format("{:.0f}", error) : shown(error, 1);
    if (size >= -3 && size < 7) return fmt::format("{:.{}f} ± {}", x, static_cast<int>(std::max(0.0, -last)), blur);
    return fmt::format("{} ± {}",
                       short_exponent(fmt::format("{:.{}e}", x, static_cast<int>(std::max(1.0, size - last)))), blur);
}

std::string percent(double share) { return std::isnan(share) ? "–" : fmt::format("{} %", shown(100 * share, 3)); }

std::string duration(double seconds)
{
    const double whole = std::ceil(seconds);
    if (whole < 100) return fmt::format("{:.0f} s", whole);
    const double minutes = std::ceil(seconds / 60);
    if (minutes < 100) return fmt::format("{:.0f} min", minutes);
    const double hours = std::floor(minutes / 60);
    if (hours < 48) return fmt::format("{:.0f} h {:.0f} min", hours, minutes - 60 * hours);
    return fmt::format("{} days", shown(hours / 24, 3));
}

std::string counted(std::size_t n, std::string_view one) { return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s"); }

std::string listed(const std::vector<std::string>& words)
{
    std::string text;
    for (std::size_t k = 0; k < words.size(); ++k)
        text += (k == 0 ? "" : k + 1 == words.size() ? " and " : ", ") + words[k];
    return text;
}

std::string painted(const std::string& word, bool colour)
{
    if (!colour) return word;
    if (word == "confirmed") return fmt::format("\033[32m{}\033[0m", word);
    if (word == "refuted") return fmt::format("\033[1;31m{}\033[0m", word);
    if (word == "inconclusive") return fmt::format("\033[33m{}\033[0m", word);
    return word;
}

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (c == '\'')
            out += "&#39;";
        else
            out += c;
    }
    return out;
}

std::string escaped_markdown(std::string_view text)
{
    constexpr std::string_view signs = "\\`*_[]<>|#&";
    std::string out;
    for (const char c : text) {
        if (signs.find(c) != std::string_view::npos) out += '\\';
        out += c == '\n' || c == '\r' ? ' ' : c;
    }
    return out;
}

Table::Table(std::vector<std::string> head, std::vector<std::size_t> left)
    : head_(std::move(head)), left_(std::move(left))
{
}

void Table::add(std::vector<std::string> row)
{
    assert(row.size() == head_.size());
    rows_.push_back(std::move(row));
}

bool Table::left(std::size_t column) const { return std::find(left_.begin(), left_.end(), column) != left_.end(); }

std::string Table::text(bool colour) const
{
    std::vector<std::size_t> width;
    for (std::size_t k = 0; k < head_.size(); ++k) {
        width.push_back(plots::letters(head_[k]));
        for (const auto& row : rows_) width[k] = std::max(width[k], plots::letters(row[k]));
    }
    const auto line = [&](const std::vector<std::string>& row, bool paint) {
        std::string out;
        for (std::size_t k = 0; k < row.size(); ++k) {
            const std::string room = blanks(width[k] - plots::letters(row[k]));
            const std::string word = painted(row[k], paint);
            out += "  " + (left(k) ? word + room : room + word);
        }
        out.erase(out.find_last_not_of(' ') + 1);
        return out + "\n";
    };
    std::string rule;
    for (const std::size_t w : width) {
        rule += "  ";
        for (std::size_t k = 0; k < w; ++k) rule += "─";
    }
    std::string out = line(head_, false) + rule + "\n";
    for (const auto& row : rows_) out += line(row, colour);
    return out;
}

std::string Table::html() const
{
    const auto cell = [&](const char* tag, std::size_t k, const std::string& text) {
        std::string classes = left(k) ? "l" : "";
        if (is_verdict(text)) classes += (classes.empty() ? "" : " ") + text;
        return classes.empty() ? fmt::format("<{0}>{1}</{0}>", tag, escaped(text))
                               : fmt::format("<{0} class=\"{2}\">{1}</{0}>", tag, escaped(text), classes);
    };
    std::string out = "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"table\"><table>\n<thead><tr>";
    for (std::size_t k = 0; k < head_.size(); ++k) out += cell("th", k, head_[k]);
    out += "</tr></thead>\n<tbody>\n";
    for (const auto& row : rows_) {
        out += "<tr>";
        for (std::size_t k = 0; k < row.size(); ++k) out += cell("td", k, row[k]);
        out += "</tr>\n";
    }
    return out + "</tbody></table></div>\n";
}

std::string Table::markdown() const
{
    const auto line = [](const std::vector<std::string>& row) {
        std::string out = "|";
        for (const std::string& text : row)
            out += fmt::format(" {} |",
                               is_verdict(text) && text != "confirmed" ? "**" + text + "**" : escaped_markdown(text));
        return out + "\n";
    };
    std::string rule = "|";
    for (std::size_t k = 0; k < head_.size(); ++k) rule += left(k) ? " :-- |" : " --: |";
    std::string out = line(head_) + rule + "\n";
    for (const auto& row : rows_) out += line(row);
    return out;
}

}
