"""What strangers named, as commands print it: read, and never obeyed by a terminal or taken for markup."""

import pytest
from rich.table import Table
from rich.text import Text

from cli.commands.look.runs import table
from cli.display import console, printable, say
from cli.records.ledger import Line
from tests.hostile.keys import NAMES


def line(name: str) -> Line:
    return Line(
        "digits", f"s3://data/digits/train/{name}", "INVALID", f"{name} cannot be read", "", "2026-11-29", ""
    )


FOLDED = 40  # signs after which a cell of the table may begin a new line


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_hostile_name_is_a_cell_like_any_other(name: str) -> None:
    with console.capture() as shown:
        console.print(table([line(name)]), width=500)
    assert "INVALID" in shown.get()
    assert all(sign.isprintable() or sign == "\n" for sign in shown.get())
    parts = [part[:FOLDED] for part in name.split() if part.isprintable()]
    assert all(part in shown.get() for part in parts)


def test_control_characters_become_readable_in_every_kind_of_text() -> None:
    cell = Table()
    cell.add_row("a\x1b[2Jb", Text("c\x9bd"))
    with console.capture() as shown:
        console.print(cell)
        console.print("e\x1b]0;title\x07f", Text("g\u202eh"))
        say("i\x1bj")
    for sign in ("\x1b", "\x07", "\x9b", "\u202e"):
        assert sign not in shown.get()
    assert "i\N{REPLACEMENT CHARACTER}j" in shown.get()


def test_markup_is_only_what_a_command_says_is_markup() -> None:
    with console.capture() as shown:
        console.print("[/b] [red]x[/] :smile:")
        say("[bold]y[/]")
    assert shown.get() == "[/b] [red]x[/] :smile:\n[bold]y[/]\n"


def test_what_holds_words_and_columns_together_stays() -> None:
    assert printable("10\xa0%\tof\n100") == "10\xa0%\tof\n100"
