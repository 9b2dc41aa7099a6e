# The two commands: `make run` does the main job on the embedded dataset, `make test` checks
# everything. Both install what they need first; `make help` lists the rest.

OUTPUT ?= out
PEERS_VENV ?= .venv-peers
AUTOPILOT = .build/release/autopilot
SWIFT_SOURCES = Package.swift Sources Tests benchmarks/Package.swift benchmarks/Sources

# Tests at once. All of them at once would starve the servers and timeouts of each other on a small machine.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 16

.PHONY: help setup build run test test-peers check-deployment bench-ingest bench-ingest-memory bench-forest bench-lstm bench-metrics bench-scorer lint format clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 30

setup: ## Install missing system packages (apt or brew)
	@scripts/setup.sh

build: setup ## Build the command line tool, optimised
	swift build -c release --product autopilot

run: build ## Ingest, train, evaluate and publish on the embedded dataset
	$(AUTOPILOT) run models/embedded.yaml --out $(OUTPUT)

# Without testable imports the tests link what `build` made; with them everything is compiled a second time.
test: build ## Run all tests; needs no network beyond the Swift packages and, for deployment checks, PyPI
	swift test -c release --disable-testable-imports
	scripts/check-deployment.sh --if-possible

test-peers: ## Install scikit-learn, isotree, onnxruntime, h5py and others beside us and compare live
	@scripts/setup.sh --peers
	PEERS_VENV=$(PEERS_VENV) scripts/test-peers.sh

check-deployment: build ## Install helm, kubectl and linters beside us and check images, chart, rules and dashboards
	@scripts/setup.sh --peers
	scripts/setup-components.sh
	scripts/check-deployment.sh

bench-ingest: ## Install Polars, orjson, Drain3 and others beside us and compare speed
	@scripts/setup.sh --peers
	benchmarks/bench_ingest.sh

bench-ingest-memory: build ## Ingest an export of 2 GB and report the peak of resident memory
	benchmarks/bench_ingest_memory.sh

bench-forest: ## Install coniferest, isotree, onnxruntime and scikit-learn beside us and compare speed
	@scripts/setup.sh --peers
	benchmarks/bench_forest.sh

bench-lstm: ## Install PyTorch and onnxruntime beside us and compare speed
	@scripts/setup.sh --peers
	benchmarks/bench_lstm.sh

bench-metrics: ## Install scikit-learn, TSB-AD, PATE and prts beside us and compare speed
	@scripts/setup.sh --peers
	benchmarks/bench_metrics.sh

bench-scorer: ## Install FastAPI, scikit-learn and onnxruntime beside us and compare services
	@scripts/setup.sh --peers
	benchmarks/bench_scorer.sh

.PHONY: soak-scorer
soak-scorer: build ## Drive a scorer through a simulated day and fail when its memory grows; SOAK="--mode pull" takes 24 minutes
	swift build -c release --product autopilot-scorer
	python3 benchmarks/soak_scorer.py $(SOAK)

lint: ## Check the formatting of all Swift sources
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)

format: ## Format all Swift sources
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

clean: ## Remove everything that was built or written
	rm -rf .build out $(PEERS_VENV) .venv-deploy
	rm -rf benchmarks/.build benchmarks/.venv-ingest benchmarks/.venv-forest benchmarks/.venv-lstm benchmarks/.venv-metrics benchmarks/data benchmarks/results
