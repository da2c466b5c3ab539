"""SDK 3: a batch transform and a processing job."""

from pathlib import Path

from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.resources import Model
from sagemaker.core.shapes import (
    ContainerDefinition,
    ProcessingInput,
    ProcessingOutput,
    ProcessingS3Input,
    ProcessingS3Output,
)
from sagemaker.core.transformer import Transformer
from sdk3 import session
from story import BATCH, BUCKET, IMAGE, INSTANCE, MODEL_DATA, ROLE, TRAIN, unique

s3 = session.boto_session.client("s3")


def lines(key: str) -> list[str]:
    return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode().splitlines()


model = Model.create(
    model_name=unique("model"),
    primary_container=ContainerDefinition(image=IMAGE, model_data_url=MODEL_DATA),
    execution_role_arn=ROLE,
)
transformer = Transformer(
    model_name=unique("model"),
    instance_count=1,
    instance_type=INSTANCE,
    assemble_with="Line",
    accept="text/csv",
    output_path=f"s3://{BUCKET}/sdk3-transform",
    sagemaker_session=session,
)
transformer.transform(BATCH, content_type="text/csv", split_type="Line", wait=True, logs=False)
assert len(lines("sdk3-transform/rows.csv.out")) == 50
model.delete()

Path("count.py").write_text(
    "from pathlib import Path\n"
    "rows = Path('/opt/ml/processing/input/rows/rows.csv').read_text().splitlines()\n"
    "Path('/opt/ml/processing/output/count.txt').write_text(str(len(rows)))\n"
)
processor = ScriptProcessor(
    image_uri=IMAGE,
    command=["python3"],
    role=ROLE,
    instance_count=1,
    instance_type=INSTANCE,
    base_job_name=unique("count"),
    sagemaker_session=session,
)
rows = ProcessingS3Input(
    s3_uri=TRAIN, local_path="/opt/ml/processing/input/rows", s3_data_type="S3Prefix", s3_input_mode="File"
)
count = ProcessingS3Output(
    s3_uri=f"s3://{BUCKET}/sdk3-processing", local_path="/opt/ml/processing/output", s3_upload_mode="EndOfJob"
)
processor.run(
    code="count.py",
    inputs=[ProcessingInput(input_name="rows", s3_input=rows)],
    outputs=[ProcessingOutput(output_name="count", s3_output=count)],
    wait=True,
    logs=False,
)
assert lines("sdk3-processing/count.txt") == ["300"]
