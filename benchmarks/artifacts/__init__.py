"""model.tar.gz, packed and unpacked: `python -m benchmarks.artifacts`."""
