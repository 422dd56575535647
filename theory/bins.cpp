#include "theory/bins.hpp"

#include "model/error.hpp"
#include "theory/refine.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace exeunt::theory
{

using Eigen::Index;
using Eigen::VectorXd;

std::vector<double> even_edges(const Interval& whole, std::size_t bins)
{
    std::vector<double> edges;
    for (std::size_t k = 0; k <= bins; ++k) {
        const double from_lo = static_cast<double>(k) / static_cast<double>(bins);
        edges.push_back(k == bins ? whole.hi : whole.lo + (whole.hi - whole.lo) * from_lo);
    }
    return edges;
}

Mesh cut_at(const Mesh& mesh, const std::vector<double>& edges)
{
    Mesh finer{{}, mesh.nodes};
    auto edge = edges.begin();
    for (const auto& [lo, hi] : mesh.panel) {
        const double close = 1e-6 * (hi - lo); // an edge as near to an end of the panel is there
        double from = lo;
        while (edge != edges.end() && *edge <= lo + close) ++edge;
        for (; edge != edges.end() && *edge < hi - close; ++edge) {
            finer.panel.push_back({from, *edge});
            from = *edge;
        }
        finer.panel.push_back({from, hi});
    }
    return finer;
}

namespace
{

/// For each panel the bin that it is in: 0 below the first edge, edges.size() beyond the last.
std::vector<std::size_t> bin_of(const Mesh& mesh, const std::vector<double>& edges)
{
    std::vector<std::size_t> bin;
    for (const auto& [lo, hi] : mesh.panel)
        bin.push_back(
            static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), 0.5 * (lo + hi)) - edges.begin()));
    return bin;
}

/// Of each panel: what the interpolation there may change the bins by.
std::vector<double> errors(const Chain& chain, const std::vector<std::size_t>& bin, const VectorXd& law)
{
    constexpr int steps = 8; // after which the jumps at the edges are smooth
    const Index n = chain.mesh().nodes;
    VectorXd f(chain.size()), sum = VectorXd::Zero(chain.size());
    for (std::size_t p = 0; p < bin.size(); ++p)
        f.segment(static_cast<Index>(p) * n, n).setConstant(bin[p] % 2 == 0 ? 1 : -1);
    for (int k = 0; k < steps; ++k) {
        f -= chain.generate(f);
        sum += f;
    }
    return interpolation_errors(chain.mesh(), sum, law);
}

}

Occupation resolved_bins(const model::Model& model, const Region& region, const Mesh& mesh, const LawOn& law,
                         const std::vector<double>& edges, double given, double tolerance, const std::string& what)
{
    constexpr double rounding = 1e-13; // rows add up to 1 within 2e-14
    Mesh finer = cut_at(mesh, edges);
    std::vector<double> rough;
    for (double reached = std::numeric_limits<double>::infinity();;) {
        if (finer.size() > most_nodes)
            throw NotConverged(fmt::format("{}: error {:.1e} where {:.1e} was asked", what, reached, tolerance));
        const Chain chain(model, region, finer);
        const VectorXd weights = law(chain);
        const std::vector<std::size_t> bin = bin_of(finer, edges);
        std::vector<double> fine(edges.size() + 1, 0.0);
        for (std::size_t p = 0; p < bin.size(); ++p)
            fine[bin[p]] += weights.segment(static_cast<Index>(p) * finer.nodes, finer.nodes).sum();
        const std::vector<double> error = errors(chain, bin, weights);
        if (!rough.empty()) {
            reached = given + rounding + sum(error);
            for (std::size_t k = 0; k < fine.size(); ++k) reached += std::abs(fine[k] - rough[k]); // half, twice
        }
        if (reached <= tolerance) {
            for (double& p : fine) p = std::max(p, 0.0); // rounding goes beyond
            return {.edges = edges,
                    .bins = {fine.begin() + 1, fine.end() - 1},
                    .below = fine.front(),
                    .above = fine.back(),
                    .error = reached,
                    .nodes = finer.size()};
        }
        rough = std::move(fine);
        finer.panel = split(finer, error, std::min(0.2 * tolerance, 0.1 * sum(error)));
    }
}

}
