#include "theory/compressed.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace exeunt::theory
{

using Eigen::Index;
using Eigen::VectorXd;

template<class Number> void BlockRows<Number>::add_to(const VectorXd& v, VectorXd& rows) const
{
    using Block = Eigen::Map<const Eigen::VectorX<Number>>;
    const auto n = static_cast<Index>(width);
    const Eigen::VectorX<Number> x = v.cast<Number>();
    for (std::size_t i = 0; i + 1 < first.size(); ++i) {
        double sum = 0;
        for (std::size_t k = first[i]; k < first[i + 1]; ++k)
            sum += Block(&value[k * width], n).dot(Block(x.data() + block[k] * width, n));
        rows[static_cast<Index>(i)] += sum;
    }
}

template<class Number> void BlockRows<Number>::add_transposed_to(const VectorXd& rows, VectorXd& v) const
{
    const auto n = static_cast<Index>(width);
    for (std::size_t i = 0; i + 1 < first.size(); ++i)
        for (std::size_t k = first[i]; k < first[i + 1]; ++k)
            v.segment(block[k] * n, n) +=
                rows[static_cast<Index>(i)] *
                Eigen::Map<const Eigen::VectorX<Number>>(&value[k * width], n).template cast<double>();
}

Groups::Groups(const std::vector<Interval>& panels, int nodes, int moments) : nodes_(nodes), moments_(moments)
{
    make(panels, 0, panels.size());
}

std::size_t Groups::make(const std::vector<Interval>& panels, std::size_t first, std::size_t last)
{
    const std::size_t self = group_.size();
    const Interval hull{panels[first].lo, panels[last - 1].hi};
    group_.push_back({first, hull, {}, {}});
    if (last - first == 1) return self;
    const std::size_t middle = first + (last - first) / 2;
    const std::size_t left = make(panels, first, middle), right = make(panels, middle, last);
    group_[self].left = half_of(hull, left);
    group_[self].right = half_of(hull, right);
    return self;
}

Groups::Half Groups::half_of(const Interval& hull, std::size_t group) const
{
    const auto& [lo, hi] = group_[group].hull;
    const bool panel = is_panel(group);
    const GaussRule& rule = gauss_rule(panel ? nodes_ : moments_);
    const double middle = ((lo - hull.lo) + (hi - hull.hi)) / (hull.hi - hull.lo); // of the half, in the hull's units
    const double radius = (hi - lo) / (hull.hi - hull.lo);
    Eigen::MatrixXd from_half(moments_, std::ssize(rule.node));
    for (std::size_t j = 0; j < rule.node.size(); ++j) {
        auto column = from_half.col(static_cast<Index>(j));
        lagrange_basis(gauss_rule(moments_), middle + radius * rule.node[j],
                       {column.data(), static_cast<std::size_t>(moments_)});
        if (panel) column *= 0.5 * (hi - lo) * rule.weight[j];
    }
    return {group, std::move(from_half)};
}

/// The values of a panel, or the moments of another group.
template<class Vector> auto Groups::values_of(std::size_t group, Vector& v, Vector& m) const
{
    return is_panel(group) ? v.segment(static_cast<Index>(panel(group)) * nodes_, nodes_)
                           : m.segment(static_cast<Index>(group) * moments_, moments_);
}

VectorXd Groups::moments_of(const VectorXd& v) const
{
    VectorXd m = VectorXd::Zero(std::ssize(group_) * moments_);
    const VectorXd& made = m;
    for (std::size_t g = group_.size(); g-- > 0;) { // the halves of a group come after it
        if (is_panel(g)) continue;
        for (const Half* half : {&group_[g].left, &group_[g].right})
            m.segment(static_cast<Index>(g) * moments_, moments_).noalias() +=
                half->from_half * values_of(half->group, v, made);
    }
    return m;
}

void Groups::add_transposed_to(VectorXd m, VectorXd& v) const
{
    for (std::size_t g = 0; g < group_.size(); ++g) {
        if (is_panel(g)) continue;
        for (const Half* half : {&group_[g].left, &group_[g].right})
            values_of(half->group, v, m).noalias() +=
                half->from_half.transpose() * m.segment(static_cast<Index>(g) * moments_, moments_);
    }
}

double Groups::multiplications() const
{
    double sum = 0;
    for (const Group& g : group_) sum += static_cast<double>(g.left.from_half.size() + g.right.from_half.size());
    return sum;
}

template<class Number> VectorXd Compressed<Number>::times(const VectorXd& v) const
{
    VectorXd result = VectorXd::Zero(static_cast<Index>(rows()));
    near.add_to(v, result);
    far.add_to(groups.moments_of(v), result);
    return result;
}

template<class Number> VectorXd Compressed<Number>::transposed_times(const VectorXd& y) const
{
    VectorXd result = VectorXd::Zero(static_cast<Index>(groups.nodes()));
    near.add_transposed_to(y, result);
    VectorXd m = VectorXd::Zero(static_cast<Index>(groups.count()) * groups.moments());
    far.add_transposed_to(y, m);
    groups.add_transposed_to(std::move(m), result);
    return result;
}

namespace
{

/// As a float; 0 where that would not be a normal number, which takes a hundred times as long to multiply.
float rounded(double number)
{
    return std::abs(number) < double{std::numeric_limits<float>::min()} ? 0 : static_cast<float>(number);
}

}

Compressed<float> rounded(const Compressed<double>& m, const std::vector<Interval>& panels, int moments)
{
    const auto width = static_cast<int>(m.near.width);
    const GaussRule& from = gauss_rule(m.groups.moments());
    const GaussRule& to = gauss_rule(moments);
    // values at the Gauss nodes of a hull from those at more of them
    Eigen::MatrixXf fewer(moments, m.groups.moments());
    std::vector<double> basis(from.node.size());
    for (Index q = 0; q < moments; ++q) {
        lagrange_basis(from, to.node[static_cast<std::size_t>(q)], basis);
        for (std::size_t j = 0; j < basis.size(); ++j) fewer(q, static_cast<Index>(j)) = static_cast<float>(basis[j]);
    }
    Compressed<float> result{Groups(panels, width, moments),
                             {m.near.width, m.near.first, m.near.block, {}},
                             {static_cast<std::size_t>(moments), m.far.first, m.far.block, {}}};
    result.near.value.reserve(m.near.value.size());
    for (const double number : m.near.value) result.near.value.push_back(rounded(number));
    result.far.value.resize(m.far.block.size() * result.far.width);
    constexpr std::size_t at_once = 256; // in the cache
    for (std::size_t k = 0; k < m.far.block.size(); k += at_once) {
        const auto blocks = static_cast<Index>(std::min(at_once, m.far.block.size() - k));
        const Eigen::MatrixXf values =
            Eigen::Map<const Eigen::MatrixXd>(&m.far.value[k * m.far.width], fewer.cols(), blocks)
                .unaryExpr([](double number) { return rounded(number); });
        Eigen::Map<Eigen::MatrixXf>(&result.far.value[k * result.far.width], moments, blocks).noalias() =
            fewer * values;
    }
    return result;
}

template struct BlockRows<double>;
template struct BlockRows<float>;
template struct Compressed<double>;
template struct Compressed<float>;

}
