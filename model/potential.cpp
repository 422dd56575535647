#include "model/potential.hpp"

#include "model/error.hpp"

namespace exeunt::model
{

Function Function::constant(double c)
{
    const auto formula = [c]<class T>(const T&) { return T(c); };
    Function f = Function::of(formula, std::to_string(c));
    f.constant_ = true;
    return f;
}

Function builtin_potential(const std::string& name)
{
    if (name == "wang2022") return Function::of(Wang2022{}, name);
    throw BadInput("there is no built-in potential \"" + name + "\"; there is: wang2022");
}

}
