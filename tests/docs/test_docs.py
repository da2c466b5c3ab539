"""Documentation that cannot rot unseen: commands, fields, parameters and links are held to the code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from cli.main import app
from cli.rows.table import ROWS
from switchyard.config import door
from switchyard.config.parts import pipeline_spec
from switchyard.core.data.target import LabelStatistics
from switchyard.core.run import RunState
from tests.contract.cloudformation import template

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
)
PRESENT = [page for page in PAGES if page.name != "CHANGELOG.md"]
README = (ROOT / "README.md").read_text()
PIPELINE = (ROOT / "docs/pipeline.md").read_text()
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
PAGE_NAME = re.compile(r"\bdocs/[\w/-]+\.md")
HOMES = "benchmarks|cli|container|docs|examples|functions|requirements|sagemaker_local|statemachine|tests"
FILE_NAME = re.compile(rf"`((?:{HOMES})/[\w./-]*)[`:]")
WRITTEN = {"benchmarks/RESULTS.md"}
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
YAML_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def links(page: Path) -> list[str]:
    """Relative targets of a page's links, as they are written."""
    found = LINK.findall(FENCE.sub("", page.read_text()))
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def anchors(page: Path) -> set[str]:
    """What `#...` can point at: GitHub's way of making an anchor of a heading."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def fields(schema: dict[str, Any]) -> set[str]:
    """Names of all fields, nested ones included."""
    parts = [schema, *schema.get("$defs", {}).values()]
    return {name for part in parts for name in part.get("properties", {})}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name} links to {target}, which is not there"
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file), f"{page.name} links to {target}; {file.name} has no such heading"


@pytest.mark.parametrize("page", PRESENT, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    """From the root, or, in a table of tests, from their folder. What a command writes is not there before it."""
    named = {name for name in FILE_NAME.findall(FENCE.sub("", page.read_text())) if name not in WRITTEN}
    absent = [name for name in named if not any((home / name).exists() for home in (ROOT, ROOT / "tests"))]
    assert absent == []


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/**/*.md")), ids=lambda page: page.name)
def test_every_page_is_reached_from_the_index(page: Path) -> None:
    index = ROOT / "docs/index.md"
    reached = {(index.parent / target.partition("#")[0]).resolve() for target in links(index)}
    assert page == index or page in reached


def test_no_code_names_a_page_that_is_not_there() -> None:
    stations = ("functions", "cli", "sagemaker_local", "container", "statemachine", "examples", "tests")
    files = [f for room in stations for kind in ("*.py", "*.yaml") for f in (ROOT / room).rglob(kind)]
    named = {name for file in files for name in PAGE_NAME.findall(file.read_text())}
    assert "docs/operations.md" in named
    assert {name for name in named if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize("row", [row.name for row in ROWS])
def test_every_row_is_in_the_readme_with_its_example(row: str) -> None:
    assert f"[{row}](examples/{row})" in README
    assert (ROOT / "examples" / row / "README.md").exists()


WAYS = [row.name for row in ROWS if row.part in ("train", "evaluate offline", "evaluate online", "deploy")]


@pytest.mark.parametrize("row", WAYS)
def test_every_way_is_in_the_course_with_its_example(row: str) -> None:
    assert f"(../examples/{row}/README.md)" in (ROOT / "docs/learn.md").read_text()


def test_the_course_has_eight_steps_and_its_ways() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "docs/learn.md").read_text(), re.MULTILINE)
    assert [heading[0] for heading in headings[:8]] == list("12345678")
    assert headings[8:11] == ["Four ways to train", "Two ways to evaluate", "Four ways to deploy"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme_and_has_help(command: str) -> None:
    assert f"`switchyard {command}" in README
    answer = CliRunner().invoke(app, [command, "--help"])
    assert answer.exit_code == 0
    assert answer.output.count("\n") > 5


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_tells_of_a_command_that_is_not_there(page: Path) -> None:
    told = re.findall(r"`(?:\.venvs/dev/bin/)?switchyard ([a-z]+)\b", page.read_text())
    assert set(told) <= set(COMMANDS)


@pytest.mark.parametrize("target", re.findall(r"\bmake ([a-z]+)\b", FENCE.findall(README)[0]))
def test_the_commands_that_set_everything_up_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_two_commands_do_all_set_up() -> None:
    assert FENCE.findall(README)[0] == "```\nmake demo\nmake test\n```"


@pytest.mark.parametrize("field", sorted(fields(pipeline_spec.schema())))
def test_every_field_of_pipeline_yaml_is_explained(field: str) -> None:
    row, heading = rf"^\| `{field}` \|", rf"^## {field}$"
    found = re.search(f"{row}|{heading}", PIPELINE, re.MULTILINE) is not None
    assert found, f"docs/pipeline.md has no row and no heading for {field}"


def test_the_json_schema_is_that_of_the_code() -> None:
    kept = json.loads((ROOT / "docs/pipeline.schema.json").read_text())
    assert kept == pipeline_spec.schema(), (
        'docs/pipeline.schema.json is old; next: PYTHONPATH=functions .venvs/dev/bin/python -c "import json; '
        'from switchyard.config.parts.pipeline_spec import schema; print(json.dumps(schema(), indent=2))" '
        "> docs/pipeline.schema.json"
    )


OF_OTHER_MODES = {"memory_mb", "max_concurrency", "max_concurrent_invocations_per_instance"}


def churn_labels() -> LabelStatistics:
    labels = LabelStatistics()
    labels.add(0.0)
    labels.add(1.0)
    return labels


@pytest.mark.parametrize("block", [b for b in YAML_BLOCK.findall(README + PIPELINE) if "target:" in b])
def test_every_pipeline_yaml_that_is_printed_is_taken(block: str) -> None:
    lines = [line.removeprefix("   ") if block.startswith("   ") else line for line in block.splitlines()]
    assert door.parse("churn", "\n".join(lines), churn_labels()).target == "left"


def test_the_full_example_shows_the_defaults_of_every_plain_field() -> None:
    full = next(b for b in YAML_BLOCK.findall(PIPELINE) if "rollout:" in b)
    shown = yaml.safe_load(full)
    assert set(shown) == set(pipeline_spec.PipelineSpec.model_fields)
    for name, part in (
        ("training", pipeline_spec.TrainingSpec()),
        ("deployment", pipeline_spec.DeploymentSpec()),
    ):
        plain = part.model_dump(mode="json", exclude={"hyperparameters", *OF_OTHER_MODES}, exclude_none=True)
        assert {field: shown[name][field] for field in plain} == plain


def test_every_parameter_of_the_template_is_explained() -> None:
    page = (ROOT / "docs/deploy-to-aws.md").read_text()
    assert [name for name in template()["Parameters"] if f"| `{name}` |" not in page] == []


@pytest.mark.parametrize("state", RunState)
def test_operations_says_what_to_do_in_every_state(state: RunState) -> None:
    table = (ROOT / "docs/operations.md").read_text().partition("## States")[2].partition("\n## ")[0]
    first_cells = " ".join(re.findall(r"^\| ([A-Z_, ]+) \|", table, re.MULTILINE))
    assert state in re.findall(r"[A-Z_]+", first_cells)
