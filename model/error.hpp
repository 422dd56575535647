// model/error.hpp: what a caller can be told.
#pragma once

#include <stdexcept>

namespace exeunt
{

/// The command line, the spec or the landscape asks for something that cannot be done. The message is one line: what is
/// wrong, where, and what would be right. The command ends with status 2.
struct BadInput : std::domain_error {
    using std::domain_error::domain_error;
};

/// A numerical method could not reach its stated accuracy; the message says which and what was reached. Status 4.
struct NotConverged : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Thrown when the caller's `stop` said so. Status 130.
struct Interrupted {
};

}
