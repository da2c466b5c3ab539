"""How functions start: `python -m benchmarks.lambda_start`."""
