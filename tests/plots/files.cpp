// A figure's files: the same bytes again, drawn without the program, and whole or not at all.
#include "scratch.hpp"

#include "model/error.hpp"
#include "plots/child.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <regex>
#include <sys/resource.h>

namespace exeunt::plots::tests
{
namespace
{

using Catch::Contains;

/// The message of the exception that a call must throw; it has one line.
template<class Exception, class Call> std::string message(const Call& call)
{
    try {
        call();
    } catch (const Exception& e) {
        CHECK_THAT(std::string(e.what()), !Contains("\n") && !Contains("\r"));
        return e.what();
    }
    FAIL("no exception of the right kind");
    return {};
}

/// An executable text file.
fs::path program(const fs::path& file, const std::string& text)
{
    std::ofstream(file) << text;
    fs::permissions(file, fs::perms::owner_all);
    return file;
}

TEST_CASE("A second run writes the same bytes, in every format")
{
    const Scratch one, two;
    for (const Scratch* scratch : {&one, &two}) {
        draw_landscape(wang_landscape(), scratch->output({Format::png, Format::svg, Format::pdf}));
        draw_exit_times(wang_times(), scratch->output({Format::png, Format::svg, Format::pdf}));
    }
    CHECK(one.names() == two.names());
    CHECK(one.names().size() == 12);
    for (const std::string& name : one.names()) {
        INFO(name);
        CHECK(bytes(one.path / name) == bytes(two.path / name));
    }
    CHECK_THAT(bytes(one.path / "landscape.pdf"), Contains("/CreationDate (D:20000101000000Z"));
}

/// An SVG without the words that its points say under the pointer: gnuplot leaves those to a script of its own, we
/// write them as titles.
std::string drawn_marks(const fs::path& svg)
{
    static const std::regex spoken(
        R"re(<g (class="spoken"><title>[^<]*|onmousemove="[^"]*" onmouseout="[^"]*"><title> )</title>)re");
    return std::regex_replace(bytes(svg), spoken, "<g>");
}

TEST_CASE("The script draws the same picture from the data alone, without a warning and with nothing of this machine")
{
    const Scratch drawn, copy;
    draw_landscape(wang_landscape(), drawn.output());
    draw_exit_times(wang_times(), drawn.output());
    for (const std::string name : {"landscape", "exit-times"}) {
        for (const char* ending : {".csv", ".gp"}) fs::copy(drawn.path / (name + ending), copy.path / (name + ending));
        CHECK(run("gnuplot", {"-d", name + ".gp"}, copy.path, copy.path / "log").ok());
        CHECK(bytes(copy.path / "log") == "");
        CHECK(bytes(drawn.path / (name + ".png")) == bytes(copy.path / (name + ".png")));
        CHECK(drawn_marks(drawn.path / (name + ".svg")) == drawn_marks(copy.path / (name + ".svg")));
        CHECK_THAT(bytes(copy.path / (name + ".gp")), !Contains(drawn.path.string()));
        for (const char* ending : {".csv", ".gp"})
            CHECK_THAT(bytes(drawn.path / (name + ending)),
                       Catch::StartsWith("# exeunt 0.1.0, figure " + name + ", spec wang2022, seed 2022\n"));
        CHECK_THAT(bytes(drawn.path / (name + ".txt")), Contains("spec wang2022, seed 2022"));
    }
}

TEST_CASE("A title is text, whatever it says")
{
    const Scratch scratch;
    ExitTimesFigure figure = wang_times();
    figure.title = "it's {/:Bold x_1} `touch hit` '; system('touch hit'); # \"\\n\" @a & <b>\nset output 'hit'";
    draw_exit_times(figure, scratch.output());
    CHECK(scratch.names().size() == 5);
    std::string text = words(scratch.path / "exit-times.svg");
    for (const char* part : {"it's {/:Bold x_1} `touch", "system('touch", "& <b>"}) CHECK_THAT(text, Contains(part));
}

TEST_CASE("Without gnuplot, or when it fails, there is one line and no file")
{
    const Scratch scratch, bin;
    Output output = scratch.output();
    const auto draw = [&] { draw_exit_times(wang_times(), output); };

    output.gnuplot = "no-such-gnuplot";
    CHECK(message<std::runtime_error>(draw) ==
          "no-such-gnuplot was not found; figures need it: install the package gnuplot-nox");
    CHECK(scratch.names().empty());

    output.gnuplot =
        program(bin.path / "half", "#!/bin/sh\necho half > exit-times.png\nprintf 'bad\\n\\n  worse\\n' >&2\nexit 3\n");
    CHECK(message<std::runtime_error>(draw) == "gnuplot failed on exit-times.gp with status 3: worse");
    CHECK(scratch.names().empty());

    output.gnuplot = program(bin.path / "idle", "#!/bin/sh\n: > exit-times.png\n");
    CHECK_THAT(message<std::runtime_error>(draw), Contains("left no whole exit-times.png"));
    CHECK(scratch.names().empty());

    output.gnuplot = program(bin.path / "killed", "#!/bin/sh\nkill -9 $$\n");
    CHECK_THAT(message<std::runtime_error>(draw), Contains("status 137"));
    CHECK(scratch.names().empty());
}

TEST_CASE("A failure leaves the figure that was there as it was")
{
    const Scratch scratch;
    draw_exit_times(wang_times(), scratch.output());
    const std::string csv = bytes(scratch.path / "exit-times.csv");
    const std::string png = bytes(scratch.path / "exit-times.png");
    ExitTimesFigure figure = wang_times();
    figure.series.pop_back();
    Output output = scratch.output();
    output.gnuplot = "false";
    CHECK_THROWS_AS(draw_exit_times(figure, output), std::runtime_error);
    CHECK(bytes(scratch.path / "exit-times.csv") == csv);
    CHECK(bytes(scratch.path / "exit-times.png") == png);
    CHECK(scratch.names().size() == 5);
}

TEST_CASE("A folder that cannot be written is one line")
{
    const Scratch scratch;
    std::ofstream(scratch.path / "file") << "in the way";
    Output output = scratch.output();
    output.folder = scratch.path / "file" / "figures";
    CHECK_THAT(message<BadInput>([&] { draw_exit_times(wang_times(), output); }), Contains("cannot write figures to"));
    output.folder = "/proc/figures";
    CHECK_THAT(message<BadInput>([&] { draw_landscape(wang_landscape(), output); }), Contains("/proc/figures"));
    output.folder = scratch.path;
    fs::create_directory(scratch.path / "exit-times.png");
    CHECK_THAT(message<BadInput>([&] { draw_exit_times(wang_times(), output); }), Contains("it is a folder"));
    CHECK(scratch.names() == std::set<std::string>{"file", "exit-times.png"});
    output.folder = scratch.path / "made" / "on the way";
    CHECK(draw_exit_times(wang_times(), output).size() == 5);
}

TEST_CASE("A full disk is one line and leaves no file, wherever the writing stops")
{
    const Scratch scratch;
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    std::vector<std::string> told;
    for (const rlim_t room : {100u, 1500u, 20000u}) { // in the data, the script, a picture
        rlimit small = before;
        small.rlim_cur = room;
        setrlimit(RLIMIT_FSIZE, &small);
        try {
            draw_exit_times(wang_times(), scratch.output());
        } catch (const std::runtime_error& e) {
            told.push_back(e.what());
        }
        setrlimit(RLIMIT_FSIZE, &before);
        CHECK(scratch.names().empty());
    }
    std::signal(SIGXFSZ, handler);
    REQUIRE(told.size() == 3);
    CHECK_THAT(told[0], Contains("cannot write exit-times.csv"));
    CHECK_THAT(told[1], Contains("cannot write exit-times.gp"));
    CHECK_THAT(told[2], Contains("exit-times.png") || Contains("exit-times.gp with status"));
    for (const std::string& line : told) CHECK_THAT(line, !Contains("\n"));
}

}
}
