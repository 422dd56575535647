// Themes: the paper's figure seen larger, or in other colours.
#include "model/error.hpp"
#include "scratch.hpp"

#include <catch2/catch.hpp>

namespace exeunt::plots::tests
{
namespace
{

using Catch::Contains;

TEST_CASE("The dark theme has a dark ground and light letters, and leaves data, caption and a title's words alone")
{
    const Scratch paper, dark;
    LandscapeFigure figure = wang_landscape();
    figure.title = "rgb '#FFFFFF' and #1A1A1A";
    draw_landscape(figure, paper.output({Format::svg}));
    Output output = dark.output({Format::svg});
    output.theme = Theme::dark;
    draw_landscape(figure, output);
    const std::string svg = bytes(dark.path / "landscape.svg");
    CHECK_THAT(svg, Contains("fill=\"#15171a\"") && !Contains("#ffffff"));
    // every letter is light: nothing is left in the terminal's own black or in the paper's ink
    CHECK_THAT(svg, !Contains("fill=\"rgb(0,0,0)\"") && !Contains("fill=\"rgb(26,26,26)\""));
    CHECK_THAT(bytes(paper.path / "landscape.svg"), Contains("fill=\"rgb(26,26,26)\""));
    CHECK_THAT(words(dark.path / "landscape.svg"), Contains("rgb '#FFFFFF' and #1A1A1A"));
    for (const char* same : {"landscape.csv", "landscape.txt"})
        CHECK(bytes(paper.path / same) == bytes(dark.path / same));
}

TEST_CASE("The theme for slides is the paper's picture, twice as large")
{
    const Scratch paper, slides;
    draw_exit_times(wang_times(), paper.output({Format::svg}));
    Output output = slides.output({Format::svg, Format::png, Format::pdf});
    output.theme = Theme::slides;
    draw_exit_times(wang_times(), output);
    const auto width = [](const fs::path& svg) {
        const std::string text = bytes(svg);
        return std::stod(text.substr(text.find("width=\"") + 7));
    };
    CHECK(width(paper.path / "exit-times.svg") == 326);
    CHECK(width(slides.path / "exit-times.svg") == 653);
    CHECK(words(paper.path / "exit-times.svg") == words(slides.path / "exit-times.svg"));
}

TEST_CASE("A theme has a name")
{
    CHECK((theme("paper") == Theme::paper && theme("slides") == Theme::slides && theme("dark") == Theme::dark));
    CHECK_THROWS_WITH(theme("neon"), "there is no theme 'neon': use paper, slides or dark");
}

}
}
