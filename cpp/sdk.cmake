# The library for applications: `find_package(convcore CONFIG)`, target convcore::convcore. In a wheel everything lies inside
# the Python package; `python -m convcore --cmakedir` tells where.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(sdk_objects $<TARGET_OBJECTS:convcore_core> ${own_simd_objects})
if(NOT BUILD_SHARED_LIBS AND CMAKE_OBJCOPY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # A static library of one object: what many files instantiate is there once, and only the interface keeps its name.
  set(merged ${CMAKE_CURRENT_BINARY_DIR}/convcore_merged.o)
  set(resolve "")  # the tool that settles relocations: written for x86-64, and it must run here
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" AND NOT CMAKE_CROSSCOMPILING)
    add_executable(convcore_resolve EXCLUDE_FROM_ALL tools/resolve.cpp)
    target_link_libraries(convcore_resolve PRIVATE convcore_options)
    set(resolve -DRESOLVE=$<TARGET_FILE:convcore_resolve>)
  endif()
  add_custom_command(
    OUTPUT ${merged}
    COMMAND ${CMAKE_COMMAND} -DLD=${CMAKE_LINKER} -DNM=${CMAKE_NM} -DOBJCOPY=${CMAKE_OBJCOPY} -DOUTPUT=${merged}
            -DSCRIPT=${CMAKE_CURRENT_SOURCE_DIR}/merged.ld ${resolve} -P ${CMAKE_CURRENT_SOURCE_DIR}/merge_objects.cmake ${sdk_objects}
    DEPENDS ${sdk_objects} merged.ld merge_objects.cmake $<TARGET_NAME_IF_EXISTS:convcore_resolve>
    COMMAND_EXPAND_LISTS VERBATIM)
  set(sdk_objects ${merged})
endif()
add_library(convcore ${sdk_objects})
set_target_properties(convcore PROPERTIES LINKER_LANGUAGE CXX)
add_library(convcore::convcore ALIAS convcore)
target_include_directories(convcore PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>)
target_compile_features(convcore PUBLIC cxx_std_20)
target_link_libraries(convcore PRIVATE Threads::Threads $<$<BOOL:${CONVCORE_OPENMP}>:${OpenMP_CXX_LIBRARIES}>)
target_link_libraries(convcore PRIVATE $<BUILD_INTERFACE:convcore_options>)
set(sdk_targets convcore)
if(CONVCORE_SHARED_KERNELS)
  target_link_libraries(convcore PRIVATE convcore_kernels)
  set_target_properties(convcore PROPERTIES INSTALL_RPATH "$ORIGIN")
  list(APPEND sdk_targets convcore_kernels)
endif()
if(BUILD_SHARED_LIBS)
  # Instances of the standard library's templates would otherwise be exported beside ours.
  target_link_options(convcore PRIVATE -Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/exported.map -Wl,--gc-sections -Wl,--no-undefined)
  set_target_properties(convcore PROPERTIES LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/exported.map)
endif()

if(SKBUILD)
  set(sdk_lib convcore/lib)
  set(sdk_include convcore/include)
  set(sdk_cmake convcore/lib/cmake/convcore)
  set_target_properties(convcore PROPERTIES NO_SONAME ON)  # a wheel holds no links
else()
  set(sdk_lib ${CMAKE_INSTALL_LIBDIR})
  set(sdk_include ${CMAKE_INSTALL_INCLUDEDIR})
  set(sdk_cmake ${CMAKE_INSTALL_LIBDIR}/cmake/convcore)
  set_target_properties(convcore PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
endif()

install(TARGETS ${sdk_targets} EXPORT convcore_targets LIBRARY DESTINATION ${sdk_lib} ARCHIVE DESTINATION ${sdk_lib}
        INCLUDES DESTINATION ${sdk_include})
install(DIRECTORY include/convcore DESTINATION ${sdk_include})
install(EXPORT convcore_targets NAMESPACE convcore:: FILE convcoreTargets.cmake DESTINATION ${sdk_cmake})
configure_package_config_file(convcoreConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/convcoreConfig.cmake
                              INSTALL_DESTINATION ${sdk_cmake})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/convcoreConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/convcoreConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/convcoreConfigVersion.cmake
        DESTINATION ${sdk_cmake})
