// Memory of results that nobody holds any more, for the next results of the same size.
//
// A loop over batches drops one result per call and asks for the next, equally large. Memory that the system gives back and
// hands out anew costs a page fault per page: on 25 MB that was three times the convolution which fills them.
#pragma once

#include "base/buffer.h"

namespace convcore::python {

// Uninitialised memory of `bytes` bytes, kept or new. Throws std::bad_alloc.
Buffer take_output_memory(std::size_t bytes);
// Keeps the buffer for a later take of the same size, within bounds; else frees it.
void give_back_output_memory(Buffer buffer);

}  // namespace convcore::python
