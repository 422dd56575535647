// cli/figures.hpp: which figures a spec has, and what is drawn in them.
#pragma once

#include "plots/convergence.hpp"
#include "plots/exit_times.hpp"
#include "plots/landscape.hpp"
#include "plots/phase_diagram.hpp"
#include "plots/transition_graph.hpp"
#include "theory/phase_diagram.hpp"
#include "validation/verify.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace exeunt::cli
{

/// The well that "exit-times" shows: of the largest exit order at the smallest clip, the leftmost. The others are in
/// "exit-times-well-1", ….
std::size_t featured_well(const std::vector<theory::Prediction>& predictions);
/// "landscape", "phase-diagram", "transition-graph", "convergence", "exit-times", "exit-times-well-1", …: every figure
/// of the spec. Graph and convergence need a heavy tail.
std::vector<std::string> figure_names(const std::vector<theory::Prediction>& predictions);

std::string exit_times_name(const std::vector<theory::Prediction>& predictions, std::size_t well);

plots::LandscapeFigure landscape_figure(const model::Spec& spec, const model::Landscape& landscape,
                                        const std::vector<theory::Prediction>& predictions);

/// The graphs of up to four thresholds: the finite ones where there are any, since without clipping every well leads to
/// every other.
plots::TransitionGraphFigure transition_graph_figure(const model::Spec& spec, const model::Landscape& landscape,
                                                     const std::vector<theory::Prediction>& predictions);

/// l* and q over b, as far as the thresholds of the spec and from l* = 5 to l* = 1. `threads`: 0 for all cores.
plots::PhaseDiagramFigure phase_diagram_figure(const model::Spec& spec, const theory::Setting& setting,
                                               unsigned threads = 0, const theory::Watch& watch = {});

/// Limit, oracle and simulation of one well. The curves go a decade beyond the learning rates of the spec, as far as
/// the ladders do.
plots::ExitTimesFigure exit_times_figure(const model::Spec& spec, const std::vector<theory::Prediction>& predictions,
                                         const validation::Verification& verification, std::size_t well);

/// The ladders of the record: oracle over limit as η falls. A ladder whose limit allows no exit is in the note instead.
plots::ConvergenceFigure convergence_figure(const model::Spec& spec, const std::vector<theory::Prediction>& predictions,
                                            const validation::Verification& verification);

}
