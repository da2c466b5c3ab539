"""All that must hold of speed, by one command: `python -m benchmarks.bench`, or `make bench`."""
