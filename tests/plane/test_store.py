"""The store: a transaction is all or nothing, and what was answered is on the disk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sagemaker_local.store import Store, Transaction


class TestTheStore:
    def test_a_transaction_that_fails_leaves_nothing_and_sets_nothing_in_motion(self, tmp_path: Path) -> None:
        async def scenario() -> list[str]:
            store, moved = Store(tmp_path / "store.sqlite3"), []

            def work(transaction: Transaction, *, fail: bool) -> None:
                transaction.put("kind", "name", {"CreationTime": 1.0})
                transaction.record("endpoint", "Creating", "config", {})
                transaction.emit({"n": 1})
                transaction.after_commit(lambda: moved.append("moved"))
                if fail:
                    raise LookupError

            with pytest.raises(LookupError):
                await store.run(lambda transaction: work(transaction, fail=True))
            nothing = await store.run(lambda each: (each.get("kind", "name"), each.history(), each.outbox(9)))
            assert nothing == (None, [], [])
            assert moved == []
            await store.run(lambda transaction: work(transaction, fail=False))
            await store.run(lambda _: None)
            store.close()
            return moved

        assert asyncio.run(scenario()) == ["moved"]

    def test_what_was_answered_is_on_the_disk(self, tmp_path: Path) -> None:
        async def scenario() -> None:
            first = Store(tmp_path / "store.sqlite3")
            await first.run(lambda each: each.put("kind", "name", {"CreationTime": 1.0}))
            second = Store(tmp_path / "store.sqlite3")
            assert await second.run(lambda each: each.get("kind", "name")) == {"CreationTime": 1.0}
            first.close()
            second.close()

        asyncio.run(scenario())
