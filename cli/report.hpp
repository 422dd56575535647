// cli/report.hpp: the report of a verification, one page of HTML that needs nothing else.
#pragma once

#include "model/landscape.hpp"
#include "model/spec.hpp"
#include "validation/verify.hpp"

#include <string>
#include <vector>

namespace exeunt::cli
{

/// A figure as the page shows it.
struct Picture {
    std::string name;
    std::string svg; ///< the file that plots/ made
    std::string caption;
    std::string data = {}; ///< its CSV, where the page's script needs it; empty: it does not
};

/// What the record of a run was made with and how to make it again.
struct Origin {
    std::string command;      ///< a shell line, from the root of the project
    double seconds = 0;       ///< wall time; 0: not known
    std::string machine = {}; ///< cores and instruction set
};

struct Report {
    const model::Spec& spec;
    const model::Landscape& landscape;
    const validation::Verification& verification;
    std::vector<Picture> pictures = {};
    std::string without_pictures = {}; ///< why there are none; empty: there are
    Origin origin = {};
};

/// Verdict, claims, tables, figures, how to read them, and what the record was made from. Pictures and style are
/// inline, there is no address: the page can be stored and sent. Its script adds touch (filter, numbers of a point, a
/// slider) and says nothing that the page does not say without it. Whatever the spec says is shown as text. Exact   The
/// same report gives the same bytes: it has no date.
std::string report_html(const Report& report);

/// The same for a pull request, in Markdown: verdict, what is not confirmed, the tables; pictures as files NAME.png
/// beside it.
std::string report_markdown(const Report& report);

}
