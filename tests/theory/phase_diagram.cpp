#include "theory/phase_diagram.hpp"

#include "model/error.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace exeunt;
using namespace exeunt::theory;

namespace
{

model::Spec tilted()
{
    model::Overrides overrides = {"potential.domain=-2.5,2.5", "dynamics.clip=0.5,inf"};
    return model::default_spec("x^4/4 - x^2/2 + 0.1*x", overrides);
}

}

TEST_CASE("Phases (section 3): l* = ⌈r/b⌉ steps exactly where b crosses r/k, and the bands of a well leave no gap")
{
    const model::Spec spec = tilted();
    const Setting setting(spec);
    const ClipRange range = phase_range(spec, setting.landscape);
    const auto diagram = phase_diagram(setting, range, 4);
    REQUIRE(diagram.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        const double r = setting.landscape.radius(i);
        REQUIRE(diagram[i].size() >= 2);
        CHECK((diagram[i].front().from == range.lo && diagram[i].back().to == range.hi));
        CHECK(diagram[i].back().order == 1);
        for (std::size_t k = 0; k < diagram[i].size(); ++k) {
            const Phase& phase = diagram[i][k];
            CHECK(exit_order(setting.landscape, i, std::sqrt(phase.from * phase.to)) == phase.order);
            if (k > 0) CHECK((phase.from == diagram[i][k - 1].to && phase.from == r / phase.order));
        }
    }
}

TEST_CASE("Phases (section 3): each q is that of exit_constants, on any number of threads")
{
    const model::Spec spec = tilted();
    const Setting setting(spec);
    const ClipRange range{0.2, 1.3};
    const auto one = phase_diagram(setting, range, 3, 1), two = phase_diagram(setting, range, 3, 2);
    for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t k = 0; k < one[i].size(); ++k) {
            const Phase& phase = one[i][k];
            CHECK(phase.constants.size() + phase.left_out == 3);
            for (std::size_t n = 0; n < phase.constants.size(); ++n) {
                const auto& [clip, constant] = phase.constants[n];
                const auto q = exit_constants(setting.landscape, setting.noise, setting.diffusion, i, clip);
                CHECK(q.order == phase.order);
                CHECK(constant == Approx(q.total()).epsilon(1e-6));
                CHECK((phase.from < clip && clip < phase.to));
                CHECK(two[i][k].constants[n].constant == constant);
            }
        }
}

TEST_CASE("Phases: light tails have orders and no constants, and a range that makes no sense is refused")
{
    model::Overrides overrides = {"potential.domain=-2.5,2.5", "dynamics.clip=0.5", "noise.law=gaussian"};
    const model::Spec spec = model::default_spec("x^4/4 - x^2/2 + 0.1*x", overrides);
    const Setting setting(spec);
    for (const auto& well : phase_diagram(setting, {0.2, 1.3}, 3))
        for (const Phase& phase : well) CHECK((phase.constants.empty() && phase.left_out == 0 && phase.order >= 1));
    constexpr double inf = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(phase_diagram(setting, {0, 1}, 3), BadInput);
    CHECK_THROWS_AS(phase_diagram(setting, {1, 1}, 3), BadInput);
    CHECK_THROWS_AS(phase_diagram(setting, {1, inf}, 3), BadInput);
    CHECK_THROWS_AS(phase_diagram(setting, {0.2, 1}, 1), BadInput);
}
