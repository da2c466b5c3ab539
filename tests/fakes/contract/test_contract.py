"""The fakes and the real adapters go through the same cases: what a test learns from a fake is true of AWS."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from switchyard.aws.items import DynamoItems
from switchyard.aws.storage import S3Storage
from switchyard.core.errors import InvalidDatasetError, MissingError
from switchyard.core.ports import Delete, Item, Items, Put, Storage, StoredObject, Update
from tests.contract.cloudformation import resources
from tests.fakes.store import MemoryItems, MemoryStorage
from tests.quick_moto import mock_aws


@pytest.fixture(params=["memory", "dynamodb"])
def items(request: pytest.FixtureRequest) -> Iterator[Items]:
    if request.param == "memory":
        yield MemoryItems()
        return
    with mock_aws():
        client = boto3.client("dynamodb", "us-east-1")
        table = resources("AWS::DynamoDB::Table")["LedgerTable"]
        keys = ("AttributeDefinitions", "KeySchema", "BillingMode")
        client.create_table(TableName="ledger", **{key: table[key] for key in keys})
        yield DynamoItems(client, "ledger")


@pytest.fixture(params=["memory", "s3"])
def storages(request: pytest.FixtureRequest) -> Iterator[tuple[Storage, Storage]]:
    if request.param == "memory":
        yield MemoryStorage("data"), MemoryStorage("artifacts")
        return
    with mock_aws():
        client = boto3.client("s3", "us-east-1")
        for name in ("data", "artifacts"):
            client.create_bucket(Bucket=name)
        yield S3Storage(client, "data"), S3Storage(client, "artifacts")


ROW: Item = {"pk": "MODEL#a", "sk": "RUN#1", "state": "RUNNING", "laps": 3}


def test_what_was_put_is_got(items: Items) -> None:
    assert items.put(ROW)
    assert items.get("MODEL#a", "RUN#1") == ROW
    assert items.get("MODEL#a", "RUN#2") is None


def test_put_absent_is_true_once(items: Items) -> None:
    assert [items.put(ROW, absent=True), items.put({**ROW, "laps": 9}, absent=True)] == [True, False]
    assert items.get("MODEL#a", "RUN#1") == ROW


def test_put_replaces_everything(items: Items) -> None:
    items.put(ROW)
    items.put({"pk": "MODEL#a", "sk": "RUN#1", "only": "this"})
    assert items.get("MODEL#a", "RUN#1") == {"pk": "MODEL#a", "sk": "RUN#1", "only": "this"}


def test_update_changes_what_it_names(items: Items) -> None:
    items.put(ROW)
    assert items.update("MODEL#a", "RUN#1", {"state": "FAILED", "reason": ""})
    assert items.get("MODEL#a", "RUN#1") == {**ROW, "state": "FAILED", "reason": ""}


def test_update_makes_what_is_not_there(items: Items) -> None:
    assert items.update("ROLLOUT#1", "STATE", {"stage": 0})
    assert items.get("ROLLOUT#1", "STATE") == {"pk": "ROLLOUT#1", "sk": "STATE", "stage": 0}


def test_update_under_a_condition(items: Items) -> None:
    items.put(ROW)
    assert not items.update("MODEL#a", "RUN#1", {"laps": 4}, expected={"state": "FAILED"})
    assert not items.update("MODEL#a", "RUN#2", {"laps": 4}, expected={"state": "RUNNING"})
    assert items.update("MODEL#a", "RUN#1", {"laps": 4}, expected={"state": "RUNNING", "laps": 3})
    assert items.get("MODEL#a", "RUN#1") == {**ROW, "laps": 4}
    assert items.get("MODEL#a", "RUN#2") is None


def test_delete_under_a_condition(items: Items) -> None:
    items.put(ROW)
    assert not items.delete("MODEL#a", "RUN#1", expected={"state": "FAILED"})
    assert items.delete("MODEL#a", "RUN#1", expected={"state": "RUNNING"})
    assert items.get("MODEL#a", "RUN#1") is None
    assert not items.delete("MODEL#a", "RUN#1", expected={"state": "RUNNING"})
    assert items.delete("MODEL#a", "RUN#1")


def test_many_are_got_in_the_order_of_their_keys(items: Items) -> None:
    for number in range(130):
        items.put({"pk": "MODEL#a", "sk": f"RUN#{number}", "laps": number})
    keys = [("MODEL#a", f"RUN#{number}") for number in (*range(129, -1, -1), 130, 0)]
    assert [item and item["laps"] for item in items.get_all(keys)] == [*range(129, -1, -1), None, 0]
    assert items.get_all([]) == []


def test_changes_are_written_together(items: Items) -> None:
    items.put(ROW)
    items.put({**ROW, "sk": "RUN#old"})
    moved = Update("MODEL#a", "RUN#1", {"state": "FAILED"}, {"state": "RUNNING"})
    gone = Delete("MODEL#a", "RUN#old", {"laps": 3})
    assert items.write([moved, gone, Put({**ROW, "sk": "RUN#new"}, absent=True)])
    found = items.query("MODEL#a")
    assert found == [{**ROW, "state": "FAILED"}, {**ROW, "sk": "RUN#new"}]


@pytest.mark.parametrize(
    "refused",
    [
        Update("MODEL#a", "RUN#1", {"laps": 4}, {"state": "FAILED"}),
        Delete("MODEL#a", "RUN#1", {"state": "FAILED"}),
        Put(ROW, absent=True),
    ],
    ids=lambda change: type(change).__name__,
)
def test_where_one_condition_fails_nothing_is_written(items: Items, refused: Update | Delete | Put) -> None:
    items.put(ROW)
    assert not items.write([Put({**ROW, "sk": "RUN#2"}), refused])
    assert not items.write([refused])
    assert items.query("MODEL#a") == [ROW]


def test_query_by_prefix_in_order(items: Items) -> None:
    for sk in ("RUN#b", "RUN#a", "UPLOAD#a", "ACTIVE"):
        items.put({"pk": "MODEL#a", "sk": sk})
    items.put({"pk": "MODEL#b", "sk": "RUN#c"})
    assert [item["sk"] for item in items.query("MODEL#a", "RUN#")] == ["RUN#a", "RUN#b"]
    assert [item["sk"] for item in items.query("MODEL#a")] == ["ACTIVE", "RUN#a", "RUN#b", "UPLOAD#a"]
    assert items.query("MODEL#c") == []


def test_query_of_many_pages(items: Items) -> None:
    for number in range(40):
        items.put({"pk": "ROLLOUT#r", "sk": f"BLOCK#{number:03}", "block": "x" * 40_000})
    assert len(items.query("ROLLOUT#r", "BLOCK#")) == 40


def test_objects_are_listed_with_size_and_etag(storages: tuple[Storage, Storage]) -> None:
    data, _ = storages
    for key in ("m/train/b.csv", "m/train/a.csv", "n/train/a.csv"):
        data.write(key, b"x,y\n1,2\n")
    listed = data.list("m/train/")
    assert [(item.key, item.size) for item in listed] == [("m/train/a.csv", 8), ("m/train/b.csv", 8)]
    assert listed[0].etag == listed[1].etag
    assert listed[0].modified_at > 0
    assert data.list("nobody/") == []


def test_more_objects_than_a_page(storages: tuple[Storage, Storage], monkeypatch: pytest.MonkeyPatch) -> None:
    """S3's page has 1,000; the double's as many as it is told."""
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")
    data, _ = storages
    for number in range(21):
        data.write(f"m/train/v/{number:04}.csv", b"")
    assert len(data.list("m/train/v/")) == 21


def test_bytes_and_lines(storages: tuple[Storage, Storage]) -> None:
    data, _ = storages
    body = "\ufeffx,y\n" + "1,2\r\n" * 300_000 + "3,ü"
    data.write("a.csv", body.encode())
    assert data.read("a.csv") == body.encode()
    lines = list(data.lines("a.csv"))
    assert (lines[0], lines[1], lines[-1], len(lines)) == ("x,y\n", "1,2\r\n", "3,ü", 300_002)
    assert data.exists("a.csv")
    assert not data.exists("b.csv")


def test_what_is_missing_is_named(storages: tuple[Storage, Storage]) -> None:
    data, _ = storages
    with pytest.raises(MissingError, match=r"s3://data/no\.csv does not exist"):
        data.read("no.csv")


def test_an_object_that_changed_since_it_was_listed_is_not_read(storages: tuple[Storage, Storage]) -> None:
    data, _ = storages
    data.write("a.csv", b"old")
    item = data.list("a.csv")[0]
    assert b"".join(data.chunks("a.csv", item.etag)) == b"old"
    data.write("a.csv", b"new")
    with pytest.raises(InvalidDatasetError, match="changed while it was read"):
        list(data.chunks("a.csv", item.etag))


def test_an_object_that_changed_since_it_was_listed_is_not_copied() -> None:
    """moto 5.2.5 copies whatever CopySourceIfMatch says, S3 answers 412: so S3's answer is played here."""
    client = boto3.client("s3", "us-east-1")
    item = StoredObject("a.csv", 3, '"old"', 0.0)
    source = {"Bucket": "data", "Key": "a.csv"}
    asked = {
        "Bucket": "artifacts",
        "Key": "copy.csv",
        "CopySource": source,
        "CopySourceIfMatch": '"old"',
        "TaggingDirective": "REPLACE",
    }
    with Stubber(client) as stub:
        stub.add_client_error(
            "copy_object", "PreconditionFailed", http_status_code=412, expected_params=asked
        )
        with pytest.raises(InvalidDatasetError, match="changed while it was read"):
            S3Storage(client, "artifacts").copy_from(S3Storage(client, "data"), item, "copy.csv")
    data, artifacts = MemoryStorage("data"), MemoryStorage("artifacts")
    data.write("a.csv", b"new")
    with pytest.raises(InvalidDatasetError, match="changed while it was read"):
        artifacts.copy_from(data, item, "copy.csv")


