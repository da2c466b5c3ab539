# How `sam build` makes the layers of template.yaml: what the functions import, and its bytecode, so that a start compiles
# nothing. The bytecode is "unchecked": it is not compared with its source, which never changes in a layer.
# A folder a runtime includes this file, and the template chooses it by LambdaRuntime.

LAMBDA_PYTHON ?= $(RUNTIME)
PACKAGES = $(ARTIFACTS_DIR)/python
INSTALL = $(LAMBDA_PYTHON) -m pip install --quiet --disable-pip-version-check --no-input --no-compile --no-deps \
	--require-hashes --only-binary :all: --target "$(PACKAGES)" $(PLATFORMS:%=--platform %) -r requirements.txt
COMPILE = $(LAMBDA_PYTHON) -m compileall -q -j 0 --invalidation-mode unchecked-hash -s "$(ARTIFACTS_DIR)" -p /opt "$(PACKAGES)"

build-SwitchyardLayer: require-python
	mkdir -p "$(PACKAGES)"
	find . -name __pycache__ -type d -prune -exec rm -r {} +
	cp -R . "$(PACKAGES)/switchyard"
	$(COMPILE)

build-DependenciesLayer: require-python
	$(INSTALL)
	$(LAMBDA_PYTHON) trim.py "$(PACKAGES)"
	$(COMPILE)

build-EngineLayer: require-python
	$(INSTALL)
	$(COMPILE)

# Bytecode and compiled libraries are of one version of Python: on another they are not read, or not found.
require-python:
	@found="$$($(LAMBDA_PYTHON) -c 'import sys; print("python%d.%d" % sys.version_info[:2])')" || found="no Python"; \
	test "$$found" = "$(RUNTIME)" || { \
		echo "The layers are for $(RUNTIME), the template's LambdaRuntime, and LAMBDA_PYTHON=$(LAMBDA_PYTHON) is $$found." >&2; \
		echo "Next: put $(RUNTIME) on the PATH, or name it: LAMBDA_PYTHON=/path/to/$(RUNTIME) sam build" >&2; exit 1; }

.PHONY: build-SwitchyardLayer build-DependenciesLayer build-EngineLayer require-python
