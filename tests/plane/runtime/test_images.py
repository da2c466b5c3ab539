"""Which program stands for which image."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sagemaker_local.runtime.backend import ProgramSpec, UnknownImageError
from sagemaker_local.runtime.images import BUILT_IN, Image, ImageFileError, Images, repository_and_tag


def write(folder: Path, *entries: dict[str, object]) -> Path:
    file = folder / "images.yaml"
    file.write_text(yaml.safe_dump(list(entries)))
    return file


def spec(command: str = "serve", **changes: object) -> ProgramSpec:
    members: dict[str, object] = {
        "name": "x",
        "image": "x:1",
        "command": command,
        "arguments": (),
        "environment": {},
        "opt_ml": Path("/nowhere"),
        "log": print,
    }
    return ProgramSpec(**members | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("000000000000.dkr.ecr.us-east-1.amazonaws.com/switchyard-xgboost:1", "switchyard-xgboost:1"),
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/team/xgb:1.7-1", "team/xgb:1.7-1"),
        ("localhost:5000/xgb", "xgb:latest"),
        ("team/xgb", "team/xgb:latest"),
        ("registry.example/xgb@sha256:ab12", "xgb:sha256:ab12"),
        ("registry.example/xgb:1@sha256:ab12", "xgb:sha256:ab12"),
    ],
)
def test_the_registrys_host_does_not_matter_for_the_match(uri: str, name: str) -> None:
    assert repository_and_tag(uri) == name


def test_xgboost_is_known_by_its_first_name_too() -> None:
    """As AWS's own samples write it."""
    first = "811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:latest"
    assert Images().find(first).path == Images().find("sagemaker-xgboost:1.7-1").path


def test_a_users_entry_comes_before_the_built_in_one(tmp_path: Path) -> None:
    file = write(tmp_path, {"match": "switchyard-xgboost:*", "path": "./mine"})

    assert Images([file]).find("switchyard-xgboost:1").path == tmp_path / "mine"
    assert Images().find("switchyard-xgboost:1").path != tmp_path / "mine"


def test_an_unknown_image_says_where_and_how_to_register_it(tmp_path: Path) -> None:
    file = write(tmp_path, {"match": "toy:*"})

    with pytest.raises(UnknownImageError) as refusal:
        Images([file]).find("1234.dkr.ecr.us-east-1.amazonaws.com/other:2")

    for word in ("other:2", "toy:*", str(file), "--images", 'match: "other:*"'):
        assert word in str(refusal.value)


def test_words_that_start_with_a_dot_are_places_beside_the_file(tmp_path: Path) -> None:
    entry = {"match": "a:*", "path": "env", "serve": ["../bin/python", "./serve.py", "-m", "x"]}
    file = write(tmp_path, entry | {"environment": {"HERE": "./data", "PLAIN": 1}})

    image = Images([file]).find("a:1")

    assert image.argv(spec()) == [str(tmp_path.parent / "bin/python"), str(tmp_path / "serve.py"), "-m", "x"]
    assert image.environment == {"HERE": str(tmp_path / "data"), "PLAIN": "1"}
    assert image.search_path().startswith(f"{tmp_path}/env/bin:{tmp_path}/env:")


def test_without_a_declared_command_the_program_of_that_name_runs() -> None:
    image = Image("a:*", Path("/image"), {"serve": ("python", "serve.py")})

    assert image.argv(spec("train", arguments=("--fast",))) == ["train", "--fast"]
    assert image.argv(spec("/bin/bash", entrypoint=("/bin/bash",), arguments=("-c", "x"))) == [
        "/bin/bash",
        "-c",
        "x",
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("match: x", "list"),
        ("- path: x", "match"),
        ("- {match: 'a:*', serve: python serve.py}", "list of words"),
        ("- {match: 'a:*', command: [x]}", "command"),
        ("- {match: [", "not YAML"),
    ],
)
def test_a_file_that_cannot_be_understood_is_named_with_the_reason(
    tmp_path: Path, text: str, word: str
) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(text)

    with pytest.raises(ImageFileError) as refusal:
        Images([file])

    assert str(file) in str(refusal.value)
    assert word in str(refusal.value)


def test_an_image_that_is_not_built_says_what_builds_it(tmp_path: Path) -> None:
    file = write(
        tmp_path, {"match": "a:*", "path": "./env", "build": "make a"}, {"match": "b:*", "path": "./env"}
    )
    images = Images([file])

    with pytest.raises(UnknownImageError, match="Next: make a"):
        images.ready("a:1")
    with pytest.raises(UnknownImageError, match="correct its path"):
        images.ready("b:1")
    (tmp_path / "env").mkdir()
    assert images.ready("a:1") == images.find("a:1")


def test_an_image_whose_program_is_missing_is_not_built(tmp_path: Path) -> None:
    entry = {"match": "a:*", "path": ".", "serve": ["./env/bin/python", "-m", "x"], "build": "make a"}

    with pytest.raises(UnknownImageError, match=r"env/bin/python is not there\. Next: make a"):
        Images([write(tmp_path, entry)]).ready("a:1")


def test_the_shipped_entries_name_what_builds_them_and_programs_that_exist() -> None:
    makefile = (BUILT_IN.parents[1] / "Makefile").read_text()
    for image in Images((), BUILT_IN)._images:
        program, _, target = image.build.partition(" ")
        assert program == "make"
        assert f"\n{target}:" in makefile
        assert all(Path(argv[1]).is_file() for argv in image.commands.values() if len(argv) > 1)
        if target == "env":
            assert Images().ready(image.match).path == image.path


def test_an_image_runs_on_the_processors_that_it_says(tmp_path: Path) -> None:
    both, neither = {"match": "both:*", "architectures": ["amd64", "arm64"]}, {"match": "x86:*"}
    images = Images([write(tmp_path, both, neither)])
    assert images.find("both:1").runs_on("ml.c7g.large")
    assert not images.find("x86:1").runs_on("ml.m6gd.large")
    assert all(images.find("x86:1").runs_on(each) for each in ("ml.g5.xlarge", "ml.m5.large", ""))
    with pytest.raises(ImageFileError, match="amd64 and arm64"):
        Images([write(tmp_path, {"match": "x:*", "architectures": ["x86"]})])
