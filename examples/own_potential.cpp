// A potential of one's own in C++: write f once, as a template over the number type, and everything else follows. The
// same formula is run on doubles for f, on jets for f' and f'', and on jets of intervals, which prove that no critical
// point was missed.
#include "model/landscape.hpp"
#include "model/noise.hpp"
#include "theory/exit.hpp"

#include <cstdio>
#include <memory>

using namespace exeunt;

/// Three wells, the middle one sharp: f(x) = x⁴/4 - x²/2 - exp(-40 x²)/5.
struct ThreeWells {
    template<class T> T operator()(const T& x) const
    {
        using std::exp;
        return x * x * x * x * T(0.25) - x * x * T(0.5) - T(0.2) * exp(T(-40.0) * x * x);
    }
};

int main()
{
    const model::Landscape f(model::Function::of(ThreeWells{}, "three wells"), {.lo = -2, .hi = 2, .clamp = false});
    const model::Noise noise(std::make_shared<model::Lomax>(1.2, 0.1));
    const auto sigma = model::Function::constant(1);
    const double b = 0.6; // the clip threshold

    std::printf("%zu wells, %s\n", f.wells(), f.certified() ? "all of them (proved)" : "not proved complete");
    for (std::size_t i = 0; i < f.wells(); ++i) {
        const theory::ExitConstants q = theory::exit_constants(f, noise, sigma, i, b);
        std::printf("well %zu: minimum %+.6f, radius %.6f, exit order %d, exit constant %.8g\n", i + 1, f.minima()[i],
                    f.radius(i), q.order, q.total());
    }
}
