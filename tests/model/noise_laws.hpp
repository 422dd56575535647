// tests/model/noise_laws.hpp: the laws that every test of them runs through.
#pragma once

#include "tests/model/law_case.hpp"
#include "tests/numbers.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

/// Every law, symmetric, skewed, one-sided where it can be; p₊ ≥ ½, for 1 - (1 - p₊) is then p₊.
inline const std::vector<LawCase>& law_cases()
{
    static const std::vector<LawCase> cases = {
        {"lomax", 1.2, 0.5, 0.1},       {"lomax", 1.2, 0.8, 0.1},     {"lomax", 3, 1, 2},
        {"pareto", 1.2, 0.5, 0.1},      {"pareto", 1.5, 0.7, 1},      {"pareto", 2.5, 1, 0.3},
        {"log_pareto", 1.2, 0.5, 0.1},  {"log_pareto", 1.6, 0.75, 1}, {"log_pareto", 2, 1, 1},
        {"student_t", 1.2, 0.5, 0.1},   {"student_t", 3, 0.5, 1},     {"student_t", 40, 0.5, 1},
        {"student_t", 1.5, 0.8, 1},     {"student_t", 5, 1, 1},       {"stable", 1.1, 0.5, 1},
        {"stable", 1.2, 0.5, 0.1},      {"stable", 1.2, 0.75, 1},     {"stable", 1.2, 1, 1},
        {"stable", 1.5, 0.999, 1},      {"stable", 1.5, 1, 2},        {"stable", 1.9, 0.5, 1},
        {"stable", 1.9, 1 - 1e-6, 0.5}, {"gaussian", {}, 0.5, 1.5},
    };
    return cases;
}

/// What noise.hpp promises of a probability p, or of a quantile relative to it. A closed form's log p rounds, too.
inline double law_error(const LawCase& c, double p)
{
    const double log_p = std::max(1.0, -std::log(p));
    if (c.law != "stable" && c.law != "student_t") return std::max(1e-14, 2 * ulp * log_p);
    return 1e-14 * log_p * (c.law == "stable" ? std::max(1.0, 0.1 / (*c.alpha - 1)) : 1);
}
