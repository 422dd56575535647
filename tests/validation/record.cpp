// The three-valued verdict, of one interval and of a list.
#include "validation/record.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>

using namespace exeunt::validation;

namespace
{

std::vector<Hypothesis> list(std::initializer_list<Verdict> verdicts)
{
    std::vector<Hypothesis> out;
    for (const Verdict v : verdicts) {
        out.emplace_back();
        out.back().verdict = v;
    }
    return out;
}

}

TEST_CASE("Verdict: refuted outside 1, confirmed within the effect, else inconclusive")
{
    constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
    CHECK(verdict_of_ratio(0.96, 1.04, 0.05) == Verdict::confirmed);
    CHECK(verdict_of_ratio(0.94, 1.04, 0.05) == Verdict::inconclusive); // 0.94 < 1/1.05
    CHECK(verdict_of_ratio(0.96, 1.06, 0.05) == Verdict::inconclusive);
    CHECK(verdict_of_ratio(0.5, 2, 0.05) == Verdict::inconclusive);
    CHECK(verdict_of_ratio(1.001, 1.002, 0.05) == Verdict::refuted); // however small the error is
    CHECK(verdict_of_ratio(0.998, 0.999, 0.05) == Verdict::refuted);
    CHECK(verdict_of_ratio(1.2, 3, 0.05) == Verdict::refuted);
    CHECK(verdict_of_ratio(1, 1, 0.05) == Verdict::confirmed); // 1 itself is not excluded
    CHECK(verdict_of_ratio(1 / 1.05, 1.05, 0.05) == Verdict::confirmed);
    CHECK(verdict_of_ratio(0, inf, 0.05) == Verdict::inconclusive);
    CHECK(verdict_of_ratio(nan, nan, 0.05) == Verdict::inconclusive);
}

TEST_CASE("Verdict of a list: refuted beats inconclusive beats confirmed, and nothing tested is inconclusive")
{
    using enum Verdict;
    CHECK(overall({}) == inconclusive);
    CHECK(overall(list({confirmed})) == confirmed);
    CHECK(overall(list({confirmed, confirmed})) == confirmed);
    CHECK(overall(list({confirmed, inconclusive})) == inconclusive);
    CHECK(overall(list({inconclusive, refuted, confirmed})) == refuted);
    CHECK(overall(list({confirmed, refuted})) == refuted);
    CHECK(word(confirmed) == std::string("confirmed"));
    CHECK(word(refuted) == std::string("refuted"));
    CHECK(word(inconclusive) == std::string("inconclusive"));
}

TEST_CASE("The verdict on a difference comes from one interval, for what is expected to within an error")
{
    CHECK(verdict_of_difference(0.28, 0.32, 0.3, 0, 0.05) == Verdict::confirmed);
    CHECK(verdict_of_difference(0.28, 0.36, 0.3, 0, 0.05) == Verdict::inconclusive);
    CHECK(verdict_of_difference(0.24, 0.32, 0.3, 0, 0.05) == Verdict::inconclusive);
    CHECK(verdict_of_difference(0.31, 0.32, 0.3, 0, 0.05) == Verdict::refuted);
    CHECK(verdict_of_difference(0.28, 0.29, 0.3, 0, 0.05) == Verdict::refuted);
    CHECK(verdict_of_difference(0.31, 0.32, 0.3, 0.01, 0.05) == Verdict::confirmed);
}
