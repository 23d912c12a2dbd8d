# `make` alone lists the targets.
PYTHON := $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell command -v $(name) 2>/dev/null)))
VENV := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help demo test fast format clean python

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

demo: python  ## install and start a populated site (ARGS="--port 8001")
	@$(PYTHON) deploy/install.py --for demo
	@$(VENV)/python manage.py demo $(ARGS)

test: python  ## every check and every test, as CI runs them
	@$(PYTHON) deploy/install.py --for test
	@$(VENV)/python -m deploy.install_test_tools
	@deploy/check.sh

fast: python  ## the tests that need no server and no browser
	@$(PYTHON) deploy/install.py --for test
	@OMP_NUM_THREADS=1 $(VENV)/python -m pytest -q -n 2 --dist loadfile \
		-m "not services and not browser" $(ARGS)

format: python  ## let ruff arrange the Python files
	@$(PYTHON) deploy/install.py --for test
	@$(VENV)/ruff check --fix-only -q . ; $(VENV)/ruff format .

clean:  ## remove caches and test results; keep .venv and the data in var
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache var/test-results
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

python:
	@test -n "$(PYTHON)" || { \
		echo "python3 was not found; Crosstalk needs Python 3.11 or newer." >&2; \
		echo "Install it (Debian, Ubuntu: apt-get install python3 python3-venv)" \
			"and repeat the command." >&2; exit 1; }
