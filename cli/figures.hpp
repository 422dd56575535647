// cli/figures.hpp: which figures a spec has, and what is drawn in them.
#pragma once

#include "plots/convergence.hpp"
#include "plots/ctmc.hpp"
#include "plots/exit_times.hpp"
#include "plots/histograms.hpp"
#include "plots/landscape.hpp"
#include "plots/phase_diagram.hpp"
#include "plots/trajectories.hpp"
#include "plots/transition_graph.hpp"
#include "theory/phase_diagram.hpp"
#include "validation/limit_walk.hpp"
#include "validation/portrait.hpp"
#include "validation/verify.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace exeunt::cli
{

/// The well that "exit-times" shows: of the largest exit order at the smallest clip, the leftmost. The others are in
/// "exit-times-well-1", ….
std::size_t featured_well(const std::vector<theory::Prediction>& predictions);
/// "landscape", "phase-diagram", "histograms", "trajectories", "transition-graph", "convergence", "ctmc", "exit-times",
/// "exit-times-well-1", …: every figure of the spec. Graph, convergence and limiting chain need a heavy tail, the last
/// a chain of two states.
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

/// Where X spends its time, and a path of each: the panels of the portrait.
plots::HistogramsFigure histograms_figure(const model::Spec& spec, const model::Landscape& landscape,
                                          const validation::Portrait& portrait);
plots::TrajectoriesFigure trajectories_figure(const model::Spec& spec, const model::Landscape& landscape,
                                              const validation::Portrait& portrait);
/// X at the time scale of the limit.
plots::CtmcFigure ctmc_figure(const model::Spec& spec, const validation::LimitWalk& walk);

}
