"""The memory of the plane: one SQLite file that survives `kill -9`.

Every operation is one function of one transaction, and all of them run one after the other in one thread.
An answer leaves only after its commit has reached the disk (WAL, synchronous=FULL), and whatever an operation
sets in motion starts only after that commit.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

Document = dict[str, Any]
T = TypeVar("T")
Deliveries = Callable[[Document], Sequence[float]]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS resource (
    kind TEXT NOT NULL, name TEXT NOT NULL, created REAL NOT NULL, modified REAL NOT NULL,
    status TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS resource_created ON resource (kind, created, name);
CREATE TABLE IF NOT EXISTS endpoint_history (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, endpoint TEXT NOT NULL, status TEXT NOT NULL,
    config TEXT NOT NULL, weights TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS endpoint_history_endpoint ON endpoint_history (endpoint, id);
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


@dataclass(frozen=True)
class Page:
    """Which resources a list asks for. `sort` is `name`, `created`, `modified` or `status`.

    after: (sort value, name) of the last resource of the page before.
    where: column, operator and value of each filter.
    """

    limit: int
    sort: str = "created"
    descending: bool = True
    after: tuple[Any, str] | None = None
    where: tuple[tuple[str, str, Any], ...] = ()


@dataclass(frozen=True)
class Row:
    """One resource of a page, with the value it was sorted by."""

    name: str
    key: Any
    document: Document


class Transaction:
    """What one operation may do; `now` is its moment (epoch seconds)."""

    def __init__(self, connection: sqlite3.Connection, now: float, deliveries: Deliveries) -> None:
        self._connection = connection
        self._deliveries = deliveries
        self.now = now
        self.effects: list[Callable[[], None]] = []

    def after_commit(self, effect: Callable[[], None]) -> None:
        """Run `effect` in the event loop once this transaction is on the disk."""
        self.effects.append(effect)

    def get(self, kind: str, name: str) -> Document | None:
        row = self._connection.execute(
            "SELECT body FROM resource WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def name_like(self, kind: str, name: str) -> str | None:
        """The stored name that equals `name` when case is ignored."""
        row = self._connection.execute(
            "SELECT name FROM resource WHERE kind = ? AND name = ? COLLATE NOCASE", (kind, name)
        ).fetchone()
        return None if row is None else str(row[0])

    def put(self, kind: str, name: str, document: Document, *, status: str = "") -> None:
        created = document["CreationTime"]
        self._connection.execute(
            "INSERT INTO resource VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kind, name) DO UPDATE SET"
            " modified = excluded.modified, status = excluded.status, body = excluded.body",
            (kind, name, created, document.get("LastModifiedTime", created), status, json.dumps(document)),
        )

    def delete(self, kind: str, name: str) -> None:
        self._connection.execute("DELETE FROM resource WHERE kind = ? AND name = ?", (kind, name))

    def every(self, kind: str, *statuses: str) -> list[Document]:
        """All resources of a kind, oldest first; with `statuses` only those in one of them."""
        marks = ", ".join("?" * len(statuses))
        where = f" AND status IN ({marks})" if statuses else ""
        rows = self._connection.execute(
            f"SELECT body FROM resource WHERE kind = ?{where} ORDER BY created, name",  # noqa: S608 - marks only
            (kind, *statuses),
        )
        return [json.loads(body) for (body,) in rows]

    def page(self, kind: str | Sequence[str], page: Page) -> list[Row]:
        """Of one kind, or of several together; then a row's name has its kind before it."""
        kinds = (kind,) if isinstance(kind, str) else kind
        own = "name" if isinstance(kind, str) else "kind || '/' || name"
        clauses, values = [f"kind IN ({', '.join('?' * len(kinds))})"], list[Any](kinds)
        for column, operator, value in page.where:
            clauses.append(_CLAUSES[operator].format(_column(column)))
            values.append(value)
        sort = _column(page.sort)
        direction, beyond = ("DESC", "<") if page.descending else ("ASC", ">")
        if page.after is not None:
            clauses.append(f"({sort}, {own}) {beyond} (?, ?)")
            values.extend(page.after)
        rows = self._connection.execute(
            f"SELECT {own}, {sort}, body FROM resource WHERE {' AND '.join(clauses)}"  # noqa: S608 - checked names
            f" ORDER BY {sort} {direction}, {own} {direction} LIMIT ?",
            (*values, page.limit),
        )
        return [Row(name, key, json.loads(body)) for name, key, body in rows]

    def counts(self) -> dict[str, int]:
        """How many resources there are of each kind."""
        return dict(self._connection.execute("SELECT kind, COUNT(*) FROM resource GROUP BY kind").fetchall())

    def next_number(self, counter: str) -> int:
        """1, 2, 3, ...: a number is never given twice, whatever is deleted meanwhile."""
        row = self._connection.execute(
            "INSERT INTO counter VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
            " RETURNING value",
            (counter,),
        ).fetchone()
        return int(row[0])

    def forget_number(self, counter: str) -> None:
        """Begin at 1 again."""
        self._connection.execute("DELETE FROM counter WHERE name = ?", (counter,))

    def record(self, endpoint: str, status: str, config: str, weights: dict[str, float]) -> None:
        """Append one change of an endpoint to its history."""
        self._connection.execute(
            "INSERT INTO endpoint_history (at, endpoint, status, config, weights) VALUES (?, ?, ?, ?, ?)",
            (self.now, endpoint, status, config, json.dumps(weights)),
        )

    def history(self, endpoint: str | None = None) -> list[Document]:
        """Every change of an endpoint (or of all), oldest first."""
        rows = self._connection.execute(
            "SELECT at, endpoint, status, config, weights FROM endpoint_history"
            " WHERE ?1 IS NULL OR endpoint = ?1 ORDER BY id",
            (endpoint,),
        )
        return [
            {"at": at, "endpoint": name, "status": status, "config": config, "weights": json.loads(weights)}
            for at, name, status, config, weights in rows
        ]

    def emit(self, entry: Document) -> None:
        """Put an event into the outbox, in the same transaction as the change it tells of."""
        text = json.dumps(entry)
        for delay in self._deliveries(entry):
            due = self.now + delay if delay else 0
            self._connection.execute("INSERT INTO outbox (entry, due) VALUES (?, ?)", (text, due))

    def outbox(self, limit: int) -> list[tuple[int, int, Document]]:
        """Events that are due: (id, attempts so far, entry), oldest first."""
        rows = self._connection.execute(
            "SELECT id, attempts, entry FROM outbox WHERE due <= ? ORDER BY id LIMIT ?", (self.now, limit)
        )
        return [(number, attempts, json.loads(entry)) for number, attempts, entry in rows]

    def events_waiting(self) -> int:
        """How many events are not delivered yet."""
        (count,) = self._connection.execute("SELECT COUNT(*) FROM outbox").fetchone()
        return int(count)

    def next_due(self) -> float | None:
        """When the outbox has something to deliver, or None when it is empty."""
        (due,) = self._connection.execute("SELECT MIN(due) FROM outbox").fetchone()
        return None if due is None else float(due)

    def delivered(self, numbers: list[int]) -> None:
        self._connection.executemany("DELETE FROM outbox WHERE id = ?", ((number,) for number in numbers))

    def trim_outbox(self, kept: int) -> None:
        """Forget all but the newest `kept` events (nobody is there to receive them)."""
        self._connection.execute("DELETE FROM outbox WHERE id <= (SELECT MAX(id) FROM outbox) - ?", (kept,))

    def postpone(self, number: int, due: float) -> None:
        self._connection.execute(
            "UPDATE outbox SET attempts = attempts + 1, due = ? WHERE id = ?", (due, number)
        )


