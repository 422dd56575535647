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
};

struct Report {
    const model::Spec& spec;
    const model::Landscape& landscape;
    const validation::Verification& verification;
    std::vector<Picture> pictures = {};
    std::string without_pictures = {}; ///< why there are none; empty: there are
};

/// Verdict, tables, figures, how to read them, and what the record was made from. Pictures are inline, there is no
/// script and no address: the page can be stored and sent. Whatever the spec says is shown as text.
/// Exact   The same report gives the same bytes: it has no date.
std::string report_html(const Report& report);

}
