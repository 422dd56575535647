// cli/paths.hpp: what a campaign of whole paths saw, for the terminal, for scripts and as tables.
#pragma once

#include "cli/files.hpp"
#include "model/spec.hpp"
#include "sim/path_campaign.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace exeunt::cli
{

/// The paths of one cell: the share of the steps 1, …, N that end in each field, over replicas.
struct PathSummary {
    sim::Cell cell;
    std::vector<double> share; ///< one per well
    std::vector<double> error; ///< standard error of each; NaN for a single path
};
PathSummary summary(const sim::Cell& cell, const sim::Observation& seen, std::uint64_t steps);

struct PathCampaign {
    const model::Spec& spec;
    std::uint64_t paths, steps;
    std::string store;                 ///< file
    std::vector<std::string> csv = {}; ///< files; empty when none were asked for
    std::vector<PathSummary> cells = {};
};
std::string paths_text(const PathCampaign& campaign);
std::string paths_json(const PathCampaign& campaign);

/// The tables of a campaign, cell after cell; each line begins with clip,learning_rate,well, the last where X starts.
/// Numbers read back as the same doubles.
///     paths.csv      replica, the steps in each field, the final state
///     wells.csv      replica, step, the well whose field holds X then
///     states.csv     replica, step, X
///     histogram.csv  from, to, how many steps of all replicas ended between; from -inf and to inf at the ends
class PathTables
{
  public:
    PathTables(const std::filesystem::path& folder, std::size_t wells);
    void write(const sim::Cell& cell, const sim::Observation& seen, const sim::Observables& what);
    /// The files, whole and in place.
    std::vector<std::string> publish();

  private:
    std::filesystem::path folder_;
    GrowingFile paths_, wells_, states_, histogram_;
};

}
