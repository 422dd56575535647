// Where f' of an expression jumps: the zeros of the arguments of abs, min and max.
#include "model/error.hpp"
#include "model/expression_tape.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <utility>

namespace exeunt::model
{

namespace
{

constexpr std::size_t max_kinks = 1000;
constexpr std::size_t max_sign_changes = 4000;
constexpr double smallest = 1e-12; // of the interval
constexpr int first_parts = 64;

}

/// The arguments of abs, min and max, whose sign decides the branch.
class Expression::Switches
{
  public:
    Switches(const Expression& f, double lo, double hi) : f_(f), lo_(lo), hi_(hi), numbers_(f.size()), jets_(f.size())
    {
        for (const Node& node : f.tape_)
            if (node.op == Op::abs || node.op == Op::minimum || node.op == Op::maximum) switches_.push_back(node);
    }

    /// The points of [lo, hi] where one of them changes sign, in no order.
    std::vector<double> sign_changes()
    {
        if (switches_.empty()) return {};
        std::vector<std::size_t> all(switches_.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        for (int k = first_parts; k-- > 0;) parts_.push_back({at_share(k), at_share(k + 1), all});
        while (!parts_.empty()) {
            Part part = std::move(parts_.back());
            parts_.pop_back();
            examine(part);
            if (!part.open.empty()) halve(std::move(part));
        }
        return found_;
    }

  private:
    struct Part {
        double lo;
        double hi;
        std::vector<std::size_t> open; ///< the arguments that may have a zero in it
    };

    double at_share(int k) const { return k == first_parts ? hi_ : lo_ + (hi_ - lo_) * k / first_parts; }

    /// Takes the arguments out of `part` about which all is known.
    void examine(Part& part)
    {
        const Interval x(part.lo, part.hi);
        fill(x);
        std::vector<IntervalJet> over;
        for (const std::size_t k : part.open) over.push_back(argument(k));
        const double centre = part.lo + (part.hi - part.lo) / 2;
        const bool divisible = part.hi - part.lo > smallest * (hi_ - lo_) && part.lo < centre && centre < part.hi;
        fill(centre);
        std::vector<std::size_t> left;
        for (std::size_t k = 0; k < over.size(); ++k) {
            const IntervalJet& u = over[k];
            const Interval middle = argument(part.open[k]).value;
            const bool bounded = u.value.is_finite() && u.first.is_finite();
            const Interval value = bounded ? intersection(u.value, middle + u.first * (x - centre)) : u.value;
            if (value.sign() != 0 || (!u.value.is_finite() && undefined(part.open[k], part))) continue;
            const bool rounding = middle.radius() >= 0.25 * value.radius(); // or 0 all over it: halving does not help
            if (u.first.sign() != 0 || !divisible || (bounded && rounding))
                compare_ends(part.open[k], part);
            else
                left.push_back(part.open[k]);
        }
        part.open = std::move(left);
    }

    void halve(Part&& part)
    {
        const double middle = part.lo + (part.hi - part.lo) / 2;
        parts_.push_back({middle, part.hi, part.open});
        parts_.push_back({part.lo, middle, std::move(part.open)});
    }

    void compare_ends(std::size_t s, const Part& part)
    {
        if (sign(at(s, part.lo)) != sign(at(s, part.hi))) add(bisect(s, part.lo, part.hi));
    }

    void add(double x)
    {
        if (found_.size() >= max_sign_changes)
            throw BadInput(fmt::format("abs, min or max change branch more than {} times in the domain: the expression "
                                       "has too many kinks",
                                       max_sign_changes));
        found_.push_back(x);
    }

    /// The point in [lo, hi] where argument s leaves the sign that it has at lo.
    double bisect(std::size_t s, double lo, double hi)
    {
        const int start = sign(at(s, lo));
        for (int k = 0; k < 100; ++k) {
            const double middle = lo + (hi - lo) / 2;
            if (middle <= lo || middle >= hi) break;
            (sign(at(s, middle)) == start ? lo : hi) = middle;
        }
        return hi;
    }

    /// Not a number at both ends and in the middle: outside the domain of definition.
    bool undefined(std::size_t s, const Part& part)
    {
        const double middle = part.lo + (part.hi - part.lo) / 2;
        return std::isnan(at(s, middle)) && std::isnan(at(s, part.lo)) && std::isnan(at(s, part.hi));
    }

    double at(std::size_t s, double x)
    {
        spend();
        for (std::size_t k = 0; k < f_.tape_.size(); ++k) numbers_[k] = apply<double>(f_.tape_[k], numbers_.data(), x);
        const Node& node = switches_[s];
        return node.op == Op::abs ? numbers_[node.a] : numbers_[node.a] - numbers_[node.b];
    }
    void fill(const Interval& x)
    {
        spend();
        const IntervalJet variable = IntervalJet::variable(x);
        for (std::size_t k = 0; k < f_.tape_.size(); ++k)
            jets_[k] = apply<IntervalJet>(f_.tape_[k], jets_.data(), variable);
    }
    IntervalJet argument(std::size_t s) const
    {
        const Node& node = switches_[s];
        return node.op == Op::abs ? jets_[node.a] : jets_[node.a] - jets_[node.b];
    }

    void spend()
    {
        spent_ += f_.size();
        if (spent_ > search_budget)
            throw BadInput(
                fmt::format("cannot be sure that all kinks of the expression in [{:.6g}, {:.6g}] were found "
                            "(abs, min, max; {} operations were not enough): simplify it or narrow the domain",
                            lo_, hi_, search_budget));
    }

    const Expression& f_;
    double lo_;
    double hi_;
    std::vector<Node> switches_;
    std::vector<double> numbers_;
    std::vector<IntervalJet> jets_;
    std::vector<Part> parts_; ///< to be examined, the leftmost last
    std::vector<double> found_;
    std::size_t spent_ = 0;
};

/// Whether f' jumps at x: what it changes by across x hardly shrinks when the distance is cut by 4096. Across a smooth
/// point that falls by 4096, across |x|^1.5 by 64.
bool Expression::jumps(double x, double width) const
{
    const auto change = [&](double reach) {
        return std::abs((*this)(Jet::variable(x + reach)).first - (*this)(Jet::variable(x - reach)).first);
    };
    const double far = width * 1e-5;
    const double near = far / 4096;
    const double slope = std::abs((*this)(Jet::variable(x + near)).first);
    return change(near) > change(far) / 16 && change(near) > 1e-12 * slope;
}

std::vector<double> Expression::kinks(double lo, double hi) const
{
    if (!(lo < hi)) return {};
    const double width = hi - lo;
    std::vector<double> found = Switches(*this, lo, hi).sign_changes();
    std::sort(found.begin(), found.end());
    const auto equal = [&](double a, double b) { return b - a <= 1e-12 * width; };
    found.erase(std::unique(found.begin(), found.end(), equal), found.end());
    std::erase_if(found,
                  [&](double x) { return x - 1e-5 * width <= lo || x + 1e-5 * width >= hi || !jumps(x, width); });
    if (found.size() > max_kinks)
        throw BadInput(fmt::format("the expression has {} kinks in [{}, {}]; at most {} are allowed", found.size(), lo,
                                   hi, max_kinks));
    return found;
}

}
