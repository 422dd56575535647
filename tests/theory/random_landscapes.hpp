// tests/theory/random_landscapes.hpp: landscapes, thresholds, noises and diffusions drawn at random, each with f' and
// f'' written out in long double beside the formula that the program sees.
#pragma once

#include "cells.hpp"
#include "recursion.hpp"

#include <array>
#include <optional>
#include <random>
#include <string>
#include <vector>

/// f = Σ_k c_k x^k.
struct Polynomial {
    std::vector<double> c;
    template<class T> T operator()(const T& x) const
    {
        T sum(0.0);
        for (auto k = c.rbegin(); k != c.rend(); ++k) sum = sum * x + T(*k);
        return sum;
    }
    long double slope(long double x) const;
    long double curvature(long double x) const;
};

/// f = a cos(kx + phase) + c (x - x₀)²/2.
struct RippledBowl {
    double a, k, phase, c, x0;
    template<class T> T operator()(const T& x) const
    {
        using std::cos;
        const T y = x - T(x0);
        return T(a) * cos(T(k) * x + T(phase)) + T(0.5 * c) * y * y;
    }
    long double slope(long double x) const;
    long double curvature(long double x) const;
};

/// f = c x²/2 - Σ_j depth_j exp(-((x - centre_j) sharp_j)²).
struct GaussianWells {
    double c;
    std::vector<std::array<double, 3>> wells; ///< depth, centre, sharp
    template<class T> T operator()(const T& x) const
    {
        using std::exp;
        T sum = T(0.5 * c) * x * x;
        for (const auto& [depth, centre, sharp] : wells) {
            const T y = (x - T(centre)) * T(sharp);
            sum = sum - T(depth) * exp(-(y * y));
        }
        return sum;
    }
    long double slope(long double x) const;
    long double curvature(long double x) const;
};

/// σ = size (1 + swing sin(kx)).
struct SwingingDiffusion {
    double size, swing, k;
    template<class T> T operator()(const T& x) const
    {
        using std::sin;
        return T(size) * (T(1.0) + T(swing) * sin(T(k) * x));
    }
};

/// One exit to study.
struct RandomExit {
    exeunt::model::Landscape f;
    exeunt::model::Noise noise;
    exeunt::model::Function sigma;
    PreciseModel precise;
    std::size_t well;
    double b;
    int order; ///< that b was chosen to have
    std::string name;
};

/// A draw, uniform over the families; a potential that has not two wells at least is drawn again. l* is 1 … 6, and 7 …
/// 12 in one case of eight; r/b is at least 0.02 from an integer.
RandomExit random_exit(std::mt19937_64& random);
