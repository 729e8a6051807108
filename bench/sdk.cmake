# What a span costs: against the shared library, as an application is built.
add_executable(bench_sdk ${CMAKE_CURRENT_LIST_DIR}/sdk.c)
target_link_libraries(bench_sdk PRIVATE cairn::cairn)
target_compile_options(bench_sdk PRIVATE -O2)
set_target_properties(bench_sdk PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

# What getting them out of the process costs.
if(TARGET cairn::otlp)
    add_executable(bench_export ${CMAKE_CURRENT_LIST_DIR}/export.c)
    target_link_libraries(bench_export PRIVATE cairn::otlp)
    target_compile_options(bench_export PRIVATE -O2)
    set_target_properties(bench_export PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endif()
