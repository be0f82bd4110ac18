# What only our own build wants. Nothing here is exported, and nothing here is read when another project adds
# Naru.

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_EXTENSIONS OFF)

# Whether a warning is an error is the presets' choice (CMAKE_COMPILE_WARNING_AS_ERROR), so that a packager
# with a newer compiler is not stopped by a new warning.
target_compile_options(naru_warnings INTERFACE
    -Wall
    -Wextra
    -Wpedantic
    -Wcast-qual
    -Wextra-semi
    -Wformat=2
    -Wimplicit-fallthrough
    -Woverloaded-virtual
    $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>
    -Wundef
    -Wvla)

find_program(NARU_CCACHE ccache)
mark_as_advanced(NARU_CCACHE)
if(NARU_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_C_COMPILER_LAUNCHER "${NARU_CCACHE}")
    set(CMAKE_CXX_COMPILER_LAUNCHER "${NARU_CCACHE}")
endif()

find_program(NARU_MOLD mold)
mark_as_advanced(NARU_MOLD)
if(NARU_MOLD)
    add_link_options(-fuse-ld=mold)
endif()
