// L4: the irreducible theorem of section 4 against the exact chain, along ladders of η.
#include "theory/irreducible.hpp"

#include "cells.hpp"
#include "model/spec.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

using namespace exeunt;
using namespace exeunt::theory;

namespace
{

model::Spec spec(const char* clip)
{
    return model::parse_spec(std::string("[potential]\nbuiltin = \"wang2022\"\ndomain = [-1.6, 1.6]\nclamp = true\n"
                                         "[noise]\nlaw = \"lomax\"\nalpha = 1.2\nscale = 0.1\n[dynamics]\nclip = ") +
                                 clip + "\nlearning_rate = 0.01\n",
                             "ladder");
}

}

TEST_CASE("L4 Irreducible theorem (section 4): the share of time in sharp fields falls as (H(1/η)/η)^(l^large - l*)")
{
    const auto s = spec("0.5");
    const Setting setting(s);
    const Prediction limit = predict(s, setting).front();
    const std::vector<double> constant = sharp_shares(limit);
    std::vector<double> before(4, 1e9);
    double apart_before = 1;
    for (const double eta : {1e-3, 1e-4}) {
        const IrreducibleRung rung = irreducible_rung(setting, limit, eta, 1, std::array{0.1, 0.5}, 3e-3);
        INFO("η = " << eta);
        for (std::size_t i = 0; i < 4; ++i) {
            const double off = std::abs(std::log(rung.scaled[i] / constant[i]));
            CHECK(off < before[i]); // → 1
            before[i] = off;
        }
        CHECK(rung.share[0] + rung.share[2] < 0.025);
        const double apart = std::max(rung.apart[0], rung.apart[1]);
        CHECK(apart < apart_before);
        apart_before = apart;
    }
}

TEST_CASE("L4 Irreducible theorem: refused without one class, and for a time that is none")
{
    const auto reducible = spec("0.4");
    const Setting setting(reducible);
    CHECK_THROWS_AS(sharp_shares(predict(reducible, setting).front()), BadInput);
    const auto irreducible = spec("0.5");
    const Prediction limit = predict(irreducible, setting).front();
    CHECK_THROWS_AS(irreducible_rung(setting, limit, 0.01, 1, std::array{-1.0}, 1e-2), BadInput);
}
