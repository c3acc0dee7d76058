// Marks what the shared library offers; everything else stays inside it.
#pragma once

#if defined(_WIN32)
#error "convcore is built for POSIX systems"
#else
#define CONVCORE_API __attribute__((visibility("default")))
#endif
