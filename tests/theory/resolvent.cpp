// The bordered equations of the killed chain: their solution is that of the chain, however it is found.
#include "theory/resolvent.hpp"

#include "cells.hpp"
#include "theory/oracle.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace exeunt;
using namespace exeunt::theory;

TEST_CASE("Resolvent (section 6): what is factored first changes what it costs, and nothing else")
{
    // Steps of noise forget where X was; they do not; nearly every step is the clip.
    struct {
        double b, eta;
        std::size_t well;
        Part enough;
    } const cells[] = {{0.5, 0.05, 2, Part::diagonal}, {0.28, 1e-3, 1, Part::near_field}, {0.18, 0.05, 0, Part::atoms}};
    for (const auto& [b, eta, well, enough] : cells) {
        const model::Landscape f = wang2022();
        const model::Model model{f, lomax(), unit_diffusion(), b, eta};
        const ExitMoments exit = exit_moments(model, well, 1e-3);
        const Chain chain(model, exit.region, exit.mesh);
        const auto begun_with = [&](Part first) {
            const Resolvent resolvent(chain, 0, first);
            const auto h = resolvent.solve(chain.exit(), 0);
            const auto y = resolvent.solve_transposed(Eigen::VectorXd::Zero(chain.size()), 1);
            CHECK(resolvent.factored() == std::max(first, enough));
            CHECK(h.border == Approx(1 / exit.mean).epsilon(1e-3));
            CHECK(y.values.dot(chain.exit()) == Approx(h.border).epsilon(1e-10)); // 1e-12 of each panel's largest asked
            return h;
        };
        const auto h = begun_with(Part::atoms);
        for (const Part first : {Part::diagonal, Part::near_field}) {
            const auto same = begun_with(first);
            CHECK(same.border == Approx(h.border).epsilon(1e-10));
            CHECK((same.values - h.values).cwiseAbs().maxCoeff() <= 1e-10 * h.values.cwiseAbs().maxCoeff());
        }
    }
}
