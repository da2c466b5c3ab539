"""Small parts on their own: the store's transactions, the metric reader, manifests, the loopback rule."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_local.settings import SettingsError, is_loopback, read_settings
from sagemaker_local.store import Store, Transaction
from sagemaker_local.training.channels import DataError, download, split_uri
from sagemaker_local.training.metrics import MetricReader
from tests.plane.control.harness import BUCKET, channel


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


class TestMetrics:
    def read(self, pattern: str, *lines: str) -> list[Any]:
        found: list[Any] = []
        reader = MetricReader([{"Name": "m", "Regex": pattern}], lambda *point: found.append(point))
        for number, line in enumerate(lines):
            reader.read(line, float(number))
        assert [each["Value"] for each in reader.final()] == [value for _, value, _ in found][-1:]
        return found

    def test_the_first_group_is_the_value(self) -> None:
        assert self.read(r"loss: (\S+) at (\d+)", "loss: 1e-3 at 4", "other") == [("m", 0.001, 0.0)]

    def test_a_tab_may_be_written_as_cloudwatch_shows_it(self) -> None:
        builtin = r".*\[[0-9]+\].*#011validation-rmse:(\S+)"
        assert self.read(builtin, "[0]\ttrain-rmse:0.5\tvalidation-rmse:0.75") == [("m", 0.75, 0.0)]

    @pytest.mark.parametrize("line", ["m=nan", "m=inf", "m=x", "m="])
    def test_what_is_no_finite_number_is_no_metric(self, line: str) -> None:
        assert self.read(r"m=(\S*)", line) == []

    @pytest.mark.parametrize("pattern", ["(", "m=1", "(m)?=1"])
    def test_a_pattern_without_a_usable_group_reads_nothing(self, pattern: str) -> None:
        assert self.read(pattern, "m=1", "=1") == []

    def test_a_pattern_that_explodes_costs_its_job_a_moment_not_the_plane(self) -> None:
        started = time.monotonic()
        assert self.read(r"(a|b|ab)*(a|ab|b)*c\1d", *["ab" * 2000] * 200) == []
        assert time.monotonic() - started < 5


class TestData:
    @given(
        bucket=st.from_regex(r"\A[a-z0-9]{3,10}\Z"), key=st.text(st.characters(exclude_categories=("Cs",)))
    )
    def test_any_key_is_split_from_its_bucket(self, bucket: str, key: str) -> None:
        assert split_uri(f"s3://{bucket}/{key}") == (bucket, key)

    @pytest.mark.parametrize("uri", ["", "bucket/key", "https://bucket/key", "s3:///key"])
    def test_what_is_no_s3_uri_is_refused(self, uri: str) -> None:
        with pytest.raises(DataError, match="is not an S3 URI"):
            split_uri(uri)

    def test_a_prefix_matches_text_not_folders(self, s3: Any, tmp_path: Path) -> None:
        for key in ("text/train/a", "text/train-2/b", "text/other/c", "text/train/"):
            s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
        download(s3, channel("c", f"s3://{BUCKET}/text/train"), tmp_path / "c", 0, 1, lambda: True)
        files = sorted(
            str(each.relative_to(tmp_path / "c")) for each in (tmp_path / "c").rglob("*") if each.is_file()
        )
        assert files == ["a", "train-2/b"]

    def test_a_manifest_brings_what_it_names(self, s3: Any, tmp_path: Path) -> None:
        for name in ("a", "deep/b", "c"):
            s3.put_object(Bucket=BUCKET, Key=f"listed/{name}", Body=name.encode())
        manifest = [{"prefix": f"s3://{BUCKET}/listed/"}, "a", "deep/b"]
        s3.put_object(Bucket=BUCKET, Key="manifest.json", Body=json.dumps(manifest).encode())
        asked = channel("c", f"s3://{BUCKET}/manifest.json", S3DataType="ManifestFile")
        download(s3, asked, tmp_path / "c", 0, 1, lambda: True)
        assert (tmp_path / "c" / "deep" / "b").read_text() == "deep/b"
        assert not (tmp_path / "c" / "c").exists()

    def test_a_manifest_that_is_none_says_what_one_looks_like(self, s3: Any, tmp_path: Path) -> None:
        s3.put_object(Bucket=BUCKET, Key="broken.json", Body=b'{"a": 1}')
        asked = channel("c", f"s3://{BUCKET}/broken.json", S3DataType="ManifestFile")
        with pytest.raises(DataError, match="is not a manifest like"):
            download(s3, asked, tmp_path / "c", 0, 1, lambda: True)


class TestSettings:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("http://127.0.0.1:4566", True),
            ("http://127.9.9.9", True),
            ("http://localhost:1", True),
            ("https://[::1]:1", True),
            ("http://localhost.example.com", False),
            ("http://127.0.0.1.nip.io", False),
            ("http://127.0.0.1@example.com", False),
            ("http://0.0.0.0:4566", False),
            ("127.0.0.1:4566", False),
            ("file:///etc/passwd", False),
            ("", False),
        ],
    )
    def test_only_this_machine_is_loopback(self, url: str, expected: bool) -> None:
        assert is_loopback(url) is expected

    def test_events_go_to_loopback_alone_too(self, tmp_path: Path) -> None:
        environment = {
            "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
            "SAGEMAKER_LOCAL_EVENTS_URL": "http://example.com",
        }
        with pytest.raises(SettingsError, match="SAGEMAKER_LOCAL_EVENTS_URL is"):
            read_settings(environment, tmp_path)
