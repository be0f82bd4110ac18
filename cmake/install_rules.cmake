# cmake --install: headers, library, package config, naru.pc; with the programs when they are built.
#
# Component `development` is what a user links; component `programs` what people run.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(NARU_INSTALL_CMAKEDIR "${CMAKE_INSTALL_LIBDIR}/cmake/naru" CACHE STRING "Where the package config goes")
mark_as_advanced(NARU_INSTALL_CMAKEDIR)

install(TARGETS naru
    EXPORT naru-targets
    COMPONENT development
    FILE_SET HEADERS)

install(EXPORT naru-targets
    NAMESPACE naru::
    DESTINATION "${NARU_INSTALL_CMAKEDIR}"
    COMPONENT development)

get_target_property(naru_library_type naru TYPE)
string(REGEX MATCH "^[0-9]+" naru_compiler "${CMAKE_CXX_COMPILER_VERSION}")
string(PREPEND naru_compiler "${CMAKE_CXX_COMPILER_ID} ")

configure_package_config_file(
    "${CMAKE_CURRENT_LIST_DIR}/naru-config.cmake.in"
    "${PROJECT_BINARY_DIR}/cmake/naru-config.cmake"
    INSTALL_DESTINATION "${NARU_INSTALL_CMAKEDIR}"
    NO_SET_AND_CHECK_MACRO)

# While the version begins with 0, a new minor version may break what used the last one.
write_basic_package_version_file(
    "${PROJECT_BINARY_DIR}/cmake/naru-config-version.cmake"
    COMPATIBILITY SameMinorVersion)

install(FILES
    "${PROJECT_BINARY_DIR}/cmake/naru-config.cmake"
    "${PROJECT_BINARY_DIR}/cmake/naru-config-version.cmake"
    DESTINATION "${NARU_INSTALL_CMAKEDIR}"
    COMPONENT development)

# naru.pc finds its prefix from where it lies, so that an installed tree can be moved. A static library hands
# its own needs to whoever links it, with or without `pkg-config --static`; a shared one keeps them to itself.
# Even as Requires.private, spdlog's definitions would appear in --cflags.
set(naru_pc_private_libs "-lboost_url")
if(naru_library_type STREQUAL "STATIC_LIBRARY")
    set(naru_pc_requires "Requires: spdlog")
    set(naru_pc_libs "-lnaru ${naru_pc_private_libs}")
else()
    set(naru_pc_requires "Libs.private: ${naru_pc_private_libs}")
    set(naru_pc_libs "-lnaru")
endif()
file(RELATIVE_PATH naru_pc_prefix "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" naru_pc_prefix "${naru_pc_prefix}")

configure_file("${CMAKE_CURRENT_LIST_DIR}/naru.pc.in" "${PROJECT_BINARY_DIR}/cmake/naru.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/cmake/naru.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
    COMPONENT development)

install(FILES "${PROJECT_SOURCE_DIR}/LICENSE"
    DESTINATION "${CMAKE_INSTALL_DOCDIR}"
    COMPONENT development)

# For those who build with g++ 12: it finds the coroutine expressions that this compiler gets wrong.
install(PROGRAMS "${PROJECT_SOURCE_DIR}/cmake/lint/coroutine_traps.py"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/naru"
    COMPONENT development)

foreach(program naru-demo naru-compare)
    if(TARGET ${program})
        install(TARGETS ${program} COMPONENT programs)
    endif()
endforeach()
