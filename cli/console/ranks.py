"""The layered part of a drawing: which row each state stands in, and in which order within the row. Pure.

After Sugiyama, Tagawa and Toda (1981): loops are turned round, each row is one longer than the longest way to it, ways
that pass rows get a place in each, and rows are ordered by the mean place of their neighbours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Link = tuple[str, str]
SWEEPS = 6


@dataclass(frozen=True)
class Rows:
    """rows: names from the top, places of passing ways among them. chains: for every way, what it passes, ends
    included, from top to bottom; turned: ways that lead upwards."""

    rows: tuple[tuple[str, ...], ...]
    chains: Mapping[Link, tuple[str, ...]]
    turned: frozenset[Link]

    def neighbours(self) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
        """(those above, those below) of every place."""
        above, below = defaultdict(list), defaultdict(list)
        for chain in self.chains.values():
            for upper, lower in pairwise(chain):
                below[upper].append(lower)
                above[lower].append(upper)
        return above, below


def rank(start: str, names: Sequence[str], links: Sequence[Link]) -> Rows:
    """Rows of a graph; `links` without loops from a state to itself, each once."""
    order, turned = _search([start, *names] if start in names else list(names), links)
    downwards = [(b, a) if (a, b) in turned else (a, b) for a, b in links]
    row = _rows(order, downwards)
    chains = {
        link: tuple(_chain(link, top, bottom, row))
        for link, (top, bottom) in zip(links, downwards, strict=True)
    }
    placed: list[list[str]] = [[] for _ in range(max(row.values(), default=-1) + 1)]
    for name in order:
        placed[row[name]].append(name)
    for (top, _), chain in zip(downwards, chains.values(), strict=True):
        for step, place in enumerate(chain[1:-1], start=1):
            placed[row[top] + step].append(place)
    found = Rows(tuple(map(tuple, placed)), chains, turned)
    return Rows(_ordered(found), chains, turned)


def _search(names: Sequence[str], links: Sequence[Link]) -> tuple[list[str], frozenset[Link]]:
    """(names as a depth-first search leaves them, last first; links that lead back to where it came from)."""
    targets = defaultdict(list)
    for source, target in links:
        targets[source].append(target)
    seen, open_, left, turned = set(), set(), list[str](), set[Link]()
    for root in names:
        if root in seen:
            continue
        stack = [(root, iter(targets[root]))]
        seen.add(root)
        open_.add(root)
        while stack:
            place, ways = stack[-1]
            target = next(ways, "")
            if not target:
                stack.pop()
                open_.discard(place)
                left.append(place)
            elif target in open_:
                turned.add((place, target))
            elif target not in seen:
                seen.add(target)
                open_.add(target)
                stack.append((target, iter(targets[target])))
    return left[::-1], frozenset(turned)


def _rows(order: Sequence[str], downwards: Sequence[Link]) -> dict[str, int]:
    """The longest way to each; `order` has every source before its targets."""
    targets = defaultdict(list)
    for source, target in downwards:
        targets[source].append(target)
    row = dict.fromkeys(order, 0)
    for name in order:
        for target in targets[name]:
            row[target] = max(row[target], row[name] + 1)
    return row


def _chain(link: Link, top: str, bottom: str, row: Mapping[str, int]) -> list[str]:
    passed = [f"{link[0]}\n{link[1]}\n{step}" for step in range(row[top] + 1, row[bottom])]
    return [top, *passed, bottom]


def _ordered(found: Rows) -> tuple[tuple[str, ...], ...]:
    """The order of all sweeps in which the fewest ways cross."""
    above, below = found.neighbours()
    rows = [list(row) for row in found.rows]
    best, fewest = [list(row) for row in rows], _crossings(rows, below)
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        near = above if downwards else below
        for index in range(1, len(rows)) if downwards else reversed(range(len(rows) - 1)):
            fixed = {name: place for place, name in enumerate(rows[index - 1 if downwards else index + 1])}
            rows[index] = _by_neighbours(rows[index], near, fixed)
        crossings = _crossings(rows, below)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return tuple(map(tuple, best))


def _by_neighbours(row: Sequence[str], near: Mapping[str, list[str]], fixed: Mapping[str, int]) -> list[str]:
    def mean(place: tuple[int, str]) -> float:
        found = [fixed[name] for name in near.get(place[1], [])]
        return sum(found) / len(found) if found else float(place[0])

    return [name for _, name in sorted(enumerate(row), key=mean)]


def _crossings(rows: Sequence[Sequence[str]], below: Mapping[str, list[str]]) -> int:
    total = 0
    for upper, lower in pairwise(rows):
        place = {name: index for index, name in enumerate(lower)}
        ends = [
            place[target] for name in upper for target in sorted(below.get(name, []), key=place.__getitem__)
        ]
        total += sum(a > b for index, a in enumerate(ends) for b in ends[index + 1 :])
    return total
