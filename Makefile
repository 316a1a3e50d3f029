# Eddy: `make help` lists what can be made.

# The options of a run. Any of them can be set on the command line, as in
# `make maelstrom-broadcast NODES=9 RATE=50 LATENCY=20 NEMESIS=partition`, and to nothing, as in
# `make maelstrom-broadcast-3c NEMESIS=`.
NODES     =
RATE      =
LATENCY   =
TIME      =
NEMESIS   =
TOPOLOGY  =
# Further flags for the test, and for the node.
FLAGS     =
NODE_FLAGS =

WORKLOADS = echo unique-ids broadcast g-set g-counter pn-counter kafka txn-rw-register lin-kv txn-list-append

BUILD_DIR = .build/release
NODE      = $(BUILD_DIR)/eddy-node
EDDY      = $(BUILD_DIR)/eddy

# What runs the cluster: MAELSTROM=/path/to/maelstrom, else a `maelstrom` on PATH, else `eddy`.
MAELSTROM ?= $(shell command -v maelstrom 2>/dev/null)
RUNNER    = $(if $(MAELSTROM),$(MAELSTROM),$(EDDY))

.DEFAULT_GOAL := help

## build: the daemon and the workbench, in release mode, Swift's runtime linked in
.PHONY: build
build:
	swift build -c release --static-swift-stdlib --product eddy-node
	swift build -c release --static-swift-stdlib --product eddy

## test: all tests
.PHONY: test
test:
	swift test

## examples: builds and tests the packages in Examples/, and one of them in a folder elsewhere
EXAMPLES = Greeter Lock Tickets
.PHONY: examples
examples:
	@for example in $(EXAMPLES); do $(call test_package,Examples/$$example) || exit; done
	@# A package of somebody else, elsewhere, that depends on Eddy by its path.
	@elsewhere=$$(mktemp -d) && trap 'rm -rf "$$elsewhere"' EXIT && cp -r Examples/Tickets "$$elsewhere/" && \
	  rm -rf "$$elsewhere/Tickets/.build" && \
	  sed -i 's|path: "../.."|path: "$(CURDIR)"|' "$$elsewhere/Tickets/Package.swift" && \
	  $(call test_package,"$$elsewhere/Tickets")
	@$(forget_plan)

# Tests a package. All share the build of Eddy that `make test` has made.
test_package = echo "== "$(1) && $(forget_plan) && swift test --package-path $(1) --scratch-path $(CURDIR)/.build

