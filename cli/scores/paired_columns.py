"""Sums of both models' answers by numpy, a column at a time.

What comes back is what stats.paired makes of the same rows. A slice in which anything is open, a label that is none or
an answer that cannot be used, is read row by row by its rules, which count, or refuse in their words.
"""

from functools import reduce
from types import ModuleType

from cli.scores import class_columns, number_columns
from cli.scores.columns import Parts, Scored, joined
from switchyard.stats.paired import NOTHING_MORE, PairedSums, Wanted, merge

SLICE = 65_536  # rows: the columns that are made of them stay in a core's cache


def sums_of(problem: str, scored: Scored, wanted: Wanted = NOTHING_MORE, first: int = 1) -> PairedSums:
    """As PairedSums.from_rows; `first` is the first row's number."""
    family: ModuleType = number_columns if problem == "regression" else class_columns
    found, by_rules = list[Parts](), list[PairedSums]()
    for start in range(0, len(scored), SLICE):
        piece = scored.part(start, start + SLICE)
        if family.is_plain(problem, piece):
            found.append(family.parts(problem, piece, wanted))
        else:
            by_rules.append(PairedSums.from_rows(problem, piece.rows(problem), wanted, first + start))
    if found:
        by_rules.append(family.sums(problem, reduce(joined, found), list(scored.said), wanted))
    return merge(by_rules)
