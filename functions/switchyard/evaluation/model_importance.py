"""Feature importance out of a run's model.tar.gz, whoever trained it; where there is none, why."""

import io
import tarfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from switchyard.core.data.contract import Contract
from switchyard.core.errors import MissingError
from switchyard.core.ports import Storage
from switchyard.evaluation.rules.importance import Importance, UnreadableModelError, importance_of

OWN, BUILTIN = "model.ubj", "xgboost-model"
NAMES = (OWN, BUILTIN, "model.json")
ENCODING = "encoding.json"  # beside a model that takes its columns apart
MOST_BYTES, MOST_UNPACKED = 16 * 1024**2, 64 * 1024**2  # what a function opens in its memory


@dataclass(frozen=True)
class ModelImportance:
    artifacts: Storage

    def of(self, key: str, contract: Contract) -> Importance:
        """Never an error: a verdict does not wait for it."""
        try:
            model, is_encoded = self._model(key)
            return importance_of(model, contract.features, is_encoded=is_encoded)
        except UnreadableModelError as why:
            return Importance(absent=f"the model says nothing of its columns: {why}")
        except (LookupError, TypeError, ValueError, AttributeError):
            return Importance(
                absent="the model says nothing of its columns: it has not the form that XGBoost writes"
            )

    def _model(self, key: str) -> tuple[bytes, bool]:
        """The model's own file, and whether an encoding lies beside it."""
        found: dict[str, bytes] = {}
        try:
            with tarfile.open(fileobj=io.BytesIO(self._artifact(key)), mode="r:gz") as archive:
                for member in archive:
                    name = PurePosixPath(member.name).name
                    file = archive.extractfile(member) if name in (*NAMES, ENCODING) else None
                    if file and member.size <= MOST_UNPACKED:
                        found.setdefault(name, file.read())
        except (tarfile.TarError, EOFError, OSError):
            raise UnreadableModelError("its artifact is no model.tar.gz") from None
        model = next((found[name] for name in NAMES if name in found), None)
        if model is None:
            raise UnreadableModelError(
                f"its artifact has no {', '.join(NAMES)} of at most {MOST_UNPACKED // 1024**2} MB"
            )
        return model, ENCODING in found

    def _artifact(self, key: str) -> bytes:
        body = bytearray()
        try:
            for chunk in self.artifacts.chunks(key):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise UnreadableModelError(f"its artifact has over {MOST_BYTES // 1024**2} MB")
        except MissingError:
            raise UnreadableModelError("its artifact is gone") from None
        return bytes(body)
