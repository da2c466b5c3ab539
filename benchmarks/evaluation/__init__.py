"""Two models' scores, evaluated: `python -m benchmarks.evaluation`."""
