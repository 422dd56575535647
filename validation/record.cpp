#include "validation/record.hpp"

#include <algorithm>

namespace exeunt::validation
{

const char* word(Verdict v)
{
    switch (v) {
    case Verdict::confirmed:
        return "confirmed";
    case Verdict::refuted:
        return "refuted";
    case Verdict::inconclusive:
        break;
    }
    return "inconclusive";
}

Verdict verdict_of_ratio(double lower, double upper, double effect)
{
    if (lower > 1 || upper < 1) return Verdict::refuted;
    return lower >= 1 / (1 + effect) && upper <= 1 + effect ? Verdict::confirmed : Verdict::inconclusive;
}

Verdict verdict_of_difference(double lower, double upper, double expected, double error, double effect)
{
    if (expected + error < lower || upper < expected - error) return Verdict::refuted;
    return expected - effect <= lower && upper <= expected + effect ? Verdict::confirmed : Verdict::inconclusive;
}

Verdict overall(const std::vector<Hypothesis>& hypotheses)
{
    const auto any = [&](Verdict v) {
        return std::any_of(hypotheses.begin(), hypotheses.end(), [v](const Hypothesis& h) { return h.verdict == v; });
    };
    if (any(Verdict::refuted)) return Verdict::refuted;
    return hypotheses.empty() || any(Verdict::inconclusive) ? Verdict::inconclusive : Verdict::confirmed;
}

}
