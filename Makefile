# Switchyard. `make` alone lists what there is; `make demo` and `make test` set up all they need.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

# The interpreter of every environment: Python 3.11 or newer. `make demo PYTHON=/opt/python3.13/bin/python3`
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

ENVIRONMENTS := dev ministack sam container
IMAGES := sklearn pytorch spark data
CLIENTS := awscli sdk2 sdk3
# The container's figures are promised on Python 3.12 too, where there is one.
PYTHON312 ?= $(shell for p in python3.12 $(wildcard $(HOME)/.pyenv/versions/3.12*/bin/python3.12); do \
	$$p -c '' 2>/dev/null && echo $$p && break; done)
PEERS := peers $(if $(PYTHON312),container-3.12 peers-3.12)
# What plays on a stack, a browser or images of its own has a target of its own.
STAGED := e2e examples clients images browser walk
BIN := .venvs/dev/bin
# Python keeps bytecode, whatever the shell says: hundreds of processes start, and none compiles what another has.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo demo-all test test-e2e busy mutants proof test-examples test-clients walk bench picture test-browser test-images images peers lint lint-style lint-types \
	lint-imports lint-template lint-machines scan up down status env clean-env require-python

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: env ## Watch four datasets arrive: two promoted, one rejected, one rolled back
	$(BIN)/switchyard demo

demo-all: env images ## Play every way to train, evaluate, deploy and trigger, one row after another
	$(BIN)/switchyard demo-all

test: env ## Run every test that needs no running stack
	$(BIN)/python -m pytest -n auto $(STAGED:%=--ignore tests/%) tests

test-e2e: env ## Play the stories of whole local stacks and of services that are killed: rollouts, outages, files of every form
	$(BIN)/python -m pytest -n 2 tests/e2e

proof: env ## Show line by line that nothing is lost and nobody let in: 10,000 events, 100,000 requests, Chromium
	$(BIN)/python -m tests.proof

bench: env peers ## Measure every line on speed beside its goal, and write benchmarks/RESULTS.md (half an hour)
	$(BIN)/python -m benchmarks.bench

busy: env images ## Run the end-to-end tests and demo-all three times while every core is kept busy (hours)
	$(BIN)/python -m tests.busy --times 3

mutants: env ## Plant bugs of the protocol, one by one: each must be found by the test that promises otherwise
	$(BIN)/python -m tests.mutants

test-examples: env images ## Run every row of the table as a test of its own
	$(BIN)/python -m pytest tests/examples

test-clients: env .venvs/sklearn/.built .venvs/spark/.built $(CLIENTS:%=.venvs/%/.built) ## Run boto3, the AWS CLI and both SageMaker SDKs against the local SageMaker
	$(BIN)/python -m pytest tests/clients

walk: env .venvs/awscli/.built ## Follow README and course as they stand, and take eighteen kinds of files live (fifteen minutes)
	$(BIN)/python -m pytest -n 0 tests/walk

picture: env ## Draw the README's pictures from a run of the demo (Debian: apt-get install chromium)
	$(BIN)/python -m tests.walk.picture

test-browser: env ## Let a hostile page loose on the local stack in headless Chromium (Debian: apt-get install chromium)
	$(BIN)/python -m pytest -n 0 tests/browser

lint: lint-style lint-types lint-imports lint-template lint-machines ## Style, types, imports, template, state machines

lint-style: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lint-types: env
	$(BIN)/mypy

lint-imports: env
	PYTHONPATH=functions $(BIN)/lint-imports

lint-template: env
	$(BIN)/cfn-lint template.yaml model-roles.yaml
	AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0 .venvs/sam/bin/sam validate --lint --template-file template.yaml

lint-machines: env
	$(if $(wildcard tests/asl/__main__.py),$(BIN)/python -m tests.asl)

scan: env .venvs/scan/.built ## Scan template, code, secrets, pins and licences into build/scan/, and `proof` in its quick form
	.venvs/scan/bin/python -m tests.scan
	$(BIN)/python -m tests.proof --quick

up: env ## Start and deploy the local stack
	$(BIN)/switchyard up

down: env ## Stop the local stack
	$(BIN)/switchyard down

status: env ## Show what runs
	$(BIN)/switchyard status

env: | require-python ## Build the environments; `make` does it by itself when a requirements file changes
	@$(PYTHON) cli/environment.py $(foreach name,$(ENVIRONMENTS),.venvs/$(name)=requirements/$(name).txt)
	@test $(BIN)/switchyard -nt .venvs/dev/.built || $(BIN)/python cli/bootstrap.py

images: $(IMAGES:%=.venvs/%/.built) ## Build the local scikit-learn, PyTorch and Spark images, and the examples' data (2 GB)

peers: env $(PEERS:%=.venvs/%/.built) ## Build what benchmarks compare with, for Python 3.12 too where there is one

test-images: env images ## Test those images
	$(BIN)/python -m pytest tests/images

clean-env: ## Remove the environments
	rm -rf $(ENVIRONMENTS:%=.venvs/%) $(IMAGES:%=.venvs/%) $(CLIENTS:%=.venvs/%) $(PEERS:%=.venvs/%) .venvs/scan

require-python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found."; \
		echo "Next: install it, or name it: make demo PYTHON=/path/to/python3"; exit 1; }

# One environment for one requirements file: their pins contradict each other. cli/environment.py shows how far it is; pip's
# own words only where it fails.
PIP := bin/python -m pip --disable-pip-version-check --no-input
TORCH = .venvs/pytorch/$(PIP) install -qq --no-deps --require-hashes -r requirements/pytorch-cpu.txt 2>/dev/null || { \
	echo "pip finds no CPU wheel of PyTorch: taking PyPI's, with CUDA (5 GB)"; \
	.venvs/pytorch/$(PIP) install -qq --no-deps --require-hashes -r requirements/pytorch-cuda.txt; }
.venvs/%/.built: requirements/%.txt | require-python
	@$(PYTHON) cli/environment.py .venvs/$*=$<
	@$(if $(filter pytorch,$*),$(TORCH))

.venvs/%-3.12/.built: requirements/%.txt
	@$(PYTHON312) cli/environment.py .venvs/$*-3.12=$<
