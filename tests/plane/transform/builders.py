"""Transform jobs of the tests: their input, their request, their output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.plane.support.harness import BUCKET, Harness, eventually
from tests.plane.support.serving import Asked


@dataclass
class Transforms:
    """Jobs that read `<home>/in/` and write `<home>/out/`."""

    plane: Harness
    s3: Any
    home: str

    def put(self, **files: str | bytes) -> None:
        """`put(a_csv="1,2")` writes in/a.csv; `deep__a_csv` is in/deep/a.csv."""
        for name, content in files.items():
            body = content.encode() if isinstance(content, str) else content
            key = f"{self.home}/in/{name.replace('__', '/').replace('_', '.')}"
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    def create(
        self,
        name: str,
        given: dict[str, Any] | None = None,
        wanted: dict[str, Any] | None = None,
        **members: Any,
    ) -> None:
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{self.home}/in/"}
        request: dict[str, Any] = {
            "TransformJobName": name,
            "ModelName": "doubles",
            "TransformInput": {"DataSource": {"S3DataSource": source}, "ContentType": "text/csv"}
            | (given or {}),
            "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/{self.home}/out", "Accept": "text/csv"}
            | (wanted or {}),
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        }
        self.plane.sm.create_transform_job(**request | members)

    def ended(self, name: str) -> dict[str, Any]:
        """The job, once it has come to its end."""
        return eventually(
            lambda: self.plane.sm.describe_transform_job(TransformJobName=name),
            lambda job: job["TransformJobStatus"] in ("Completed", "Failed", "Stopped"),
        )

    def run(self, name: str, *arguments: Any, **members: Any) -> dict[str, Any]:
        self.create(name, *arguments, **members)
        return self.ended(name)

    def outputs(self) -> dict[str, str]:
        """What is in out/ now, by the path below it."""
        prefix = f"{self.home}/out/"
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return {
            each["Key"].removeprefix(prefix): self.s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"]
            .read()
            .decode()
            for each in found
        }


LINES = {"SplitType": "Line"}
TOGETHER = {"AssembleWith": "Line"}


def double(asked: Asked) -> bytes | tuple[int, bytes]:
    """Each line is numbers; the answer to a line is twice their sum."""
    if asked.path != "/invocations":
        return 404, b""
    rows = [line.split(b",") for line in asked.body.splitlines()]
    return b"\n".join(b"%d" % (2 * sum(map(int, row))) for row in rows)
