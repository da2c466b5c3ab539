"""Classes as people write them: their order, their names, and the index of what was written."""

import pytest

from switchyard.core.data.classes import Classes, name_of, named, names_of


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({1.0, 0.0}, ("0", "1")),
        ({2.0, 1.0}, ("1", "2")),
        ({10.0, 9.0, -1.0}, ("-1", "9", "10")),
        ({"yes", "no"}, ("no", "yes")),
        ({"True", "False"}, ("False", "True")),
        ({"Y", "n"}, ("n", "Y")),
        ({"M", "B"}, ("B", "M")),
        ({"Gentoo", "Adelie", "Chinstrap"}, ("Adelie", "Chinstrap", "Gentoo")),
    ],
)
def test_classes_have_an_order(values: set[float | str], names: tuple[str, ...]) -> None:
    assert names_of(values) == names


def test_spellings_of_a_boolean_are_one_class() -> None:
    assert names_of({"yes", "Yes", "NO", "no"}) == ("NO", "Yes")


@pytest.mark.parametrize("written", ["yes", " YES ", "true", "1", "1.0", 1, 1.0, True])
def test_a_boolean_class_is_found_however_it_is_written(written: float | str) -> None:
    assert Classes(("no", "yes")).index(written) == 1
    assert Classes(("0", "1")).index(written) == 1


@pytest.mark.parametrize(
    ("written", "index"), [("1", 0), ("2.0", 1), (2, 1), ("0", None), ("yes", None), ("", None)]
)
def test_a_number_is_a_class_by_its_value(written: float | str, index: int | None) -> None:
    assert Classes(("1", "2")).index(written) == index


def test_words_are_classes_by_their_letters() -> None:
    species = Classes(("Adelie", "Gento\u00f3"))
    assert species.index(" Gentoo\u0301 ") == 1
    assert species.index("adelie") is None


@pytest.mark.parametrize("names", [("a", "B"), ("no", "yes"), ("-1", "0", "1.5"), ("x", "2")])
def test_every_name_is_its_own_class(names: tuple[str, ...]) -> None:
    classes = Classes(names)
    assert [classes.index(name) for name in names] == list(range(len(names)))


def test_classes_are_told_by_name() -> None:
    assert named(["maybe"]) == "class maybe"
    assert named([name_of(each) for each in map(float, range(12))]).endswith("8, 9 and 2 more")
