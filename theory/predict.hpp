// theory/predict.hpp: everything the limit theorems say of a spec, and the exact chain beside it: what `exeunt predict`
// and `exeunt exact` print, what verify and the figures start from.
#pragma once

#include "model/spec.hpp"
#include "theory/exit.hpp"
#include "theory/kramers.hpp"
#include "theory/limit_chain.hpp"
#include "theory/oracle.hpp"
#include "theory/parallel.hpp"

#include <cstddef>
#include <vector>

namespace exeunt::theory
{

/// The parts of a spec's model, built once. One η and one b make a model::Model of them.
struct Setting {
    model::Landscape landscape;
    model::Noise noise;
    model::Function diffusion;

    explicit Setting(const model::Spec& spec);
    model::Model at(double clip, double eta) const;
};

/// Kramers' time of one (learning rate, well).
struct LightTailedCell {
    double learning_rate;
    std::size_t well; ///< index from 0
    KramersTime time;
};

/// The limit at one clip threshold. The exit theorem needs a heavy tail: for Gaussian noise there are the exit orders,
/// no constants (all 0), an empty graph and no chains, and Kramers' times of every cell in their place.
struct Prediction {
    double clip;
    std::vector<ExitConstants> exits; ///< one per well
    TransitionGraph graph;
    std::vector<LimitChain> chains;       ///< one per class of the graph, in its order
    std::vector<LightTailedCell> kramers; ///< learning rate × well, in that order of nesting; empty for a heavy tail

    bool heavy_tailed() const { return kramers.empty(); }
};

/// One per threshold of the spec, in its order.
/// Error   each row says its own, about 1e-12; more where rounding blurs r - (l - 1)b, but at most 1e-6. Throws as
///         exit_constants does.
std::vector<Prediction> predict(const model::Spec& spec, const Setting& setting);

/// One cell: the finite-η oracle beside the limit.
struct ExactCell {
    double clip;
    double learning_rate;
    std::size_t well;                                       ///< index from 0
    ExitMoments exit;                                       ///< by the oracle
    double time_scale;                                      ///< λ_i(η); NaN for light tails
    double limit_mean;                                      ///< 1/(q_i λ_i(η)); Kramers' formula for light tails
    double ratio() const { return exit.mean / limit_mean; } ///< → 1 as η → 0
};

/// A cell without its oracle: clip, learning rate, well, λ_i(η) and 1/(q_i λ_i(η)), or Kramers' formula.
ExactCell limit_cell(const Setting& setting, const Prediction& limit, double eta, std::size_t well);

/// The same for every (clip, learning rate, well) of the spec, in that order of nesting.
std::vector<ExactCell> limit_cells(const model::Spec& spec, const Setting& setting,
                                   const std::vector<Prediction>& predictions);

/// How long the oracle will take for each cell, to order them by: the steeper the well is for the learning rate, η
/// f''(m_i), the more it does.
std::vector<double> oracle_costs(const Setting& setting, const std::vector<ExactCell>& cells);

/// Every (clip, learning rate, well), in that order of nesting: the thresholds are those of `predictions`, the learning
/// rates those of the spec. On `threads` threads (0: all cores), with the same result on any number of them.
/// Errors as of exit_moments, of the first cell in that order that has one; Interrupted when the watch said stop.
std::vector<ExactCell> exact(const model::Spec& spec, const Setting& setting,
                             const std::vector<Prediction>& predictions, double rtol = 1e-4, unsigned threads = 0,
                             const Watch& watch = {});

}
