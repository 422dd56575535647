// Whatever a user types, the answer is a function, a spec or one line of complaint: never a crash, a hang or a growth
// of memory. The first byte picks what the rest is: an expression, a spec, an override, or a potential with its wells.
#include "model/error.hpp"
#include "model/expression.hpp"
#include "model/gradient_table.hpp"
#include "model/spec.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

using namespace exeunt;
using namespace exeunt::model;

namespace
{

void require(bool claim)
{
    if (!claim) std::abort();
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

bool holds(const Interval& a, long double x) { return !std::isfinite(x) || (a.lo <= x && x <= a.hi); }

/// The enclosures over [x, x + width] hold the values in extended precision at x.
void enclosures(const Expression& f, double x, double width)
{
    const IntervalJet over = f(IntervalJet::variable({x, x + width}));
    const auto at = f(JetOf<long double>::variable(x));
    for (const Interval& a : {over.value, over.first, over.second}) require(a.lo <= a.hi);
    if (!std::isfinite(at.value) || !std::isfinite(at.first) || !std::isfinite(at.second)) return;
    require(holds(over.value, at.value) && holds(over.first, at.first) && holds(over.second, at.second));
}

/// Both evaluations agree on the value, but for rounding of powers and quotients.
void expression(const std::string& text)
{
    const Expression f(text, {{"a", 1.5}, {"tilt", -0.25}});
    require(f.size() <= Expression::max_length);
    for (const double x : {0.0, -1.3, 0.7, 1e300}) {
        const double value = f(x);
        const Jet jet = f(Jet::variable(x));
        if (f.is_constant()) require(std::isfinite(value) && same(value, jet.value) && jet.first == 0);
        if (std::isfinite(value) && std::isfinite(jet.value)) require(same(value, f(x)));
        if (std::abs(x) < 2)
            for (const double width : {0.0, 1e-6, 0.5}) enclosures(f, x, width);
    }
    if (f.size() > 40) return;
    double before = -2;
    for (const double kink : f.kinks(-2, 2)) {
        require(kink > before && kink < 2);
        before = kink;
    }
}

/// A table that meets its tolerance, or the complaint that it cannot.
void table(const Function& f)
{
    try {
        const GradientTable fitted(f, -1, 1, {.tolerance = 1e-6, .most_cells = 100});
        require(fitted.cells() > 0 && fitted.relative_error() <= 1e-6 && std::isfinite(fitted(0.3)));
    } catch (const NotConverged&) {
    }
}

void spec(const std::string& text)
{
    const Spec s = parse_spec(text, "fuzz.toml");
    require(!s.name.empty() && !s.dynamics.clip.empty() && !s.dynamics.learning_rate.empty());
    require(hash(s) == hash(s) && canonical(s).back() == '\n');
    noise(s);
}

void override_of_a_spec(const std::string& text) { default_spec("x^4 - a*x^2", {"potential.parameters.a=1", text}); }

void potential(const std::string& text)
{
    if (text.size() > 200) return;
    const Spec s = default_spec(text);
    if (text.size() % 4 == 0) table(parse_function(text, {}, -1, 1));
    const Landscape f = landscape(s);
    require(f.certified() && f.wells() >= 2 && f.wells() <= Landscape::most_wells);
    for (const double m : f.minima()) require(f.potential().curvature(m) > 0);
    for (const double at : f.saddles()) require(f.potential().curvature(at) < 0);
    for (std::size_t k = 0; k + 1 < f.wells(); ++k)
        require(f.minima()[k] < f.saddles()[k] && f.saddles()[k] < f.minima()[k + 1]);
}

}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    constexpr void (*readers[])(const std::string&) = {expression, spec, override_of_a_spec, potential};
    try {
        readers[data[0] % 4](text);
    } catch (const BadInput& error) {
        require(std::strlen(error.what()) > 0 && std::strpbrk(error.what(), "\r\n") == nullptr);
    }
    return 0;
}
