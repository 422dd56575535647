// theory/elimination.hpp: linear equations of a killed Markov chain, solved without a subtraction. With rates r_ij ≥ 0
// between its states and κ_i ≥ 0 out of them,
//
//     (κ_i + Σ_{j≠i} r_ij) x_i - Σ_{j≠i} r_ij x_j = y_i,     y ≥ 0.
//
// y = the rates into a target gives the probability to end there; y = 1 the mean time until killed; y = the unit
// vectors the mean times spent in each state. The diagonal is never formed as 1 - Σ: after each elimination it is the
// sum of what is left (Grassmann, Taksar and Heyman 1985), so every entry of x has the relative accuracy of the data
// (Alfa, Xue and Ye 2002).
#pragma once

#include <Eigen/Core>
#include <vector>

namespace exeunt::theory
{

/// x ≥ 0, one column for each column of y; the diagonal of `rate` is not read.
/// Error   a few n rounding errors, relative and entry by entry, as long as nothing below 1e-290 is met: each row is
///         divided by its total first. NotConverged when an entry of x is not finite, or when what is left of a row
///         underflows: the states eliminated so far lead back to it always, or but for less than 1e-300.
Eigen::MatrixXd killed_solve(Eigen::MatrixXd rate, Eigen::VectorXd kappa, Eigen::MatrixXd y);

/// Entry (i, c): the probability that the chain, started in i, ends in target c, when it goes there from k at rate
/// out(k, c). Rows sum to 1 within the rounding.
/// Error   as killed_solve.
Eigen::MatrixXd absorption_law(const Eigen::MatrixXd& rate, const Eigen::MatrixXd& out);

/// π Q = 0, Σπ = 1, from the off-diagonal entries of Q, the rates, which need no scale; the diagonal is not read.
/// Error   as killed_solve. NotConverged when what is left of a row underflows.
std::vector<double> stationary_law(Eigen::MatrixXd rate);

}
