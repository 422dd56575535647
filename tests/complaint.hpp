// tests/complaint.hpp: what a user is told.
#pragma once

#include "model/error.hpp"

#include <string>

/// The message of the BadInput that the work ends with; "accepted" when it ends well.
template<class Work> std::string complaint(const Work& work)
{
    try {
        work();
    } catch (const exeunt::BadInput& problem) {
        return problem.what();
    }
    return "accepted";
}
