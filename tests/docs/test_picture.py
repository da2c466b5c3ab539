"""The README's pictures, of text alone: the story that the demo tells, and the console's page of a run of it."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cli.demo.story import ACTS
from tests.walk.console_picture import CONSOLE, SHOWN
from tests.walk.picture import PICTURE, drawn

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
SVG, PAGE = PICTURE.read_text(), CONSOLE.read_text()
PRINTED = "\n".join(
    ["✓ Building", *(f"{act.version} {act.title}\n{act.expected} {act.version}: why" for act in ACTS)]
)


def text_of(svg: str) -> str:
    return "".join(ElementTree.fromstring(svg).itertext()).replace("\xa0", " ")  # noqa: S314 - our own file


def test_the_picture_is_in_the_readme_s_first_screen_with_words_for_who_cannot_see_it() -> None:
    shown = re.search(r"!\[(.{60,})\]\(docs/demo\.svg\)", README)
    assert shown
    assert README[: shown.start()].count("\n") < 12


def test_nothing_is_fetched_and_nothing_runs() -> None:
    assert not re.search(r"<foreignObject|href", SVG)  # which its page of the console has, as text
    for picture in (SVG, PAGE):
        assert not re.search(
            r"<script|<form|<ima?ge?\b|url\((?!#)|@import|@font-face|[ :]href=|https?://1", picture
        )


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.version)
def test_every_dataset_is_in_it_with_its_verdict(act: object) -> None:
    found = text_of(SVG)
    assert f"{act.expected} {act.version}" in found  # type: ignore[attr-defined]
    assert act.title in found  # type: ignore[attr-defined]


def test_the_console_is_shown_where_the_readme_names_it() -> None:
    shown = re.search(r"!\[(.{60,})\]\(docs/console\.svg\)", README)
    assert shown
    assert SHOWN in shown[1]
    assert README[: shown.start()].rstrip().endswith("`switchyard down` stops everything.")


def test_the_console_s_page_says_what_became_of_the_run_and_shows_its_machine() -> None:
    found = text_of(PAGE)
    assert SHOWN in found
    assert "Promoted" in found
    assert "StartTraining" in found


def test_a_run_that_told_another_story_is_not_drawn() -> None:
    with pytest.raises(SystemExit, match="ROLLED_BACK"):
        drawn(PRINTED.replace("ROLLED_BACK", "PROMOTED"))


def test_what_was_printed_is_drawn_without_the_set_up() -> None:
    found = text_of(drawn(PRINTED))
    assert "$ make demo" in found
    assert "Building" not in found
