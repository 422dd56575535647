// tests/plots/scratch.hpp: a folder to draw in, and what can be read from a figure.
#pragma once

#include "plots/exit_times.hpp"
#include "plots/landscape.hpp"
#include "tests/scratch.hpp"

#include <boost/algorithm/string/replace.hpp>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace exeunt::plots::tests
{

namespace fs = std::filesystem;
constexpr double inf = std::numeric_limits<double>::infinity();

using exeunt::tests::bytes;

struct Scratch : exeunt::tests::Scratch {
    Output output(std::vector<Format> formats = {Format::png, Format::svg}) const
    {
        return {.folder = path, .formats = std::move(formats), .provenance = {"wang2022", 2022, "0.1.0"}};
    }
};

/// The rows of a csv below its comments and its line of names; an empty cell is an empty string.
inline std::vector<std::vector<std::string>> rows(const fs::path& csv)
{
    std::ifstream stream(csv);
    std::vector<std::vector<std::string>> table;
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with("#")) continue;
        std::vector<std::string> cells(1);
        for (const char c : line)
            if (c == ',')
                cells.emplace_back();
            else
                cells.back() += c;
        table.push_back(std::move(cells));
    }
    table.erase(table.begin());
    return table;
}

/// The texts of an svg, one a line; throws when the file is not well-formed XML.
inline std::string words(const fs::path& svg)
{
    boost::property_tree::ptree tree;
    boost::property_tree::read_xml(svg.string(), tree);
    std::string text;
    const auto collect = [&text](const auto& self, const boost::property_tree::ptree& node, bool letters) -> void {
        for (const auto& [name, child] : node) {
            if (letters && name == "tspan") text += child.data();
            self(self, child, letters || name == "text");
            if (name == "text") text += child.data() + "\n";
        }
    };
    collect(collect, tree, false);
    boost::replace_all(text, "\u2060", ""); // word joiners go, the space that they guard is a space
    boost::replace_all(text, "\u00a0", " ");
    return text;
}

inline LandscapeFigure wang_landscape()
{
    return {.landscape = model::Landscape(model::builtin_potential("wang2022"), {-1.6, 1.6, true}),
            .orders = {{0.5, {1, 2, 1, 2}}, {0.28, {1, 3, 1, 3}}, {inf, {1, 1, 1, 1}}},
            .title = "Wang, Oh and Rhee (2022)"};
}

/// Made-up times of well 2 that look like the true ones; everything confirmed, nothing censored.
inline ExitTimesFigure wang_times()
{
    return {.well = 1,
            .series = {{.clip = 0.5,
                        .order = 2,
                        .limit = {{0.05, 1.0 / 3e-4}, {0.01, 38957.0 + 1e-11}, {0.001, 1e6 / 3}},
                        .oracle = {{0.01, 33447.644, 1e-3}, {0.05, 3957.0734, 0.1 + 0.2}},
                        .simulated = {{0.05, 3961.25, 3801.5, 4127.1, 20000, 0, "confirmed"},
                                      {0.01, 33410.0, 32000.0, 34800.0, 20000, 0, "confirmed"}}},
                       {.clip = inf,
                        .order = 1,
                        .limit = {{0.05, 230.0}, {0.01, 1580.0}, {0.001, 25000.0}},
                        .oracle = {{0.01, 1540.0}, {0.05, 214.0}},
                        .simulated = {{0.05, 215.0, 210.0, 220.0, 20000, 0, "confirmed"}}}},
            .confidence = 0.99999,
            .title = "Wang, Oh and Rhee (2022)"};
}

}
