"""SDK 2: a processing job that runs a script of the user's."""

from pathlib import Path

from sagemaker.processing import ProcessingInput, ProcessingOutput, ScriptProcessor
from sagemaker.s3 import S3Downloader
from sdk2 import session
from story import BUCKET, IMAGE, INSTANCE, ROLE, TRAIN, unique

SCRIPT = """
import sys
from pathlib import Path

rows = Path("/opt/ml/processing/input/rows/rows.csv").read_text().splitlines()
keep = int(sys.argv[sys.argv.index("--keep") + 1])
Path("/opt/ml/processing/output/head.csv").write_text("\\n".join(rows[:keep]))
print("kept", keep, "rows")
"""

Path("keep.py").write_text(SCRIPT)
processor = ScriptProcessor(
    image_uri=IMAGE,
    command=["python3"],
    role=ROLE,
    instance_count=1,
    instance_type=INSTANCE,
    base_job_name=unique("keep"),
    sagemaker_session=session,
)
processor.run(
    code="keep.py",
    inputs=[ProcessingInput(source=TRAIN, destination="/opt/ml/processing/input/rows")],
    outputs=[
        ProcessingOutput(
            output_name="head",
            source="/opt/ml/processing/output",
            destination=f"s3://{BUCKET}/sdk2-processing",
        )
    ],
    arguments=["--keep", "7"],
    logs=True,
)
job = processor.latest_job.describe()
assert job["ProcessingJobStatus"] == "Completed", job
assert len(S3Downloader.read_file(f"s3://{BUCKET}/sdk2-processing/head.csv", session).splitlines()) == 7
