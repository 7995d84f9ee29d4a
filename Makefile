PYTHON ?= python

.PHONY: app test quick pages lint bench viewers mutations claims reproduce lock

# The app as it changes: a page is drawn anew when its source is saved.
app:
	$(PYTHON) -m streamlit run streamlit_app.py --server.fileWatcherType=auto --server.runOnSave=true

# Everything: many-seed replications and the real browser too.
test:
	$(PYTHON) -m pytest

# The library and the command line, in under a minute.
quick:
	$(PYTHON) -m pytest -m "not slow and not page and not browser"

# Every page, without a browser.
pages:
	$(PYTHON) -m pytest -m page

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

bench:
	$(PYTHON) benchmarks/kernel.py
	$(PYTHON) benchmarks/sweeps.py
	$(PYTHON) benchmarks/simulations.py
	$(PYTHON) benchmarks/analysis.py
	$(PYTHON) benchmarks/automaton.py
	$(PYTHON) benchmarks/layers.py
	$(PYTHON) benchmarks/sharing.py
	$(PYTHON) benchmarks/latency.py
	$(PYTHON) benchmarks/cold_start.py
	$(PYTHON) benchmarks/false_alarms.py

# Load a server with viewers, on an otherwise idle machine, open the links that ask for most memory,
# and see every page where it is hard to live: some 35 minutes.
viewers:
	$(PYTHON) benchmarks/viewers.py
	$(PYTHON) benchmarks/memory.py
	$(PYTHON) benchmarks/hardship.py

# Put small errors into the library, one at a time, and see that the tests notice: some minutes.
mutations:
	$(PYTHON) benchmarks/mutations.py

# What pages and labs say of networks in general, beside 20 seeds: some minutes.
claims:
	$(PYTHON) benchmarks/claims.py

# Measure every figure and table of the paper again, and the grid of the settings that it
# leaves open: 28 minutes on two cores busy with other work; it says how long it took.
reproduce:
	$(PYTHON) -m elman.reproduction

# The versions of requirements.txt with all that they need and their hashes, for every system; needs
# uv. Run the tests with them before you keep it.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
		--no-header --no-emit-index-url --output-file requirements.lock requirements.txt
