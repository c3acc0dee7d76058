# Fails if an object of kernels/simd holds a symbol that the linker could merge across ISAs (cpp/src/kernels/README.md).
# Call: cmake -DNM=nm "-DOBJECTS=a.o;b.o" -P check_symbols.cmake
if(NOT OBJECTS)
  message(FATAL_ERROR "no objects to check")
endif()
set(offenders "")
foreach(object IN LISTS OBJECTS)
  execute_process(COMMAND ${NM} ${object} OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
  # V, v, W, w: weak; u: the unique global of an inline variable or template.
  string(REGEX MATCHALL "[^\n]* [VvWwu] [^\n]*" shared "${listing}")
  foreach(line IN LISTS shared)
    list(APPEND offenders "  ${object}: ${line}\n")
  endforeach()
endforeach()
if(offenders)
  message(FATAL_ERROR "make these static or put them in an anonymous namespace:\n" ${offenders})
endif()
