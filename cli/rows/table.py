"""The table of rows, in the order in which the README shows them."""

from cli.rows import approval, digits
from cli.rows.row import Row

ROWS: tuple[Row, ...] = (digits.ROW, approval.ROW)
