// The exact chain with every noise law: shifted kernels, kernels with gaps, smooth ones.
#include "cells.hpp"
#include "theory/chain.hpp"

#include <catch2/catch.hpp>
#include <optional>

using namespace exeunt;
using namespace exeunt::theory;

TEST_CASE("Exact chain: every row has mass one for every noise law, P 1 + e = 1")
{
    struct {
        const char* law;
        std::optional<double> alpha;
        double p_plus;
    } const cases[] = {{"lomax", 1.2, 0.8},   {"pareto", 1.2, 0.5},    {"pareto", 1.5, 0},   {"log_pareto", 1.2, 0.7},
                       {"student_t", 3, 0.5}, {"student_t", 1.5, 0.9}, {"stable", 1.2, 0.5}, {"stable", 1.2, 0.8},
                       {"stable", 1.5, 1},    {"stable", 1.9, 0.1},    {"gaussian", {}, 0.5}};
    for (const double eta : {0.05, 1e-3})
        for (const auto& c : cases) {
            CAPTURE(c.law, c.p_plus, eta);
            const model::Noise noise = model::make_noise(c.law, {c.alpha, 0.2, c.p_plus});
            const model::Model m{wang2022(), noise, unit_diffusion(), 0.28, eta};
            const Chain chain(m, 1, first_mesh(m, 1, states(m, 1, 0.5), 16));
            const Eigen::VectorXd mass = chain.matrix().rowwise().sum() + chain.exit();
            // as for the paper's noise (chain.cpp): the density is steep on ηs, and places are known to an ulp of 1
            CHECK((mass.array() - 1).abs().maxCoeff() <= 512 * ulp + ulp / (0.2 * eta));
        }
}
