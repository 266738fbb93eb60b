# Everything a developer or an operator of one machine types. Needs Python 3.11 or newer and make.

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
# The first of these that is new enough. Some are only placeholders of a version manager, so each is run.
CANDIDATES := $(PYTHON) python3 python3.13 python3.12 python3.11 python

.DEFAULT_GOAL := help
.PHONY: help run test check format bench lock clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/base.lock ## Install what is needed, prepare the database and serve.
	@$(PY) manage.py prepare
	@exec $(PY) manage.py serve

# Tests start dozens of servers. Where compiled files are not kept, each would compile the whole project again.
test: export PYTHONDONTWRITEBYTECODE :=
# A worker for each core, and each test module in one worker: what a module sets up is set up once.
test: $(VENV)/dev.lock ## Run the test suite; ARGS="-k name" is handed to pytest, ARGS="-n 0" uses no workers.
	@$(PY) -m pytest -n auto --dist loadscope --no-loadscope-reorder -rs $(ARGS)

check: $(VENV)/dev.lock ## Check style, types, imports, templates, migrations and settings.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports --no-cache
	$(BIN)/djlint --lint --quiet templates
	$(PY) manage.py makemigrations --check --dry-run
	PUBLIC_ORIGIN=https://chat.example.com BEHIND_PROXY=true \
		$(PY) manage.py check --deploy --fail-level WARNING

format: $(VENV)/dev.lock ## Sort imports and format the code.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev.lock ## Measure what the design promises, one line per figure.
	@$(PY) -m bench $(ARGS)

# Written for every Python and platform at once, so that one lock serves all. Names no package index.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --quiet \
	--no-emit-index-url --no-emit-find-links

lock: ## Bring requirements/ in line with pyproject.toml; needs uv. ARGS=--upgrade for newer versions.
	@PATH="$(CURDIR)/$(BIN):$$PATH" command -v uv >/dev/null || { echo "make lock needs uv." >&2; exit 1; }
	PATH="$(CURDIR)/$(BIN):$$PATH" $(LOCK) $(ARGS) --output-file requirements/base.lock
	PATH="$(CURDIR)/$(BIN):$$PATH" $(LOCK) --group dev --constraint requirements/base.lock \
		--output-file requirements/dev.lock

clean: ## Remove what was installed and cached; data in var/ stays.
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@for name in $(CANDIDATES); do \
		if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			echo "Making $(VENV) with $$("$$name" --version) …"; \
			"$$name" -m venv $(VENV) && exit 0; \
			echo "This Python cannot make virtual environments; on Debian install python3-venv." >&2; \
			rm -rf $(VENV); exit 1; \
		fi; \
	done; \
	echo "Python 3.11 or newer is needed; name yours with: make run PYTHON=/path/to/python" >&2; exit 1

# A copy of the lock says what is installed. What is new in time but equal in content needs no install, and
# whoever has all that tests need has all that the server needs.
$(VENV)/base.lock $(VENV)/dev.lock: $(VENV)/%.lock: requirements/%.lock | $(PY)
	@cmp -s $< $@ || sh requirements/install.sh $(PY) $<
	@cp $< $@
