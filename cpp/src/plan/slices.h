// Depth first: consecutive steps of a prediction or of a training step run over a few images at a time, so that what one
// step writes the next reads from a cache.
#pragma once

#include <vector>

#include "plan/plan.h"

namespace convcore {

// Groups the steps of a plan that is chosen but not laid out: adds to Plan::groups and makes the grouped steps anew for the
// images of one slice. Results do not change by a bit. settings.slice_images: so many at a time wherever possible (they must
// divide the batch); 0: as many as the sizes of values, weights and caches suggest; the whole batch: no slices.
void cut_into_slices(Plan& plan, const PlanSettings& settings);

}  // namespace convcore
