"""SDK 3: ModelTrainer ships a script of the user's and the SDK's own drivers, and runs them in the image."""

from pathlib import Path

from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, OutputDataConfig, SourceCode
from sdk3 import session
from story import BUCKET, IMAGE, INSTANCE, ROLE, TRAIN, unique

SCRIPT = """
import json, os
from pathlib import Path

rows = (Path(os.environ["SM_CHANNEL_TRAIN"]) / "rows.csv").read_text().splitlines()
depth = json.loads(os.environ["SM_HPS"])["depth"]
(Path(os.environ["SM_MODEL_DIR"]) / "model.json").write_text(json.dumps({"rows": len(rows), "depth": depth}))
print("rows:", len(rows))
"""
Path("source").mkdir()
Path("source/train.py").write_text(SCRIPT)
trainer = ModelTrainer(
    training_image=IMAGE,
    role=ROLE,
    source_code=SourceCode(source_dir="source", entry_script="train.py"),
    compute=Compute(instance_type=INSTANCE, instance_count=1, volume_size_in_gb=1),
    hyperparameters={"depth": 3},
    output_data_config=OutputDataConfig(s3_output_path=f"s3://{BUCKET}/sdk3"),
    base_job_name=unique("script"),
    sagemaker_session=session,
)
trainer.train(input_data_config=[InputData(channel_name="train", data_source=TRAIN)], wait=True, logs=True)
job = trainer._latest_training_job
job.refresh()
assert job.training_job_status == "Completed", job
assert job.model_artifacts.s3_model_artifacts.endswith("/output/model.tar.gz"), job
