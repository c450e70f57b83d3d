# One command for each thing that people do here. What they need is installed on the way: see ops/__init__.py.

PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: help run test lint bench manage stop clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## start the portal on http://127.0.0.1:8000 (PORT, FMQ_VAR, FMQ_DEMO, FMQ_THROTTLE); Ctrl-C stops it
	@$(PYTHON) -m ops.bootstrap run

test: ## run all tests against a database of their own (ARGS="tests/reports -k vote" for some)
	@$(PYTHON) -m ops.bootstrap tests $(ARGS)

lint: ## check style, types, import contracts, migrations and translations
	@$(PYTHON) -m ops.bootstrap lint

bench: ## fill scratch databases and print the speed table, about ten minutes (ARGS="--reports 100000 --seconds 5")
	@$(PYTHON) -m ops.bootstrap bench $(ARGS)

manage: ## run a Django command inside the running portal (ARGS="shell")
	@$(PYTHON) -m ops.bootstrap manage $(ARGS)

stop: ## stop what make run left behind after a crash
	@$(PYTHON) -m ops.stop

clean: stop ## stop, and remove the state folder var/ with all its data
	rm -rf var
