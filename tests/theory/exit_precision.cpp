#include "random_landscapes.hpp"

#include <catch2/catch.hpp>
#include <algorithm>
#include <cmath>
#include <limits>

using namespace exeunt;
using namespace exeunt::theory;

namespace
{

/// q_{i,j} of one exit by the recursion in long double, minima and saddles refined there too.
std::vector<long double> reference(const RandomExit& e, int nodes = 24)
{
    const auto edge = [&](double s) { return std::isinf(s) ? static_cast<long double>(s) : refined(e.precise, s); };
    const long double m = refined(e.precise, e.f.minima()[e.well]);
    std::vector<long double> q(e.f.wells(), 0.0L);
    for (std::size_t j = 0; j < q.size(); ++j) {
        if (j == e.well) continue;
        const bool right = j > e.well;
        const long double s = edge(right ? e.f.right(e.well) : e.f.left(e.well));
        q[j] = recursion_constant(e.precise, m, s, edge(right ? e.f.left(j) : e.f.right(j)),
                                  edge(right ? e.f.right(j) : e.f.left(j)), e.b, e.order, nodes);
    }
    return q;
}

}

TEST_CASE("Exit constants (section 3): 200 random landscapes against the recursion in long double")
{
    std::mt19937_64 random(std::getenv("SEED") ? std::atoi(std::getenv("SEED")) : 2022);
    std::vector<double> ratios;
    for (int k = 0; k < (std::getenv("COUNT") ? std::atoi(std::getenv("COUNT")) : 200); ++k) {
        const RandomExit e = random_exit(random);
        INFO(e.name);
        const ExitConstants q = exit_constants(e.f, e.noise, e.sigma, e.well, e.b, 1e-8);
        REQUIRE(q.order == e.order);
        const std::vector<long double> exact = reference(e);
        if (std::getenv("CONV")) { const auto other = reference(e, 28); for (std::size_t j = 0; j < exact.size(); ++j) if (exact[j] > 0) printf("conv %.2e\n", (double)std::abs(other[j] / exact[j] - 1)); }
        double worst = 0;
        for (std::size_t j = 0; j < exact.size(); ++j) {
            CHECK((q.to[j] > 0) == (exact[j] > 0));
            if (exact[j] > 0) worst = std::max(worst, std::abs(static_cast<double>(q.to[j] / exact[j] - 1)));
        }
        CHECK(worst <= q.error);
        if (worst > 0) ratios.push_back(q.error / worst);
        if (std::getenv("SHOW")) printf("%-60s err %.2e bound %.2e ratio %.1f wells %zu\n", e.name.c_str(), worst, q.error, q.error / worst, e.f.wells());
    }
    std::sort(ratios.begin(), ratios.end());
    WARN("bound/error: min " << ratios.front() << " median " << ratios[ratios.size() / 2] << " max " << ratios.back());
}
