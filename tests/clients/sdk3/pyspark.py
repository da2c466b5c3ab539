"""SDK 3: a PySpark processor turns CSV into Parquet."""

from pathlib import Path

from sagemaker.core.shapes import ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output
from sagemaker.core.spark.processing import PySparkProcessor
from sdk3 import session
from story import BUCKET, INSTANCE, ROLE, TRAIN, unique

SCRIPT = """
import sys
from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("columns").getOrCreate()
rows = spark.read.csv("file:///opt/ml/processing/input/rows", inferSchema=True).toDF("label", "x", "y")
assert rows.count() == int(sys.argv[1])
rows.where("x > 1").write.mode("overwrite").parquet("file:///opt/ml/processing/output/rows")
"""
Path("columns.py").write_text(SCRIPT)
processor = PySparkProcessor(
    framework_version="3.3",
    role=ROLE,
    instance_count=1,
    instance_type=INSTANCE,
    base_job_name=unique("columns"),
    sagemaker_session=session,
)
rows = ProcessingS3Input(
    s3_uri=TRAIN, local_path="/opt/ml/processing/input/rows", s3_data_type="S3Prefix", s3_input_mode="File"
)
parquet = ProcessingS3Output(
    s3_uri=f"s3://{BUCKET}/sdk3-pyspark",
    local_path="/opt/ml/processing/output/rows",
    s3_upload_mode="EndOfJob",
)
processor.run(
    submit_app="columns.py",
    arguments=["300"],
    inputs=[ProcessingInput(input_name="rows", s3_input=rows)],
    outputs=[ProcessingOutput(output_name="parquet", s3_output=parquet)],
    wait=True,
    logs=False,
)
s3 = session.boto_session.client("s3")
listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="sdk3-pyspark/")["Contents"]
assert any(each["Key"].endswith(".parquet") for each in listed), listed
