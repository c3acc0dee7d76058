// The plain argument structs of all kernels, one header per family.
#pragma once

#include "base/parallel.h"
#include "kernels/affine.h"
#include "kernels/batch_norm.h"
#include "kernels/cast.h"
#include "kernels/conv.h"
#include "kernels/copy.h"
#include "kernels/depthwise.h"
#include "kernels/elementwise.h"
#include "kernels/layer_norm.h"
#include "kernels/pool.h"
#include "kernels/random.h"
#include "kernels/reduce.h"
#include "kernels/resize.h"
#include "kernels/softmax.h"
#include "kernels/winograd.h"
#include "kernels/winograd_filter.h"