# The plan of the last package would be taken for that of the next. What is compiled stays.
forget_plan = rm -f .build/debug.yaml .build/workspace-state.json .build/*/debug/description.json

## docs: builds the reference of the libraries, into .build/plugins/Swift-DocC; a warning is an error
DOCUMENTED = Eddy EddyNode EddyTiming EddyDaemon EddyRaft EddyWorkloads EddySimulation EddySimulationTesting EddyWorkbench \
  EddyRun EddyCheckers EddyHistory EddyNetwork EddyProcessCluster EddyReport EddyStore
.PHONY: docs
docs:
	EDDY_DOCS=1 swift package generate-documentation $(addprefix --target ,$(DOCUMENTED)) \
	  --enable-experimental-combined-documentation --warnings-as-errors

## manual: the manual pages, one for each command, from the programs' own help
MANUAL = .build/manual
.PHONY: manual
manual: build
	swift build -c release --static-swift-stdlib --product generate-manual
	@rm -rf $(MANUAL) && mkdir -p $(MANUAL)
	@for program in $(EDDY) $(NODE); do \
	  $(BUILD_DIR)/generate-manual $$program --multi-page --output-directory $(MANUAL) || exit; done

## install: the programs, their manual pages and completions, below PREFIX (/usr/local); DESTDIR stages them
PREFIX  ?= /usr/local
DESTDIR ?=
PROGRAMS = eddy eddy-node
BIN      = $(DESTDIR)$(PREFIX)/bin
MAN      = $(DESTDIR)$(PREFIX)/share/man/man1
BASH     = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
ZSH      = $(DESTDIR)$(PREFIX)/share/zsh/site-functions
FISH     = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
.PHONY: install
install: manual
	install -d $(BIN) $(MAN) $(BASH) $(ZSH) $(FISH)
	install -m 755 $(EDDY) $(NODE) $(BIN)
	install -m 644 $(MANUAL)/*.1 $(MAN)
	@for program in $(PROGRAMS); do \
	  $(BIN)/$$program --generate-completion-script bash > $(BASH)/$$program && \
	  $(BIN)/$$program --generate-completion-script zsh > $(ZSH)/_$$program && \
	  $(BIN)/$$program --generate-completion-script fish > $(FISH)/$$program.fish || exit; done

## uninstall: removes what install has installed
.PHONY: uninstall
uninstall:
	@for program in $(PROGRAMS); do \
	  rm -f $(BIN)/$$program $(MAN)/$$program.1 $(MAN)/$$program.*.1 $(BASH)/$$program $(ZSH)/_$$program \
	    $(FISH)/$$program.fish; done

## transcripts: writes the golden transcripts again; read the difference before you commit it
.PHONY: transcripts
transcripts:
	UPDATE_TRANSCRIPTS=1 swift test --filter Transcript

## simulate: ten thousand swarm seeds of every workload
SEEDS = 1..10000
.PHONY: simulate
simulate: build
	@for workload in $(WORKLOADS); do echo "$$workload:"; \
	  $(EDDY) simulate -w $$workload --swarm --seeds $(SEEDS) || exit; done

## convergence: the test that all nodes have the same values after the last fault, with CONVERGENCE_SEEDS seeds
CONVERGENCE_SEEDS = 1000
.PHONY: convergence
convergence:
	CONVERGENCE_SEEDS=$(CONVERGENCE_SEEDS) swift test -c release --scratch-path .build/release-tests \
	  --filter ConvergenceTests

## linearizability: compares the checker with the definition, for all histories of LINEARIZABILITY_OPERATIONS, in parts
LINEARIZABILITY_OPERATIONS = 5
LINEARIZABILITY_PARTS      = 1
.PHONY: linearizability
linearizability:
	@for part in $$(seq $(LINEARIZABILITY_PARTS)); do \
	  EDDY_EXHAUSTIVE=$(LINEARIZABILITY_OPERATIONS) EDDY_EXHAUSTIVE_PART=$$part/$(LINEARIZABILITY_PARTS) \
	  swift test -c release --scratch-path .build/release-tests \
	  --filter everyLongerTraceIsJudgedAsTheDefinitionHasIt || exit; done

## raft-campaign: RAFT_SEEDS seeds of random faults for the Raft engine
RAFT_SEEDS = 0..1999
.PHONY: raft-campaign
raft-campaign:
	RAFT_SEEDS=$(RAFT_SEEDS) swift test -c release --scratch-path .build/release-tests --filter theSeedsThatAreAskedFor

## raft-mistakes: plants known Raft mistakes, and reports how many seeds find each
.PHONY: raft-mistakes
raft-mistakes:
	Tests/RaftTests/mistakes.py

FUZZ_BUILD   = .build/fuzz
## fuzz-build: the fuzzers, with the address sanitizer
.PHONY: fuzz-build
fuzz-build:
	swift build -c release --package-path Fuzz --scratch-path $(FUZZ_BUILD) -Xswiftc -sanitize=fuzzer,address

## fuzz: mutated lines for the codec, files of disks, input for nodes, and replies for runs, for FUZZ_SECONDS each
FUZZ_SECONDS = 60
.PHONY: fuzz
fuzz: fuzz-build
	@mkdir -p $(FUZZ_BUILD)/found/codec $(FUZZ_BUILD)/found/storage $(FUZZ_BUILD)/found/node $(FUZZ_BUILD)/found/run
	$(call fuzz,Codec,codec)
	$(call fuzz,Storage,storage)
	$(call fuzz,Node,node)
	$(call fuzz,Run,run)

# New inputs go to the first folder; an input that fails is written beside it.
define fuzz
$(SANITIZED) $(FUZZ_BUILD)/release/Fuzz$(1) -max_total_time=$(FUZZ_SECONDS) -timeout=20 -max_len=4096 \
  -verbosity=0 -print_final_stats=1 -dict=Fuzz/protocol.dict -artifact_prefix=$(FUZZ_BUILD)/found/ \
  $(FUZZ_BUILD)/found/$(2) Fuzz/Corpus/$(2)
endef

# Without symbols: looking them up in a static runtime takes more memory than most machines have.
SANITIZED = ASAN_OPTIONS=symbolize=0 SWIFT_BACKTRACE=symbolicate=off

# Leaks are not looked for: a program that exits over a bad argument frees nothing. Crashes, which some tests
# provoke, are not symbolicated: that does not end.
## asan: all tests, and all programs that they start, under the address sanitizer
.PHONY: asan
asan:
	ASAN_OPTIONS=symbolize=0:detect_leaks=0 SWIFT_BACKTRACE=enable=no swift test --sanitize address --scratch-path .build/asan

## bench: measures the daemon, the loop and the workbench, into docs/figures/bench.md
.PHONY: bench
bench: build
	swift build -c release --static-swift-stdlib --product LoopBenchmark
	python3 Benchmarks/bench.py

## soak: keeps daemons of every workload busy for SOAK_SECONDS in each of three ways, and checks that memory stays flat
SOAK_SECONDS = 3600
.PHONY: soak
soak: build
	python3 Benchmarks/soak.py --seconds $(SOAK_SECONDS)

## frontier: draws broadcast's messages against its latency, into docs/figures/frontier.svg
.PHONY: frontier
frontier: build
	python3 Benchmarks/frontier.py

## scale: measures broadcast with more nodes and more operations, into docs/figures/scale.md
.PHONY: scale
scale: build
	python3 Benchmarks/scale.py

## figures: measures the simulated figures, into docs/figures/simulated.md
.PHONY: figures
figures: build
	python3 Benchmarks/figures.py

## lint: the formatter's rules
.PHONY: lint
lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests Examples Benchmarks Fuzz

# What every challenge prints first: what runs it.
.PHONY: runner
runner:
	@echo "run by $(RUNNER)"

# $(call option,FLAG,VARIABLE,VALUE) is the flag with the variable's value if it is set, even to
# nothing, else with the challenge's own.
option = $(addprefix $(1) ,$(if $(filter file,$(origin $(2))),$(3),$($(2))))

# $(call challenge,WORKLOAD,NODES,RATE,LATENCY,TIME,NEMESIS,NODE FLAGS,TEST FLAGS)
# runs one challenge with its flags unless others are given. An empty flag is left to the runner.
define challenge
$(RUNNER) test -w $(1) --bin $(NODE) $(call option,--node-count,NODES,$(2)) $(call option,--rate,RATE,$(3)) \
  $(call option,--latency,LATENCY,$(4)) $(call option,--time-limit,TIME,$(5)) \
  $(call option,--nemesis,NEMESIS,$(6)) $(addprefix --topology ,$(TOPOLOGY)) $(8) $(FLAGS) \
  -- $(1) $(7) $(NODE_FLAGS)
endef

## maelstrom-echo: challenge 1, one node that echoes
.PHONY: maelstrom-echo
maelstrom-echo: runner build
	$(call challenge,echo,1,,,10)

## maelstrom-unique-ids: challenge 2, ids under partitions
.PHONY: maelstrom-unique-ids
maelstrom-unique-ids: runner build
	$(call challenge,unique-ids,3,1000,,30,partition,,--availability total)

## maelstrom-broadcast: 25 nodes, 100 operations per second, 100 ms between nodes, 20 s
.PHONY: maelstrom-broadcast
maelstrom-broadcast: runner build
	$(call challenge,broadcast,25,100,100,20)

## maelstrom-broadcast-3a: one node
.PHONY: maelstrom-broadcast-3a
maelstrom-broadcast-3a: runner build
	$(call challenge,broadcast,1,10,,20)

## maelstrom-broadcast-3b: five nodes
.PHONY: maelstrom-broadcast-3b
maelstrom-broadcast-3b: runner build
	$(call challenge,broadcast,5,10,,20)

## maelstrom-broadcast-3c: five nodes under partitions
.PHONY: maelstrom-broadcast-3c
maelstrom-broadcast-3c: runner build
	$(call challenge,broadcast,5,10,,20,partition)

## maelstrom-broadcast-3d: 25 nodes, median below 400 ms, longest below 600 ms
.PHONY: maelstrom-broadcast-3d
maelstrom-broadcast-3d: runner build
	$(call challenge,broadcast,25,100,100,20)

## maelstrom-broadcast-3e: 25 nodes, fewer messages; median below 1 s, longest below 2 s
.PHONY: maelstrom-broadcast-3e
maelstrom-broadcast-3e: runner build
	$(call challenge,broadcast,25,100,100,20,,--window 1550)

## maelstrom-g-set: a set that only grows, five nodes under partitions
.PHONY: maelstrom-g-set
maelstrom-g-set: runner build
	$(call challenge,g-set,5,100,100,20,partition)

## maelstrom-g-counter: challenge 4, a counter that only grows, under partitions
.PHONY: maelstrom-g-counter
maelstrom-g-counter: runner build
	$(call challenge,g-counter,3,100,,20,partition)

## maelstrom-pn-counter: a counter that also shrinks, under partitions
.PHONY: maelstrom-pn-counter
maelstrom-pn-counter: runner build
	$(call challenge,pn-counter,3,100,,20,partition)

## maelstrom-kafka-5a: the log on one node
.PHONY: maelstrom-kafka-5a
maelstrom-kafka-5a: runner build
	$(call challenge,kafka,1,1000,,20,,,--concurrency 2n)

## maelstrom-kafka-5b: the log on two nodes
.PHONY: maelstrom-kafka-5b
maelstrom-kafka-5b: runner build
	$(call challenge,kafka,2,1000,,20,,,--concurrency 2n)

## maelstrom-kafka-5c: the same; efficient, below 0.5 messages per operation
.PHONY: maelstrom-kafka-5c
maelstrom-kafka-5c: maelstrom-kafka-5b

## maelstrom-txn-6a: transactions on one node
.PHONY: maelstrom-txn-6a
maelstrom-txn-6a: runner build
	$(call challenge,txn-rw-register,1,1000,,20,,,--concurrency 2n --consistency-models read-uncommitted --availability total)

## maelstrom-txn-6b: transactions on two nodes, first without and then under partitions
.PHONY: maelstrom-txn-6b
maelstrom-txn-6b: maelstrom-txn-6b-healthy maelstrom-txn-6b-partition

## maelstrom-txn-6b-healthy: read uncommitted, nothing fails
.PHONY: maelstrom-txn-6b-healthy
maelstrom-txn-6b-healthy: runner build
	$(call challenge,txn-rw-register,2,1000,,20,,,--concurrency 2n --consistency-models read-uncommitted)

## maelstrom-txn-6b-partition: read uncommitted, total availability under partitions
.PHONY: maelstrom-txn-6b-partition
maelstrom-txn-6b-partition: runner build
	$(call challenge,txn-rw-register,2,1000,,20,partition,,--concurrency 2n --consistency-models read-uncommitted --availability total)

## maelstrom-txn-6c: read committed, total availability under partitions
.PHONY: maelstrom-txn-6c
maelstrom-txn-6c: runner build
	$(call challenge,txn-rw-register,2,1000,,20,partition,,--concurrency 2n --consistency-models read-committed --availability total)

## maelstrom-lin-kv: Maelstrom's linearizable store as in its guide to Raft, under partitions
.PHONY: maelstrom-lin-kv
maelstrom-lin-kv: runner build
	$(call challenge,lin-kv,3,30,,60,partition,,--concurrency 4n)

## maelstrom-txn-list-append: strict serializable transactions on lists, under partitions
.PHONY: maelstrom-txn-list-append
maelstrom-txn-list-append: runner build
	$(call challenge,txn-list-append,3,100,,30,partition,,--concurrency 4n)

# Every run of the challenges: what each asks for, and for 6b two.
CHALLENGES = echo unique-ids broadcast-3a broadcast-3b broadcast-3c broadcast-3d broadcast-3e g-counter \
  kafka-5a kafka-5b kafka-5c txn-6a txn-6b-healthy txn-6b-partition txn-6c lin-kv txn-list-append

## maelstrom-all: all challenges, and a table of their figures with the limits
.PHONY: maelstrom-all
maelstrom-all: runner build
	@rm -rf store/challenges && mkdir -p store/challenges
	@for challenge in $(CHALLENGES); do \
	  rm -f store/latest; $(MAKE) --no-print-directory maelstrom-$$challenge; \
	  run=$$(readlink -e store/latest) && ln -s "$$run" store/challenges/$$challenge; done; true
	@$(EDDY) challenges

## help: this list
.PHONY: help
help:
	@sed -n 's/^## \([^:]*\): \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 30
	@echo
	@echo "  Set NODES, RATE, LATENCY, TIME, NEMESIS, TOPOLOGY, FLAGS or NODE_FLAGS to change a run (NEMESIS="
	@echo "  for none), and MAELSTROM=/path/to/maelstrom to have Maelstrom run it."
