// bench/stages.cpp: where a step's time goes, stage by stage, against the whole job of bench/engine.cpp; interleaved,
// medians over the rounds. What the whole job takes beyond the stages is replay and the lives of replicas.
//
//     bench_stages [ROUNDS]
#include "bench/stages.hpp"

#include "bench/clock.hpp"
#include "sim/exits.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <memory>
#include <vector>

using namespace exeunt;

int main(int argc, char** argv)
{
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 7;
    fmt::print("ns/step, and share of the whole job\n{:<10} {:>16} {:>16} {:>16} {:>16} {:>10}\n", "", "words", "noise",
               "steps", "replay and rest", "whole job");
    for (const sim::Path path : sim::available_paths()) {
        if (path == sim::Path::reference) continue;
        std::vector<double> words, noise, steps, whole;
        for (int round = 0; round < rounds; ++round) {
            const bench::Stages s = path == sim::Path::avx512 ? bench::stages_avx512()
                                    : path == sim::Path::avx2 ? bench::stages_avx2()
                                                              : bench::stages_baseline();
            words.push_back(s.words);
            noise.push_back(s.noise);
            steps.push_back(s.steps);

            const model::Model cell{.landscape = model::Landscape(model::builtin_potential("wang2022"),
                                                                  {.lo = -1.6, .hi = 1.6, .clamp = true}),
                                    .noise = model::Noise(std::make_shared<model::Lomax>(1.2, 0.1)),
                                    .diffusion = model::Function::constant(1),
                                    .b = 0.5,
                                    .eta = 0.01};
            const double begin = bench::now();
            double taken = 0;
            for (const sim::Exit& e :
                 sim::first_exits(cell, 1, {.seed = static_cast<std::uint64_t>(round)},
                                  {.replicas = path == sim::Path::baseline ? 200U : 6000U, .threads = 1}, path))
                taken += static_cast<double>(e.step);
            whole.push_back((bench::now() - begin) / taken);
        }
        const double all = bench::median(whole);
        const auto share = [&](double ns) { return fmt::format("{:.2f} ({:.0f} %)", ns, 100 * ns / all); };
        const double w = bench::median(words), n = bench::median(noise), s = bench::median(steps);
        constexpr const char* names[] = {"reference", "baseline", "avx2", "avx512"};
        fmt::print("{:<10} {:>16} {:>16} {:>16} {:>16} {:>10.2f}\n", names[static_cast<int>(path)], share(w),
                   share(n - w), share(s - n), share(all - s), all);
    }
}
