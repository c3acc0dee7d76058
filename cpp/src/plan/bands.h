// Depth first inside of an image: consecutive steps of a prediction run over some rows of an image at a time, each thread on
// rows of its own, so that what one step writes the next reads from the thread's own cache, and threads meet once for all.
#pragma once

#include <vector>

#include "plan/plan.h"

namespace convcore {

// Groups the steps of a plan that is chosen but not laid out: adds to Plan::groups. Results do not change by a bit. `source`
// as in lay_out().
void cut_into_bands(Plan& plan, const std::vector<int>& source, const PlanSettings& settings);

}  // namespace convcore
