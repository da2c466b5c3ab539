"""SDK 2: a PySpark processor turns CSV into Parquet."""

from pathlib import Path

from sagemaker.processing import ProcessingInput, ProcessingOutput
from sagemaker.spark.processing import PySparkProcessor
from sdk2 import session
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
processor.run(
    submit_app="columns.py",
    arguments=["300"],
    inputs=[ProcessingInput(source=TRAIN, destination="/opt/ml/processing/input/rows")],
    outputs=[
        ProcessingOutput(source="/opt/ml/processing/output/rows", destination=f"s3://{BUCKET}/sdk2-pyspark")
    ],
)
job = processor.latest_job.describe()
assert job["ProcessingJobStatus"] == "Completed", job
listed = session.boto_session.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="sdk2-pyspark/")["Contents"]
assert any(each["Key"].endswith(".parquet") for each in listed), listed
