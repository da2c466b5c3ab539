"""A reader who begins with the README and follows links comes to every page, every example and every command."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.docs.test_docs import COMMANDS, ROOT, links

PAGES = sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/README.md"), ROOT / "SECURITY.md"])
DOCS = sorted(ROOT.glob("docs/*.md"))


@cache
def reached() -> frozenset[Path]:
    """The pages that the README leads to, over others or at once."""
    found, open_ends = set[Path](), [ROOT / "README.md"]
    while open_ends:
        page = open_ends.pop()
        if page not in found:
            found.add(page)
            targets = ((page.parent / link.partition("#")[0]).resolve() for link in links(page))
            read = (target / "README.md" if target.is_dir() else target for target in targets)
            open_ends += [target for target in read if target.suffix == ".md" and target.exists()]
    return frozenset(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_page_is_reached_from_the_readme_by_links(page: Path) -> None:
    assert page in reached()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_shown_on_a_page_that_is_reached_besides_the_table(command: str) -> None:
    """Where its use is told: the README's table names them all, in a line each."""
    pages = [page.read_text() for page in DOCS if page in reached()]
    assert any(f"switchyard {command}" in text for text in pages)
