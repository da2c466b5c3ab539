"""The moves of live traffic: beside the champion, up a step, and alone. Each leaves a token and is safe to repeat."""

import json
from dataclasses import dataclass
from typing import Any

from switchyard.contracts.ports import Clock, Control, Storage, Variant
from switchyard.domain.champion import Champion
from switchyard.domain.errors import ChampionChangedError, MismatchError
from switchyard.domain.names import Names
from switchyard.domain.observation import Expected
from switchyard.domain.run import Run
from switchyard.usecases.frozen import Frozen
from switchyard.usecases.ledger import Ledger
from switchyard.usecases.waiting import Waiting

FULL = 100.0


@dataclass(frozen=True)
class RollingOut:
    """What StartRollout, ShiftTraffic and PromoteChallenger do."""

    prefix: str
    ledger: Ledger
    artifacts: Storage
    control: Control
    frozen: Frozen
    waiting: Waiting
    clock: Clock

    def start(self, run: Run, alpha: dict[str, str], token: str) -> None:
        """The first step beside the champion; everything at once when there is none."""
        self._verify_artifact(alpha)
        champion = self._same_champion(run, alpha["champion"])
        if champion is None:
            self._deploy_first(run, token)
        else:
            self._start_beside(run, champion, token)

    def _verify_artifact(self, alpha: dict[str, str]) -> None:
        found = self.artifacts.sha256(self.artifacts.key_of(alpha["artifact"]))
        if found != alpha["artifact_sha256"]:
            raise MismatchError(
                f"{alpha['artifact']} changed after it was judged: sha256 {found[:12]} instead of "
                f"{alpha['artifact_sha256'][:12]}; find out who wrote it, then drop the dataset again"
            )

    def _same_champion(self, run: Run, judged_against: str) -> Champion | None:
        champion = self.ledger.champion(run.model)
        live = champion.run_id if champion else ""
        if live != judged_against:
            raise ChampionChangedError(
                f"{run.run_id} was judged against {judged_against or 'no champion'}, but {live or 'none'} is live "
                f"now; drop the dataset again to judge it against the new champion"
            )
        return champion

    def _deploy_first(self, run: Run, token: str) -> None:
        names = self._names(run)
        self._note(run, stage=0, weight=FULL, champion="")

        def deploy() -> None:
            variants = [Variant(names.variant, names.sagemaker_model, FULL)]
            self.control.ensure_config(
                names.full_config, self.frozen.pipeline(run), variants, self._capture(run)
            )
            self.control.ensure_endpoint(names.endpoint, names.full_config)

        result = {"first": True, "champion": "", "stage": 0}
        self.waiting.for_endpoint(
            names.endpoint, f"{run.run_id}#StartRollout", token, Expected(names.full_config), result, deploy
        )

    def _start_beside(self, run: Run, champion: Champion, token: str) -> None:
        names, pipeline = self._names(run), self.frozen.pipeline(run)
        share = float(pipeline.rollout.steps[0])
        variants = [
            Variant(champion.run_id, champion.sagemaker_model, FULL - share),
            Variant(names.variant, names.sagemaker_model, share),
        ]
        self._note(run, stage=0, weight=share, champion=champion.run_id)

        def deploy() -> None:
            self.control.ensure_config(names.canary_config, pipeline, variants, self._capture(run))
            self.control.ensure_endpoint(names.endpoint, names.canary_config)

        expected = Expected(names.canary_config, {v.name: v.weight for v in variants})
        result = {"first": False, "champion": champion.run_id, "stage": 0}
        self.waiting.for_endpoint(
            names.endpoint, f"{run.run_id}#StartRollout", token, expected, result, deploy
        )

    def shift(self, run: Run, rollout: dict[str, Any], action: dict[str, Any], token: str) -> None:
        """Gives the challenger the step's share in percent, the champion the rest."""
        names, share, stage = self._names(run), float(action["weight"]), int(action["stage"])
        weights = {rollout["champion"]: FULL - share, names.variant: share}
        self._note(run, stage=stage, weight=share, champion=rollout["champion"])
        self.waiting.for_endpoint(
            names.endpoint,
            f"{run.run_id}#ShiftTraffic",
            token,
            Expected(names.canary_config, weights),
            {"first": False, "champion": rollout["champion"], "stage": stage},
            lambda: self.control.set_weights(names.endpoint, weights),
        )

    def promote(self, run: Run, rollout: dict[str, Any], token: str) -> None:
        """Leaves the challenger alone on the endpoint, if the champion is still the one it was judged against."""
        self._same_champion(run, rollout["champion"])
        names, pipeline = self._names(run), self.frozen.pipeline(run)

        def deploy() -> None:
            variants = [Variant(names.variant, names.sagemaker_model, FULL)]
            self.control.ensure_config(names.full_config, pipeline, variants, self._capture(run))
            self.control.ensure_endpoint(names.endpoint, names.full_config)

        self.waiting.for_endpoint(
            names.endpoint,
            f"{run.run_id}#PromoteChallenger",
            token,
            Expected(names.full_config),
            {"config": names.full_config},
            deploy,
        )

    def _note(self, run: Run, *, stage: int, weight: float, champion: str) -> None:
        """The rollout's own record: where it stands, and every weight over time."""
        record = self.ledger.rollout(run.run_id) or {}
        trail = json.loads(str(record.get("trail", "[]")))
        now = self.clock()
        if not trail or trail[-1]["weight"] != weight:
            trail.append({"at": now, "stage": stage, "weight": weight})
        started = str(record.get("started_at", now))
        changes: dict[str, str | int] = {"model": run.model, "champion": champion, "stage": stage}
        self.ledger.save_rollout(run.run_id, {**changes, "started_at": started, "trail": json.dumps(trail)})

    def _names(self, run: Run) -> Names:
        return Names(self.prefix, run.model, run.run_id)

    def _capture(self, run: Run) -> str:
        return self.artifacts.uri(f"{run.model}/capture")
