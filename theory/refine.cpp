#include "theory/refine.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace exeunt::theory
{

double sum(const std::vector<double>& error) { return std::accumulate(error.begin(), error.end(), 0.0); }

std::vector<double> interpolation_errors(const Mesh& mesh, const Eigen::VectorXd& u, const std::vector<double>& weight)
{
    const GaussRule& rule = gauss_rule(mesh.nodes);
    const auto n = static_cast<std::size_t>(mesh.nodes);
    std::vector<double> error(mesh.panels());
    for (std::size_t p = 0; p < error.size(); ++p) error[p] = weight[p] * legendre_tail(rule, {u.data() + p * n, n});
    return error;
}

std::vector<Interval> split(const Mesh& mesh, const std::vector<double>& error, double tolerance)
{
    const double share = tolerance / static_cast<double>(mesh.panels());
    std::vector<Interval> finer;
    for (std::size_t p = 0; p < error.size(); ++p) {
        const auto [lo, hi] = mesh.panel[p];
        const double halvings = std::ceil(std::log2(error[p] / share) / mesh.nodes);
        const int parts = error[p] > share ? 1 << static_cast<int>(std::clamp(halvings, 1.0, 2.0)) : 1;
        const auto cut = [&](int k) { return k == parts ? hi : lo + (hi - lo) * k / parts; };
        for (int k = 0; k < parts; ++k) finer.push_back({cut(k), cut(k + 1)});
    }
    return finer;
}

}
