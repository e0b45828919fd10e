"""Makes vectors/, the language-neutral proof of docs/spec, from fixed seeds: `PYTHONPATH=tools python -m vectors`."""
