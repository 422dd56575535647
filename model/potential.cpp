#include "model/potential.hpp"

#include "model/error.hpp"
#include "model/message.hpp"

#include <fmt/format.h>

namespace exeunt::model
{

Function Function::constant(double c, std::string text)
{
    const auto formula = [c]<class T>(const T&) { return T(c); };
    Function f = Function::of(formula, text.empty() ? fmt::format("{}", c) : std::move(text));
    f.constant_ = true;
    return f;
}

Function builtin_potential(const std::string& name)
{
    if (name == "wang2022") return Function::of(Wang2022{}, name);
    throw BadInput("there is no built-in potential \"" + printable(name, 40) + "\"; there is: wang2022");
}

}
