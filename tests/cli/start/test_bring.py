"""`switchyard run MODEL --dataset FILE`: any file that a drop may be."""

import gzip
from pathlib import Path

import pytest

from cli.requests.retrain import bring
from cli.stack.errors import StackError
from tests.cli.deployed import Deployed


@pytest.mark.parametrize("name", ["week.csv", "week.csv.gz", "week.tsv", "week.jsonl.zst", "week.parquet"])
def test_a_file_of_every_form_is_brought(stack: Deployed, tmp_path: Path, name: str) -> None:
    s3 = stack.client("s3")
    s3.create_bucket(Bucket="data")
    file = tmp_path / name
    file.write_bytes(gzip.compress(b"a,y\n1,0\n"))
    assert bring(stack, "churn", str(file)) == f"churn/train/{name}"
    kept = s3.get_object(Bucket=stack.output("DataBucketName"), Key=f"churn/train/{name}")["Body"].read()
    assert kept == file.read_bytes()


@pytest.mark.parametrize("name", ["week.xlsx", "absent.csv"])
def test_other_files_are_refused_with_what_is_read(stack: Deployed, tmp_path: Path, name: str) -> None:
    (tmp_path / "week.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(StackError, match="no file that is read") as refused:
        bring(stack, "churn", str(tmp_path / name))
    assert ".parquet" in refused.value.next_step
