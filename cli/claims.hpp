// cli/claims.hpp: the claims of a verification on a page, each with its sentence, numbers and a picture of its
// interval.
#pragma once

#include "validation/record.hpp"

#include <functional>
#include <string>
#include <vector>

namespace exeunt::cli
{

/// The name of the figure that shows a hypothesis; empty: none.
using FigureOf = std::function<std::string(const validation::Hypothesis&)>;

/// The estimate with its interval against the expected value, from -3 to 3 times the effect that was to be noticed;
/// what lies farther is cut there. The scale is that of the logarithm of estimate/expected, and the estimate's own
/// where 0 is expected. A drawing for HTML; the same in words is its label.
std::string interval_svg(const validation::Hypothesis& h, double effect);

/// A section: refuted claims first, then inconclusive ones, then confirmed ones, which are folded. With a filter by
/// verdict, well and threshold for pages that run scripts.
std::string claims_html(const std::vector<validation::Hypothesis>& hypotheses, double effect,
                        const FigureOf& figure_of);

/// The numbers of a claim in one line of text.
std::string numbers_line(const validation::Hypothesis& h);

}
