"""A small table with words, missing values and three species to tell apart."""

from cli.rows.row import Row
from cli.rows.second_drop import play

ROW = Row("penguins", "data", "344 rows: a target of words, categories, missing values", play)
