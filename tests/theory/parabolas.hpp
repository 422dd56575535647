// tests/theory/parabolas.hpp: three parabolas of equal curvature, whose saddles are half-way between the minima.
#pragma once

#include "model/landscape.hpp"

#include <array>
#include <cmath>

struct Parabolas {
    double curvature;
    std::array<double, 3> minimum;
    template<class T> T operator()(const T& x) const
    {
        using std::sqrt;
        const auto parabola = [&](double m) { return T(0.5 * curvature) * (x - T(m)) * (x - T(m)); };
        const auto lower = [](const T& a, const T& b) { return T(0.5) * (a + b - sqrt((a - b) * (a - b) + T(1e-16))); };
        return lower(lower(parabola(minimum[0]), parabola(minimum[1])), parabola(minimum[2]));
    }
};

/// They are no parabolas within some 1e-10 of a saddle, where X is about as seldom: allowed beside the reported error.
inline constexpr double rounded_saddle = 1e-7;

inline exeunt::model::Landscape parabolas(double curvature, std::array<double, 3> minimum)
{
    const double width = minimum[2] - minimum[0];
    return exeunt::model::Landscape(exeunt::model::Function::of(Parabolas{curvature, minimum}, "parabolas"),
                                    {minimum[0] - 0.5 * width, minimum[2] + 0.5 * width, false});
}
