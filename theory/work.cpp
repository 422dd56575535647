#include "theory/work.hpp"

#include "model/error.hpp"

#include <utility>

namespace exeunt::theory
{

namespace
{

thread_local Allowance* innermost = nullptr;

}

Allowance::Allowance(Limits limits) : limits_(std::move(limits)), outer_(std::exchange(innermost, this)) {}

Allowance::~Allowance() { innermost = outer_; }

void Allowance::take(double work)
{
    if (limits_.stop && *limits_.stop) throw Interrupted{};
    if (limits_.spent) limits_.spent(work);
    if (limits_.late && limits_.late()) throw TooDear{};
}

void spend(double multiplications)
{
    constexpr double a_second = 1e9;
    for (Allowance* a = innermost; a; a = a->outer_) a->take(multiplications / a_second);
}

}
