"""The owner's code, frozen by content: a later change of `<model>/code/` changes no run that was admitted before."""

import gzip
import hashlib
import io
import tarfile
from dataclasses import dataclass, replace

from switchyard.core.data.ignored_files import is_code_leftover
from switchyard.core.errors import InvalidPipelineError
from switchyard.core.pipeline import Pipeline
from switchyard.core.ports import Storage, StoredObject

MAX_CODE_BYTES = 32 * 1024**2


@dataclass(frozen=True)
class OwnerCode:
    """Copies code from `<model>/code/` of the artifact bucket into the run's snapshot."""

    artifacts: Storage

    def check(self, model: str, pipeline: Pipeline) -> None:
        """InvalidPipelineError when an entry point is not among the owner's files."""
        if pipeline.has_code:
            self._files(model, pipeline)

    def freeze(self, snapshot: str, pipeline: Pipeline) -> Pipeline:
        """The pipeline with the addresses of its frozen code, named by content; unchanged when it has none."""
        training, prepare, program = pipeline.training, pipeline.prepare, pipeline.program
        if not pipeline.has_code:
            return pipeline
        files = self._files(pipeline.name, pipeline)
        packed = self._packed(files)
        name = f"{snapshot}{hashlib.sha256(packed).hexdigest()[:16]}"
        if training.entry_point:
            self.artifacts.write(f"{name}.sourcedir.tar.gz", packed, absent=True)
            training = replace(training, code=self.artifacts.uri(f"{name}.sourcedir.tar.gz"))
        if prepare is not None or program is not None:
            for path, item in files.items():
                self.artifacts.copy_from(self.artifacts, item, f"{name}.code/{path}")
        folder = self.artifacts.uri(f"{name}.code/")
        prepare = prepare and replace(prepare, code=folder)
        program = program and replace(program, code=folder)
        return replace(pipeline, training=training, prepare=prepare, program=program)

    def _files(self, model: str, pipeline: Pipeline) -> dict[str, StoredObject]:
        folder = f"{model}/code/"
        listed = {item.key.removeprefix(folder): item for item in self.artifacts.list(folder)}
        files = {name: item for name, item in listed.items() if not is_code_leftover(name)}
        wanted = {
            "training.entry_point": pipeline.training.entry_point,
            "training.inference_entry_point": pipeline.training.inference_entry_point,
            "prepare.entry_point": pipeline.prepare.entry_point if pipeline.prepare else "",
            "evaluation.program.entry_point": pipeline.program.entry_point if pipeline.program else "",
        }
        for field, name in wanted.items():
            if name and name not in files:
                raise InvalidPipelineError(
                    f"{model}/pipeline.yaml: {field}: {name} is not in {self.artifacts.uri(folder)} "
                    f"({len(files)} files there); upload it, then drop the dataset again"
                )
        if sum(item.size for item in files.values()) > MAX_CODE_BYTES:
            raise InvalidPipelineError(
                f"{self.artifacts.uri(folder)}: more than {MAX_CODE_BYTES} bytes; keep code there, and data elsewhere"
            )
        return files

    def _packed(self, files: dict[str, StoredObject]) -> bytes:
        """sourcedir.tar.gz; the same files give the same bytes: no times, no owners, names in order."""
        packed = io.BytesIO()
        with (
            gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped,
            tarfile.open(fileobj=zipped, mode="w") as archive,
        ):
            for name in sorted(files):
                body = self.artifacts.read(files[name].key)
                member = tarfile.TarInfo(name)
                member.size = len(body)
                archive.addfile(member, io.BytesIO(body))
        return packed.getvalue()
