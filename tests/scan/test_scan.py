"""What each scan must not let pass, planted."""

from collections.abc import Callable
from email.message import Message
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.scan import bill, code, licences, pins, secrets
from tests.scan.figure import Figure
from tests.scan.patterns import meet

DIGEST = f"--hash=sha256:{'0' * 64}"


@pytest.fixture
def requirements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Writes a file of requirements, in a folder of its own."""
    monkeypatch.setattr(pins, "FOLDER", tmp_path)

    def write(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


@pytest.mark.parametrize(
    "line",
    [
        f"a>=1 {DIGEST}",
        "a==1",
        f"a {DIGEST}",
        "a @ https://example.org/a.whl",
        f"a==1 \\\n    # via b\nb {DIGEST}",
    ],
)
def test_a_requirement_that_may_change_is_found(requirements: Any, line: str) -> None:
    assert len(pins.loose(requirements("x.txt", line + "\n"))) >= 1


def test_one_version_with_its_digest_is_none(requirements: Any) -> None:
    text = f"a==1 ; python_version < '3.13' \\\n    {DIGEST} \\\n    {DIGEST}\n    # via b\n--find-links x\n"
    assert pins.loose(requirements("x.txt", text)) == []


def test_a_wish_that_nobody_pinned_is_found(requirements: Any) -> None:
    requirements("x.txt", f"a==1 {DIGEST}\n")
    requirements("x-cpu.txt", f"Some.Name==1 {DIGEST}\n")
    assert pins.forgotten(requirements("x.in", "-r other.in\na\nsome_name[extra]\nlost>=2\n")) == [
        "x.txt lacks lost>=2"
    ]


@pytest.mark.parametrize(
    ("said", "free"),
    [
        ("MIT", True),
        ("BSD-3-Clause", True),
        ("Apache Software License", True),
        ("Mozilla Public License 2.0 (MPL 2.0)", True),
        ("AGPL-3.0-or-later", False),
        ("GNU General Public License v3 (GPLv3)", False),
        ("LGPL-2.1", False),
        ("MIT AND GPL-2.0", False),
        ("Proprietary", False),
        ("", False),
    ],
)
def test_a_licence_that_asks_for_something_needs_a_reason(said: str, free: bool) -> None:
    assert licences.taken("some-package", said) is free


def test_what_a_package_says_of_its_licence_is_the_most_exact_word() -> None:
    about = Message()
    about["License"] = "see the file"
    assert licences.words(SimpleNamespace(metadata=about)) == "see the file"  # type: ignore[arg-type]
    about["Classifier"] = "License :: OSI Approved :: MIT License"
    assert licences.words(SimpleNamespace(metadata=about)) == "MIT License"  # type: ignore[arg-type]
    about["License-Expression"] = "ISC"
    assert licences.words(SimpleNamespace(metadata=about)) == "ISC"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "enough"),
    [
        ('x = "/tmp"  # noqa: S108 - the program\'s own', True),
        ('x = "/tmp"  # noqa: S101, S108 - the program\'s own', True),
        ('x = "/tmp"  # noqa: S108', False),
        ('x = "/tmp"  # noqa: S104 - of another rule', False),
        ('x = "/tmp"', False),
    ],
)
def test_a_finding_of_weight_needs_its_reason_on_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, enough: bool
) -> None:
    monkeypatch.setattr(code, "ROOT", tmp_path)
    (tmp_path / "a.py").write_text(f"first = 1\n{line}\n")
    assert code.reasoned({"filename": "a.py", "test_id": "B108", "line_range": [2]}) is enough


def test_an_unknown_secret_is_missed_and_so_is_a_reason_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    hit = {"hashed_secret": "new", "line_number": 3, "type": "Secret Keyword"}
    monkeypatch.setattr(secrets, "report", lambda *_: {"results": {"a.py": [hit]}})
    monkeypatch.setattr(secrets, "NONE", {"gone": "was once there"})
    assert [each.split()[0] for each in secrets.scan().missed] == ["a.py:3", "gone:"]


def test_a_package_that_is_not_in_its_bill_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, requirements: Any
) -> None:
    file = requirements("x.txt", f"a==1 {DIGEST}\nb==2 {DIGEST}\n")
    monkeypatch.setattr(bill, "FOLDER", tmp_path)
    monkeypatch.setattr(bill, "BUILD", tmp_path)
    monkeypatch.setattr(
        bill, "run", lambda *_: (tmp_path / "x.cdx.json").write_text('{"components": [{"name": "A"}]}')
    )
    assert bill.bill(file) == ["x.cdx.json lacks b==2"]


def test_a_figure_says_what_was_missed_below_its_line() -> None:
    assert str(Figure("pins", "3", "0", ["a"])).splitlines()[1].strip() == "a"
    assert str(Figure("pins", "3", "0")).startswith("ok")


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("a:b", "a:b", True),
        ("a:*", "*:b", True),
        ("log-group:/aws/*", "log-group:*:log-stream:*", True),
        ("endpoint/x-*", "endpoint-config/*", False),
        ("*", "anything", True),
        ("ab", "a", False),
    ],
)
def test_patterns_meet_where_some_text_fits_both(one: str, other: str, both: bool) -> None:
    assert meet(one, other) is meet(other, one) is both
