"""The moves of live traffic: beside the champion, up a step, and alone. Each leaves a token and is safe to repeat."""

import json
from dataclasses import dataclass, replace
from typing import Any

from switchyard.config.champion_resources import deployment_of
from switchyard.config.snapshot import Snapshots
from switchyard.core.champion import Champion
from switchyard.core.errors import ChampionChangedError, MismatchError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.rollouts import trail_of
from switchyard.core.names import Names
from switchyard.core.pipeline import Deployment, Pipeline
from switchyard.core.ports import Clock, Control, Storage, Variant
from switchyard.core.resources.observation import Expected
from switchyard.core.resources.pools import Claim, endpoint_claim
from switchyard.core.run import Run
from switchyard.core.waiting import Waiting
from switchyard.rollout.ended_run import refuse_ended
from switchyard.rollout.scaled_endpoint import ScaledEndpoint

FULL = 100.0


@dataclass(frozen=True)
class ShiftTraffic:
    """What StartRollout, ShiftTraffic and PromoteChallenger do."""

    prefix: str
    ledger: Ledger
    artifacts: Storage
    control: Control
    snapshots: Snapshots
    waiting: Waiting
    clock: Clock
    scaled: ScaledEndpoint

    def start(self, run: Run, alpha: dict[str, str], token: str) -> None:
        """Beside the champion at the first step where weights can be shifted; else alone, at once. Alone also where no
        champion serves; a swap goes back to the champion's config when its watch says so. A shift in SageMaker's own
        hands begins when the champion is seen to serve. A batch model is deployed nowhere: from now on drops are scored
        by both, and the champion's predictions are the ones that count.
        """
        self._verify_artifact(alpha)
        champion = self._same_champion(run, alpha["champion"])
        pipeline = self.snapshots.pipeline(run)
        before = None
        if champion is not None and champion.has_endpoint:
            before = deployment_of(self.ledger, self.snapshots, run.model, champion.run_id)
            is_scaled = bool(pipeline.deployment.scaling or (before and before.scaling))
            self.scaled.check(self._names(run).endpoint, is_scaled)
        if pipeline.paired:
            self._compare(run, champion, token)
        elif champion is None or not champion.has_endpoint:
            self._begin_alone(run, pipeline, token, _standing(None, first=True))
        elif pipeline.deployment.swaps:
            self._begin_alone(run, pipeline, token, _standing(champion))
        elif pipeline.guardrails:
            self._begin_guarded(run, champion, token)
        else:
            self._start_beside(run, pipeline, champion, before, token)

    def _begin_alone(self, run: Run, pipeline: Pipeline, token: str, standing: dict[str, Any]) -> None:
        self._note(run, standing, FULL)
        self._deploy_alone(run, pipeline, "StartRollout", token, standing)

    def _begin_guarded(self, run: Run, champion: Champion, token: str) -> None:
        """Nothing is beside the champion yet; GuardShift hands both over."""
        standing, endpoint = _standing(champion, guarded=True), self._names(run).endpoint
        self._note(run, standing, None)
        expected = Expected(champion.config)
        self.waiting.for_endpoint(
            endpoint, f"{run.run_id}#StartRollout", token, expected, standing, lambda: None
        )

    def _compare(self, run: Run, champion: Champion | None, token: str) -> None:
        standing = _standing(champion, first=champion is None)
        self._note(run, standing, 0.0)
        if champion is not None:
            self.ledger.save_rollout(run.run_id, {"paired": 1})
        self.waiting.tokens.succeed(token, standing)

    def set_batch_model(self, run: Run, alpha: dict[str, str]) -> dict[str, str]:
        """Nothing is deployed: from its promotion on, batch drops are scored with this run's model."""
        self._verify_artifact(alpha)
        champion = self._same_champion(run, alpha["champion"])
        before = f"instead of {champion.run_id}" if champion else "the model's first"
        return {"reason": f"it passed the gate; batch drops are scored with it from now on, {before}"}

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

    def _deploy_alone(
        self, run: Run, pipeline: Pipeline, state: str, token: str, result: dict[str, Any], variant: str = ""
    ) -> None:
        """The run's own config, with its model as the only variant; `result` answers the token when it serves."""
        names, key = self._names(run), f"{run.run_id}#{state}"

        def deploy() -> None:
            if pipeline.deployment.swaps:
                self._note_last_alone(run, names.endpoint, key)
            size = self.scaled.size(names.endpoint, pipeline.deployment, FULL)
            alone = [Variant(variant or names.variant, names.sagemaker_model, FULL, size)]
            self.control.ensure_config(names.full_config, pipeline, alone, self._folder(run))
            self.scaled.release(names.endpoint)
            refuse_ended(self.ledger, run)
            self.control.ensure_endpoint(names.endpoint, names.full_config)

        claim = _claim(run, pipeline, fleets=1, goes_on=state == "PromoteChallenger")
        expected = Expected(names.full_config)
        self.waiting.for_endpoint(names.endpoint, key, token, expected, result, deploy, claim)

    def _note_last_alone(self, run: Run, endpoint: str, key: str) -> None:
        """The champion serves alone until now, as long as no lap says that the swap has been asked for."""
        wait = self.ledger.wait(f"endpoint/{endpoint}", key)
        if wait is None or not wait.laps:
            self.ledger.save_rollout(run.run_id, {"alone_until": str(self.clock())})

    def _start_beside(
        self, run: Run, pipeline: Pipeline, champion: Champion, before: Deployment | None, token: str
    ) -> None:
        """before: as the champion was deployed; None where that is not on record any more."""
        names, share = self._names(run), float(pipeline.rollout.steps[0])
        is_same = before is not None and before.instance_type == pipeline.deployment.instance_type
        stays = [champion.variant] if is_same else []
        weights = {champion.variant: FULL - share, names.variant: share}
        standing = _standing(champion)
        self._note(run, standing, share)

        def deploy() -> None:
            size = self.scaled.size(names.endpoint, pipeline.deployment, share)
            live = self.scaled.counts(names.endpoint).get(champion.variant)
            variants = [
                Variant(champion.variant, champion.sagemaker_model, FULL - share, live),
                Variant(names.variant, names.sagemaker_model, share, size),
            ]
            self.control.ensure_config(names.canary_config, pipeline, variants, self._folder(run))
            self.scaled.release(names.endpoint, keeping=stays)
            refuse_ended(self.ledger, run)
            self.control.ensure_endpoint(names.endpoint, names.canary_config)

        expected = Expected(names.canary_config, weights)
        key, claim = f"{run.run_id}#StartRollout", _claim(run, pipeline, fleets=len(weights))
        self.waiting.for_endpoint(names.endpoint, key, token, expected, standing, deploy, claim)

    def shift(self, run: Run, rollout: dict[str, Any], action: dict[str, Any], token: str) -> None:
        """Gives the challenger the step's share in percent, the champion the rest."""
        names, share, stage = self._names(run), float(action["weight"]), int(action["stage"])
        weights = {rollout["champion_variant"]: FULL - share, names.variant: share}
        standing = {**rollout, "stage": stage}
        deployment = self.snapshots.pipeline(run).deployment
        self._note(run, standing, share)

        def shift() -> None:
            counts = self.scaled.sizes(names.endpoint, deployment, weights)
            refuse_ended(self.ledger, run)
            self.control.set_weights(names.endpoint, weights, counts)

        self.waiting.for_endpoint(
            names.endpoint,
            f"{run.run_id}#ShiftTraffic",
            token,
            Expected(names.canary_config, weights),
            standing,
            shift,
        )

    def promote(self, run: Run, rollout: dict[str, Any], token: str) -> None:
        """Leaves the challenger alone on the endpoint, if the champion is still the one it was judged against."""
        self._same_champion(run, rollout["champion"])
        pipeline, variant = self.snapshots.pipeline(run), _variant(run, rollout)
        if pipeline.paired:  # nothing to deploy: the champion's record decides which model scores a drop
            self.waiting.tokens.succeed(token, {"model": self._names(run).sagemaker_model})
            return
        self.scaled.check(self._names(run).endpoint, bool(pipeline.deployment.scaling))
        if rollout.get("guarded"):
            self._note(run, rollout, FULL)
        result = {"config": self._names(run).full_config}
        self._deploy_alone(run, pipeline, "PromoteChallenger", token, result, variant)

    def _note(self, run: Run, standing: dict[str, Any], weight: float | None) -> None:
        """The rollout's own record: where it stands, and every weight over time that is ours to set."""
        record = self.ledger.rollout(run.run_id) or {}
        trail = trail_of(record)
        now = self.clock()
        if weight is not None and (not trail or trail[-1]["weight"] != weight):
            trail.append({"asked": now, "at": now, "stage": standing["stage"], "weight": weight})
        started = str(record.get("started_at", now))
        changes: dict[str, str | int] = {
            "model": run.model,
            "variant": _variant(run, standing),
            **{name: standing[name] for name in ("champion", "champion_variant", "stage")},
        }
        self.ledger.save_rollout(run.run_id, {**changes, "started_at": started, "trail": json.dumps(trail)})

    def _names(self, run: Run) -> Names:
        return Names(self.prefix, run.model, run.run_id)

    def _folder(self, run: Run) -> str:
        return self.artifacts.uri(run.model)


def _standing(champion: Champion | None, first: bool = False, guarded: bool = False) -> dict[str, Any]:
    """`$.rollout` of the machine: where the rollout stands."""
    run_id, variant = (champion.run_id, champion.variant) if champion else ("", "")
    where = {"champion": run_id, "champion_variant": variant, "stage": 0}
    return {"first": first, "guarded": guarded, **where}


def _claim(run: Run, pipeline: Pipeline, fleets: int, goes_on: bool = False) -> Claim:
    """All instances that the rollout needs beside those that serve already, at its start: both variants of a canary,
    then again while it makes place for the full config. goes_on: a later step, which waits for nobody.
    """
    claim = endpoint_claim(run.model, run.record, pipeline.deployment, fleets)
    return replace(claim, of_run=True, ahead=goes_on)


def _variant(run: Run, standing: dict[str, Any]) -> str:
    """The challenger's: its own, or the one that it takes over in a shift that knows one name only."""
    return str(standing["champion_variant"]) if standing.get("guarded") else run.run_id
