"""A local stack does not become slower as it grows older: its metrics are not gone through at every call."""

from types import SimpleNamespace

from cli.stack.ministack.patches import EVICTION_SECONDS, evict_seldom


def test_old_metrics_are_looked_for_once_a_minute_however_many_calls_come() -> None:
    now, looks = [0.0], []
    cloudwatch = SimpleNamespace(_evict_old_metrics=lambda: looks.append(now[0]))
    evict_seldom(cloudwatch, lambda: now[0])
    for _ in range(180):
        cloudwatch._evict_old_metrics()
        now[0] += 1.0
    assert looks == [0.0, EVICTION_SECONDS, 2 * EVICTION_SECONDS]
