"""A dropped file as one form of CSV, whatever form it came in: UTF-8, commas, points, line feeds, not compressed.

Nothing is held but a piece of the file at a time. What is in the fields is not looked at here, except for the mark of
decimals where the separator is no comma.
"""

import csv
import hashlib
from codecs import getincrementaldecoder
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from tempfile import NamedTemporaryFile
from typing import Any

from switchyard.core.data.csv_line import csv_line, csv_rows
from switchyard.core.data.csv_text import BLOCK, CsvText, Decoded, joined
from switchyard.core.data.dialect import AS_IT_SHOWS, Dialect
from switchyard.core.data.normalized_text import column_name
from switchyard.core.data.size_limits import refuse_large
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.ports import Forms
from switchyard.intake.json_lines import csv_of_json_lines
from switchyard.intake.json_list import is_list_of_objects, lines_of_list
from switchyard.intake.kept_forms import KeptForm
from switchyard.intake.rules.encodings import LATIN, UTF8, WIDE, WINDOWS, encoding_of, is_of_another_script
from switchyard.intake.rules.file_names import READ, is_json_lines, is_parquet
from switchyard.intake.rules.file_signature import not_text
from switchyard.intake.rules.header import repeats
from switchyard.intake.rules.sniffing import (
    SNIFFED_LINES,
    DecimalMark,
    MixedMarksError,
    said_by_excel,
    separator_of,
)
from switchyard.intake.rules.table import unreadable
from switchyard.intake.unpacking import opener, unpacked, with_head

MAX_LINE = 4 * 1024**2  # signs; what is longer is no row of a table
PARQUET = (b"PAR1", b"PARE")
JSON = ('{"', "[{")  # no column is called so


@dataclass
class Reading:
    """One file, read once. as_it_stands: columns whose fields are no numbers. known: columns of the parts before it.
    dialect: what is declared of it. beside: columns that its folders say, each with its value. kept: takes the one
    form, where the file came in another.

    Once it is read: `raw` and `taken` are digest and size of the file as it was dropped, `digest` and `size` are those
    of the file that is trained from, and `is_rewritten` says whether that is another: its one form.
    """

    name: str
    chunks: Iterator[bytes]
    forms: Forms
    as_it_stands: Collection[str] = ()
    known: Sequence[str] = ()
    dialect: Dialect = AS_IT_SHOWS
    beside: Mapping[str, str] = field(default_factory=dict)
    kept: KeptForm | None = None
    is_rewritten: bool = False
    taken: int = 0
    written: int = 0
    raw: Any = field(default_factory=hashlib.sha256)
    _written: Any = field(default_factory=hashlib.sha256)

    @property
    def size(self) -> int:
        return self.written if self.is_rewritten else self.taken

    @property
    def digest(self) -> str:
        return str((self._written if self.is_rewritten else self.raw).hexdigest())

    def lines(self) -> Iterator[str]:
        """Lines with their ends. InvalidDatasetError for what is no text."""
        return iter(self.text())

    def text(self, block: int = BLOCK) -> CsvText:
        """The same, to be taken by lines and by blocks."""
        return CsvText(self._told(), block)

    def _told(self) -> Iterator[str]:
        pieces = self._with_partition(self._one_form()) if self.beside else self._one_form()
        for piece in self._respelled(pieces) if self.dialect.respells else pieces:
            if self.is_rewritten:
                body = piece.encode()
                self.written += len(body)
                refuse_large(self.name, self.written, self.taken)
                self._written.update(body)
                if self.kept is not None:
                    self.kept.write(body)
            yield piece

    def _one_form(self) -> Iterator[str]:
        head, pieces = with_head(self._unpacked())
        if head.startswith(PARQUET):
            return joined(self._parquet(pieces))
        if is_parquet(self.name):
            raise InvalidDatasetError(
                f"{self.name}: it is named as Parquet and is none; write it again, or name it as what it is"
            )
        text = self._text(head, pieces)
        return joined(self._json_lines(text)) if is_json_lines(self.name) else self._csv(text)

    @property
    def _mark(self) -> str:
        """Of decimals, as numbers that have a type are written for the dialect: a point is of thousands there."""
        return "," if self.dialect.thousands == "." else "."

    def _parquet(self, pieces: Iterator[bytes]) -> Iterator[str]:
        """Through a file: what is where in it is told at its end."""
        self.is_rewritten = True
        with NamedTemporaryFile(suffix=".parquet") as file:
            file.writelines(pieces)
            file.flush()
            yield from self.forms.parquet(self.name, file.name, self._mark)

    def _json_lines(self, text: Iterator[str]) -> Iterator[str]:
        self.is_rewritten = True
        is_list, pieces = is_list_of_objects(text)
        known = [column for column in self.known if column not in self.beside]
        if is_list:
            return csv_of_json_lines(self.name, lines_of_list(self.name, pieces), known, "object", self._mark)
        return csv_of_json_lines(self.name, self._split(pieces, "\n"), known, mark=self._mark)

    def _csv(self, pieces: Iterator[str]) -> Iterator[str]:
        first = next(pieces, "")
        if first.lstrip().startswith(JSON):
            raise InvalidDatasetError(
                f"{self.name}: this is JSON; write an object a line, without brackets around them, and name it .jsonl"
            )
        end = "\r" if "\r" in first and "\n" not in first else "\n"
        lines = self._split(chain([first], pieces), end)
        said = said_by_excel(first)
        separator = self.dialect.separator or said or separator_of(_first_lines(first, end))
        self.is_rewritten |= end == "\r" or separator != "," or bool(said)
        if end == "\n" and separator == "," and not said:
            return self._bounded(chain([first], pieces))
        if said:
            next(lines)
        return joined(lines if separator == "," else self._with_commas(lines, separator))

    def _bounded(self, pieces: Iterator[str]) -> Iterator[str]:
        """The pieces themselves, none of which ends within a line that is too long."""
        length = 0
        for piece in pieces:
            yield piece
            length = len(piece) - piece.rfind("\n") - 1 + (length if "\n" not in piece else 0)
            self._refuse_long(length)

    def _refuse_long(self, length: int) -> None:
        if length > MAX_LINE:
            raise InvalidDatasetError(
                f"{self.name}: a line has over {MAX_LINE} characters; end every row with a line feed"
            )

    def _split(self, pieces: Iterator[str], end: str) -> Iterator[str]:
        """Each line once; the last may lack its end."""
        rest = ""
        for piece in pieces:
            *lines, rest = (rest + piece).split(end)
            yield from (line + "\n" for line in lines)
            self._refuse_long(len(rest))
        if rest:
            yield rest

    def _with_commas(self, lines: Iterator[str], separator: str) -> Iterator[str]:
        rows = self._rows(lines, separator)
        rewritten = str if self.dialect.has_marks else DecimalMark().rewritten
        yield from self._each_field(rows, rewritten)

    def _with_partition(self, pieces: Iterator[str]) -> Iterator[str]:
        """What the file itself has goes before what its folders say."""
        self.is_rewritten = True
        rows = self._rows(iter(CsvText(pieces)))
        columns = next(rows, [])
        if not columns:  # there is nothing to put them beside, and the header's reader says so
            return joined(csv_line(row) for row in chain([columns], rows))
        own = set(map(column_name, columns))
        more = {column: value for column, value in self.beside.items() if column not in own}
        values = list(more.values())
        header = csv_line(columns + list(more))
        named = list(map(column_name, columns))
        lines = ((header if repeats(named, row) else csv_line(row + values)) if row else "\n" for row in rows)
        return joined(chain([header], lines))

    def _respelled(self, pieces: Iterator[str]) -> Iterator[str]:
        """By what is declared of the file."""
        self.is_rewritten = True
        rows = self._rows(iter(CsvText(pieces)))
        return joined(self._each_field(rows, self.dialect.respelled))

    def _rows(self, lines: Iterator[str], separator: str = ",") -> Iterator[list[str]]:
        """The fields of each; InvalidDatasetError at a row that is no CSV."""
        rows = csv_rows(lines, separator)
        for number in count(1):
            try:
                row = next(rows, None)
            except csv.Error as error:
                raise unreadable(self.name, number, error) from None
            if row is None:
                return
            yield row

    def _each_field(self, rows: Iterator[list[str]], rewritten: Callable[[str], str]) -> Iterator[str]:
        columns = list(map(column_name, next(rows, [])))
        yield csv_line(columns)
        kept = {place for place, column in enumerate(columns) if column in self.as_it_stands}
        for number, row in enumerate(rows, start=2):
            fields = enumerate(row)
            try:
                yield (
                    csv_line([text if place in kept else rewritten(text) for place, text in fields])
                    if row
                    else "\n"
                )
            except MixedMarksError:
                raise InvalidDatasetError(
                    f"{self.name}: row {number}: there are decimal points and decimal commas in one file, so that "
                    f"1.234 may be either; write it with one of them, or say which in pipeline.yaml: "
                    f"`data: {{decimal: ','}}`"
                ) from None

    def _text(self, head: bytes, pieces: Iterator[bytes]) -> Iterator[str]:
        what = not_text(head)
        if what:
            raise InvalidDatasetError(f"{self.name}: {what}")
        encoding = encoding_of(head, self.dialect.encoding)
        if not encoding:
            raise InvalidDatasetError(f"{self.name}: it is binary, and no text; drop a table: {READ}")
        self.is_rewritten |= encoding != UTF8
        decoder = getincrementaldecoder(encoding)()
        try:
            for piece in chain(pieces, [b""]):
                before = decoder.getstate()[0]
                text = decoder.decode(piece, final=not piece)
                if encoding == UTF8:
                    body = before + piece
                    yield Decoded.of(text, body[: len(body) - len(decoder.getstate()[0])])
                else:
                    yield self._as_windows(text) if encoding == LATIN else text
        except UnicodeError as error:
            said = f" ({error.reason})" if isinstance(error, UnicodeDecodeError) else ""
            remedy = "save it as UTF-8, or say what it is in pipeline.yaml: `data: {encoding: windows-1252}`"
            if encoding == self.dialect.encoding:
                remedy = "save it as UTF-8, or correct `data.encoding` in pipeline.yaml"
            elif encoding in WIDE:  # which is read off the file
                remedy = "upload it whole, or save it as UTF-8"
            raise InvalidDatasetError(
                f"{self.name}: not {encoding.removesuffix('-sig').upper()} text{said}; {remedy}"
            ) from None

    def _as_windows(self, text: str) -> str:
        """What is called Latin-1; InvalidDatasetError for words that no language of Latin letters has."""
        if is_of_another_script(text):
            raise InvalidDatasetError(
                f"{self.name}: not UTF-8 text, and not Latin-1 either, by its runs of signs beyond ASCII; save it as "
                f"UTF-8, or say what it is in pipeline.yaml: `data: {{encoding: windows-1251}}`, gb18030, shift_jis ..."
            )
        return text.translate(WINDOWS)

    def _unpacked(self) -> Iterator[bytes]:
        head, pieces = with_head(self._hashed())
        packed = opener(head, self.forms)
        self.is_rewritten |= packed is not None
        return unpacked(self.name, pieces, *packed) if packed else pieces

    def _hashed(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            self.raw.update(chunk)
            self.taken += len(chunk)
            yield chunk


def _first_lines(text: str, end: str) -> list[str]:
    """Whole ones, as far as there are any."""
    return text.split(end)[:-1][:SNIFFED_LINES] or [text]
