// cli/explain.hpp: what a claim says and how it is judged, in words.
#pragma once

#include <string>

namespace exeunt::cli
{

/// The page of a claim, named as in a record ("exit-split", "exit-time.mean/clip=0.5/eta=0.01/well=2"); the list of all
/// for an empty name. BadInput for a name that is none.
std::string explain_text(const std::string& claim);

}
