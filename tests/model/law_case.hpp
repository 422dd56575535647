// tests/model/law_case.hpp: a noise law with its parameters, as a row of a table.
#pragma once

#include "model/noise.hpp"

#include <optional>
#include <ostream>
#include <string>

struct LawCase {
    std::string law;
    std::optional<double> alpha;
    double p_plus;
    double scale;

    exeunt::model::Noise noise() const { return exeunt::model::make_noise(law, {alpha, scale, p_plus}); }
    LawCase mirrored() const { return {law, alpha, 1 - p_plus, scale}; }
};

inline std::ostream& operator<<(std::ostream& out, const LawCase& c)
{
    out << c.law;
    if (c.alpha) out << " alpha " << *c.alpha;
    return out << " p_plus " << c.p_plus << " scale " << c.scale;
}
