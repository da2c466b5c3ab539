"""Which objects a channel brings, and under which paths."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sagemaker_local.jobs.channels import DataError, below, download
from tests.plane.support.harness import BUCKET, channel


class TestData:
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


@pytest.mark.parametrize(
    ("prefix", "key", "path"),
    [
        ("data/train", "data/train/x/a.csv", "x/a.csv"),
        ("data/train/", "data/train/a.csv", "a.csv"),
        ("data/train", "data/train-2/a.csv", "train-2/a.csv"),
        ("data/a.csv", "data/a.csv", "a.csv"),
        ("a.csv", "a.csv", "a.csv"),
        ("", "data/a.csv", "data/a.csv"),
    ],
)
def test_keys_keep_their_path_below_the_prefix(prefix: str, key: str, path: str) -> None:
    assert below(key, prefix) == path
