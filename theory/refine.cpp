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
    const Eigen::VectorXd weight = between.move(Eigen::VectorXd::Ones(u.size())) + between.exit(); // 1 but for rounding
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

double equation_tolerance(double resolved) { return std::clamp(0.01 * resolved, 1e-12, 1e-9); }

std::vector<Interval> split(const Mesh& mesh, const std::vector<double>& error, double tolerance)
{
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
        const double halvings = std::ceil(std::log2(error[p] / most) / mesh.nodes);
        const int parts = error[p] > most ? 1 << static_cast<int>(std::clamp(halvings, 1.0, 2.0)) : 1;
        const auto cut = [&](int k) { return k == parts ? hi : lo + (hi - lo) * k / parts; };
        for (int k = 0; k < parts; ++k) finer.push_back({cut(k), cut(k + 1)});
    }
    return finer;
}

}
