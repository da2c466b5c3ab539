"""Model data that are no archive: files under a prefix, and one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sagemaker_local.hosting.serving.model_data import copy
from sagemaker_local.hosting.serving.spec import VariantFailedError
from tests.plane.support.variants import BUCKET


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    made = [tmp_path / name for name in ("a", "b")]
    for folder in made:
        folder.mkdir()
    return made


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


def test_every_object_has_the_path_below_its_prefix(cloud: Any, folders: list[Path], tmp_path: Path) -> None:
    for key in ("model/config.json", "model/weights/1.bin", "model-2/other"):
        cloud.s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
    copy(cloud.s3, f"s3://{BUCKET}/model/", folders, tmp_path)
    for folder in folders:
        assert files(folder) == {"config.json": "model/config.json", "weights/1.bin": "model/weights/1.bin"}


def test_one_object_has_the_last_part_of_its_key(cloud: Any, folders: list[Path], tmp_path: Path) -> None:
    cloud.s3.put_object(Bucket=BUCKET, Key="deep/model.bin", Body=b"weights")
    copy(cloud.s3, f"s3://{BUCKET}/deep/model.bin", folders, tmp_path)
    assert files(folders[0]) == {"model.bin": "weights"}


@pytest.mark.parametrize("key", ["nothing/", "nothing.bin", "out/"])
def test_what_is_not_there_fails_the_variant(
    cloud: Any, folders: list[Path], tmp_path: Path, key: str
) -> None:
    cloud.s3.put_object(Bucket=BUCKET, Key="out/../escaped", Body=b"x")
    with pytest.raises(VariantFailedError, match="Failed to download model data"):
        copy(cloud.s3, f"s3://{BUCKET}/{key}", folders, tmp_path)
    assert files(tmp_path) == {}


@pytest.mark.parametrize(
    ("key", "name"),
    [("", ""), ("weights/", ""), ("a//b", ""), ("a/ /b", " "), ("a/./b", "."), ("a" * 256, "a" * 20)],
    ids=["the console's folder", "a folder in it", "empty", "blank", "a dot", "256 bytes"],
)
def test_a_key_that_names_no_file_fails_the_variant(
    cloud: Any, folders: list[Path], tmp_path: Path, key: str, name: str
) -> None:
    """ "The key of the 0-byte object ends with a slash (/) which violates SageMaker restrictions on model artifact file
    names, leading to model deployment failure" (S3ModelDataSource).
    """
    home = f"named-{len(key)}-{key.count('/')}"
    for each in (f"{home}/config.json", f"{home}/{key}"):
        cloud.s3.put_object(Bucket=BUCKET, Key=each, Body=b"")
    with pytest.raises(
        VariantFailedError, match=f"Failed to download model data.*'{name}' is no name of a file"
    ):
        copy(cloud.s3, f"s3://{BUCKET}/{home}/", folders, tmp_path)


def test_a_file_that_is_a_folder_too_fails_the_variant(
    cloud: Any, folders: list[Path], tmp_path: Path
) -> None:
    for key in ("clash/weights", "clash/weights/part1"):
        cloud.s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    with pytest.raises(VariantFailedError, match=r"Failed to download model data.*clash/weights/part1"):
        copy(cloud.s3, f"s3://{BUCKET}/clash/", folders, tmp_path)
