// cli/simulate.hpp: what a campaign found, for the terminal, for scripts and as a table of every exit.
#pragma once

#include "cli/files.hpp"
#include "model/spec.hpp"
#include "sim/campaign.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace exeunt::cli
{

/// The exits of one cell.
struct CellSummary {
    sim::Cell cell;
    std::uint64_t exits;               ///< replicas that left
    std::uint64_t censored;            ///< replicas that had not
    double steps;                      ///< taken by all of them
    double mean, error;                ///< of σ over the replicas, and its standard error; NaN when some are censored
    std::vector<std::uint64_t> places; ///< exits into each field that was entered, up to the last one
};
CellSummary summary(const sim::Cell& cell, const std::vector<sim::Exit>& exits);

struct Campaign {
    const model::Spec& spec;
    const sim::CampaignPlan& plan;
    std::string store;    ///< file
    std::string csv = {}; ///< file; empty when none was asked for
    std::vector<CellSummary> cells = {};
};
std::string simulate_text(const Campaign& campaign);
std::string simulate_json(const Campaign& campaign);

/// clip,learning_rate,well,replica,exit_step,to,final_state: a line an exit, cell after cell, replica after replica;
/// numbers read back as the same doubles. `to` is the well entered, empty for a replica that was censored at exit_step.
std::string csv_head();
void write_csv(GrowingFile& file, const sim::Cell& cell, const std::vector<sim::Exit>& exits);

}
