// cli/json.hpp: the documents that scripts read.
//
// A number is written so that it reads back as the same double. ∞ is the string "inf" (JSON has none), null stands
// where a number does not apply. Every "…_error" is absolute, in the units of the number it belongs to, unless its name
// says relative. Wells count from 1.
#pragma once

#include "cli/json_value.hpp"
#include "theory/law_summary.hpp"
#include "theory/predict.hpp"
#include "theory/stationary_cells.hpp"
#include "validation/verify.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace exeunt::cli
{

std::string predict_json(const model::Spec& spec, const model::Landscape& landscape,
                         const std::vector<theory::Prediction>& predictions);

/// What exact was asked for.
struct Exact {
    std::vector<theory::ExactCell> cells;
    std::optional<std::vector<theory::LawSummary>> laws = {};    ///< --law: one per cell
    std::optional<std::vector<validation::Ladder>> ladders = {}; ///< --ladder: clip × well, with their laws
    std::vector<validation::IrreducibleLadder> shares = {};      ///< --ladder: one per clip
    std::vector<validation::Hypothesis> limits = {};             ///< --ladder: what they say of the limits
    std::vector<theory::StationaryCell> stationary = {};         ///< --stationary: clip × learning rate
    std::uint64_t steps = 0; ///< --steps: of their histograms, 0 where there are none
};
std::string exact_json(const model::Spec& spec, const Exact& exact);

/// One hypothesis, as the record of verify holds it.
Json hypothesis_json(const validation::Hypothesis& h);

/// The record of verify. It holds what the figures need: read_verification takes it back.
std::string verify_json(const model::Spec& spec, const validation::Verification& verification,
                        const std::filesystem::path& report);

/// What determines a record: a stored one stands for a new run exactly when these agree.
Json provenance(const model::Spec& spec);
/// The number that `number` wrote, bit for bit.
double number_from(const Json& json);
validation::Verdict verdict_from(const Json& json);

/// A figure and the files it was written to.
struct DrawnFigure {
    std::string name;
    std::vector<std::filesystem::path> files;
    std::string trouble = {}; ///< why there are none; empty: there are
};
std::string figures_json(const model::Spec& spec, const std::vector<DrawnFigure>& figures);

/// Cells, ladders, level, and the verdicts of hypotheses, from a text that verify_json made of the same model, cells,
/// [verify] keys and version; nothing when it was made of others, or is no such text. Predictions are not stored: they
/// come empty.
/// Exact   Numbers are the ones that were stored, bit for bit.
std::optional<validation::Verification> read_verification(const std::string& text, const model::Spec& spec);

}
