"""`python -m benchmarks.data_check`: a dataset by blocks and by rows, side by side."""

import typer

from benchmarks.data_check.measuring import main

typer.run(main)