class Store:
    """Opens the file and runs transactions; `changed` is set after each commit that changed something.

    deliveries: after how many seconds an event is sent; nothing: never.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], float] = time.time,
        deliveries: Deliveries = lambda _: (0.0,),
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self._deliveries = deliveries
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._connection = self._thread.submit(_open, path).result()
        self.changed = asyncio.Event()

    async def run(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` as one transaction: all of it is kept, or nothing when it raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._transact, work, loop)

    def _transact(self, work: Callable[[Transaction], T], loop: asyncio.AbstractEventLoop) -> T:
        transaction = Transaction(self._connection, self._clock(), self._deliveries)
        before = self._connection.total_changes
        self._connection.execute("BEGIN")
        try:
            result = work(transaction)
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        for effect in transaction.effects:
            loop.call_soon_threadsafe(effect)
        if self._connection.total_changes != before:
            loop.call_soon_threadsafe(self.changed.set)
        return result

    def close(self) -> None:
        self._thread.submit(self._connection.close).result()
        self._thread.shutdown()


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(_SCHEMA)
    return connection


_COLUMNS = ("name", "created", "modified", "status")
_CLAUSES = {
    "=": "{} = ?",
    "<": "{} < ?",
    ">": "{} > ?",
    ">=": "{} >= ?",
    "contains": "instr(lower({}), lower(?)) > 0",
}


def _column(name: str) -> str:
    if name not in _COLUMNS:
        raise ValueError(f"resources have no column {name!r}; they have {', '.join(_COLUMNS)}")
    return name
