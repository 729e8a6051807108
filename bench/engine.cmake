add_executable(bench_engine engine.c generate.c)
target_link_libraries(bench_engine PRIVATE cairn_flags cairn_engine cairn_wire zstd)
