# Everything is done by packaging/develop.py, which also runs where there is no make.
PYTHON ?= python3
DEVELOP = $(PYTHON) packaging/develop.py
export Q

.PHONY: run ask setup starter test check lint types bench bench-gpu bundle check-bundle installers lock clean fuzz

run:
	@$(DEVELOP) run

ask:
	@$(DEVELOP) ask

setup:
	@$(DEVELOP) setup

starter:
	@$(DEVELOP) starter

test:
	@$(DEVELOP) test

check:
	@$(DEVELOP) check

fuzz:
	@$(DEVELOP) fuzz

lint:
	@$(DEVELOP) lint

types:
	@$(DEVELOP) types

bench:
	@$(DEVELOP) bench

bench-gpu:
	@$(DEVELOP) bench --gpu

bundle:
	@$(DEVELOP) bundle

check-bundle:
	@$(DEVELOP) check-bundle

installers:
	@$(DEVELOP) installers

lock:
	@.venv/bin/python packaging/lock.py

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
