"""Links that a container leaves behind, read as the container meant them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_local.links import entries, resolved


@pytest.fixture
def opt_ml(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("of the host")
    model = tmp_path / "ml" / "model"
    (model / "checkpoint-10").mkdir(parents=True)
    (model / "checkpoint-10" / "weights").write_text("10")
    return tmp_path / "ml"


@pytest.mark.parametrize(
    "target",
    [
        *("checkpoint-10", "./checkpoint-10/", "../model/checkpoint-10"),
        *("/opt/ml/model/checkpoint-10", "{opt_ml}/model/checkpoint-10"),
    ],
)
def test_a_link_to_a_folder_is_that_folder(opt_ml: Path, target: str) -> None:
    (opt_ml / "model" / "latest").symlink_to(target.format(opt_ml=opt_ml))
    found = {each.name: each.real for each in entries(opt_ml, opt_ml / "model")}
    real = opt_ml / "model" / "checkpoint-10"
    assert found["latest"] == real
    assert found["latest/weights"] == found["checkpoint-10/weights"] == real / "weights"


@pytest.mark.parametrize(
    "target",
    [
        "../../secret",
        "/etc/passwd",
        "/opt/ml/../../etc/passwd",
        "nowhere",
        "itself",
        ".",
        "/opt/mlx",
        "/tmp/mm",  # noqa: S108
    ],
)
def test_a_link_that_leads_out_or_nowhere_or_round_is_only_a_link(opt_ml: Path, target: str) -> None:
    (opt_ml / "model" / "itself").symlink_to(target)
    found = {each.name: each for each in entries(opt_ml, opt_ml / "model")}
    assert (found["itself"].real, found["itself"].target) == (None, target)
    assert "itself/secret" not in found


def test_links_round_each_other_end(opt_ml: Path) -> None:
    (opt_ml / "model" / "a").symlink_to("b")
    (opt_ml / "model" / "b").symlink_to("a")
    (opt_ml / "model" / "checkpoint-10" / "up").symlink_to("..")
    (opt_ml / "model" / "checkpoint-10" / "side").symlink_to("../checkpoint-10")
    found = {each.name: each.real for each in entries(opt_ml, opt_ml / "model")}
    assert [found[name] for name in ("a", "b", "checkpoint-10/up", "checkpoint-10/side")] == [None] * 4


@given(st.lists(st.sampled_from(["..", ".", "model", "a", "b", "/opt/ml", "/", "/etc"]), max_size=6))
def test_whatever_a_link_says_nothing_outside_is_reached(
    tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    opt_ml = tmp_path_factory.mktemp("links") / "ml"
    (opt_ml / "model" / "a").mkdir(parents=True)
    (opt_ml / "model" / "b").symlink_to("/".join(words) or "x")
    found = resolved(opt_ml, opt_ml / "model" / "b")
    assert found is None or found.resolve().is_relative_to(opt_ml.resolve())
