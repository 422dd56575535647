// bench/oracle.cpp: what the finite-η oracle costs. Seconds of mean and split against η, from 0.05 to 1e-12, for wells
// 2 and 4 of wang2022, and nanoseconds of the probability integral transform of one exit step. Process CPU time.
#include "model/expression.hpp"
#include "theory/exit_law.hpp"

#include <array>
#include <cmath>
#include <ctime>
#include <fmt/format.h>
#include <memory>

using namespace exeunt;

namespace
{

const model::Landscape wang(model::builtin_potential("wang2022"), {-1.6, 1.6, true});
const model::Noise noise(std::make_shared<model::Lomax>(1.2, 0.1));
const model::Function sigma = model::Function::constant(1);
constexpr double b = 0.5;

double seconds()
{
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void moments(std::size_t well, double rtol)
{
    fmt::print("\nwell {}, b = {}, relative error asked {:g}\n{:>8} {:>12} {:>10} {:>8} {:>8}\n", well + 1, b, rtol,
               "η", "mean", "error", "nodes", "s");
    for (const double eta : {0.05, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10, 1e-12}) {
        const model::Model model{wang, noise, sigma, b, eta};
        const double start = seconds();
        const theory::ExitMoments exit = theory::exit_moments(model, well, rtol);
        fmt::print("{:>8.0e} {:>12.4e} {:>10.1e} {:>8} {:>8.2f}\n", eta, exit.mean, exit.error, exit.nodes,
                   seconds() - start);
    }
}

/// Steps spread over the quantiles of the law, as draws are.
void transform(double eta)
{
    const model::Model model{wang, noise, sigma, b, eta};
    const theory::ExitMoments exit = theory::exit_moments(model, 1, 1e-5);
    double start = seconds();
    const theory::ExitLaw law(model, 1, exit);
    const double made = seconds() - start;
    std::array<std::uint64_t, 1024> steps{};
    for (std::size_t k = 0; k < steps.size(); ++k)
        steps[k] = law.quantile((static_cast<double>(k) + 0.5) / static_cast<double>(steps.size()));
    constexpr int rounds = 1000;
    double sum = 0;
    start = seconds();
    for (int round = 0; round < rounds; ++round)
        for (const std::uint64_t step : steps) sum += law.pit(step, 0.5);
    const double each = (seconds() - start) / (rounds * static_cast<double>(steps.size()));
    fmt::print("η = {:g}: law made in {:.2f} s, {:.0f} ns a transform (mean of them {:.6f})\n", eta, made, 1e9 * each,
               sum / (rounds * static_cast<double>(steps.size())));
}

}

int main()
{
    for (const double rtol : {1e-4, 1e-8})
        for (const std::size_t well : {std::size_t{1}, std::size_t{3}}) moments(well, rtol);
    fmt::print("\nprobability integral transform, well 2\n");
    for (const double eta : {0.05, 1e-2, 1e-3, 1e-6}) transform(eta);
}
