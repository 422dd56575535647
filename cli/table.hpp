// cli/table.hpp: numbers and columns, for a terminal and for a page.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace exeunt::cli
{

/// x to at most `digits` significant ones: 33450.1, 6.29e-6; "inf"; "–" for NaN, which says that none applies.
std::string shown(double x, int digits);
/// x ± an absolute error, x to the digits that the error leaves it: "33447.64 ± 0.03".
std::string with_error(double x, double error);
/// "50 %", "0.1 %": a share to three digits.
std::string percent(double share);
/// "8 s", "3 min", "2 h 5 min".
std::string duration(double seconds);
/// "1 cell", "3 cells".
std::string counted(std::size_t n, std::string_view one);
/// "2", "2 and 4", "1, 2 and 4".
std::string listed(const std::vector<std::string>& words);

/// A word in the colour of its meaning (confirmed, refuted, inconclusive) where colour is wanted; others as they are.
std::string painted(const std::string& word, bool colour);
/// & < > " ' as a page needs them.
std::string escaped(std::string_view text);
/// What Markdown would read as a sign of its own, as text; line ends as blanks.
std::string escaped_markdown(std::string_view text);

/// Rows under a head. All columns but those named in `left` are aligned to the right.
class Table
{
  public:
    explicit Table(std::vector<std::string> head, std::vector<std::size_t> left = {});
    /// One text per column.
    void add(std::vector<std::string> row);
    bool empty() const { return rows_.empty(); }

    /// Lines that end with '\n', indented by two blanks, columns two blanks apart, a rule under the head. Counts
    /// characters, not bytes.
    std::string text(bool colour = false) const;
    /// A <table>; verdicts carry their word as class.
    std::string html() const;
    /// A table of GitHub's Markdown.
    std::string markdown() const;

  private:
    bool left(std::size_t column) const;

    std::vector<std::string> head_;
    std::vector<std::size_t> left_;
    std::vector<std::vector<std::string>> rows_;
};

}
