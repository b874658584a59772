PYTHON ?= python3
.PHONY: report test test-llm test-spark lab setup lint notebooks bench clean

report: ; $(PYTHON) dev.py report
test: ; $(PYTHON) dev.py test
test-llm: ; $(PYTHON) dev.py test-llm
test-spark: ; $(PYTHON) dev.py test-spark
lab: ; $(PYTHON) dev.py lab
setup: ; $(PYTHON) dev.py setup
lint: ; $(PYTHON) dev.py lint
notebooks: ; $(PYTHON) dev.py notebooks
bench: ; $(PYTHON) dev.py bench
clean: ; rm -rf .venv .venv-llm .venv-spark reports .pytest_cache .mypy_cache .ruff_cache
