# Everything that is done with this project, from a fresh machine with Python 3.11 or newer and nothing else.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: chat run test lint check eval bench catalogs lock clean

chat: $(READY)
	@$(BIN)/privacy-assistant chat

# Serve the chat platforms that are configured (see README and docs/operators.md).
run: $(READY)
	@$(BIN)/privacy-assistant run

test: lint
	$(BIN)/pytest -n auto --dist worksteal

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: $(READY)
	$(BIN)/privacy-assistant check

# How well messages are understood: the project's own questions, and ../shared/eval where it lies beside the checkout.
eval: $(READY)
	$(BIN)/python -m tests.measure.evaluate

# Speed, start and memory, with the five companies and with a thousand generated ones; turns with their commit.
bench: $(READY)
	$(BIN)/python -m tests.measure.benchmark
	$(BIN)/python -m tests.measure.turns
	$(BIN)/python -m tests.measure.telegram
	$(BIN)/python -m tests.measure.slack

# Take new phrases of the assistant from the source into the catalogs, and prove that the catalogs compile.
catalogs: $(READY)
	$(BIN)/pybabel -q extract -F babel.cfg -k say:2 -k say_n:2,3 -k phrase:1 --no-default-keywords --sort-by-file \
		--no-location --project privacy-assistant --copyright-holder "the privacy-assistant authors" -o locales/bot.pot .
	for language in fi sv; do \
		$(BIN)/pybabel -q update -i locales/bot.pot -o locales/$$language.po -l $$language --no-fuzzy-matching --ignore-obsolete -w 100; \
		mkdir -p var/locales/$$language/LC_MESSAGES; \
		$(BIN)/pybabel compile --statistics -i locales/$$language.po -o var/locales/$$language/LC_MESSAGES/bot.mo; \
	done

# Renew the lock file; it names no address, so that it serves behind any package index.
lock: $(READY)
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header --universal --python-version 3.11 --no-annotate -o requirements.lock

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis
