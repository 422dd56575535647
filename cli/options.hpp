// cli/options.hpp: what was asked for on the command line.
#pragma once

#include "model/spec.hpp"
#include "plots/output.hpp"
#include "validation/profile.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace exeunt::cli
{

/// The commands that this version can run.
enum class Command {
    predict,
    exact,
    plan,
    simulate,
    verify,
    explain,
    calibrate,
    mutants,
    figures,
    constants_record,
    constants_check,
    init
};

/// A command line, checked as far as that goes without reading the spec.
struct Request {
    Command command = Command::predict;
    std::string help = {}; ///< not empty: print this text and do nothing else
    std::string spec = {}; ///< a path or the name of a shipped spec; empty when `potential` is given
    std::optional<std::string> potential = {};   ///< f(x) of --potential
    model::Overrides overrides = {};             ///< --set, in order, then --seed
    bool json = false;                           ///< the result as one JSON document
    bool quiet = false;                          ///< no progress, no notes
    unsigned threads = 0;                        ///< 0: all cores
    std::filesystem::path out = {};              ///< empty: results/<name of the spec>
    bool ladder = false;                         ///< exact: the approach to the limit, too
    bool law = false;                            ///< exact: the laws of the exits, too
    std::optional<std::uint64_t> replicas = {};  ///< simulate: of every cell
    std::optional<std::uint64_t> max_steps = {}; ///< simulate: replicas are censored there
    bool export_csv = false;                     ///< simulate: what is stored as CSV files, too
    std::optional<std::uint64_t> paths = {};     ///< simulate: whole paths of every cell, in place of exits
    std::optional<std::uint64_t> steps = {};     ///< simulate: of each path; exact: of histograms
    unsigned cores = 0;                          ///< plan: of another machine; 0: none asked for
    std::optional<std::uint64_t> campaigns = {}; ///< calibrate, mutants
    validation::Profile profile = validation::Profile::standard; ///< plan, verify
    std::filesystem::path junit = {};         ///< verify: the verdicts as JUnit's XML, too; empty: none
    bool whole_line = false;                  ///< verify, plan: the claims on the whole line, too
    std::string claim = {};                   ///< explain: empty: the list of all
    bool stationary = false;                  ///< exact: the stationary law, too
    std::vector<std::string> only = {};       ///< names of figures; empty: all
    std::vector<plots::Format> formats = {};  ///< figures: of the pictures; empty: the usual ones
    plots::Theme theme = plots::Theme::paper; ///< figures
    std::filesystem::path file = {};          ///< constants, init: what is written or read
    std::vector<std::string> specs = {};      ///< constants: each as `spec`; check: empty: all of the file
    std::optional<std::string> reason = {};   ///< constants check: today's values are accepted, for this reason
    std::string from = {};                    ///< init: the shipped spec to start from; empty: the starter
};

/// The arguments of main without the program's name. BadInput, on one line, for what is no command, no option, or a
/// value that an option does not take; a near miss is answered with the name that was probably meant.
Request parse(const std::vector<std::string>& arguments);

/// A shell line that asks `./exeunt verify` for the same spec, every value quoted that needs it.
std::string command_line(const Request& request);

}
