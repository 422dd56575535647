// Time and size of the stationary law of X, a cell: exeunt's landscape "wang2022", learning rates from 0.05 down, with
// and without clipping, with and without the clamp. Without it X meets the pole of f' at 1.65, beyond the domain, which
// costs time, and is too much for b = 0.5 at 0.01; and without a clip, too, there is no stationary law.
#include "theory/stationary.hpp"
#include "model/landscape.hpp"
#include "model/noise.hpp"

#include <chrono>
#include <fmt/format.h>
#include <limits>

using namespace exeunt;

int main()
{
    for (const bool clamp : {true, false}) {
        const model::Landscape f(model::builtin_potential("wang2022"), {-1.6, 1.6, clamp});
        for (const double b : {0.5, 0.28, std::numeric_limits<double>::infinity()})
            for (const double eta : {0.01, 1e-3, 1e-4, 1e-5, 1e-6}) {
                const model::Model m{f, model::make_noise("lomax", {1.2, 0.1}), model::Function::constant(1), b, eta};
                const auto begin = std::chrono::steady_clock::now();
                try {
                    const theory::Stationary pi = theory::stationary(m, 1e-6);
                    const double seconds =
                        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
                    fmt::print("clamp {} b {} eta {:g}: {:.2f} s, {} nodes, error {:.1e}, shares", clamp, b, eta,
                               seconds, pi.nodes, pi.error);
                    for (const double p : pi.share) fmt::print(" {:.8g}", p);
                    fmt::print("\n");
                } catch (const std::exception& problem) {
                    const double seconds =
                        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
                    fmt::print("clamp {} b {} eta {:g}: {:.2f} s, {}\n", clamp, b, eta, seconds, problem.what());
                }
                std::fflush(stdout);
            }
    }
}
