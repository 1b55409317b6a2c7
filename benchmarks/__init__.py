"""Measurements, each beside a control run in the same process: ``python -m benchmarks.run``, results in RESULTS.md."""
