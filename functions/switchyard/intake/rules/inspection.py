"""Reading a dataset to its end: file by file, row by row, by the model's contract, looking for leaks.

The columns of a first dataset are what its first rows show: these are held until there are enough of them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice

from switchyard.config.model_contract import WEIGHT, ModelContract
from switchyard.core.data.classes import Classes
from switchyard.core.data.contract import Feature, Kind, is_nameless
from switchyard.core.data.normalized_text import absent
from switchyard.core.data.numbers import read_number, read_plainly, weight_fault
from switchyard.core.data.packed.packed_file import Packing, layout_name
from switchyard.core.data.rows import read_value
from switchyard.core.data.seen import Seen
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidDatasetError, InvalidPipelineError
from switchyard.core.policy import Problem
from switchyard.core.ports import Forms
from switchyard.intake.rules.blocks import Blocks
from switchyard.intake.rules.header import repeats
from switchyard.intake.rules.kinds import Found, are_codes, found_kinds, infer, rows_to_look_at
from switchyard.intake.rules.leakage import Leakage
from switchyard.intake.rules.table import Layout, Records, Table, read_table, repeated

INFERRED = "or, if the column holds words, say so in pipeline.yaml: `columns: {{{column}: category}}`"
CLEARING = 500  # rows that clear nearly every column of giving the target away
THE_MODELS = "the model's contract has the column as a {kind}"


@dataclass
class Inspection:
    """What the rows of one dataset say; every defect is an InvalidDatasetError with file, row and column.

    declared: `columns` of pipeline.yaml; problem: as stated there. forms: what reads blocks of rows; without it all are
    read one by one. keep: takes the rows as they are packed for the channels.
    """

    target: str
    trusted: Collection[str] = ()
    known: ModelContract | None = None
    declared: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    forms: Forms | None = None
    keep: Callable[[bytes], None] | None = None
    columns: tuple[str, ...] = ()
    labels: LabelStatistics = field(default_factory=LabelStatistics)

    def __post_init__(self) -> None:
        self._first = ""
        self._ignored: dict[str, str] = {}
        self._held: list[tuple[str, int, list[str]]] = []
        self._layout: Layout | None = None
        self._packing: Packing | None = None
        self._leakage = Leakage((self.target,), self.target)
        self._shown = LabelStatistics()  # of the rows by which the kinds are told
        stated = [name for name, kind in self.declared.items() if kind == WEIGHT]
        self._counts = False  # a row that weighs more than nothing
        self._weight = self.known.contract.weight if self.known else next(iter(stated), "")

    @property
    def seen(self) -> Seen:
        """Once it is finished."""
        pairs = zip(self._read_by.names, self._read_by.kinds, strict=True)
        features = tuple(Feature(name, kind) for name, kind in pairs if name != self.target)
        return Seen(self.labels, features, self._ignored, self._weight)

    @property
    def packed_by(self) -> str:
        """The name of the layout by which rows were packed, once it is finished; nothing where none are good."""
        if self._packing is None or self._packing.is_void:
            return ""
        layout = self._read_by
        target, *features = [Feature(layout.names[at], layout.kinds[at]) for at in layout.order]
        return layout_name(target.kind, self._packing.classes, features)

    def read(self, name: str, lines: Iterable[str]) -> int:
        """Reads one file to its end; says how many rows it has."""
        table = read_table(name, lines, self.target, self._first)
        if not self._first:
            self._begin(name, table.columns)
        elif table.columns != self.columns:
            raise InvalidDatasetError(
                f"{name}: row 1: its columns differ from those of {self._first} ({self._difference(table.columns)}); "
                f"write all files of a dataset with the same header"
            )
        if self._weight:  # no block: the weight of each row is looked at
            table.records, table.text = self._weighed(name, table.records), None
        held = 0
        if self._layout is None:
            held = self._hold(name, table)
            if self._layout is None:
                return held
        rows = self._take(name, islice(table.records, CLEARING))
        if rows == CLEARING and self.forms is not None and table.text is not None:
            blocks = Blocks(self._read_by, self.labels, self._leakage, self.forms, self._packing)
            rows += blocks.take(name, table)
        return held + rows + self._take(name, table.records)

    def _hold(self, name: str, table: Table) -> int:
        """Holds rows until there are enough to decide by; says how many of them are taken, or are held still."""
        missing = rows_to_look_at(len(self.columns)) - len(self._held)
        again = table.text if self.forms is not None and self.keep is not None and not self._held else None
        if again is not None:
            again.remember()
        head = [(name, number, fields) for number, fields in islice(table.records, missing)]
        self._held += head
        if len(head) < missing:
            return len(head)
        if again is None:
            self._decide()
            return len(head)
        self._see()
        again.rewind()  # a block takes less than what is taken row by row
        table.number = 1
        return 0

    def _difference(self, columns: Sequence[str]) -> str:
        for column in (*columns, *self.columns):
            if (column in columns) != (column in self.columns):
                return f"'{column[:64]}' is {'new' if column in columns else 'missing'}"
        return "their order"

    def _weighed(self, name: str, records: Records) -> Iterator[tuple[int, list[str]]]:
        place = self.columns.index(self._weight)
        for number, fields in records:
            said = weight_fault(fields[place])
            if said and repeats(self.columns, fields):
                raise repeated(name, number)
            if said:
                raise InvalidDatasetError(f"{name}: row {number}, column '{self._weight}': {said}")
            self._counts = self._counts or (read_number(fields[place]) or 0) > 0
            yield number, fields

    def _take(self, name: str, records: Records) -> int:
        layout, rows = self._read_by, 0
        target, label, leaks = layout.names.index(self.target), self.labels.add, self._leakage.add
        each = layout.values(name, records, self._packing)
        for rows, values in enumerate(each, start=1):  # noqa: B007 the count outlives the loop
            label(values[target])
            leaks(values)
        return rows

    @property
    def _read_by(self) -> Layout:
        if self._layout is None:
            raise RuntimeError("the kinds of the columns are not known yet")
        return self._layout

    def _begin(self, name: str, columns: tuple[str, ...]) -> None:
        self._first, self.columns = name, columns
        if self.known is not None:
            self.known.check(name, columns, self.declared)
            kinds = {each.name: Found(each.kind) for each in self.known.contract.features}
            left_out = Found(None, "by the model's contract")
            self._lay_out({c: kinds.get(c, left_out) for c in columns}, self._known_target(), THE_MODELS)
        else:
            self._check_declared(name)

    def _known_target(self) -> Kind | None:
        """None where it is to be seen."""
        if self.known is None:
            return Kind.NUMBER if self.problem is Problem.REGRESSION else None
        return Kind.NUMBER if Classes(self.known.contract.classes).are_numbers else Kind.CATEGORY

    def _check_declared(self, name: str) -> None:
        for column in self.declared:
            if column == self.target or column not in self.columns:
                meant = absent(self.columns, column)
                what = "it is the target" if column == self.target else f"{name} has no such column"
                remedy = f"{meant} Correct it, or" if meant and column != self.target else ""
                raise InvalidPipelineError(
                    f"pipeline.yaml: columns.{column}: {what}; {remedy} take the line out".replace("  ", " ")
                )

    def _decide(self) -> None:
        """The kinds of a first dataset, by the rows that were held; these are then taken as all others."""
        held = self._held
        is_guessed = not self.declared and not any(map(is_nameless, self.columns))
        if is_guessed and self.keep is None and self._are_plain([fields for _, _, fields in held]):
            self._held = []
            return
        self._see()
        for name, records in groupby(held, key=lambda each: each[0]):
            self._take(name, ((number, fields) for _, number, fields in records))

    def _see(self) -> None:
        """What the columns are, by the rows that were held; these are not held any more."""
        rows, self._held = [fields for _, _, fields in self._held], []
        place = self.columns.index(self.target)
        found = found_kinds(self.columns, rows, {**self.declared, self.target: Kind.NUMBER})
        target = self._known_target() or _kind_of_target([row[place] for row in rows])
        for row in rows:
            label = read_value(target, row[place])
            if label is not None and label == label and label != "":
                self._shown.add(label)
        self.labels.distinct |= self._shown.distinct
        self._lay_out(found, target, INFERRED)

    def _are_plain(self, rows: Sequence[list[str]]) -> bool:
        """Numbers alone, with a target in every row: then they are taken, and read once."""
        target, found = self.columns.index(self.target), []
        for fields in rows:
            values = read_plainly(fields)
            if values is None or not fields[target]:
                return False
            found.append(values)
        if any(map(are_codes, zip(*rows, strict=True))):
            return False
        self._lay_out(dict.fromkeys(self.columns, Found(Kind.NUMBER)), Kind.NUMBER, INFERRED)
        for values in found:
            self.labels.add(values[target])
            self._leakage.add(values)
        return True

    def _lay_out(self, found: Mapping[str, Found], target: Kind | None, remedy: str) -> None:
        found = {name: each for name, each in found.items() if name != self._weight}
        kinds = {name: each.kind for name, each in found.items() if each.kind is not None}
        kinds = {name: kinds[name] for name in self.columns if name in kinds and name != self.target}
        self._ignored = {n: each.why for n, each in found.items() if each.kind is None and n != self.target}
        if not kinds:
            left_out = "; ".join(f"'{name}': {why}" for name, why in list(self._ignored.items())[:5])
            raise InvalidDatasetError(
                f"{self._first}: no feature is left beside the target ({left_out}); declare what a column is: "
                f"`columns: {{name: text}}`"
            )
        kinds[self.target] = target or Kind.NUMBER
        names = tuple(name for name in self.columns if name in kinds)
        places = tuple(place for place, name in enumerate(self.columns) if name in kinds)
        own = tuple(kinds[name] for name in names)
        channels = self.known.contract.names if self.known else tuple(n for n in names if n != self.target)
        order = tuple(map(names.index, (self.target, *channels)))
        self._layout = Layout(names, own, places, self.target, len(self.columns), remedy, order)
        classes = self._classes()
        if self.keep is not None and not self._weight and classes is not None:
            self._packing = Packing(order, self.keep, classes)
        self._leakage = Leakage(
            names, self.target, self.trusted, frozenset(n for n in names if not kinds[n].is_numeric)
        )

    def _classes(self) -> tuple[str, ...] | None:
        """As far as the first rows show them: rows are packed by their classes. None where they do not tell; nothing
        of a regression.
        """
        known = self.known.contract if self.known else None
        if known is not None and known.classes:
            return known.classes
        problem = (known.problem if known is not None else None) or self.problem or self._shown.infer()
        if problem is Problem.REGRESSION:
            return ()
        classes = self._shown.classes if self._shown.are_classes else ()
        return classes if len(classes) > 1 else None

    def finish(self) -> None:
        """After the last file: were there rows, and does a feature give the target away?"""
        if self._held:
            self._decide()
        if self._packing is not None:
            self._packing.flush()
        if not self.labels.rows:
            raise InvalidDatasetError(
                f"{self._first}: the file has a header but no rows; upload it with rows"
            )
        if self._weight and not self._counts:
            raise InvalidDatasetError(
                f"{self._first}: column '{self._weight}': every weight is 0, so that no row counts; write 1 for a row "
                f"that counts once"
            )
        found = self._leakage.found()
        if found is not None:
            column, says, rows = found
            raise InvalidDatasetError(
                f"{self._first}: column '{column}' {says} in every row from row 2 on ({rows} rows): the model "
                f"would learn to copy it; remove the column, or, if it is known before the target is, list it under "
                f"`may_copy_target` in pipeline.yaml"
            )


def _kind_of_target(fields: Sequence[str]) -> Kind:
    return Kind.NUMBER if infer(fields).kind is Kind.NUMBER else Kind.CATEGORY
