# Fails unless the library for applications exports the names in cpp/exported.txt and no others.
# Call: cmake -DNM=nm -DLIBRARY=libconvcore.so -DEXPECTED=exported.txt -P check_exports.cmake
execute_process(COMMAND ${NM} -DC --defined-only ${LIBRARY} OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "[abi:cxx11]" "" listing "${listing}")
string(REGEX REPLACE "(^|\n)[0-9a-f]+ [A-Za-z] " "\\1" listing "${listing}")
string(STRIP "${listing}" listing)
string(REPLACE "\n" ";" exported "${listing}")
list(REMOVE_DUPLICATES exported)
file(STRINGS ${EXPECTED} expected)
set(missing ${expected})
list(REMOVE_ITEM missing ${exported})
list(REMOVE_ITEM exported ${expected})
if(exported OR missing)
  list(JOIN exported "\n  " exported)
  list(JOIN missing "\n  " missing)
  message(FATAL_ERROR "${LIBRARY} and ${EXPECTED} differ.\nExported only:\n  ${exported}\nListed only:\n  ${missing}\n"
                      "What is part of the interface belongs into the list; anything else needs a namespace or file of its own.")
endif()
