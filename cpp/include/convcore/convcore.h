// Everything that an application includes.
#pragma once

#include "convcore/activation.h"
#include "convcore/error.h"
#include "convcore/model.h"
#include "convcore/runtime.h"
#include "convcore/tensor.h"
