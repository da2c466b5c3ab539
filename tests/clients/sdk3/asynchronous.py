"""SDK 3: ModelBuilder deploys to an asynchronous endpoint; the answer comes by S3."""

from sagemaker.core.inference_config import AsyncInferenceConfig
from sdk3 import builder, session
from story import BUCKET, ROW, is_near, unique, until

endpoint = builder("model").deploy(
    endpoint_name=unique("live"),
    initial_instance_count=1,
    inference_config=AsyncInferenceConfig(output_path=f"s3://{BUCKET}/sdk3-async"),
)
s3 = session.boto_session.client("s3")
s3.put_object(Bucket=BUCKET, Key="sdk3-async-in/row.csv", Body=ROW)
answer = endpoint.invoke_async(input_location=f"s3://{BUCKET}/sdk3-async-in/row.csv", content_type="text/csv")
bucket, key = answer.output_location.removeprefix("s3://").split("/", 1)
until(lambda: s3.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents"))
assert is_near(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
endpoint.delete()
