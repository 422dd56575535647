// theory/work.hpp: what the exact chain costs, and may cost, on the thread that computes it. A mesh that has to be fine
// takes minutes: it can be ended between two of its steps.
#pragma once

#include <atomic>
#include <functional>

namespace exeunt::theory
{

/// A computation was ended since it would have taken more than it was allowed.
struct TooDear {
};

/// What the computations of this thread may take while it lives. They spend of every allowance there is, one within
/// another, from the innermost on.
class Allowance
{
  public:
    struct Limits {
        /// Told what was done since it was told last, in seconds of a core that multiplies 10⁹ numbers of a sparse
        /// matrix a second: a count of operations, the same on every machine.
        std::function<void(double work)> spent = {};
        std::function<bool()> late = {};         ///< true: TooDear is thrown. Asked some thousand times a second
        const std::atomic<bool>* stop = nullptr; ///< true: Interrupted is thrown
    };
    explicit Allowance(Limits limits);
    ~Allowance();
    Allowance(const Allowance&) = delete;
    Allowance& operator=(const Allowance&) = delete;

  private:
    friend void spend(double multiplications);
    void take(double work);

    Limits limits_;
    Allowance* outer_;
};

/// Called by a computation before each of its steps, with about as many multiplications as that takes.
/// Throws Interrupted and TooDear, as the allowances of this thread say; never without one.
void spend(double multiplications);

}
