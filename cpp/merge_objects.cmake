# Makes one object of many: what several instantiate is there once, and only the interface keeps its name.
# Call: cmake -DLD=ld -DNM=nm -DOBJCOPY=objcopy -DSCRIPT=merged.ld [-DRESOLVE=resolve] -DOUTPUT=all.o -P merge_objects.cmake a.o b.o ...
set(objects "")
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
  if(CMAKE_ARGV${i} MATCHES "\\.(o|obj)$" AND NOT CMAKE_ARGV${i} MATCHES "^-D")
    list(APPEND objects ${CMAKE_ARGV${i}})
  endif()
endforeach()
execute_process(COMMAND ${LD} -r --force-group-allocation -T ${SCRIPT} -o ${OUTPUT} ${objects} COMMAND_ERROR_IS_FATAL ANY)

# Unique symbols (static members of templates) cannot be made local, and clash with those of the application: they get names
# of their own.
execute_process(COMMAND ${NM} ${OUTPUT} OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL " u [^\n]+" unique "${listing}")
set(renames "")
foreach(line IN LISTS unique)
  string(SUBSTRING "${line}" 3 -1 name)
  string(APPEND renames "${name} ${name}.convcore\n")
endforeach()
file(WRITE ${OUTPUT}.renames "${renames}")
execute_process(COMMAND ${OBJCOPY} --redefine-syms=${OUTPUT}.renames --localize-hidden --wildcard --keep-global-symbol=cc_*
                        --keep-global-symbol=_Z*8convcore* ${OUTPUT}
                COMMAND_ERROR_IS_FATAL ANY)
if(RESOLVE)
  execute_process(COMMAND ${RESOLVE} ${OUTPUT} COMMAND_ERROR_IS_FATAL ANY)
endif()
execute_process(COMMAND ${OBJCOPY} --strip-unneeded --remove-section=.comment ${OUTPUT} COMMAND_ERROR_IS_FATAL ANY)
