#include "theory/elimination.hpp"

#include "model/error.hpp"

#include <limits>
#include <utility>

namespace exeunt::theory
{

namespace
{

/// Divides every row by its total, so that rates of any size become probabilities.
void make_probabilities(Eigen::MatrixXd& rate, Eigen::VectorXd& kappa, Eigen::MatrixXd& y)
{
    rate.diagonal().setZero();
    for (Eigen::Index i = 0; i < rate.rows(); ++i) {
        const double total = rate.row(i).sum() + kappa[i];
        if (!(total > 0)) throw NotConverged("the limit chain: a state that is never left has no exit probabilities");
        rate.row(i) /= total;
        kappa[i] /= total;
        y.row(i) /= total;
    }
}

}

Eigen::MatrixXd killed_solve(Eigen::MatrixXd rate, Eigen::VectorXd kappa, Eigen::MatrixXd y)
{
    make_probabilities(rate, kappa, y);
    const Eigen::Index n = rate.rows();
    for (Eigen::Index k = 0; k < n; ++k) { // its row becomes where it goes among the later states, or out
        const Eigen::Index rest = n - k - 1;
        const double total = rate.row(k).tail(rest).sum() + kappa[k];
        if (!(total >= std::numeric_limits<double>::min()))
            throw NotConverged("the limit chain: a jump probability underflows");
        rate.row(k).tail(rest) /= total;
        kappa[k] /= total;
        y.row(k) /= total;
        const Eigen::VectorXd into = rate.col(k).tail(rest);
        rate.bottomRightCorner(rest, rest).noalias() += into * rate.row(k).tail(rest); // returns go to the diagonal,
        kappa.tail(rest) += into * kappa[k];                                           // which is not read
        y.bottomRows(rest).noalias() += into * y.row(k);
    }
    for (Eigen::Index k = n - 1; k-- > 0;) {
        const Eigen::Index rest = n - k - 1;
        y.row(k) += rate.row(k).tail(rest) * y.bottomRows(rest);
    }
    if (!y.allFinite()) throw NotConverged("the limit chain: a mean time overflows");
    return y;
}

Eigen::MatrixXd absorption_law(const Eigen::MatrixXd& rate, const Eigen::MatrixXd& out)
{
    return killed_solve(rate, out.rowwise().sum(), out);
}

std::vector<double> stationary_law(Eigen::MatrixXd rate)
{
    const Eigen::Index n = rate.rows();
    std::vector<double> total(static_cast<std::size_t>(n));
    for (Eigen::Index k = n - 1; k > 0; --k) {
        const double sum = rate.row(k).head(k).sum();
        if (!(sum > 0)) throw NotConverged("the limit chain: a rate underflows");
        total[static_cast<std::size_t>(k)] = sum;
        const Eigen::RowVectorXd next = rate.row(k).head(k) / sum;
        rate.topLeftCorner(k, k).noalias() += rate.col(k).head(k) * next; // the diagonal is not read
    }
    std::vector<double> law{1.0};
    for (Eigen::Index k = 1; k < n; ++k) {
        double inflow = 0;
        for (Eigen::Index j = 0; j < k; ++j) inflow += law[static_cast<std::size_t>(j)] * rate(j, k);
        law.push_back(inflow / total[static_cast<std::size_t>(k)]);
        const double sum = 1 + law.back(); // kept a law at every step, so that it cannot overflow
        for (double& p : law) p /= sum;
    }
    return law;
}

}
