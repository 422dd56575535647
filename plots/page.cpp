#include "plots/page.hpp"

#include "model/error.hpp"
#include "plots/child.hpp"
#include "plots/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gnuplot-iostream.h>
#include <iterator>
#include <regex>
#include <stdexcept>
#include <system_error>

namespace exeunt::plots
{
namespace
{

namespace fs = std::filesystem;

constexpr double points_an_inch = 72;
constexpr double letter_size = 7.5; ///< points

/// What there is to know of a format.
struct Kind {
    Format format;
    const char* ending;
    double dots;           ///< an inch
    double dot;            ///< by how much symbols must grow to be as large as in a png
    double letters;        ///< scales that make a point a point: of letters …
    double lines;          ///< … and of lines and symbols
    const char* terminal;  ///< {0}, {1}: size in dots; {2}: name of the figure; {3}, {4}: the scales
    std::string_view head; ///< the first bytes of a whole picture …
    std::string_view tail; ///< … and the last, white space aside
};

const std::array<Kind, 3> kinds = {{
    {Format::png, "png", 300, 1, 3.125, 4.1667,
     "pngcairo size {0:.0f},{1:.0f} font 'DejaVu Sans,7.5' fontscale {3:.5g} linewidth {4:.5g} pointscale {4:.5g} "
     "background rgb '#FFFFFF'",
     "\x89PNG", "IEND\xae\x42\x60\x82"},
    {Format::svg, "svg", 96, 1.5, 1.3333, 1.3333,
     "svg size {0:.0f},{1:.0f} fixed font 'sans-serif,7.5' fontscale {3:.5g} linewidth {4:.5g} background rgb "
     "'#FFFFFF' name '{2}'",
     "<?xml", "</svg>"},
    {Format::pdf, "pdf", 1, 1, 0.75, 2,
     "pdfcairo size {0:.6g}in,{1:.6g}in font 'DejaVu Sans,7.5' fontscale {3:.5g} linewidth {4:.5g} pointscale {4:.5g} "
     "background rgb '#FFFFFF'",
     "%PDF", "%%EOF"},
}};

/// A theme is the paper's figure seen larger, or in other colours.
struct Look {
    Theme theme;
    const char* name;
    double zoom;
};
constexpr std::array<Look, 3> looks = {
    {{Theme::paper, "paper", 1}, {Theme::slides, "slides", 2}, {Theme::dark, "dark", 1}}};

const Look& look_of(Theme t)
{
    return *std::find_if(looks.begin(), looks.end(), [t](const Look& look) { return look.theme == t; });
}

/// What the colours of our figures become on a dark ground: pale and dark change places, hues stay.
constexpr std::array<std::pair<std::string_view, std::string_view>, 20> darkened = {{
    {"#FFFFFF", "#15171A"}, // ground
    {colour::ink, "#ECECEA"},    {colour::grey, "#A9A9A6"},       {colour::pale, "#3C3F43"},
    {"#F1F1F1", "#22252A"},      {"#CCCCCC", "#55585C"},          {"#BFBFBF", "#6A6D70"},
    {colour::blue, "#56B4E9"},   {colour::vermillion, "#FF8A4A"}, {colour::green, "#3CCFA4"},
    {colour::purple, "#DE9CBC"}, {colour::orange, "#F0B93A"},     {"#A6CEE3", "#27566F"},
    {"#F4C09A", "#703F20"},      {"#A3D9C9", "#1F5F4D"},          {"#EBCADB", "#6B4359"},
    {"#F5DDA6", "#63501F"},      {"#8FC1DE", "#3A7394"},          {"#4C9CCB", "#4694BF"},
    {"#D6E8F3", "#1D3A4A"},
}};

/// Every colour of a script for the theme. One is written  rgb '#RRGGBB'; in a text of the user's, where quotes are
/// doubled, nothing looks like that.
std::string painted(const std::string& script, Theme theme)
{
    if (theme != Theme::dark) return script;
    constexpr std::string_view mark = "rgb '";
    constexpr std::size_t length = 7; // #RRGGBB
    std::string text;
    std::size_t done = 0;
    for (auto at = script.find(mark); at != std::string::npos; at = script.find(mark, done)) {
        const std::size_t begin = at + mark.size();
        const std::string_view paint = std::string_view(script).substr(begin, length);
        const auto found =
            std::find_if(darkened.begin(), darkened.end(), [&](const auto& pair) { return pair.first == paint; });
        text += script.substr(done, begin - done);
        done = begin;
        if (found == darkened.end()) continue;
        text += found->second;
        done += length;
    }
    return text + script.substr(done);
}

const Kind& kind_of(Format f)
{
    return *std::find_if(kinds.begin(), kinds.end(), [f](const Kind& k) { return k.format == f; });
}

std::string reason(int error) { return std::generic_category().message(error); }

/// A folder that is gone, with all that is in it, when its owner is.
class Workshop
{
  public:
    explicit Workshop(const fs::path& folder, const std::string& name)
    {
        std::string pattern = folder / ("." + name + "-XXXXXX");
        if (!mkdtemp(pattern.data()))
            throw BadInput(fmt::format("cannot write figures to {}: {}", folder.string(), reason(errno)));
        path_ = fs::absolute(pattern);
    }
    ~Workshop()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Workshop(const Workshop&) = delete;
    Workshop& operator=(const Workshop&) = delete;
    fs::path operator/(const std::string& file) const { return path_ / file; }
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

[[noreturn]] void cannot_write(const std::string& file, int error)
{
    throw std::runtime_error(fmt::format("cannot write {}: {}", file, reason(error == 0 ? EIO : error)));
}

void write(const fs::path& file, const std::string& text)
{
    std::FILE* const stream = std::fopen(file.c_str(), "w");
    if (!stream) cannot_write(file.filename(), errno);
    const bool whole = std::fwrite(text.data(), 1, text.size(), stream) == text.size() && std::fflush(stream) == 0;
    const int error = errno;
    if (std::fclose(stream) != 0 || !whole) cannot_write(file.filename(), error);
}

/// The script goes through gnuplot-iostream in its file mode: as a pipe it would lose gnuplot's exit status. A stream
/// that fails throws inside Boost, hence the catch; how much arrived is what counts.
void write_script(const fs::path& file, const std::string& text)
{
    std::FILE* const stream = std::fopen(file.c_str(), "w");
    if (!stream) cannot_write(file.filename(), errno);
    int error = 0;
    {
        Gnuplot script(stream); // closes the stream
        try {
            script << text << std::flush;
        } catch (const std::exception&) {
            script.setstate(std::ios::badbit);
        }
        if (!script) error = errno == 0 ? EIO : errno;
        script.clear();
    }
    std::error_code failed;
    if (error != 0 || fs::file_size(file, failed) != text.size() || failed) cannot_write(file.filename(), error);
}

std::string read(const fs::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// The line of gnuplot's complaint that says most: the last one that is not empty.
std::string complaint(const fs::path& log)
{
    std::istringstream lines(read(log));
    std::string last;
    for (std::string line; std::getline(lines, line);)
        if (line.find_first_not_of(" \t\r^") != std::string::npos) last = line;
    const auto begin = last.find_first_not_of(" \t");
    return begin == std::string::npos ? "no message" : plain(std::string_view(last).substr(begin, 300));
}

bool whole(const fs::path& picture, const Kind& kind)
{
    std::string bytes = read(picture);
    while (!bytes.empty() && (bytes.back() == '\n' || bytes.back() == '\r')) bytes.pop_back();
    return bytes.starts_with(kind.head) && bytes.ends_with(kind.tail);
}

/// Cairo dates its PDF; the date is blanked, figure by figure, so that the file keeps its length and its cross
/// references.
void undate(const fs::path& pdf)
{
    std::string bytes = read(pdf);
    for (auto at = bytes.find("/CreationDate (D:"); at != std::string::npos; at = bytes.find("/CreationDate (D:", at)) {
        const auto begin = bytes.find(':', at) + 1;
        const std::string_view date = "20000101000000Z";
        for (at = begin; at < bytes.size() && bytes[at] != ')'; ++at)
            bytes[at] = at - begin < date.size() ? date[at - begin] : ' ';
    }
    write(pdf, bytes);
}

/// gnuplot leaves the words of a point to a script of its own, which we do not ship; a <title> needs none.
void entitle(const fs::path& svg)
{
    static const std::regex handlers(
        R"re(<g onmousemove="gnuplot_svg\.showHypertext\(evt,'([^"]*)'\)" onmouseout="[^"]*"><title> </title>)re");
    write(svg, std::regex_replace(read(svg), handlers, "<g class=\"spoken\"><title>$1</title>"));
}

std::string origin(const Page& page, const Provenance& from)
{
    return plain(fmt::format("exeunt {}, figure {}, spec {}, seed {}", from.version, page.name, from.spec, from.seed));
}

/// The name with '_' for what an SVG's name must not have.
std::string identifier(std::string name)
{
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
    return name;
}

std::string script(const Page& page, const Output& output)
{
    std::string text =
        fmt::format("# {}\n# Draws {}.csv: run gnuplot {}.gp in this folder.\n\nreset\nset encoding utf8\n"
                    "set minussign\nset datafile separator comma\n",
                    origin(page, output.provenance), page.name, page.name) +
        page.settings;
    const double zoom = look_of(output.theme).zoom;
    std::string panels;
    for (const Panel& panel : page.panels)
        panels += "unset label\nunset arrow\nunset object\n" + panel.settings + panel.marks + panel.plot + "\n";
    std::string command = page.plot;
    if (!panels.empty()) command = "set multiplot\n" + panels + "unset multiplot";
    for (const Format f : output.formats) {
        const Kind& kind = kind_of(f);
        text += "\nset terminal " +
                fmt::format(fmt::runtime(kind.terminal), page.width * kind.dots * zoom, page.height * kind.dots * zoom,
                            identifier(page.name), kind.letters * zoom, kind.lines * zoom) +
                fmt::format("\nset output '{}.{}'\ndot = {}\n{}{}\n", page.name, kind.ending,
                            f == Format::svg ? kind.dot * zoom : kind.dot, page.marks, command);
        if (panels.empty()) command = "replot";
    }
    return painted(text + "unset output\n", output.theme);
}

std::string caption(const Page& page, const Output& output)
{
    std::string text;
    std::istringstream paragraphs(page.caption);
    for (std::string paragraph; std::getline(paragraphs, paragraph);)
        text += fmt::format("{}\n\n", fmt::join(wrapped(paragraph, 100), "\n"));
    return text +
           fmt::format("Data: {0}.csv. Script: {0}.gp. Made by {1}.\n", page.name, origin(page, output.provenance));
}

void check(const Page& page, const Output& output)
{
    const auto good = [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '_' || c == '-'; };
    if (page.name.empty() || !std::isalnum(static_cast<unsigned char>(page.name.front())) || page.name.size() > 100 ||
        !std::all_of(page.name.begin(), page.name.end(), good))
        throw BadInput(
            fmt::format("'{}' cannot name a figure's files: use letters, digits, '.', '_' and '-'", plain(page.name)));
    if (output.formats.empty()) throw BadInput("a figure needs a format: png, svg or pdf");
    if (!(output.width >= 3 && output.width <= 40))
        throw BadInput(fmt::format("a figure cannot be {} inches wide: say 3 to 40", output.width));
}

void draw(const Page& page, const Output& output, const Workshop& shop)
{
    const fs::path log = shop / "log";
    Ended ended{};
    try {
        ended = run(output.gnuplot, {"-d", page.name + ".gp"}, shop.path(), log);
    } catch (const std::system_error& e) {
        if (e.code() == std::errc::no_such_file_or_directory)
            throw std::runtime_error(fmt::format("{} was not found; figures need it: install the package gnuplot-nox",
                                                 output.gnuplot.string()));
        throw std::runtime_error(fmt::format("cannot run {}: {}", output.gnuplot.string(), e.code().message()));
    }
    if (!ended.ok())
        throw std::runtime_error(
            fmt::format("gnuplot failed on {}.gp with status {}: {}", page.name, ended.status, complaint(log)));
    for (const Format f : output.formats) {
        const std::string picture = fmt::format("{}.{}", page.name, kind_of(f).ending);
        if (!whole(shop / picture, kind_of(f)))
            throw std::runtime_error(
                fmt::format("gnuplot left no whole {} (is the disk full?): {}", picture, complaint(log)));
        if (f == Format::pdf) undate(shop / picture);
        if (f == Format::svg) entitle(shop / picture);
    }
}

}

Format format(const std::string& name)
{
    for (const Kind& kind : kinds)
        if (name == kind.ending) return kind.format;
    throw BadInput(fmt::format("there is no figure format '{}': use png, svg or pdf", plain(name)));
}

Theme theme(const std::string& name)
{
    for (const Look& look : looks)
        if (name == look.name) return look.theme;
    throw BadInput(fmt::format("there is no theme '{}': use paper, slides or dark", plain(name)));
}

std::vector<fs::path> publish(const Page& page, const Output& output)
{
    check(page, output);
    std::error_code failed;
    fs::create_directories(output.folder, failed);
    if (failed) throw BadInput(fmt::format("cannot write figures to {}: {}", output.folder.string(), failed.message()));

    std::vector<std::string> files = {page.name + ".csv", page.name + ".gp", page.name + ".txt"};
    const Workshop shop(output.folder, page.name);
    write(shop / files[0], fmt::format("# {}\n{}", origin(page, output.provenance), page.data));
    write_script(shop / files[1], script(page, output));
    write(shop / files[2], caption(page, output));
    draw(page, output, shop);

    for (const Format f : output.formats) files.push_back(fmt::format("{}.{}", page.name, kind_of(f).ending));
    std::vector<fs::path> written;
    for (const std::string& file : files) {
        written.push_back(output.folder / file);
        if (fs::is_directory(written.back()))
            throw BadInput(fmt::format("cannot write {}: it is a folder", written.back().string()));
    }
    for (std::size_t i = 0; i < files.size(); ++i) fs::rename(shop / files[i], written[i]);
    return written;
}

std::string spoken(const std::string& file, const std::string& at, const std::string& text)
{
    return fmt::format("{} using {}:({}) with labels hypertext point pt 7 ps 0.9*dot lc rgb '#FF000000'", file, at,
                       text);
}

Heading heading(const std::string& head, const std::string& title, const Page& page, double left)
{
    const double line = 1.35 * letter_size / points_an_inch;
    const auto letters_a_line = static_cast<std::size_t>((page.width - left) * points_an_inch / (0.56 * letter_size));
    double depth = 0.12;
    std::string commands =
        fmt::format("set label {} at screen {:.4f},{:.4f} left font ',8.5' textcolor rgb '{}'\n",
                    literal("{/:Bold " + head + "}"), left / page.width, 1 - depth / page.height, colour::ink);
    for (const std::string& words : wrapped(title, letters_a_line)) {
        depth += line;
        commands += fmt::format("set label {} at screen {:.4f},{:.4f} left noenhanced textcolor rgb '{}'\n",
                                literal(words), left / page.width, 1 - depth / page.height, colour::grey);
    }
    return {commands, depth + line / 2};
}

}
