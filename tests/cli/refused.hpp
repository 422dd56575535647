// tests/cli/refused.hpp: what every refusal of the command has in common.
#pragma once

#include "program.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <string>

namespace exeunt::cli::tests
{

/// The command must fail with this status, with one line that contains `words`, and leave every file as it was.
inline void refused(const Scratch& folder, const std::string& arguments, const std::string& words, int status = 2)
{
    const auto names = folder.names();
    std::map<std::string, std::string> files;
    for (const std::string& name : names)
        if (fs::is_regular_file(folder.path / name)) files[name] = bytes(folder.path / name);
    const Answer answer = call(arguments, folder.path);
    INFO(arguments << "\n" << answer.err);
    CHECK(answer.status == status);
    CHECK(answer.one_line());
    CHECK_THAT(answer.err, Catch::Contains(words));
    CHECK(answer.out.empty());
    CHECK(folder.names() == names);
    for (const auto& [name, text] : files) CHECK(bytes(folder.path / name) == text);
}

}
