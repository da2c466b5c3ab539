"""Files of data packages, and rows as they are dropped and asked about."""

from pathlib import Path

import pytest

from cli.rows import packaged

TABLE = [{"species": "Adelie", "island": "Torgersen, south", "mass": "NA"}]


def test_a_row_of_a_request_lacks_the_target_and_keeps_its_quotes() -> None:
    assert packaged.as_csv(TABLE) == 'species,island,mass\nAdelie,"Torgersen, south",NA\n'
    assert list(packaged.without("species", TABLE)) == ['"Torgersen, south",NA']


def test_a_package_that_is_not_installed_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packaged, "ENVIRONMENT", tmp_path)
    with pytest.raises(SystemExit, match="next: make images"):
        packaged.packaged("palmerpenguins/data/penguins.csv")


def test_a_file_of_a_package_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "lib/python3.12/site-packages/birds/data.csv"
    file.parent.mkdir(parents=True)
    file.touch()
    monkeypatch.setattr(packaged, "ENVIRONMENT", tmp_path)
    assert packaged.packaged("birds/data.csv") == file
