// plots/output.hpp: where a figure goes and where its numbers come from.
//
// A figure NAME is five files: NAME.csv, the numbers; NAME.gp, the gnuplot script that draws them without this program
// (`gnuplot NAME.gp` in their folder); NAME.png and NAME.svg, the pictures; NAME.txt, the caption. plots/ computes
// nothing. In the SVG a point's numbers are its <title>; drawn by the script alone they are for gnuplot's own viewer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace exeunt::plots
{

/// png: 300 dots an inch. svg: letters stay letters. pdf: for LaTeX.
enum class Format { png, svg, pdf };

/// The format of that name; BadInput, naming the ones there are, when there is none.
Format format(const std::string& name);

/// paper: black on white, letters of 7.5 points. slides: the same, twice as large. dark: light on a dark ground.
enum class Theme { paper, slides, dark };

/// The theme of that name; BadInput, naming the ones there are, when there is none.
Theme theme(const std::string& name);

/// What the numbers were made from. It heads the data and the script and ends the caption; there are no dates.
struct Provenance {
    std::string spec;       ///< name of the spec
    std::uint64_t seed = 0; ///< seed of the simulation
    std::string version;    ///< of the program
};

struct Output {
    std::filesystem::path folder;                             ///< made when it is not there
    std::vector<Format> formats = {Format::png, Format::svg}; ///< at least one
    Provenance provenance = {};
    double width = 3.4;                        ///< inches, at least 3: a column of a paper; letters keep their size
    std::filesystem::path gnuplot = "gnuplot"; ///< the program, looked for on PATH
    Theme theme = Theme::paper;
};

// Every draw_… function returns the files it wrote: csv, gp, txt, then the pictures in the order of `formats`.
// Exact   The same figure gives the same bytes, on any day (with one version of gnuplot and of the fonts).
// Fails   BadInput: the figure or the output does not make sense, or the folder cannot be written. std::runtime_error:
//         gnuplot is missing, fails, or leaves no whole picture; the disk is full. One line each. All files are made in
//         a hidden folder beside their final place and then renamed: on failure there are none, or the old ones.

}
