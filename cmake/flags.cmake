# Compiler and linker flags of all our own targets: target cairn_flags.
include(CheckCCompilerFlag)
add_library(cairn_flags INTERFACE)

target_include_directories(cairn_flags INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
target_compile_definitions(cairn_flags INTERFACE _GNU_SOURCE CAIRN_VERSION="${PROJECT_VERSION}")

set(warnings
    -Wall -Wextra -Wshadow -Wundef -Wvla -Walloca -Wformat=2 -Wwrite-strings -Wcast-qual -Wpointer-arith
    -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wimplicit-fallthrough
    -Wdouble-promotion -Wconversion -Wno-sign-conversion -Wframe-larger-than=16384
    -Werror=int-conversion -Werror=incompatible-pointer-types
    -Werror=implicit-function-declaration -Werror=return-type)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    list(APPEND warnings -Wlogical-op -Wduplicated-cond)
else()
    list(APPEND warnings -Wmissing-variable-declarations -Wcomma)
endif()
if(CAIRN_WERROR)
    list(APPEND warnings -Werror)
endif()
target_compile_options(cairn_flags INTERFACE
    ${warnings} -fno-common -fno-omit-frame-pointer -ffunction-sections -fdata-sections)

if(CAIRN_FUZZ AND CMAKE_C_COMPILER_ID MATCHES "Clang")
    target_compile_options(cairn_flags INTERFACE -fsanitize=fuzzer-no-link) # coverage of the code under test
endif()

if(CAIRN_SANITIZE)
    target_compile_options(cairn_flags INTERFACE -fsanitize=${CAIRN_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(cairn_flags INTERFACE -fsanitize=${CAIRN_SANITIZE})
    # instrumented frames are larger than the ones we ship
    target_compile_options(cairn_flags INTERFACE -Wno-frame-larger-than)
else()
    target_compile_options(cairn_flags INTERFACE -fstack-protector-strong -fstack-clash-protection)
    check_c_compiler_flag(-fcf-protection HAVE_CF_PROTECTION)
    if(HAVE_CF_PROTECTION)
        target_compile_options(cairn_flags INTERFACE -fcf-protection)
    endif()
    target_compile_options(cairn_flags INTERFACE
        $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
    target_link_options(cairn_flags INTERFACE
        -Wl,-z,relro -Wl,-z,now -Wl,--as-needed -Wl,--gc-sections)
endif()
