"""A month of flights, then two: words, dates, missing values, and an identifier that is left out."""

from cli.rows.row import Row
from cli.rows.second_drop import play

ROW = Row("flights", "data", "months of flights: carriers, airports, dates and the weather", play)
