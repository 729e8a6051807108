# cairn_embed(TARGET DIR [DEPENDS files...]): a static library with every file below DIR, compressed, as api/ui.h's table.
# DEPENDS are what the files come from: the table is made again when they change.
function(cairn_embed target dir)
    cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
    set(table ${CMAKE_CURRENT_BINARY_DIR}/${target}.c)
    add_custom_command(OUTPUT ${table}
        COMMAND embed ${table} ${dir}
        DEPENDS embed ${arg_DEPENDS}
        COMMENT "Embedding ${dir}" VERBATIM)
    add_library(${target} STATIC ${table})
    target_link_libraries(${target} PRIVATE cairn_flags)
endfunction()
