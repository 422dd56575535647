#include "validation/family.hpp"

namespace exeunt::validation
{

double weight(Claim claim)
{
    switch (claim) { // the scale decides the number of exits, and halving its level costs 4 % of them
    case Claim::exit_scale:
        return 0.4;
    case Claim::exit_split:
        return 0.3;
    case Claim::exit_shape:
    case Claim::exit_joint:
        return 0.1;
    case Claim::wells_at_times:
    case Claim::passage_time:
    case Claim::passage_split:
        return 0.025;
    case Claim::share:
    case Claim::share_at_time:
        return 0.0125;
    }
    return 0;
}

}
