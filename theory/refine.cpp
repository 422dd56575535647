#include "theory/refine.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace exeunt::theory
{

double sum(const std::vector<double>& error) { return std::accumulate(error.begin(), error.end(), 0.0); }

std::vector<double> interpolation_errors(const Mesh& mesh, const Eigen::VectorXd& u, const Eigen::VectorXd& measure)
{
    const GaussRule& rule = gauss_rule(mesh.nodes);
    const auto n = static_cast<std::size_t>(mesh.nodes);
    std::vector<double> error(mesh.panels());
    for (std::size_t p = 0; p < error.size(); ++p)
        error[p] = integration_error(rule, {u.data() + p * n, n}, {measure.data() + p * n, n});
    return error;
}

namespace
{

/// Of a panel [-1, 1]: between the middle nodes and outside the outermost.
constexpr std::array<double, 3> between_nodes{-0.995, 0.05, 0.995};

}

std::vector<double> points_between(const Mesh& mesh)
{
    std::vector<double> points;
    for (const auto& [lo, hi] : mesh.panel)
        for (const double t : between_nodes) points.push_back(0.5 * (lo + hi) + 0.5 * (hi - lo) * t);
    return points;
}

std::vector<double> hidden_errors(const Mesh& mesh, const Chain& between, const Eigen::VectorXd& u,
                                  const Eigen::VectorXd& c, const Eigen::VectorXd& measure)
{
    constexpr double told = 3; // times the tail
    const GaussRule& rule = gauss_rule(mesh.nodes);
    const Eigen::Index n = mesh.nodes, points = between_nodes.size();
    Eigen::MatrixXd basis(n, points);
    for (Eigen::Index k = 0; k < points; ++k)
        lagrange_basis(rule, between_nodes[static_cast<std::size_t>(k)],
                       {basis.col(k).data(), static_cast<std::size_t>(n)});
    const Eigen::VectorXd image = between.move(u) + c;
    const Eigen::VectorXd weight = between.leaves() + between.exit(); // 1 but for rounding
    std::vector<double> error(mesh.panels(), 0.0);
    for (std::size_t p = 0; p < error.size(); ++p) {
        const auto first = static_cast<Eigen::Index>(p);
        const auto values = u.segment(first * n, n);
        const Eigen::VectorXd interpolant = basis.transpose() * values;
        const double left =
            (image.segment(first * points, points) - weight.segment(first * points, points).cwiseProduct(interpolant))
                .cwiseAbs()
                .maxCoeff();
        if (left > told * legendre_tail(rule, {values.data(), static_cast<std::size_t>(n)}))
            error[p] = left * measure.segment(first * n, n).cwiseAbs().sum();
    }
    return error;
}

Eigen::VectorXd function_on(const Mesh& finer, const Mesh& mesh, const Eigen::VectorXd& u)
{
    const GaussRule& rule = gauss_rule(mesh.nodes);
    const Eigen::Index n = mesh.nodes;
    Eigen::VectorXd result(static_cast<Eigen::Index>(finer.size())), basis(n);
    std::size_t p = 0;
    for (std::size_t q = 0; q < finer.panels(); ++q) {
        const auto [from, to] = finer.panel[q];
        while (mesh.panel[p].hi <= from) ++p;
        const auto [lo, hi] = mesh.panel[p];
        const auto values = u.segment(static_cast<Eigen::Index>(p) * n, n);
        auto into = result.segment(static_cast<Eigen::Index>(q) * n, n);
        if (from == lo && to == hi) {
            into = values;
            continue;
        }
        for (Eigen::Index j = 0; j < n; ++j) {
            const double x = 0.5 * (from + to) + 0.5 * (to - from) * rule.node[static_cast<std::size_t>(j)];
            lagrange_basis(rule, ((x - lo) - (hi - x)) / (hi - lo), {basis.data(), static_cast<std::size_t>(n)});
            into[j] = basis.dot(values);
        }
    }
    return result;
}

namespace
{

/// The weight of each node in an integral over x.
Eigen::VectorXd weights(const Mesh& mesh)
{
    const GaussRule& rule = gauss_rule(mesh.nodes);
    Eigen::VectorXd w(static_cast<Eigen::Index>(mesh.size()));
    Eigen::Index i = 0;
    for (const auto& [lo, hi] : mesh.panel)
        for (const double weight : rule.weight) w[i++] = 0.5 * (hi - lo) * weight;
    return w;
}

}

Eigen::VectorXd measure_on(const Mesh& finer, const Mesh& mesh, const Eigen::VectorXd& y)
{
    return function_on(finer, mesh, y.cwiseQuotient(weights(mesh))).cwiseProduct(weights(finer));
}

double equation_tolerance(double resolved) { return std::clamp(0.01 * resolved, 1e-12, 1e-9); }

std::vector<Interval> split(const Mesh& mesh, const std::vector<double>& error, double tolerance,
                            const std::vector<double>& hidden)
{
    // A halving divides the error by 2^12 where 12 nodes resolve u. On the way there it divides by less, and by little
    // where the nodes do not show what there is: these make the fewest nodes and meshes in all.
    constexpr double order = 10, hidden_order = 3;
    std::vector<double> rising = error;
    std::sort(rising.begin(), rising.end());
    double kept = 0, most = tolerance / static_cast<double>(mesh.panels()); // of a panel that is not split
    for (const double e : rising) {
        kept += e;
        if (kept > 0.5 * tolerance) break;
        most = std::max(most, e);
    }
    std::vector<Interval> finer;
    for (std::size_t p = 0; p < error.size(); ++p) {
        const auto [lo, hi] = mesh.panel[p];
        const bool seen = hidden.empty() || hidden[p] == 0;
        const double halvings = std::ceil(std::log2(error[p] / most) / (seen ? order : hidden_order));
        const int parts = error[p] > most ? 1 << static_cast<int>(std::clamp(halvings, 1.0, seen ? 2.0 : 3.0)) : 1;
        const auto cut = [&, lo = lo, hi = hi](int k) { return k == parts ? hi : lo + (hi - lo) * k / parts; };
        for (int k = 0; k < parts; ++k) finer.push_back({cut(k), cut(k + 1)});
    }
    return finer;
}

}
