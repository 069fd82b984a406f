# The commands of README.md. Everything else is in CMakeLists.txt; `make help` lists the targets.

JOBS ?= $(shell nproc 2>/dev/null || echo 2)
SEEDS ?= 1000
BUG_SEEDS ?= 200
CELL_SEEDS ?= 50
PROCESS_SEEDS ?= 1000
SECONDS ?= 60
DAMAGES ?= 100000
NIGHTLY_SEEDS ?= 20000
VERSION_SEEDS ?= 200
DIRS ?=
FILES ?=
RANGES ?= 20
LIMIT ?= 300
BUGS ?=
SQLITE_SOURCE ?=
SAMPLE ?= 100
SEED ?= 1
MUTANT_SEEDS ?= 100
CMAKE_OPTIONS ?=
MAKEFLAGS += --no-print-directory

PACKAGES = build-essential g++ cmake ninja-build pkg-config patch libsqlite3-dev sqlite3 libcyaml-dev libyaml-dev libjansson-dev \
	libxxhash-dev libcmocka-dev python3-pytest libpcg-cpp-dev lcov
PACKAGES_LINT = git codespell shellcheck clang clang-tidy clang-format cppcheck libclang-rt-14-dev python3-clang-14
PACKAGES_AARCH64 = gcc-aarch64-linux-gnu g++-aarch64-linux-gnu qemu-user libsqlite3-dev:arm64 libcyaml-dev:arm64 \
	libyaml-dev:arm64 libjansson-dev:arm64 libxxhash-dev:arm64 libcmocka-dev:arm64

.PHONY: help run test deps deps-lint deps-aarch64 build everything sanitize lint format figures bench fuzz damage coverage acceptance evidence verify-evidence nightly versions schemas mutants power crash-power peer clean

help:
	@echo 'make run         install what is missing, build, run the scenario library with $(SEEDS) seeds each (SEEDS=N)'
	@echo '                 the contracts with $(CELL_SEEDS) seeds per cell (CELL_SEEDS=N), several processes at once'
	@echo '                 with $(PROCESS_SEEDS) seeds each (PROCESS_SEEDS=N), and the built-in program'
	@echo 'make sanitize    build what `aftershock run --sanitize` needs, in build/sanitize/'
	@echo 'make test        install what is missing, build, run all tests'
	@echo 'make deps        install the packages that building and testing need (as root)'
	@echo 'make deps-lint   install the packages that lint and the clang build need (as root)'
	@echo 'make deps-aarch64 install what building for 64-bit ARM and running that needs (as root)'
	@echo 'make build       build what people run into build/, and the planted bugs (CMAKE_OPTIONS=-D...)'
	@echo 'make everything  the same, and tests and benchmarks'
	@echo 'make lint        formatting, clang-tidy, cppcheck, shellcheck, spelling, and the rules of tests/lint'
	@echo 'make format      reformat all C files'
	@echo 'make figures     renew what Markdown pages print: docs/figures/ and the examples'
	@echo 'make bench       speed as ratios to floors of the same machine, and cost against size of state'
	@echo 'make fuzz        run every fuzz target for $(SECONDS) seconds (SECONDS=N)'
	@echo 'make damage      $(DAMAGES) damages to database and logs (DAMAGES=N), counted by class of byte and outcome'
	@echo 'make coverage    lines and branches covered by unit tests, by scenarios alone, by both'
	@echo 'make acceptance  evidence per acceptance criterion: reports/out/acceptance.html and .md'
	@echo 'make evidence    the same, and all that it was made of with a manifest, in reports/out/evidence'
	@echo 'make verify-evidence  checks such a directory again with the build of its commit (DIR=...)'
	@echo 'make nightly     what takes too long for every push, with $(NIGHTLY_SEEDS) seeds (NIGHTLY_SEEDS=N)'
	@echo 'make versions    findings in SQLite by release, of folders with sqlite3.c and sqlite3.h (DIRS="A B ...")'
	@echo 'make schemas     what init and 2,000 seeds make of databases and files of SQL (FILES="A B ...")'
	@echo 'make mutants     small wrong changes, $(SAMPLE) to the engine and $(SAMPLE) to disk and judges (SAMPLE=N), drawn by SEED=$(SEED),'
	@echo '                 and what notices each, in build/mutants/; an engine has $(MUTANT_SEEDS) seeds (MUTANT_SEEDS=N)'
	@echo 'make power       how soon each bug is found, in $(RANGES) ranges of seeds of at most $(LIMIT) processor seconds'
	@echo '                 (RANGES=N, LIMIT=N); some of them (BUGS="A B"), releases of SQLite as above (DIRS="A B ...")'
	@echo 'make crash-power what crash states are worth: bugs that show after a crash, explored and sampled; RANGES, LIMIT, BUGS as above'
	@echo 'make peer        crash states of a second beside the crash test of SQLite, out of its source tree (SQLITE_SOURCE=DIR)'
	@echo 'make clean       remove all build directories and generated reports'

