# The library for applications: `find_package(convcore CONFIG)`, target convcore::convcore. In a wheel everything lies inside
# the Python package; `python -m convcore --cmakedir` tells where.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

add_library(convcore $<TARGET_OBJECTS:convcore_core> ${simd_objects})
add_library(convcore::convcore ALIAS convcore)
target_include_directories(convcore PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>)
target_compile_features(convcore PUBLIC cxx_std_20)
target_link_libraries(convcore PRIVATE Threads::Threads $<$<BOOL:${CONVCORE_OPENMP}>:${OpenMP_CXX_LIBRARIES}>)
target_link_libraries(convcore PRIVATE $<BUILD_INTERFACE:convcore_options>)
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

install(TARGETS convcore EXPORT convcore_targets LIBRARY DESTINATION ${sdk_lib} ARCHIVE DESTINATION ${sdk_lib}
        INCLUDES DESTINATION ${sdk_include})
install(DIRECTORY include/convcore DESTINATION ${sdk_include})
install(EXPORT convcore_targets NAMESPACE convcore:: FILE convcoreTargets.cmake DESTINATION ${sdk_cmake})
configure_package_config_file(convcoreConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/convcoreConfig.cmake
                              INSTALL_DESTINATION ${sdk_cmake})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/convcoreConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/convcoreConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/convcoreConfigVersion.cmake
        DESTINATION ${sdk_cmake})
