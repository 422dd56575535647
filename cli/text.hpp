// cli/text.hpp: results for the eye: the tables and sentences that the terminal and the report share, and the whole
// output of predict, exact and verify.
#pragma once

#include "cli/json.hpp"
#include "cli/table.hpp"
#include "theory/predict.hpp"
#include "validation/verify.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace exeunt::cli
{

/// "b = 0.5", or "no clipping" for b = ∞.
std::string clip_words(double clip);
/// The title of a spec with its name, and the laws it was given: potential, noise, diffusion.
std::string spec_words(const model::Spec& spec);

/// One row a well: minimum, field, radius, l*, q_i, and the largest q_{i,j}.
Table wells_table(const model::Landscape& landscape, const theory::Prediction& prediction);
/// A sentence for the graph, then one for each class: where the limit lives and what it leaves.
std::vector<std::string> graph_sentences(const theory::Prediction& prediction);
/// The generator of a class, with the rates of being killed where it has them and the stationary law where there is
/// one; a list of the positive rates where the matrix would be wider than a page.
Table generator_table(const theory::LimitChain& chain);

/// The limiting chain of class k in words.
struct ChainWords {
    std::string head;     ///< ends with ':' when the table follows
    bool table;           ///< whether generator_table says more
    std::string entrance; ///< where it begins when X starts in a well that is no state of it; may be empty
};
ChainWords chain_words(const theory::Prediction& prediction, std::size_t k);

/// Kramers' times of a light-tailed control, one row a learning rate and well.
Table kramers_table(const theory::Prediction& prediction);
/// What predictions come from: "limit theorem" or "Kramers' formula".
std::string predicted_by(const std::vector<theory::Prediction>& predictions);

/// One row a cell; the orders come from the predictions.
Table exact_table(const std::vector<theory::ExactCell>& cells, const std::vector<theory::Prediction>& predictions);

/// One row a cell: the rate at which it is left in the end, and quantiles in steps.
Table quantiles_table(const Exact& exact);
/// One row a cell: P(σ > j) at powers of ten.
Table survival_table(const Exact& exact);
/// One row a rung, then the limits, the measured orders of approach and the verdicts.
Table ladder_table(const validation::Ladder& study, const std::vector<validation::Hypothesis>& limits);

/// One row a rung: the shares of time, scaled, and the distance of the laws; then the limits, those of the theory, the
/// measured orders of approach and the verdicts. Of many wells, the first six. For a study that is not silent.
Table shares_table(const validation::IrreducibleLadder& study, const std::vector<validation::Hypothesis>& limits);

/// One row a cell: predicted, exact, simulated, and the verdicts on scale, law and split.
struct CellsTable {
    Table table;
    std::vector<std::string> notes; ///< why cells were not simulated: note k is marked [k] in the table, from 1
};
CellsTable cells_table(const validation::Verification& verification);
/// One row a ladder: the ratio exact / limit and the share of the likeliest place, extrapolated to η = 0.
Table limits_table(const validation::Verification& verification);
/// One row a hypothesis on shares of time and laws at given times in the limit (L4); empty where nothing is claimed.
Table shares_limits_table(const validation::Verification& verification);
/// One row a hypothesis on the whole line (S5 to S7); empty where none was asked for.
Table whole_line_table(const validation::Verification& verification);
/// "38 confirmed, 0 refuted, 4 inconclusive".
std::string counts(const std::vector<validation::Hypothesis>& hypotheses);
/// What the run could have got wrong and what it could have seen.
std::string power_sentence(const model::Spec& spec, const validation::Verification& verification);

/// The hypothesis on the mean exit time, on its law (over all exits and given the place, or in the limit its own and
/// its independence of the place: the one worst off), or on the exit split, of a cell or in the limit of a ladder;
/// nullptr when there is none.
enum class Question { time, law, split };
const validation::Hypothesis* find(const validation::Verification& verification, const theory::ExactCell& cell,
                                   Question question);
const validation::Hypothesis* find(const validation::Verification& verification, const validation::Ladder& ladder,
                                   Question question);

std::string predict_text(const model::Spec& spec, const model::Landscape& landscape,
                         const std::vector<theory::Prediction>& predictions);
std::string exact_text(const model::Spec& spec, const Exact& exact, const std::vector<theory::Prediction>& predictions);
std::string verify_text(const model::Spec& spec, const validation::Verification& verification,
                        const std::string& report, bool colour);

}
