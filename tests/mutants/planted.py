"""Bugs of the protocol, each a small change of one file, with the test whose name says what is promised.

A change that does not apply any more is an error: adjust it here when the line that it changes is written anew.
"""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROMISES = "tests/protocol/test_promises.py"
LEDGER = "functions/switchyard/core/ledger"


@dataclass(frozen=True)
class Mutant:
    """before stands exactly once in `file`; after takes its place. killer: the test that must fail."""

    name: str
    file: str
    before: str
    after: str
    killer: str
    where: str = PROMISES

    def planted(self, root: Path) -> str:
        text = (root / self.file).read_text()
        if text.count(self.before) != 1:
            raise ValueError(
                f"{self.name}: {self.before!r} stands {text.count(self.before)} times in {self.file}"
            )
        return text.replace(self.before, self.after)


MUTANTS = [
    Mutant(
        "a held place is taken",
        f"{LEDGER}/active_run.py",
        '"at": self._now()}, absent=True\n',
        '"at": self._now()}\n',
        "test_a_place_that_is_held_is_not_taken",
    ),
    Mutant(
        "a place is given back by anybody",
        f"{LEDGER}/active_run.py",
        'self._items.delete(model_key(model), "ACTIVE", expected={"run_id": run_id})',
        'self._items.delete(model_key(model), "ACTIVE")',
        "test_a_place_is_given_back_by_nobody_but_its_holder",
    ),
    Mutant(
        "a waiting run is replaced without a look",
        f"{LEDGER}/active_run.py",
        '"WAITING", item, expected={"run_id": old["run_id"]})',
        '"WAITING", item)',
        "test_a_waiting_place_that_changed_meanwhile_is_not_overwritten",
    ),
    Mutant(
        "a waiting place is cleared of anybody",
        f"{LEDGER}/active_run.py",
        'return self._items.delete(model_key(model), "WAITING", expected={"run_id": run_id})',
        'return self._items.delete(model_key(model), "WAITING")',
        "test_a_waiting_place_is_cleared_of_nobody_else",
    ),
    Mutant(
        "a state is moved without its condition",
        f"{LEDGER}/runs.py",
        'sk, changes, expected={"state": now.value}):',
        "sk, changes):",
        "test_a_run_that_was_superseded_meanwhile_does_not_start",
    ),
    Mutant(
        "what started may be superseded",
        "functions/switchyard/core/run.py",
        "if later in (RunState.WAITING, RunState.RUNNING, RunState.SUPERSEDED):",
        "if later in (RunState.WAITING, RunState.RUNNING):",
        "test_a_run_that_started_is_never_superseded",
    ),
    Mutant(
        "what has ended may end once more",
        "functions/switchyard/core/run.py",
        "        return not self.is_terminal\n",
        "        return True\n",
        "test_what_has_ended_stays_as_it_ended",
    ),
    Mutant(
        "a dataset is run twice",
        f"{LEDGER}/runs.py",
        '"why": why[:1000]}, absent=True)',
        '"why": why[:1000]})',
        "test_a_dataset_has_one_run_however_often_it_is_made",
    ),
    Mutant(
        "a wait is ended without its condition",
        f"{LEDGER}/waits.py",
        'self._items.delete(f"WAIT#{wait.resource}", wait.key, expected={"token": wait.token})',
        'self._items.delete(f"WAIT#{wait.resource}", wait.key)',
        "test_a_token_that_came_meanwhile_is_not_forgotten_with_the_old_one",
    ),
    Mutant(
        "a block counts as often as it comes",
        f"{LEDGER}/rollouts.py",
        '"block": json.dumps(asdict(block))}\n            self._items.put(item, absent=True)',
        '"block": json.dumps(asdict(block))}\n            self._items.put(item)',
        "test_a_block_of_evidence_that_comes_twice_counts_once",
    ),
    Mutant(
        "a champion is made twice",
        f"{LEDGER}/champions.py",
        "[each for each in before if each.run_id != champion.run_id][:KEPT_CHAMPIONS]",
        "before[:KEPT_CHAMPIONS]",
        "test_a_champion_that_is_made_twice_is_no_way_back_to_itself",
    ),
    Mutant(
        "an artifact is not checked",
        "functions/switchyard/rollout/shift_traffic.py",
        'if found != alpha["artifact_sha256"]:',
        "if False:",
        "test_an_artifact_that_changed_after_it_was_judged_does_not_go_live",
    ),
    Mutant(
        "a rollout starts against anybody",
        "functions/switchyard/rollout/shift_traffic.py",
        'champion = self._same_champion(run, alpha["champion"])\n        pipeline',
        "champion = self.ledger.champion(run.model)\n        pipeline",
        "test_a_rollout_does_not_start_against_another_champion",
    ),
    Mutant(
        "a promotion does not look at the champion again",
        "functions/switchyard/rollout/shift_traffic.py",
        '        self._same_champion(run, rollout["champion"])\n',
        "",
        "test_a_champion_that_is_no_longer_there_is_not_beaten",
    ),
    Mutant(
        "a function that outlives its execution sets weights",
        "functions/switchyard/rollout/shift_traffic.py",
        "refuse_ended(self.ledger, run)\n            self.control.set_weights",
        "self.control.set_weights",
        "test_nor_does_it_set_weights",
    ),
    Mutant(
        "a function that outlives its execution hands the shift to SageMaker",
        "functions/switchyard/rollout/guard_shift.py",
        "refuse_ended(self.ledger, run)\n            self",
        "self",
        "test_a_run_whose_execution_was_stopped_hands_nothing_over",
        "tests/rollout/test_guard_shift.py",
    ),
    Mutant(
        "a function that outlives its execution moves traffic",
        "functions/switchyard/rollout/shift_traffic.py",
        "refuse_ended(self.ledger, run)\n            self.control.ensure_endpoint(names.endpoint, names.canary_config)",
        "self.control.ensure_endpoint(names.endpoint, names.canary_config)",
        "test_a_function_that_outlives_its_stopped_execution_moves_no_traffic",
    ),
    Mutant(
        "variants have one name for all runs",
        "functions/switchyard/core/names.py",
        "    def variant(self) -> str:\n        return self.run_id",
        '    def variant(self) -> str:\n        return "candidate"',
        "test_a_late_call_of_one_run_cannot_mean_the_variant_of_another",
    ),
    Mutant(
        "the effect comes before the token",
        "functions/switchyard/core/waiting.py",
        "        wait = self.ledger.save_wait(wait)\n",
        "        start()\n        wait = self.ledger.save_wait(wait)\n",
        "test_a_token_is_on_record_before_anything_is_done_for_it",
    ),
    Mutant(
        "a token is forgotten before it is answered",
        "functions/switchyard/core/waiting.py",
        "        if seen.progress is Progress.DONE:\n",
        "        self.ledger.end_wait(wait)\n        if seen.progress is Progress.DONE:\n",
        "test_a_token_is_answered_before_it_is_forgotten",
    ),
    Mutant(
        "an execution starts before its run is RUNNING",
        "functions/switchyard/intake/run_queue.py",
        "        state = self.ledger.set_state(run.model, run.run_id, RunState.RUNNING)\n",
        "        self.executions.start_retrain(run.run_id, {})\n"
        "        state = self.ledger.set_state(run.model, run.run_id, RunState.RUNNING)\n",
        "test_a_run_is_marked_as_running_before_its_execution_starts",
    ),
    Mutant(
        "the state comes before the record",
        "functions/switchyard/core/decision_record.py",
        "        if not self.artifacts.write(_key(run)",
        "        self.ledger.set_state(run.model, run.run_id, outcome.state, outcome.reason)\n"
        "        if not self.artifacts.write(_key(run)",
        "test_a_record_is_written_before_the_state_says_that_the_run_ended",
    ),
    Mutant(
        "a record is written over",
        "functions/switchyard/core/decision_record.py",
        "facts, cost), absent=True):",
        "facts, cost)):",
        "test_a_record_that_is_written_says_how_the_run_ended_whoever_comes_later",
        "tests/crash_points/test_lost_ledger.py",
    ),
    Mutant(
        "a run is closed before its model is champion",
        "functions/switchyard/closing/settle_run.py",
        "            self.ledger.set_champion(run.model, self._champion(run))\n",
        "            self.close(run, outcome)\n            self.ledger.set_champion(run.model, self._champion(run))\n",
        "test_a_model_is_champion_before_its_run_is_closed",
    ),
    Mutant(
        "a place is free before the record",
        "functions/switchyard/closing/settle_run.py",
        "        facts = self._facts(run)\n",
        "        self.ledger.release(run.model, run.run_id)\n        facts = self._facts(run)\n",
        "test_a_place_is_free_only_when_its_run_has_ended",
    ),
    Mutant(
        "a place is never free",
        "functions/switchyard/closing/settle_run.py",
        "        self.ledger.release(run.model, run.run_id)\n        self.run_queue",
        "        self.run_queue",
        "test_a_place_is_free_when_its_run_has_ended",
    ),
    Mutant(
        "every endpoint is whole",
        "functions/switchyard/closing/settle_run.py",
        "return isinstance(step, Done) or self.ledger.rollout(run.run_id) is None",
        "return True",
        "test_a_run_does_not_end_before_the_endpoint_is_the_champions_alone",
    ),
    Mutant(
        "an alpha endpoint stays",
        "functions/switchyard/closing/settle_run.py",
        "            self.control.delete_endpoint(names.alpha, config=names.alpha)\n",
        "            pass\n",
        "test_an_alpha_endpoint_does_not_outlive_its_run",
    ),
    Mutant(
        "a rebuild is content with any champion",
        "functions/switchyard/core/ledger/rebuild.py",
        "newest_first = list(dict.fromkeys(reversed(promoted)))",
        "newest_first = list(dict.fromkeys(promoted))",
        "test_an_undisturbed_rebuild_knows_what_was_known",
        "tests/crash_points/test_lost_ledger.py",
    ),
    Mutant(
        "a model is rebuilt before its records are read",
        "functions/switchyard/core/ledger/rebuild.py",
        "        said = [finding.mend()",
        "        self.ledger.mark_rebuilt(model)\n        said = [finding.mend()",
        "test_the_last_promoted_model_is_champion_whatever_strikes_the_rebuild",
        "tests/crash_points/test_lost_ledger.py",
    ),
    Mutant(
        "the newest is told by when it was written down",
        "functions/switchyard/intake/admission.py",
        'return float(item["arrived_at"]) if is_outrun else ended_at(item)',
        "return ended_at(item)",
        "test_a_dataset_that_comes_back_is_the_newest_although_the_queue_lags",
        "tests/intake/test_coalescing.py",
    ),
    Mutant(
        "an older dataset runs after a newer one",
        "functions/switchyard/intake/run_queue.py",
        "return run.is_dropped and turn.begun > arrived_at",
        "return False",
        "test_what_arrived_before_the_dataset_that_ran_is_not_trained_on_after_it",
        "tests/intake/test_coalescing.py",
    ),
    Mutant(
        "what waits starts whatever has run meanwhile",
        "functions/switchyard/intake/run_queue.py",
        '            if _is_older(run, float(waiting["arrived_at"]), turn):\n                self',
        "            if False:\n                self",
        "test_what_waits_does_not_start_after_a_newer_dataset_that_ran_meanwhile",
    ),
    Mutant(
        "a drop is on record whoever has its run",
        f"{LEDGER}/runs.py",
        "waits, run.run_id, beside=changes)",
        "waits, run.run_id) and self._items.write(changes)",
        "test_a_run_is_on_record_with_its_drop_or_not_at_all",
    ),
    Mutant(
        "a dead letter goes before its record",
        "functions/switchyard/closing/dead_letters.py",
        "            said = self._record(letter.body)\n",
        "            self.letters.delete(letter.receipt)\n            return\n",
        "test_what_no_function_could_handle_becomes_a_record_by_the_sweep",
        "tests/intake/test_every_upload_is_on_record.py",
    ),
    Mutant(
        "a day has runs without end",
        "functions/switchyard/intake/run_queue.py",
        "        if used_up := self.run_budget.used_up(run):\n            return used_up\n",
        "",
        "test_what_comes_after_the_day_s_runs_waits_says_why_and_starts_the_next_day",
        "tests/flood/test_flood.py",
    ),
    Mutant(
        "what waited starts whatever the day has had",
        "functions/switchyard/intake/run_queue.py",
        "            if used_up := self.run_budget.used_up(run):\n",
        "            if used_up := '':\n",
        "test_what_waited_for_a_run_and_meets_the_limit_says_so",
        "tests/flood/test_flood.py",
    ),
    Mutant(
        "a start is not counted",
        "functions/switchyard/intake/run_queue.py",
        "            self.run_budget.note_start(run)\n",
        "",
        "test_of_what_waits_for_the_next_day_the_newest_alone_is_trained",
        "tests/flood/test_flood.py",
    ),
    Mutant(
        "a run counts against itself",
        "functions/switchyard/spending/run_budget.py",
        "        if run.run_id in started:\n",
        "        if False:\n",
        "test_a_run_that_is_under_way_is_not_sent_to_wait_by_its_own_start",
        "tests/flood/test_flood.py",
    ),
    Mutant(
        "a model acts with another's role",
        "functions/switchyard/aws/containers.py",
        'arn.replace("*", model)',
        'arn.replace("*", "fraud")',
        "test_every_role_that_is_passed_is_the_model_s_own",
        "tests/aws/test_request_members.py",
    ),
    Mutant(
        "a model's role writes every model's artifacts",
        "model-roles.yaml",
        '${Model}/models/*"\n              - Effect: Allow # of Spot',
        '*/models/*"\n              - Effect: Allow # of Spot',
        "test_an_own_role_has_what_the_shared_one_has_and_no_other_model_s",
        "tests/template/test_model_roles.py",
    ),
    Mutant(
        "judging writes wherever evaluations lie",
        "template.yaml",
        "${ArtifactBucket.Arn}/*/evaluations/*/chunk-*",
        "${ArtifactBucket.Arn}/*",
        "test_no_function_reads_or_writes_a_bucket_or_a_model_as_a_whole",
        "tests/contract/test_permissions.py",
    ),
]
