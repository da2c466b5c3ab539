"""The way of a dataset from its drop to 100 % of traffic: `python -m benchmarks.line`."""
