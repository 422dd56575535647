// validation/shape.hpp: whether numbers are uniform on (0, 1): the tests of shape (validation.md, S2 and S4).
//
// Under the oracle's law the randomised transforms U_1, …, U_n of exit times are independent and uniform, exactly, with
// no parameter estimated. Anderson and Darling's
//
//     A² = -n - 1/n Σ_k (2k - 1) ( log U_(k) + log(1 - U_(n+1-k)) )  →  Σ_j χ²_j / (j(j + 1)),
//
// weighs deviations in both tails. Its limit law is a quadratic form with eigenvalues 1/(j(j + 1)); Smirnov's formula
// gives its tail as a tail: with s_j = j(j + 1)/2 and D(s) = Π_j (1 - s/s_j) = -cos(½π √(1 + 8s))/(2πs),
//
//     P(A² > z) = 1/π Σ_k (-1)^{k-1} ∫_{s_{2k-1}}^{s_{2k}} e^{-sz} / (s √|D(s)|) ds.
#pragma once

#include <cstddef>
#include <vector>

namespace exeunt::validation
{

/// P(A² > z) by the limit law, z ≥ 0.
/// Accuracy  relative, 1e-12 for z ≥ 0.05; absolute below. At finite n the law differs by O(1/n).
double anderson_darling_tail(double z);

/// A², and the largest gap between the empirical distribution function and the uniform one.
struct Shape {
    std::size_t n;
    double anderson_darling;
    double gap; ///< sup_u |F_n(u) - u|
};
/// Of numbers in (0, 1), at least one. Those nearer than 2^-53 to an end count as being there.
Shape shape_of(std::vector<double> u);

/// The half-width of the band about F_n that holds F everywhere with probability ≥ 1 - level: √(log(2/level) / 2n)
/// (Dvoretzky, Kiefer, Wolfowitz; Massart 1990).
double band(std::size_t n, double level);

}
