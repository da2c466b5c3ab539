"""What belongs to a model, and is never inferred again from a later dataset: its columns, its problem, its classes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from switchyard.core.data.classes import Classes, named
from switchyard.core.data.contract import Contract, is_nameless
from switchyard.core.data.normalized_text import absent
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidDatasetError, InvalidPipelineError
from switchyard.core.pipeline import Pipeline, declared_classes
from switchyard.core.policy import Problem

IGNORED, WEIGHT = "ignored", "weight"


@dataclass(frozen=True)
class ModelContract:
    """The contract of the dataset that the model was first promoted on; `key` is where it lies."""

    key: str
    contract: Contract

    @property
    def problem(self) -> Problem | None:
        return self.contract.problem

    @property
    def to_change(self) -> str:
        return f"delete {self.key} and {self.key.rsplit('/', 1)[0].removesuffix('/holdout')}/holdout/"

    def check(self, name: str, columns: Collection[str], declared: Mapping[str, str]) -> None:
        """InvalidDatasetError when a file has other features: endpoints are asked by position, not by name.

        Columns without a name, and what the contract or `columns` in pipeline.yaml leaves out, may be there or not.
        """
        left_out = {*self.contract.ignored, *(each for each, kind in declared.items() if kind == IGNORED)}
        names = (*self.contract.names, *([self.contract.weight] if self.contract.weight else []))
        wanted, found = set(names), set(columns) - {self.contract.target}
        unknown = found - wanted - left_out
        strange = [c for c in columns if c in unknown and not is_nameless(c)]
        differs = [f"'{c}' is missing" for c in names if c not in found]
        differs += [f"'{c}' is not in the model's contract" for c in strange]
        if not differs:
            return
        meant = next(((c, near) for c in names if c not in found and (near := absent(strange, c))), None)
        if meant is not None:
            raise InvalidDatasetError(
                f"{name}: row 1: column '{meant[0]}' is missing ({len(differs)} differ from the model's first "
                f"dataset); {meant[1]} Name it as before, or, to change the columns, {self.to_change}"
            )
        leave_out = f"leave it out by `columns: {{{strange[0][:64]}: ignored}}`, " if strange else ""
        raise InvalidDatasetError(
            f"{name}: row 1: column {differs[0]} ({len(differs)} differ from the model's first dataset); "
            f"drop a dataset with its {len(wanted)} columns, {leave_out}or, to change them, {self.to_change}"
        )

    def check_kind(self, model: str, is_records: bool) -> None:
        """InvalidPipelineError when `data.kind` says otherwise."""
        stated, own = (("records" if each else "table") for each in (is_records, self.contract.record))
        if stated != own:
            raise InvalidPipelineError(
                f"{model}/pipeline.yaml: data.kind: {stated} is stated, and the model's is {own}; take it back, or, "
                f"to change it, {self.to_change}"
            )

    def check_record(self, source: str, kind: str) -> None:
        """InvalidDatasetError for records of another kind than the model's."""
        if kind != self.contract.record:
            raise InvalidDatasetError(
                f"{source}: its records are of kind {kind}, and the model's of kind {self.contract.record}; drop "
                f"such, or, to change it, {self.to_change}"
            )

    def check_declared(self, model: str, declared: Mapping[str, str]) -> None:
        """InvalidPipelineError when `columns` says otherwise: what a live model is asked for does not change."""
        kinds = {feature.name: feature.kind.value for feature in self.contract.features}
        kinds |= dict.fromkeys(self.contract.ignored, IGNORED)
        kinds |= {self.contract.weight: WEIGHT} if self.contract.weight else {}
        for name, kind in declared.items():
            own = kinds.get(name, kind if kind != WEIGHT else "none")
            if own != kind:
                raise InvalidPipelineError(
                    f"{model}/pipeline.yaml: columns.{name}: {kind} is stated, and the model's is {own}; take "
                    f"the line out, or, to change it, {self.to_change}"
                )

    def of(self, pipeline: Pipeline) -> "ModelContract":
        """With the problem and the classes of a pipeline that the model was promoted with."""
        count = declared_classes(pipeline.training.hyperparameters)
        count = 2 if pipeline.problem is Problem.BINARY else count
        classes = tuple(map(str, range(count)))
        return replace(self, contract=replace(self.contract, problem=pipeline.problem, classes=classes))

    def classes(self, labels: LabelStatistics, declared: int = 0) -> tuple[str, ...]:
        """All classes of the model, whether or not a later dataset has them; InvalidDatasetError names a new one.

        declared: `num_class`, where the owner states it: the numbers below it are classes, too.
        """
        known = self.contract.classes
        if not known:
            return labels.classes
        more = tuple(str(index) for index in range(len(known), declared))
        book = Classes(known + more)
        new = [name for name in labels.classes if book.index(name) is None]
        if new:
            raise InvalidDatasetError(
                f"the target has {named(new)}, and the model knows {named(known)} alone: its holdout has no row of a "
                f"new class to judge by; remove those rows, or, to take it in, {self.to_change}"
            )
        return book.names


def problem_of(stated: Problem | None, labels: LabelStatistics, known: ModelContract | None) -> Problem:
    """The model's; of a new model, what is stated or seen. InvalidDatasetError where the labels cannot be that."""
    labels.check_varied()  # one value alone teaches nothing, whatever the model knows
    if known and known.problem:
        return known.problem
    problem = stated or labels.infer()
    labels.check(problem)
    return problem
