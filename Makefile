PYTHON ?= python3
.PHONY: report test lab setup lint notebooks bench clean

report: ; $(PYTHON) dev.py report
test: ; $(PYTHON) dev.py test
lab: ; $(PYTHON) dev.py lab
setup: ; $(PYTHON) dev.py setup
lint: ; $(PYTHON) dev.py lint
notebooks: ; $(PYTHON) dev.py notebooks
bench: ; $(PYTHON) dev.py bench
clean: ; rm -rf .venv reports .pytest_cache .mypy_cache .ruff_cache
