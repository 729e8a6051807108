# The front door. CMakeLists.txt is the description of the build; this file only calls it with the right words.
#   make help      lists everything
BUILD   ?= build
TYPE    ?= RelWithDebInfo
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)
PREFIX  ?= /usr/local
DEPS    ?= 1
# warnings are errors for the project's own checks, not for people who build a release with a newer compiler
WERROR  := $(if $(CI),ON,OFF)
CONFIG   = -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=$(TYPE) -DCMAKE_INSTALL_PREFIX=$(PREFIX) -DCAIRN_WERROR=$(WERROR)

.PHONY: all build deps run test asan tsan valgrind test-long bench bench-engine bench-query bench-sdk lint fmt install clean help
.DEFAULT_GOAL := all

all: build ## build everything into $(BUILD)/

deps: ## install what the build needs (Debian, Ubuntu); DEPS=0 skips it
	@[ "$(DEPS)" = 0 ] || tools/deps build

build: deps
	@cmake $(CONFIG) $(OPTIONS) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@cmake --build $(BUILD) -j $(JOBS)

run: ## start the server and the FizzBuzz example, trace it, stay until Ctrl-C (ONCE=1: stop after one round)
	@[ "$(DEPS)" = 0 ] || tools/deps build run
	@$(MAKE) --no-print-directory build DEPS=0 OPTIONS="-DCAIRN_TESTS=OFF $(OPTIONS)" BUILD=$(BUILD)
	@ONCE=$(ONCE) tools/run $(BUILD)

test: ## build and run the tests; what cannot run here is named as skipped
	@[ "$(DEPS)" = 0 ] || tools/deps build test
	@$(MAKE) --no-print-directory build DEPS=0 OPTIONS="-DCAIRN_TESTS=ON $(OPTIONS)" BUILD=$(BUILD)
	@tools/run-tests $(BUILD) $(TESTS)

asan: ## the same tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) --no-print-directory test BUILD=build-asan TYPE=Debug OPTIONS="-DCAIRN_SANITIZE=address,undefined"

tsan: ## the same tests under ThreadSanitizer
	@$(MAKE) --no-print-directory test BUILD=build-tsan TYPE=Debug OPTIONS="-DCAIRN_SANITIZE=thread"

valgrind: ## the tests of the SDK and its life matrix under valgrind's memcheck
	@[ "$(DEPS)" = 0 ] || tools/deps build test valgrind
	@$(MAKE) --no-print-directory build DEPS=0 BUILD=build-valgrind \
		OPTIONS="-DCAIRN_SERVER=OFF -DCAIRN_EXAMPLES=OFF -DCAIRN_TESTS=ON -DCAIRN_VALGRIND=ON $(OPTIONS)"
	@tools/run-tests build-valgrind '$(or $(TESTS),^(sdk|tracer|otlp|life)(_|$$))'

test-long: ## the tests with the full number of rounds (kill -9: 1,000; simulated disks: 10,000)
	@CAIRN_TEST_LONG=1 $(MAKE) --no-print-directory test

bench: ## benchmarks: name, value, unit and target, separated by tabs
	@$(MAKE) --no-print-directory build BUILD=build-bench TYPE=Release OPTIONS="-DCAIRN_BENCH=ON -DCAIRN_TESTS=OFF $(OPTIONS)" >&2
	@bench/run build-bench $(BENCH)

bench-engine: ## every number of the embedded engine beside its target (SPANS=1000000: quick; MOST=50000000; RUNS=5)
	@$(MAKE) --no-print-directory build BUILD=build-bench TYPE=Release OPTIONS="-DCAIRN_BENCH=ON -DCAIRN_TESTS=OFF -DCAIRN_WEB=OFF -DCAIRN_EXAMPLES=OFF $(OPTIONS)" >&2
	@bench/engine_numbers build-bench

bench-query: ## the queries' numbers, warm and cold; SPANS=10000000 for the real ones
	@$(MAKE) --no-print-directory bench BENCH=query OPTIONS="-DCAIRN_WEB=OFF -DCAIRN_EXAMPLES=OFF"

bench-sdk: ## what a span costs the traced program, and what the libraries weigh
	@$(MAKE) --no-print-directory bench BENCH=sdk OPTIONS="-DCAIRN_SERVER=OFF -DCAIRN_WEB=OFF -DCAIRN_EXAMPLES=OFF"

lint: ## formatting, layers, sizes, banned functions, TypeScript
	@[ "$(DEPS)" = 0 ] || tools/deps build lint
	@tools/lint

fmt: ## format all C files
	@git ls-files '*.c' '*.h' | xargs clang-format-14 -i

install: build ## install below PREFIX (default /usr/local); DESTDIR is honoured
	@cmake --install $(BUILD)

clean: ## remove the build directories
	rm -rf build build-* build.log

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  variables: BUILD=dir TYPE=Debug|Release|RelWithDebInfo PREFIX=dir DEPS=0 ONCE=1 TESTS=regex BENCH=name"
