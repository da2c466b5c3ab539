"""The same sums, apart for each value of a column: where a model that is better on the whole may be worse.

A holdout is scored in chunks that know nothing of each other, so each keeps its most frequent values and the merge
keeps the most frequent of those; the rest of a column is one slice, `other`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from switchyard.stats.losses import Prediction
from switchyard.stats.paired import NOTHING_MORE, PairedSums, Wanted, merge

KEPT_A_CHUNK = 50
KEPT = 20
SHOWN_SIGNS = 60

Pair = tuple[float, Prediction | None, Prediction]
Slices = Mapping[str, Mapping[str, PairedSums]]  # column -> value -> sums; "" is the rest of the column


def sliced(
    problem: str, values: Sequence[str], pairs: Sequence[Pair], wanted: Wanted = NOTHING_MORE
) -> dict[str, PairedSums]:
    """Sums of one chunk by the value that each row has in a column; "" holds the rarer values together."""
    kept = {value for value, _ in Counter(values).most_common(KEPT_A_CHUNK)}
    rows: dict[str, list[Pair]] = {}
    for value, pair in zip(values, pairs, strict=True):
        rows.setdefault(value if value in kept else "", []).append(pair)
    return {value: PairedSums.from_rows(problem, own, wanted) for value, own in rows.items()}


def merged(chunks: Iterable[Slices]) -> dict[str, PairedSums]:
    """`column=value` -> sums over all chunks: the most frequent values of each column, and `column: other`."""
    columns: dict[str, dict[str, list[PairedSums]]] = {}
    for chunk in chunks:
        for column, values in chunk.items():
            for value, sums in values.items():
                columns.setdefault(column, {}).setdefault(value, []).append(sums)
    return {
        name: sums
        for column, values in columns.items()
        for name, sums in _largest(column, {value: merge(parts) for value, parts in values.items()})
    }


def _largest(column: str, values: Mapping[str, PairedSums]) -> list[tuple[str, PairedSums]]:
    by_size = sorted((v for v in values if v), key=lambda value: (-values[value].rows, value))
    kept = by_size[:KEPT]
    named = [(f"{column}={name}", values[value]) for name, value in zip(_shown(kept), kept, strict=True)]
    rest = [values[value] for value in (*by_size[KEPT:], "") if value in values]
    return [*named, (f"{column}: other", merge(rest))] if rest else named


def _shown(values: Sequence[str]) -> list[str]:
    """Their first signs; of those that begin alike the second, third, ... say so, or one would stand for all."""
    shown, seen = [], Counter[str]()
    for value in values:
        name = value[:SHOWN_SIGNS]
        seen[name] += 1
        shown.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return shown
