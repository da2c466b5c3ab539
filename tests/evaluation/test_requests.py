"""How many holdout rows go into one request: SageMaker's limit is in bytes, and rows may be wide."""

from hypothesis import given
from hypothesis import strategies as st

from switchyard.evaluation.score_chunk import BYTES_A_REQUEST, ROWS_A_REQUEST, requests


def sizes(lines: list[str]) -> list[int]:
    return [len("\n".join(asked).encode()) for asked in requests(lines)]


def test_narrow_rows_go_by_number() -> None:
    assert [len(asked) for asked in requests(["1,2"] * 450)] == [ROWS_A_REQUEST, ROWS_A_REQUEST, 50]


def test_wide_rows_go_by_bytes() -> None:
    """1,700 columns of 18 characters, 200 rows of them: over 6 MB as one request."""
    wide = ",".join(["0.1234567890123456"] * 1700)
    assert len(sizes([wide] * 200)) == 2
    assert max(sizes([wide] * 200)) <= BYTES_A_REQUEST


def test_signs_of_several_bytes_count_as_such() -> None:
    assert max(sizes(["\N{EURO SIGN}" * 700_000] * 5)) <= BYTES_A_REQUEST


@given(st.lists(st.integers(0, BYTES_A_REQUEST // 3).map(lambda n: "x" * (n // 1000)), max_size=50))
def test_no_row_is_lost_or_out_of_order(lines: list[str]) -> None:
    assert [line for asked in requests(lines) for line in asked] == lines
