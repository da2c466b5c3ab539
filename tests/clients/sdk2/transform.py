"""SDK 2: batch transform of a model, its answers joined to their rows."""

from sagemaker.model import Model
from sagemaker.s3 import S3Downloader
from sagemaker.transformer import Transformer
from sdk2 import session
from story import BATCH, BUCKET, IMAGE, INSTANCE, MODEL_DATA, ROLE, unique

model = Model(
    image_uri=IMAGE, model_data=MODEL_DATA, role=ROLE, name=unique("model"), sagemaker_session=session
)
transformer = model.transformer(
    instance_count=1,
    instance_type=INSTANCE,
    strategy="MultiRecord",
    assemble_with="Line",
    accept="text/csv",
    output_path=f"s3://{BUCKET}/sdk2-transform",
)
transformer.transform(BATCH, content_type="text/csv", split_type="Line", join_source="Input", wait=True)
text = S3Downloader.read_file(f"s3://{BUCKET}/sdk2-transform/rows.csv.out", session)
for line in text.splitlines():
    x, y, answer = map(float, line.split(","))
    assert abs(x + 2 * y - answer) < 2.5, line
assert len(text.splitlines()) == 50

again = Transformer.attach(transformer.latest_transform_job.name, sagemaker_session=session)
assert again.output_path == transformer.output_path
transformer.delete_model()
