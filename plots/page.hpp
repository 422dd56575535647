// plots/page.hpp: from a figure's data, script and caption to its files. Nothing here knows what a figure shows.
#pragma once

#include "plots/output.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace exeunt::plots
{

/// One of several axes on a page. It begins without labels, arrows and objects; all other settings are those that the
/// page or the panel before it made.
struct Panel {
    std::string settings;
    std::string marks; ///< as of a page
    std::string plot;
};

/// A figure before it is drawn.
struct Page {
    std::string name;     ///< of its files: letters, digits, '.', '_' and '-'
    double width;         ///< inches
    double height;        ///< inches
    std::string data;     ///< comma-separated, first line the names of the columns
    std::string settings; ///< gnuplot commands that hold for every format
    std::string marks;    ///< commands that every format needs anew: those with symbols, sized in multiples of `dot`
    std::string plot;     ///< the plot command, which reads NAME.csv
    std::string caption;  ///< paragraphs separated by '\n'; they are wrapped here
    std::vector<Panel> panels = {}; ///< drawn one after the other in place of `plot`, where there are any
};

/// Writes and draws the page: what output.hpp promises of every draw_… function.
std::vector<std::filesystem::path> publish(const Page& page, const Output& output);

/// Commands that place the title at the head of a picture: `head` in bold, the lines of `title` under it; `left` is
/// where they begin, in inches. `depth` is what they take from the top, in inches.
struct Heading {
    std::string commands;
    double depth;
};
Heading heading(const std::string& head, const std::string& title, const Page& page, double left);

/// A layer of a plot command that draws nothing and says, where the pointer rests, what a point is: `text` is a gnuplot
/// string expression, `at` the two columns of the place. In an SVG it becomes a <title>, which needs no script.
std::string spoken(const std::string& file, const std::string& at, const std::string& text);

/// Okabe and Ito's colours, which colour-blind readers can tell apart; darkest first, so that they differ in grey too.
namespace colour
{
inline constexpr const char* blue = "#0072B2";
inline constexpr const char* vermillion = "#D55E00";
inline constexpr const char* green = "#009E73";
inline constexpr const char* purple = "#CC79A7";
inline constexpr const char* orange = "#E69F00";
inline constexpr const char* sky = "#56B4E9";
inline constexpr const char* sharp = "#F5DDA6"; ///< sharp fields, small minima; wide ones are blue
inline constexpr const char* ink = "#1A1A1A";   ///< text, axes
inline constexpr const char* grey = "#6E6E6E";  ///< second text
inline constexpr const char* pale = "#D9D9D9";  ///< grids
}

}
