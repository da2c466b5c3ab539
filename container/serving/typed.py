"""Requests to a model that knows its features by name and kind."""

from array import array

from container.features.books import canonical
from container.features.contract import CATEGORY, did_you_mean, shown
from container.features.encoder import Encoder, positions
from container.features.encoding import Encoding
from container.features.plain_row import PlainRow
from container.features.typed_csv import split_rows
from container.numeric_csv import QUOTE, FieldError, RowError, Rows, parse_fields, parse_rows
from container.serving.instances import unwrapped
from container.serving.numeric import number_of, plain_numbers

_EXACT = 2**53  # up to here a float that is whole is this very integer


class TypedReader:
    """Rows in the order of the contract, or objects by the names of the features."""

    def __init__(self, encoding: Encoding) -> None:
        books, features = encoding.books(), encoding.contract.features
        self._encoder = Encoder(features, books)
        self._books = {at: books[features[at].name] for at in positions(features, CATEGORY)}
        self._plain = PlainRow(features, books, self._encoder.width)
        self._order = [feature.name for feature in features]
        self._names = frozenset(self._order)
        self.width = self._encoder.width

    def csv(self, body: bytes) -> Rows:
        """Raises RowError."""
        if self._encoder.texts or QUOTE in body:
            plain = self._plain.read(body)
            return self._encoder.encode(split_rows(body), parse_fields) if plain is None else plain
        rows = parse_rows(body, self.width)
        self._encoder.check_booleans(rows.values)
        return rows

    def instances(self, instances: list[object]) -> Rows:
        """A name that is left out, and null, is a missing value. Raises RowError."""
        rows = [self._row(row, instance) for row, instance in enumerate(instances, start=1)]
        return self._encoder.encode(rows, self._numbers)

    def _row(self, row: int, instance: object) -> list[object]:
        fields = self._by_position(row, instance)
        if len(fields) != len(self._order):
            raise RowError(row, None, f"{len(fields)} fields found, {len(self._order)} expected")
        for position in self._encoder.texts:
            if type(fields[position]) is not str:
                fields[position] = self._text(row, position, fields[position])
        return fields

    def _text(self, row: int, position: int, value: object) -> str:
        """What JSON has where a text is expected, as it would stand in CSV; a category as the model learned it."""
        spellings = _spellings(row, position, value)
        book = self._books.get(position)
        return next((each for each in spellings if book and each in book), spellings[0])

    def _by_position(self, row: int, instance: object) -> list[object]:
        if isinstance(instance, dict) and instance.keys() <= self._names:
            return [instance.get(name) for name in self._order]
        instance = unwrapped(instance)
        if isinstance(instance, list):
            return instance
        if not isinstance(instance, dict):
            raise RowError(row, None, "a list of values or an object by the features' names is expected")
        named = {canonical(name): value for name, value in instance.items()}
        if len(named) == len(instance) and named.keys() <= self._names:
            return [named.get(name) for name in self._order]
        unknown = next(name for name in instance if name not in self._names)
        reason = f"no feature is called {shown(unknown)}: {did_you_mean(unknown, self._order)}"
        raise RowError(row, None, reason)

    def _numbers(self, given: list[object]) -> "array[float]":
        values = plain_numbers(given)
        return array("f", map(self._number, range(len(given)), given)) if values is None else values

    def _number(self, index: int, value: object) -> float:
        if isinstance(value, bool) and self._encoder.is_boolean(index):
            return float(value)
        try:
            return number_of(value)
        except ValueError as error:
            raise FieldError(index, str(error)) from None


def _spellings(row: int, position: int, value: object) -> tuple[str, ...]:
    """Programs write true as True, too, and 3 as 3.0 where a column has a gap."""
    if value is None:
        return ("",)
    if isinstance(value, bool):
        text = "true" if value else "false"
        return text, text.capitalize(), text.upper()
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        value = int(value)
    if isinstance(value, (int, float)):
        return str(value), str(float(value))
    raise RowError(row, position + 1, "a text is expected")