def test_a_copy_has_the_same_bytes(storages: tuple[Storage, Storage]) -> None:
    data, artifacts = storages
    data.write("a b/ü.csv", b"1,2\n")
    artifacts.copy_from(data, data.list("a b/")[0], "copy.csv")
    assert artifacts.read("copy.csv") == b"1,2\n"
    assert artifacts.sha256("copy.csv") == data.sha256("a b/ü.csv")


def test_write_absent_is_true_once(storages: tuple[Storage, Storage]) -> None:
    _, artifacts = storages
    assert [artifacts.write("k", b"1", absent=True), artifacts.write("k", b"2", absent=True)] == [True, False]
    assert artifacts.read("k") == b"1"
    assert artifacts.write("k", b"3")
    assert artifacts.read("k") == b"3"


def test_a_file_is_uploaded(storages: tuple[Storage, Storage], tmp_path: Path) -> None:
    _, artifacts = storages
    (tmp_path / "part").write_bytes(b"1,2\n")
    artifacts.upload("m/part-0.csv", str(tmp_path / "part"))
    assert artifacts.read("m/part-0.csv") == b"1,2\n"


def test_uris_go_both_ways(storages: tuple[Storage, Storage]) -> None:
    data, artifacts = storages
    assert data.key_of(data.uri("m/a.csv")) == "m/a.csv"
    with pytest.raises(MissingError, match="not in bucket artifacts"):
        artifacts.key_of(data.uri("m/a.csv"))


def test_folders_are_those_at_the_top(storages: tuple[Storage, Storage]) -> None:
    storage, _ = storages
    for key in ("b/pipeline.yaml", "a/x/y.csv", "a/z.csv", "alone.txt"):
        storage.write(key, b"1")
    assert list(storage.folders()) == ["a", "b"]


def test_lines_end_at_line_feeds_alone(storages: tuple[Storage, Storage]) -> None:
    data, _ = storages
    data.write("a", "\ufeffone\u2028still\rone\ntwo".encode())
    assert list(data.lines("a")) == ["one\u2028still\rone\n", "two"]


def test_a_key_of_the_fake_has_at_most_1024_bytes_as_one_of_s3() -> None:
    """moto takes longer ones."""
    data = MemoryStorage("data")
    assert data.write("x" * 1024, b"")
    with pytest.raises(ClientError, match="KeyTooLong"):
        data.write("ü" * 513, b"")


def test_a_sort_key_has_at_most_1024_bytes(items: Items) -> None:
    assert items.put({"pk": "MODEL#a", "sk": "x" * 1024})
    with pytest.raises(ClientError, match="ValidationException"):
        items.put({"pk": "MODEL#a", "sk": "x" * 1025})
