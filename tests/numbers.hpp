// tests/numbers.hpp: the two numbers that most tests need.
#pragma once

#include <limits>

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double ulp = std::numeric_limits<double>::epsilon();
