// cli/version.hpp: the version of the program, as CMake's project() states it.
#pragma once

namespace exeunt::cli
{

inline constexpr const char* version = EXEUNT_VERSION;

}
