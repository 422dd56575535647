#include "cli/explain.hpp"

#include "model/error.hpp"
#include "model/message.hpp"
#include "plots/text.hpp"

#include <array>
#include <fmt/format.h>
#include <vector>

namespace exeunt::cli
{
namespace
{

/// One kind of claim.
struct Page {
    const char* name;
    const char* label; ///< of validation.md
    const char* claim;
    const char* theorem;
    const char* test;
    const char* size;
};

constexpr const char* exact_at_eta = "None is needed: X is a Markov chain whose one-step law is known in closed form, "
                                     "so the exact chain gives the law of "
                                     "σ_i = min{ j : X_j ∉ Ω_i }, started at the minimum m_i, at this learning rate η "
                                     "and clip b. No limit is taken, and "
                                     "no asymptotic error hides in the comparison.";

constexpr const char* whole_line_at_eta =
    "None is needed: the exact chain on the whole line has no limit in it. As η → 0, X at the times t/λ^large(η) tends "
    "to the Markov chain Y on the widest wells, which is what exact --ladder and the figure ctmc show.";

constexpr std::array<Page, 16> pages = {{
    {"exit-time.mean", "S1", "The simulated exit time has the scale that the exact chain gives it.", exact_at_eta,
     "Every exit at step j becomes A = -log(1 - U), U = P(σ < j) + V P(σ = j) with V uniform: under the exact law A is "
     "exponential with mean 1, exactly. With d exits and S = ΣA, E = ∫ R^d e^{-(R-1)S} Gamma(k, k)(dR) is a martingale "
     "of mean 1, so that E ≥ 1/α ever happens with probability at most α, however often one looks. The interval holds "
     "the hazard ratios R that E has not excluded; a censored path adds -log P(σ > c) to S.",
     "Refuted when the interval excludes the exact mean, confirmed when it lies within `effect` of it. The planned "
     "exits "
     "are those with which a fixed test of the same level would see `effect` with probability `power`; the process "
     "goes "
     "on, to about a quarter more, until it is sure."},
    {"exit-time.law", "S2", "The simulated exit time has the whole law that the exact chain gives it.", exact_at_eta,
     "The transforms U of all exits are uniform, exactly. Anderson and Darling's A² measures how far they are from it, "
     "with weight in both tails; its p-value comes from the tail of the limit law. The gap shown is the largest "
     "between "
     "the distribution functions, with the band of Dvoretzky, Kiefer and Wolfowitz.",
     "Refuted when the p-value is below the level; confirmed when the band stays within `effect` of the exact law "
     "everywhere. The planned exits make that so with probability `power`."},
    {"exit-split", "S3", "Exits enter each field as often as the exact chain says.", exact_at_eta,
     "The count of exits into each field against the binomial law of its exact probability, two-sided, the level "
     "shared "
     "by the fields (Clopper and Pearson's intervals). A field that cannot be entered refutes with one exit.",
     "Refuted when any field's interval excludes its probability; confirmed when that of the likeliest field lies "
     "within `effect`. Rare fields cost n (1 - p)/p: they are tested, but not planned for."},
    {"exit-time.given-place", "S4",
     "Given the field that is entered, the simulated exit time has the law that the exact chain gives it.",
     exact_at_eta,
     "As exit-time.law, with the conditional law of σ in each field, the level shared in proportion to the fields' "
     "probabilities. With exit-split it covers the whole joint law of exit time and place. At finite η the two are not "
     "independent, so independence is never a null hypothesis.",
     "As exit-time.law, for the likeliest field."},
    {"wells-at-times", "S5", "After two given numbers of steps X is in the pairs of fields that the exact chain says.",
     whole_line_at_eta,
     "Independent replicas; each is in one of wells² pairs of fields at steps N/4 and N. The count of each pair "
     "against "
     "the binomial law of its exact probability, pairs of fewer than ten expected counts taken together, the level "
     "shared by the pairs. The distance shown is that in total variation, with what the intervals leave of it. Asked "
     "by "
     "verify --whole-line.",
     "Refuted when any pair's interval excludes its probability; confirmed when the laws are no further apart than "
     "`effect`. The replicas make that so with probability `power`."},
    {"passage-time.mean", "S6", "From one wide well to the core of another X takes the time that the exact chain says.",
     whole_line_at_eta,
     "First passages of independent replicas from a minimum to m_j ± r_j/2 of the other wide wells: their steps as in "
     "exit-time.mean. First passages only: what follows one depends on it. Asked by verify --whole-line.",
     "As exit-time.mean."},
    {"passage-split", "S6", "X comes to the core of each other wide well first as often as the exact chain says.",
     whole_line_at_eta, "As exit-split, with the cores in place of the fields. Asked by verify --whole-line.",
     "As exit-split."},
    {"time-share.sharp", "S7", "X spends the share of its time in the sharp fields that the exact chain says.",
     "Its limit is 0: as η → 0, X lives on the widest minima alone. At this learning rate it is not, and its mean over "
     "N "
     "steps is known exactly.",
     "The share of N steps of independent replicas: a number in [0, 1] of a skewed law. Bets against each mean m win "
     "without bound unless m is right (Waudby-Smith and Ramdas 2024); the interval holds the m against which they have "
     "not won 2/α. No law is assumed. Asked by verify --whole-line.",
     "Refuted when the interval excludes the exact share; confirmed when it is within `effect` of it, as a "
     "difference."},
    {"sharp-at-time", "S7", "After N steps X is in the sharp fields as often as the exact chain says.",
     "Its limit is 0, as that of time-share.sharp. At this learning rate the probability is known exactly.",
     "Independent replicas: the count of those that are in a sharp field at step N against the binomial law of the "
     "exact probability (Clopper and Pearson's interval). Asked by verify --whole-line.",
     "As time-share.sharp."},
    {"exit-time.limit", "L1", "The mean exit time of the exact chain, times q_i λ_i(η), tends to 1.",
     "As η → 0, q_i λ_i(η) σ_i ⇒ Exp(1), with λ_i(η) = H(1/η)(H(1/η)/η)^{l*-1}, H the tail of the noise, l* = ⌈r_i/b⌉ "
     "the least number of clipped jumps that leave Ω_i, and q_i the rate of the paths that do.",
     "Deterministic: the exact chain on a ladder of falling η, extrapolated in the powers of η in which the correction "
     "comes, with an error interval.",
     "No chance is involved. Refuted when the interval excludes 1, confirmed when it lies within `effect` of 1."},
    {"exit-split.limit", "L1", "The share of exits into the likeliest field tends to q_ij / q_i.",
     "As η → 0, P(X_σ ∈ Ω_j) → q_ij/q_i, independently of the exit time.", "Deterministic, as exit-time.limit.",
     "As exit-time.limit."},
    {"exit-time.slope", "L3", "The local slope of log E σ against log 1/λ(η) tends to 1.",
     "The mean exit time is of order 1/λ_i(η): one order of λ a power of the exit order l*.",
     "Deterministic: slopes between neighbouring rungs of the ladder, extrapolated.", "As exit-time.limit."},
    {"exit-time.law-limit", "L1", "The law of q_i λ_i(η) σ_i tends to Exp(1).",
     "As η → 0, q_i λ_i(η) σ_i(η) ⇒ Exp(1), from any start in Ω_i.",
     "Deterministic, on a ladder of falling η: the largest gap of the law of σ/E σ from the exponential one is "
     "extrapolated, and what the limit of q_i λ_i(η) E σ may differ from 1 by is added. That first gap vanishes long "
     "before the mean has come to its limit, so that few rungs need the whole law. exact --ladder prints the gap of "
     "q_i λ_i(η) σ itself.",
     "No chance is involved. Refuted when the interval excludes 0, confirmed when it ends below `effect`."},
    {"exit-split.independence", "L2", "Exit time and place become independent.",
     "As η → 0, σ_i and X_{σ_i} are asymptotically independent. At finite η they are not, so this is never a null "
     "hypothesis of a test.",
     "Deterministic: the largest of |P(σ ≤ t, j) - P(σ ≤ t) P(j)| over times and fields, on the first rungs of a "
     "ladder "
     "of falling η, extrapolated.",
     "As exit-time.law-limit."},
    {"time-share.limit", "L4",
     "The share of time in each field, times (H(1/η)/η)^(l* - l^large), tends to its limit: the sharp minima are "
     "eliminated.",
     "On an irreducible graph X_{⌊t/λ^large(η)⌋} tends to a Markov chain Y that lives on the widest minima, those with "
     "l* = l^large, and the share of time in the other fields tends to 0. A path through a field of smaller l* stays "
     "there (H(1/η)/η)^(l^large - l*) times as long as in a wide one, so that its share, so scaled, has a limit: "
     "w_i = F_i / q_i, F_i = Σ_j F_j q_ji/q_j the flow through the well when Y is stationary. For a widest well it is "
     "the stationary law of Y.",
     "Deterministic: π(Ω_i) of the exact chain on the whole line, on a ladder of falling η, extrapolated as in "
     "exit-time.limit. Printed by exact --ladder; by verify where its part of the budget allows it, and not in a "
     "gate. Nothing is claimed of a reducible graph or of light tails.",
     "No chance is involved. Refuted when the interval excludes the limit, confirmed when it lies within `effect` of "
     "it."},
    {"wells-at-times.limit", "L4", "After t/λ^large(η) steps X has the law of the limiting chain at t.",
     "On an irreducible graph X_{⌊t/λ^large(η)⌋}, begun in a widest well, tends in law to Y_t, exp(tQ) with Q the "
     "generator that predict prints.",
     "Deterministic: the distance in total variation between the exact law of the field of X and that of Y, the "
     "largest of three times (a quarter of, once and twice the mean time that Y stays in the well of the start), on a "
     "ladder of falling η, extrapolated. Where it is asked: as time-share.limit.",
     "As exit-time.law-limit."},
}};

std::string paragraph(const std::string& head, const std::string& text)
{
    std::string out = head + "\n";
    for (const std::string& line : plots::wrapped(text, 96)) out += "  " + line + "\n";
    return out + "\n";
}

}

std::string explain_text(const std::string& claim)
{
    if (claim.empty()) {
        std::string text;
        for (const Page& page : pages) text += fmt::format("  {:<22} {}  {}\n", page.name, page.label, page.claim);
        return text;
    }
    const std::string name = claim.substr(0, claim.find('/'));
    std::vector<std::string> names;
    for (const Page& page : pages) {
        if (name == page.name)
            return fmt::format("{} ({})\n\n", page.name, page.label) + paragraph("Claim", page.claim) +
                   paragraph("Theorem", page.theorem) + paragraph("Test", page.test) +
                   paragraph("Size and power", page.size);
        names.emplace_back(page.name);
    }
    const std::string guess = model::suggestion(name, names);
    throw BadInput(fmt::format("{}: no such claim; {}", model::printable(claim, 60),
                               guess.empty() ? "there is: " + model::join(names, ", ") : guess));
}

}
