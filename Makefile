# Each target is one script in scripts/, so that everything also works by hand.
# PORT= and DATA= of `make demo` reach the script as its environment.
.PHONY: help install demo test lint bench
.DEFAULT_GOAL := help

help:
	@echo "make install   what the tests need: system packages, Python environment (.venv)"
	@echo "make demo      a demo province with one simulated hall box; PORT=8080 DATA=var/demo"
	@echo "make test      install, lint, types, unit tests, both databases, hall, browser"
	@echo "make lint      ruff, mypy and bandit alone"
	@echo "make bench     measurements; ARGS='NAME --rows 10000 --engine sqlite --json OUT.json'"

install:
	@bash scripts/install.sh test

demo:
	@bash scripts/demo.sh

test:
	@bash scripts/test.sh

lint:
	@bash scripts/lint.sh

bench:
	@bash scripts/bench.sh $(ARGS)
