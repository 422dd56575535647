#include "theory/predict.hpp"

#include "cells.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace exeunt;
using namespace exeunt::theory;

namespace
{

model::Spec spec(const model::Overrides& more = {})
{
    return model::parse_spec("potential.builtin = \"wang2022\"", "test", more);
}

}

TEST_CASE("Prediction: exit constants, graph and limit chains of every threshold, in the order of the spec")
{
    const model::Spec s = spec({"dynamics.clip=0.4,inf,0.5"});
    const auto predictions = predict(s, Setting(s));
    REQUIRE(predictions.size() == 3);
    CHECK(predictions[0].clip == 0.4);
    CHECK(predictions[1].clip == infinity);
    CHECK(predictions[2].clip == 0.5);
    for (const Prediction& p : predictions) {
        REQUIRE(p.exits.size() == 4);
        REQUIRE(p.chains.size() == p.graph.classes.size());
        for (std::size_t i = 0; i < 4; ++i) CHECK(p.exits[i].to == constants(wang2022(), i, p.clip).to);
        for (std::size_t c = 0; c < p.chains.size(); ++c) CHECK(p.chains[c].states == p.graph.classes[c].largest);
    }
    CHECK(predictions[0].chains.size() == 2);
    CHECK(predictions[1].chains[0].states.size() == 4);
    CHECK(predictions[2].chains[0].states == std::vector<std::size_t>{1, 3});
}

TEST_CASE("Prediction: noise and diffusion are those of the spec")
{
    const model::Spec s = spec({"dynamics.clip=0.5", "noise.alpha=1.7", "dynamics.diffusion=\"1 + x^2/8\""});
    const Setting setting(s);
    CHECK(setting.at(0.3, 0.02).b == 0.3);
    CHECK(setting.at(0.3, 0.02).eta == 0.02);
    const auto predictions = predict(s, setting);
    const auto sigma = model::parse_function("1 + x^2/8", {}, -3, 3);
    CHECK(predictions[0].exits[1].to == exit_constants(wang2022(), power_tails(0.5, 1.7), sigma, 1, 0.5).to);
}

TEST_CASE("Prediction: close to an integer r/b it is less accurate and says so, at an integer it is refused")
{
    model::Spec s = model::default_spec("x^4/4 - x^2/2", {"dynamics.clip=0.50000001"});
    const auto predictions = predict(s, Setting(s)); // exit_constants' own default would refuse
    CHECK(predictions[0].exits[0].error > 1e-9);
    CHECK(predictions[0].exits[0].error <= 1e-6);
    s.dynamics.clip = {0.5};
    CHECK_THROWS_WITH(predict(s, Setting(s)),
                      Catch::Contains("[dynamics] clip: well") && Catch::Contains("non-integer"));
}

TEST_CASE("Exact cells: clip × learning rate × well, each beside its limit 1/(q λ)")
{
    const model::Spec s =
        model::default_spec("x^4/4 - x^2/2", {"dynamics.clip=0.7,inf", "dynamics.learning_rate=0.2,0.1"});
    const Setting setting(s);
    const auto predictions = predict(s, setting);
    std::size_t last = 0;
    const Watch watch{.progress = [&](std::size_t done, std::size_t of) {
        CHECK(of == 8);
        last = done;
    }};
    const auto cells = exact(s, setting, predictions, 1e-3, 2, watch);
    CHECK(last == 8);
    REQUIRE(cells.size() == 8);
    std::size_t k = 0;
    for (const std::size_t c : {0U, 1U})
        for (const double eta : {0.2, 0.1})
            for (std::size_t i = 0; i < 2; ++i, ++k) {
                const ExitConstants& q = predictions[c].exits[i];
                CHECK(cells[k].clip == predictions[c].clip);
                CHECK(cells[k].learning_rate == eta);
                CHECK(cells[k].well == i);
                CHECK(cells[k].time_scale == time_scale(lomax(), eta, q.order));
                CHECK(std::abs(cells[k].limit_mean * q.total() * cells[k].time_scale - 1) <= 4 * ulp);
                CHECK(cells[k].ratio() == cells[k].exit.mean / cells[k].limit_mean);
            }
    // a cell by itself gives the same bits: nothing depends on what runs beside it
    CHECK(cells[2].exit.mean == exit_moments(setting.at(0.7, 0.1), 0, 1e-3).mean);
    CHECK(cells[5].exit.mean == exit_moments(setting.at(infinity, 0.2), 1, 1e-3).mean);
}
