"""The program of a dataset job: `python3 -m switchyard.runtime.dataset_program`, in the image of dataset.Dockerfile.

Its variables: ARTIFACT_BUCKET, DATA_BUCKET, KMS_KEY_ARN, and DATASET_ORDER, the key of what it is to do.
"""

import os
import tempfile
from pathlib import Path

from switchyard.runtime import adapters
from switchyard.runtime.wiring.training import dataset_job
from switchyard.training.dataset_order import Order

LAST_WORDS = 1000  # "the exit message [...] up to 1 KB" (DescribeProcessingJob)


def main() -> None:
    """A dataset that is refused is an answer; what breaks the job is told in its exit message."""
    home = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    work = home / "processing" / "work"  # on the volume that the job was given; /tmp need not be
    work.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(work)
    try:
        order = Order.from_json(adapters.artifacts().read(adapters.settings()["DATASET_ORDER"]))
        print(f"{order.run.run_id}: {order.run.source}", flush=True)
        print(dataset_job(order).work(order), flush=True)
    except Exception as error:
        _say(home, f"{type(error).__name__}: {error}")
        raise


def _say(home: Path, words: str) -> None:
    place = home / "output" / "message"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(words.encode()[:LAST_WORDS])


if __name__ == "__main__":
    main()
