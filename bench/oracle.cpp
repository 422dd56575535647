// bench/oracle.cpp: what the finite-η oracle costs. Seconds of mean and split against η, from 0.05 to 1e-12, for every
// well of wang2022 at four thresholds, and nanoseconds of the probability integral transform of one exit step. Process
// CPU time.
#include "model/expression.hpp"
#include "theory/exit_law.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <limits>
#include <memory>

using namespace exeunt;

namespace
{

const model::Landscape wang(model::builtin_potential("wang2022"), {-1.6, 1.6, true});
const model::Noise noise(std::make_shared<model::Lomax>(1.2, 0.1));
const model::Function sigma = model::Function::constant(1);
constexpr double infinity = std::numeric_limits<double>::infinity();

double seconds()
{
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// A row for each threshold and well, a column for each η: seconds, and below them the nodes of the last mesh.
void moments(double rtol)
{
    constexpr std::array etas{0.05, 0.02, 1e-2, 1e-3, 1e-4, 1e-6, 1e-9, 1e-12};
    fmt::print("mean and split, relative error asked {:g}: seconds, nodes\n{:>5} {:>4}", rtol, "b", "well");
    for (const double eta : etas) fmt::print(" {:>13}", fmt::format("η = {:g}", eta));
    for (const double b : {0.5, 0.28, 0.18, infinity})
        for (std::size_t well = 0; well < wang.wells(); ++well) {
            fmt::print("\n{:>5} {:>4}", b, well + 1);
            for (const double eta : etas) {
                const double start = seconds();
                const theory::ExitMoments exit = theory::exit_moments({wang, noise, sigma, b, eta}, well, rtol);
                fmt::print(" {:>6.2f} {:>6}", seconds() - start, exit.nodes);
                std::fflush(stdout);
            }
        }
    fmt::print("\n");
}

/// Steps spread over the quantiles of the law, as draws are.
void transform(double eta)
{
    const model::Model model{wang, noise, sigma, 0.5, eta};
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
    moments(1e-8);
    fmt::print("\nprobability integral transform, well 2\n");
    for (const double eta : {0.05, 1e-2, 1e-3, 1e-6}) transform(eta);
}
