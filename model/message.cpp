#include "model/message.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace exeunt::model
{

namespace
{

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Bytes of the well-formed UTF-8 character at the front of `text` (its length only: overlong forms pass); 0 if none.
std::size_t character(std::string_view text)
{
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || length > text.size()) return 0;
    return std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(length), continues) ? length : 0;
}

/// Optimal string alignment distance: insertions, deletions, replacements, swaps of neighbours.
std::size_t edits(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

}

std::string printable(std::string_view text, std::size_t limit)
{
    std::string out;
    for (std::size_t count = 0; !text.empty(); ++count) {
        if (count == limit) return out + "…";
        const std::size_t length = character(text);
        const char c = text[0];
        if (length > 1)
            out += text.substr(0, length);
        else if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            out += ' ';
        else
            out += length == 0 || c < ' ' || c == 0x7F ? '?' : c;
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

std::string excerpt(std::string_view text, std::size_t at, std::size_t limit)
{
    if (text.size() <= limit) return printable(text, limit);
    std::size_t from = at > limit / 2 ? at - limit / 2 : 0;
    from = std::min(from, text.size() - limit);
    while (from > 0 && continues(text[from])) --from;
    return (from > 0 ? "…" : "") + printable(text.substr(from), limit);
}

std::string suggestion(std::string_view name, const std::vector<std::string>& known)
{
    if (name.size() < 2 || name.size() > 64) return "";
    const std::string* best = nullptr;
    std::size_t least = name.size() <= 3 ? 2 : 3;
    for (const auto& word : known) {
        const std::size_t distance = edits(name, word);
        if (distance < least && distance < word.size()) {
            least = distance;
            best = &word;
        }
    }
    return best == nullptr ? "" : "did you mean '" + *best + "'?";
}

std::string join(const std::vector<std::string>& words, std::string_view separator)
{
    std::string out;
    for (const auto& word : words) {
        if (!out.empty()) out += separator;
        out += word;
    }
    return out;
}

}
