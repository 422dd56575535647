// cli/observed.hpp: what X was seen to do on the whole line, as the results folder keeps it for the figures.
#pragma once

#include "model/spec.hpp"
#include "validation/limit_walk.hpp"
#include "validation/portrait.hpp"

#include <optional>
#include <string>

namespace exeunt::cli
{

/// portrait.json, the data of the histograms and trajectories, and ctmc.json, that of the limiting chain. Each is read
/// back bit for bit from a text that was written of the same model, cells, [verify] keys and version; nothing when it
/// was written of others, or is no such text.
std::string portrait_json(const model::Spec& spec, const validation::Portrait& portrait);
std::optional<validation::Portrait> read_portrait(const std::string& text, const model::Spec& spec);
std::string walk_json(const model::Spec& spec, const validation::LimitWalk& walk);
std::optional<validation::LimitWalk> read_walk(const std::string& text, const model::Spec& spec);

}