deps:
	@sh cmake/install.sh deps $(PACKAGES)

deps-lint: deps
	@sh cmake/install.sh deps-lint $(PACKAGES_LINT)

deps-aarch64: deps
	@sh cmake/install.sh deps-aarch64 $(PACKAGES_AARCH64)

build: deps
	cmake --preset release $(CMAKE_OPTIONS)
	cmake --build build --parallel $(JOBS) --target product

everything: deps
	cmake --preset release $(CMAKE_OPTIONS)
	cmake --build build --parallel $(JOBS)

sanitize: build
	cmake -G Ninja -S . -B build/sanitize -DCMAKE_BUILD_TYPE=RelWithDebInfo -DAFTERSHOCK_SANITIZE=address,undefined $(CMAKE_OPTIONS)
	cmake --build build/sanitize --parallel $(JOBS) --target aftershock

run: build
	build/aftershock run --seeds $(SEEDS) --jobs $(JOBS) --results build/results
	build/aftershock run contracts --seeds $(CELL_SEEDS) --jobs $(JOBS) --results build/results
	build/aftershock run processes --seeds $(PROCESS_SEEDS) --jobs $(JOBS) --results build/results
	build/aftershock run program --seeds $(SEEDS) --jobs $(JOBS) --results build/results

test: everything
	ctest --test-dir build --output-on-failure --parallel $(JOBS) --output-junit tests.xml

lint: deps-lint
	sh tests/lint/lint.sh $(JOBS)

format: deps-lint
	git ls-files '*.c' '*.h' '*.cc' | xargs clang-format -i

figures: everything
	sh tests/project/printed.sh write build $$(git ls-files '*.md')

bench: everything
	build/bench
	build/bench_scale
	build/bench_processes
	build/bench_explore
	sh tests/bench_record.sh build

fuzz: deps-lint
	JOBS=$(JOBS) sh tests/fuzz/fuzz.sh $(SECONDS)

damage: everything
	build/tests/damage/campaign --damages $(DAMAGES)

coverage: deps
	sh reports/coverage.sh $(JOBS)

acceptance: everything
	sh reports/acceptance.sh $(JOBS) $(SEEDS) $(BUG_SEEDS) "$(JUNIT)" "$(CONTRACTS)"

evidence: acceptance
	sh reports/evidence.sh reports/out/evidence

verify-evidence:
	sh reports/verify_evidence.sh "$(DIR)" $(JOBS)

nightly: everything
	.ci/nightly $(NIGHTLY_SEEDS)

versions: build
	sh tests/project/versions.sh build $(VERSION_SEEDS) $(DIRS)

schemas: build
	sh tests/project/schemas.sh build 2000 $(FILES)

mutants: deps-lint build
	/usr/bin/python3 tests/mutants/mutants.py run build build/mutants --sample $(SAMPLE) --seed $(SEED) --seeds $(MUTANT_SEEDS) --jobs $(JOBS)

power: build
	RANGES=$(RANGES) LIMIT=$(LIMIT) BUGS="$(BUGS)" sh tests/project/power.sh build docs/figures $(DIRS)

crash-power: build
	RANGES=$(RANGES) LIMIT=$(LIMIT) BUGS="$(BUGS)" sh tests/project/crash_power.sh build docs/figures

peer: build
	sh tests/project/peer.sh build $(SQLITE_SOURCE)

clean:
	rm -rf build build-* reports/out
