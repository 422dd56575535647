// model/spec.hpp: the spec of an experiment, a TOML file, and the model it describes.
//
// Every error is a BadInput of one line: what is wrong, where (file, line, section and key) and what would be right.
#pragma once

#include "model/model.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace exeunt::model
{

/// [potential]: f, typed or built in, and the interval on which its critical points are sought.
struct PotentialSpec {
    std::string expression;                   ///< f(x) as typed; empty when a built-in potential is named
    std::string builtin;                      ///< its name; empty when f is typed
    std::map<std::string, double> parameters; ///< names usable in every expression of the spec; default none
    Domain domain;                            ///< default [-5, 5], clamp = false; wang2022: [-1.6, 1.6], clamp = true
};

/// [noise]: the law of Z.
struct NoiseSpec {
    std::string law = "lomax";         ///< one of noise_laws()
    std::optional<double> alpha = 1.2; ///< tail index; absent for gaussian, which has none
    double scale = 0.1;
    double p_plus = 0.5; ///< weight of the right tail
};

/// [dynamics]: the cells of the experiment are every clip × every learning rate × every well.
struct DynamicsSpec {
    std::vector<double> clip = {0.7, std::numeric_limits<double>::infinity()}; ///< b > 0; ∞ is plain SGD
    std::vector<double> learning_rate = {0.05, 0.02, 0.01};                    ///< η > 0
    std::string diffusion = "1";                                               ///< σ(x), an expression
};

/// [verify]: what a run must be able to see.
struct VerifySpec {
    double false_alarm = 1e-3;      ///< probability that a run refutes a true theory, over all its tests
    double effect = 0.05;           ///< relative error of a constant that must be noticed …
    std::optional<double> distance; ///< … and distance of two laws, in probability; absent: the same number
    double power = 0.99;            ///< … with at least this probability
    std::optional<double> budget;   ///< seconds of wall time for the simulation; absent: whatever the power needs
    std::uint64_t seed = 2022;
    std::vector<double> ladder; ///< learning rates of the oracle → limit study; empty: chosen by the study
};

/// A spec, checked: every number is in its range, every expression parses. Whether f has wells is Landscape's question.
struct Spec {
    std::string name;   ///< letters, digits, '.', '_' and '-'; default: the file's name without ending
    std::string title;  ///< default: the name
    std::string source; ///< where it came from, as the messages say it: "specs/a.toml", "--potential"
    PotentialSpec potential;
    NoiseSpec noise;
    DynamicsSpec dynamics;
    VerifySpec verify;
};

/// "section.key=value", as `--set` takes them; later ones win. The value is read as TOML, and as a string where it is
/// none ("60s", x^2); numbers with commas between them make a list. An override of potential.expression replaces a
/// built-in potential, and the other way round.
using Overrides = std::vector<std::string>;

/// The spec in the file `spec`, or, when there is no such file and `spec` has no '/', the shipped one of that name,
/// shipped/<spec>.toml. At most 64 KiB.
Spec load_spec(const std::string& spec, const Overrides& overrides, const std::filesystem::path& shipped);
/// The spec in a text; `source` is its name in messages. Default name of the spec: the stem of `source`.
Spec parse_spec(std::string_view toml, const std::string& source, const Overrides& overrides = {});
/// The spec "custom" with this potential and every other key at its default.
Spec default_spec(const std::string& expression, const Overrides& overrides = {});
/// The names of the specs in a folder, sorted; none when it is not there.
std::vector<std::string> shipped_specs(const std::filesystem::path& folder);

/// f on its domain, with its wells; kinks are sought on thrice the domain unless the process is clamped to it.
/// BadInput, naming the spec, when the theory does not cover it (landscape.hpp).
Landscape landscape(const Spec& spec);
/// The law of Z.
Noise noise(const Spec& spec);
/// σ(x). BadInput unless it is proved to be finite and > 0 in the domain (critical.hpp).
Function diffusion(const Spec& spec);
/// The process at one threshold and learning rate. The landscape is computed anew: keep the model, or build it from
/// the parts above.
Model model(const Spec& spec, double clip, double eta);

/// What determines the law of X but for b and η, as text: potential (white space removed), parameters in the order of
/// their names, domain, clamp, noise, diffusion; numbers in hexadecimal, "key=value" lines. Names, titles, lists and
/// [verify] are not part of it: a cell keeps its randomness when another is added.
std::string canonical(const Spec& spec);
/// FNV-1a (64 bit) of canonical(spec).
std::uint64_t hash(const Spec& spec);
/// The key of a cell's random stream: FNV-1a of canonical(spec) and the lines clip, learning_rate and well (from 1).
/// `well` counts from 0.
std::uint64_t cell_key(const Spec& spec, double clip, double eta, std::size_t well);

}
