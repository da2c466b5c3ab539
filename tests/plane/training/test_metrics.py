"""MetricDefinitions: what a job's metrics are read off its log with."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sagemaker_local.training.metrics import MetricReader


class TestMetrics:
    def read(self, pattern: str, *lines: str) -> list[Any]:
        found: list[Any] = []
        reader = MetricReader([{"Name": "m", "Regex": pattern}], lambda *point: found.append(point))
        for number, line in enumerate(lines):
            reader.read(line, float(number))
        assert [each["Value"] for each in reader.final()] == [value for _, value, _ in found][-1:]
        return found

    def test_the_first_group_is_the_value(self) -> None:
        assert self.read(r"loss: (\S+) at (\d+)", "loss: 1e-3 at 4", "other") == [("m", 0.001, 0.0)]

    def test_a_tab_may_be_written_as_cloudwatch_shows_it(self) -> None:
        builtin = r".*\[[0-9]+\].*#011validation-rmse:(\S+)"
        assert self.read(builtin, "[0]\ttrain-rmse:0.5\tvalidation-rmse:0.75") == [("m", 0.75, 0.0)]

    @pytest.mark.parametrize("line", ["m=nan", "m=inf", "m=x", "m="])
    def test_what_is_no_finite_number_is_no_metric(self, line: str) -> None:
        assert self.read(r"m=(\S*)", line) == []

    @pytest.mark.parametrize("pattern", ["(", "m=1", "(m)?=1"])
    def test_a_pattern_without_a_usable_group_reads_nothing(self, pattern: str) -> None:
        assert self.read(pattern, "m=1", "=1") == []

    def test_a_pattern_that_explodes_costs_its_job_a_moment_not_the_plane(self) -> None:
        started = time.thread_time()
        assert self.read(r"(a|b|ab)*(a|ab|b)*c\1d", *["ab" * 2000] * 200) == []
        assert time.thread_time() - started < 5
