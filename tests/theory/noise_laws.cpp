// The exact chain with every noise law: shifted kernels, kernels with gaps, smooth ones.
#include "cells.hpp"
#include "tests/model/law_case.hpp"
#include "theory/chain.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace exeunt;
using namespace exeunt::theory;

TEST_CASE("Exact chain: every row has mass one for every noise law, P 1 + e = 1")
{
    const LawCase cases[] = {{"lomax", 1.2, 0.8, 0.2},      {"pareto", 1.2, 0.5, 0.2},  {"pareto", 1.5, 0, 0.2},
                             {"log_pareto", 1.2, 0.7, 0.2}, {"student_t", 3, 0.5, 0.2}, {"student_t", 1.5, 0.9, 0.2},
                             {"stable", 1.2, 0.5, 0.2},     {"stable", 1.2, 0.8, 0.2},  {"stable", 1.5, 1, 0.2},
                             {"stable", 1.9, 0.1, 0.2},     {"gaussian", {}, 0.5, 0.2}};
    for (const double eta : {0.05, 1e-3, 1e-9})
        for (const LawCase& c : cases) {
            CAPTURE(c, eta);
            const model::Model m{wang2022(), c.noise(), unit_diffusion(), 0.28, eta};
            const Chain chain(m, field(m, 1, 0.5), first_mesh(m, field(m, 1, 0.5), 16));
            const Eigen::VectorXd mass = chain.leaves() + chain.stays() + chain.exit();
            CHECK((mass.array() - 1).abs().maxCoeff() <= 1e-14); // as for the paper's noise (chain.cpp)
        }
}

TEST_CASE("Exact chain: panels are cut where a kink of the kernel lies on an exit")
{
    const double eta = 0.05;
    const model::Noise noise = model::make_noise("pareto", {1.5, 0.2, 0.7});
    const model::Model m{wang2022(), noise, unit_diffusion(), 0.28, eta};
    const Mesh mesh = first_mesh(m, field(m, 1, 0.5), 16);
    for (const double z : noise->kinks()) {
        const double exit = z < 0 ? m.landscape.left(1) : m.landscape.right(1); // near it T(x) is close to x
        const auto gap = [&](double x) { return x - eta * m.landscape.potential().gradient(x) + eta * z - exit; };
        CAPTURE(z);
        CHECK(std::any_of(mesh.panel.begin(), mesh.panel.end(),
                          [&](const Interval& p) { return std::abs(gap(p.lo)) <= 1e-12; }));
    }
}
