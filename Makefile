PYTHON ?= python

.PHONY: app test quick lint bench

app:
	$(PYTHON) -m streamlit run streamlit_app.py

# Everything: many-seed replications and the real browser too.
test:
	$(PYTHON) -m pytest

quick:
	$(PYTHON) -m pytest -m "not slow and not browser"

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

bench:
	$(PYTHON) benchmarks/kernel.py
