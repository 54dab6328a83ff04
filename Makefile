SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
export UV_SYSTEM_CERTS ?= 1
MEMBERS := $(patsubst %/pyproject.toml,%,$(wildcard libs/*/pyproject.toml services/*/pyproject.toml simulators/*/pyproject.toml stack/pyproject.toml))

.venv/.uv: .python-version
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed, found " + sys.version)'
	$(PYTHON) -m venv --clear .venv && $(BIN)/python -m pip install -q --disable-pip-version-check uv==0.13.9
	@touch $@

.venv/.synced: .venv/.uv requirements.lock $(MEMBERS:%=%/pyproject.toml)
	$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps $(MEMBERS:%=-e ./%)
	@touch $@

.PHONY: lock
lock: .venv/.uv ## Resolve all dependencies again into requirements.lock
	$(BIN)/uv lock -q --upgrade && $(BIN)/uv export -q --frozen --all-packages --all-groups --no-emit-workspace --no-header -o requirements.lock >/dev/null

PROTOS := $(wildcard proto/uchat_contracts/rpc/*/v*/*.proto)
.PHONY: proto
proto: .venv/.synced ## Generate the gRPC stubs from proto/
	PATH=$(CURDIR)/$(BIN):$$PATH python -m grpc_tools.protoc -I proto --python_out=libs/contracts/src --grpc_python_out=libs/contracts/src --mypy_out=libs/contracts/src --mypy_grpc_out=libs/contracts/src $(PROTOS)
	find libs/contracts/src/uchat_contracts/rpc -type d -exec touch {}/__init__.py \;
