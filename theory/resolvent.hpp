// theory/resolvent.hpp: linear equations of a killed chain, however rare its exits (theory.md, section 6).
//
// A = I - P has a smallest eigenvalue of the size of the exit rate λ, down to 1e-30 and less. Nothing of that size is
// formed: the equations solved are bordered,
//
//     ⎡ A   1 ⎤ ⎡ h ⎤   ⎡ g ⎤
//     ⎣ sᵀ  0 ⎦ ⎣ λ ⎦ = ⎣ c ⎦ ,        sᵀu = u(start),
//
// which stay regular as λ → 0. With g = e, c = 0: u = (1 - h)/λ solves u = 1 + P u, and 1/λ = E σ from the start;
// h is how much sooner than from the start X leaves. The transposed equations with right-hand side (0, 1) have y ≥ 0,
// Σ y = 1, the share of its time that X, begun at the start, spends in each state before it leaves.
//
// Where X has several fields to stay in there is a border for each, 1_k the indicator of a set of states and s_k an
// evaluation in it: as many eigenvalues may be as small as they like.
//
// Solved by GMRES, with a part of A factored. Where a few steps forget where X was, as at large η, the diagonal will do
// and 20 to 50 iterations are left. Where these are more than 80, the near field, a sparse matrix, is factored, and
// left is what long jumps do: 10 to 25 iterations. Where these are more than 60, because clipped steps follow each
// other, the atoms are factored too. With the diagonal alone iterations multiply by floats, and again by floats with
// what that left, until the equation holds in doubles; with more, by doubles: h and y of rare exits differ by so many
// orders of magnitude that floats leave a hundredth.
#pragma once

#include "theory/chain.hpp"

#include <Eigen/Dense>
#include <Eigen/Sparse>
#include <memory>
#include <optional>

namespace exeunt::theory
{

/// What is factored of A.
enum class Part { diagonal, near_field, atoms };

/// Solves for one thread at a time.
class Resolvent
{
  public:
    /// Of `chain`, which must outlive it, with A = (1 + shift) I - P, of which `first` is factored, and more once it is
    /// seen to be needed. NotConverged where the near field is singular.
    explicit Resolvent(const Chain& chain, double shift = 0, Part first = Part::near_field);
    /// With a border for every interval of the states, which must be as many as `start`: 1_k is the k-th one's
    /// indicator, s_k evaluates at start[k].
    Resolvent(const Chain& chain, const std::vector<double>& start, Part first = Part::near_field);
    ~Resolvent();

    /// What is factored by now: a good beginning for a finer mesh, as iterations do not depend on it.
    Part factored() const;

    /// Solutions from now on need no more than this accuracy, relative to the largest value on the panel; 1e-12 before
    /// it is said.
    void set_tolerance(double tolerance) { tolerance_ = tolerance; }

    /// A solution of the bordered equations, or a guess at one; no guess where it has no values. A guess should be
    /// right in what is large and what small: solutions are as accurate as asked relative to the panel's largest value
    /// in it.
    struct Bordered {
        Eigen::VectorXd values;
        double border;
    };
    /// A h + border·1 = g, sᵀh = c.
    Bordered solve(const Eigen::VectorXd& g, double c, const Bordered& guess = {}) const;
    /// Aᵀy + border·s = g, Σ y = c.
    Bordered solve_transposed(const Eigen::VectorXd& g, double c, const Bordered& guess = {}) const;

    /// The same with a border for each interval.
    struct ManyBordered {
        Eigen::VectorXd values;
        Eigen::VectorXd border;
    };
    /// A h + Σ_k border_k 1_k = g, s_kᵀh = c_k.
    ManyBordered solve(const Eigen::VectorXd& g, const Eigen::VectorXd& c, const ManyBordered& guess = {}) const;
    /// Aᵀy + Σ_k border_k s_k = g, Σ y = c_k over the k-th interval.
    ManyBordered solve_transposed(const Eigen::VectorXd& g, const Eigen::VectorXd& c,
                                  const ManyBordered& guess = {}) const;

  private:
    struct Factors;
    using Border = Eigen::SparseMatrix<double>; ///< a column for each
    enum class Products { exact, rounded };     ///< with P, or with `Chain::rounded`

    Resolvent(const Chain& chain, double shift, Border functions, Border starts, Part first);

    double diagonal(Eigen::Index i) const;
    void factor(Part part) const;
    /// What GMRES makes of it, with more factored once it is seen to need that.
    template<class Apply, class Inverse>
    Eigen::VectorXd iterate(const Apply& apply, const Inverse& inverse, const Eigen::VectorXd& rhs,
                            const Eigen::VectorXd& guess) const;
    Eigen::VectorXd size_of(const Eigen::VectorXd& z) const;
    Eigen::VectorXd times(const Eigen::VectorXd& h, Products how) const;
    Eigen::VectorXd transposed_times(const Eigen::VectorXd& y, Products how) const;
    Eigen::VectorXd apply(const Eigen::VectorXd& z, Products how) const;
    Eigen::VectorXd apply_transposed(const Eigen::VectorXd& z, Products how) const;

    const Chain& chain_;
    double shift_;
    double tolerance_ = 1e-12;
    Border functions_;                         ///< 1_k
    Border starts_;                            ///< s_k
    Eigen::VectorXd scale_;                    ///< of rows
    std::optional<Compressed<float>> rounded_; ///< where the diagonal may do
    std::unique_ptr<Factors> near_;
};

}
