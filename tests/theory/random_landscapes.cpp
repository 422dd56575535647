#include "random_landscapes.hpp"

#include "model/error.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

using namespace exeunt;

long double Polynomial::slope(long double x) const
{
    long double sum = 0;
    for (std::size_t k = c.size() - 1; k > 0; --k) sum = sum * x + static_cast<long double>(k) * c[k];
    return sum;
}

long double Polynomial::curvature(long double x) const
{
    long double sum = 0;
    for (std::size_t k = c.size() - 1; k > 1; --k) sum = sum * x + static_cast<long double>(k * (k - 1)) * c[k];
    return sum;
}

long double RippledBowl::slope(long double x) const
{
    return -static_cast<long double>(a) * k * std::sin(k * x + phase) +
           2 * static_cast<long double>(0.5 * c) * (x - x0);
}

long double RippledBowl::curvature(long double x) const
{
    return -static_cast<long double>(a) * k * k * std::cos(k * x + phase) + 2 * static_cast<long double>(0.5 * c);
}

long double GaussianWells::slope(long double x) const
{
    long double sum = 2 * static_cast<long double>(0.5 * c) * x;
    for (const auto& [depth, centre, sharp] : wells) {
        const long double y = (x - centre) * sharp;
        sum += depth * 2 * y * sharp * std::exp(-y * y);
    }
    return sum;
}

long double GaussianWells::curvature(long double x) const
{
    long double sum = 2 * static_cast<long double>(0.5 * c);
    for (const auto& [depth, centre, sharp] : wells) {
        const long double y = (x - centre) * sharp;
        sum += static_cast<long double>(depth) * 2 * sharp * sharp * (1 - 2 * y * y) * std::exp(-y * y);
    }
    return sum;
}

namespace
{

class Dice
{
  public:
    explicit Dice(std::mt19937_64& random) : bits(random) {}
    double uniform(double lo, double hi) { return lo + (hi - lo) * static_cast<double>(bits() >> 11) * 0x1p-53; }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(bits() % n); }

  private:
    std::mt19937_64& bits;
};

/// c ∏ (x - root), integrated: 2 or 3 wells.
Polynomial random_polynomial(Dice& dice, std::size_t roots)
{
    std::vector<double> slope{dice.uniform(0.3, 3)};
    double root = dice.uniform(-2.5, -1.5);
    for (std::size_t k = 0; k < roots; ++k, root += dice.uniform(0.4, 1.5)) {
        slope.insert(slope.begin(), 0.0);
        for (std::size_t j = 0; j + 1 < slope.size(); ++j) slope[j] -= root * slope[j + 1];
    }
    Polynomial f{{0.0}};
    for (std::size_t k = 0; k < slope.size(); ++k) f.c.push_back(slope[k] / static_cast<double>(k + 1));
    return f;
}

RippledBowl random_bowl(Dice& dice)
{
    const double k = dice.uniform(1, 5);
    return {dice.uniform(0.3, 2), k, dice.uniform(0, 6.28), dice.uniform(0.02, 0.3), dice.uniform(-0.5, 0.5)};
}

GaussianWells random_wells(Dice& dice)
{
    GaussianWells f{dice.uniform(0.05, 0.3), {}};
    const std::size_t n = 2 + dice.below(3);
    double centre = -3;
    for (std::size_t j = 0; j < n; ++j) {
        centre += dice.uniform(0.8, 2);
        f.wells.push_back({dice.uniform(0.5, 2), centre, dice.uniform(1, 2.5)});
    }
    return f;
}

struct RandomPotential {
    model::Landscape f;
    PreciseModel precise;
    std::string name;
};

template<class Formula> RandomPotential potential(const Formula& formula, double lo, double hi, const char* name)
{
    return {model::Landscape(model::Function::of(formula, name), {lo, hi, false}),
            {[formula](long double x) { return formula.slope(x); },
             [formula](long double x) { return formula.curvature(x); },
             {},
             0,
             0},
            name};
}

RandomPotential random_potential(Dice& dice)
{
    for (;;) try {
            switch (dice.below(4)) {
            case 0:
                return potential(random_polynomial(dice, 3), -4, 4.5, "quartic");
            case 1:
                return potential(random_polynomial(dice, 5), -4, 7, "sextic");
            case 2:
                return potential(random_bowl(dice), -6, 6, "cosine + quadratic");
            default:
                return potential(random_wells(dice), -6, 8, "Gaussian wells");
            }
        } catch (const BadInput&) {
            continue; // not two wells, or not all of them in the domain
        }
}

}

RandomExit random_exit(std::mt19937_64& random)
{
    Dice dice(random);
    RandomPotential p = random_potential(dice);
    const double alpha = dice.uniform(1.05, 3), p_plus = dice.uniform(0.05, 0.95);
    const bool constant = dice.below(2) == 0;
    const SwingingDiffusion sigma{dice.uniform(0.3, 3), constant ? 0 : dice.uniform(-0.6, 0.6), dice.uniform(0.2, 3)};
    const auto precise_sigma = [sigma](long double x) {
        return sigma.size * (1 + sigma.swing * std::sin(sigma.k * x));
    };
    const std::size_t well = dice.below(p.f.wells());
    const int order = static_cast<int>(dice.below(8) == 0 ? 7 + dice.below(6) : 1 + dice.below(6));
    const double b = p.f.radius(well) / (order == 1 ? dice.uniform(0.1, 0.98) : order - 1 + dice.uniform(0.02, 0.98));
    p.precise.sigma = precise_sigma;
    p.precise.alpha = alpha;
    p.precise.p_plus = p_plus;
    return {p.f,
            power_tails(p_plus, alpha),
            constant ? model::Function::constant(sigma.size) : model::Function::of(sigma, "swinging"),
            p.precise,
            well,
            b,
            order,
            fmt::format("{}, well {}, alpha = {:.3f}, l* = {}", p.name, well + 1, alpha, order)};
}
