"""A notice as a phone shows it: what matters in the first line, all of it in one message."""

from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.resources.notice import FIRST_LINE, MOST_BYTES, notice


def test_a_short_sentence_is_the_first_line_and_said_once() -> None:
    assert notice("errors: the challenger\nis worse", "Champion now: a") == (
        "errors: the challenger is worse\nChampion now: a"
    )


def test_a_long_sentence_is_cut_in_the_first_line_and_follows_whole() -> None:
    said = "the file cannot be read: " + "column " * 40
    first, champion, full = notice(said, "Champion now: a").splitlines()
    assert first.endswith(" ...")
    assert champion == "Champion now: a"
    assert full == f"In full: {said.strip()}"


@given(sentence=st.text(min_size=1, max_size=3_000), facts=st.lists(st.text(max_size=900), max_size=4))
def test_whatever_is_said_fits(sentence: str, facts: list[str]) -> None:
    text = notice(sentence, *facts)
    assert len(text.partition("\n")[0]) <= max(FIRST_LINE, len(sentence) if len(sentence) < FIRST_LINE else 0)
    assert len(text.encode()) <= MOST_BYTES
