"""The classes of a target, as people write them: `yes` and `no`, names of species, M and B, 1 and 2."""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from switchyard.core.data.normalized_text import boolean, clean
from switchyard.core.data.numbers import read_number

SHOWN_CLASSES = 10
SHOWN_SIGNS = 40


def named(classes: Collection[str]) -> str:
    """`class 3`, `classes no, yes and 4 more`."""
    shown = ", ".join(each[:SHOWN_SIGNS] for each in list(classes)[:SHOWN_CLASSES])
    more = f" and {len(classes) - SHOWN_CLASSES} more" if len(classes) > SHOWN_CLASSES else ""
    return f"class{'es' if len(classes) != 1 else ''} {shown}{more}"


def name_of(value: float | str) -> str:
    """A value of the target as the name of a class: 1.0 is `1`."""
    if isinstance(value, str):
        return value
    return str(int(value)) if value == int(value) else repr(value)


def names_of(values: Iterable[float | str]) -> tuple[str, ...]:
    """Classes in the order of their index: numbers by size, words by the alphabet, of two booleans the true one last.

    `yes`, `Yes` and `true` are one class where all are booleans.
    """
    distinct = set(map(_one_form, values))
    sides = {each: boolean(name_of(each)) for each in distinct}
    if any(isinstance(each, str) for each in distinct) and None not in sides.values():
        wanted = (
            min((name_of(e) for e, side in sides.items() if side is truth), default="")
            for truth in (False, True)
        )
        return tuple(name for name in wanted if name)
    return tuple(map(name_of, sorted(distinct, key=_order)))


def _one_form(value: float | str) -> float | str:
    """Of numbers among words: `1.0` and `1` are one class."""
    number = read_number(value) if isinstance(value, str) and boolean(value) is None else None
    return value if number is None or math.isnan(number) else name_of(number)


def _order(value: float | str) -> tuple[bool, float, str, str]:
    is_word = isinstance(value, str)
    return is_word, 0.0 if isinstance(value, str) else value, name_of(value).casefold(), name_of(value)


@dataclass(frozen=True)
class Classes:
    """Finds the index of a class by what was written: `1.0` is class `1`, and `True` is class `yes` of no and yes."""

    names: tuple[str, ...]
    _index: dict[str, int] = field(init=False, compare=False, repr=False)
    _sides: dict[bool, int] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        sides = [boolean(name) for name in self.names]
        is_pair = sorted(map(str, sides)) == ["False", "True"]
        object.__setattr__(self, "_index", {name: index for index, name in enumerate(self.names)})
        object.__setattr__(self, "_sides", {side: i for i, side in enumerate(sides)} if is_pair else {})

    @property
    def are_numbers(self) -> bool:
        return all(_number_named(name) is not None for name in self.names)

    def index(self, written: float | str) -> int | None:
        """None for what is no class of these."""
        found = self._index.get(written) if isinstance(written, str) else None
        return self._find(written) if found is None else found

    def _find(self, written: float | str) -> int | None:
        text = clean(written) if isinstance(written, str) else name_of(written)
        number = read_number(text) if boolean(text) is None else None
        key = text if number is None or math.isnan(number) else name_of(number)
        side = boolean(key)
        return self._index.get(key, None if side is None else self._sides.get(side))


def _number_named(name: str) -> float | None:
    """The number that a class is called by, as `name_of` gives it."""
    number = read_number(name)
    return number if number is not None and number == number and name_of(number) == name else None
