// bench/gradient.cpp: ns an evaluation of f' of wang2022 by the C++ formula, the tape of the typed expression and the
// table, and ms for a landscape. Independent evaluations, and a chain in which each point depends on the last value.
// Thread CPU time; the least of the rounds.
#include "model/expression.hpp"
#include "model/gradient_table.hpp"
#include "model/landscape.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>
#include <vector>

using namespace exeunt::model;

namespace
{

constexpr const char* wang = "(x+1.6)*(x+1.3)^2*(x-0.2)^2*(x-0.7)^2*(x-1.6)*(0.05*abs(1.65-x))^0.6"
                             "*(1+1/(0.01+4*(x-0.5)^2))*(1+1/(0.1+4*(x+1.5)^2))*(1-1/4*exp(-5*(x+0.8)^2))";
volatile double sink;

double now()
{
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e9 * static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec);
}

/// The least time of `rounds` runs, ns.
template<class F> double least(int rounds, const F& run)
{
    double best = 1e300;
    for (int k = 0; k < rounds; ++k) {
        const double start = now();
        run();
        best = std::min(best, now() - start);
    }
    return best;
}

template<class F> void report(const char* name, const F& gradient)
{
    std::vector<double> x;
    for (int k = 0; k < 4096; ++k) x.push_back(-1.6 + 3.2 * ((k * 1597) % 4096) / 4096);
    const double independent = least(200, [&] {
        double sum = 0;
        for (const double at : x) sum += gradient(at);
        sink = sum;
    });
    const double chained = least(200, [&] {
        double last = 0;
        for (const double at : x) last = gradient(at + 1e-300 * last);
        sink = last;
    });
    fmt::print("{:<22} {:>8.1f} ns {:>8.1f} ns in a chain\n", name, independent / 4096, chained / 4096);
}

void landscape(const char* name, const Function& f, double lo, double hi)
{
    std::size_t wells = 0;
    const double ns = least(20, [&] { wells = Landscape(f, {lo, hi, false}).wells(); });
    fmt::print("{:<22} {:>8.3f} ms, {} wells\n", name, ns / 1e6, wells);
}

}

int main()
{
    const Function formula = builtin_potential("wang2022");
    const Function tape = parse_function(wang, {}, -1.6, 1.6);
    const GradientTable table(tape, -1.6, 1.6);
    report("f' by C++ formula", [&](double x) { return formula.gradient(x); });
    report("f' by tape", [&](double x) { return tape.gradient(x); });
    report("f' by table", [&](double x) { return table(x); });
    fmt::print("{} cells, checked error {:.2g} absolute, {:.2g} relative; built in {:.2f} ms\n", table.cells(),
               table.absolute_error(), table.relative_error(),
               least(5, [&] { sink = GradientTable(tape, -1.6, 1.6)(0); }) / 1e6);
    landscape("wang2022, C++ formula", formula, -1.6, 1.6);
    landscape("wang2022, tape", tape, -1.6, 1.6);
    landscape("200 wells, tape", parse_function("x^2/1000 - cos(2*pi*x)"), -100.4, 99.4);
}
