"""What customers wrote, as a column of text."""

from cli.rows.row import Row
from cli.rows.second_drop import play

ROW = Row("tickets", "data", "free text beside a category and a date", play)
