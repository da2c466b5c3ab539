"""What `sam build` made of the functions and their layers, as it was deployed."""

import zipfile
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from cli.stack.builds import folder_of
from cli.stack.home import REPOSITORY
from cli.stack.state import read_state
from tests.e2e.conftest import Running

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

EVERY_FUNCTION = ("SwitchyardLayer", "DependenciesLayer")
MOST_BYTES = 25_000_000
UNCHECKED = 0b01  # PEP 552: by hash, and not compared with the source


@pytest.fixture(scope="module")
def built(bare: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was shipped, unpacked: a folder a function or layer."""
    state = read_state(bare.home.state_file)
    assert state is not None
    unpacked = tmp_path_factory.mktemp("built")
    for packed in folder_of(REPOSITORY, state.deployed).glob("*.zip"):
        with zipfile.ZipFile(packed) as shipped:
            shipped.extractall(unpacked / packed.stem)
    return unpacked


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_layers_of_every_function_are_small(built: Path) -> None:
    sizes = {name: sum(file.stat().st_size for file in files(built / name)) for name in EVERY_FUNCTION}
    assert all(sizes.values())
    assert sum(sizes.values()) <= MOST_BYTES, sizes


@pytest.mark.parametrize("layer", [*EVERY_FUNCTION, "EngineLayer"])
def test_every_module_of_a_layer_has_bytecode_that_is_not_compared_with_its_source(
    built: Path, layer: str
) -> None:
    sources = [file for file in files(built / layer) if file.suffix == ".py"]
    assert sources
    for source in sources:
        compiled = Path(cache_from_source(str(source))).read_bytes()
        assert int.from_bytes(compiled[4:8], "little") == UNCHECKED, source


def test_a_functions_zip_is_its_handler_alone(built: Path) -> None:
    shipped = {folder: [file.name for file in files(folder)] for folder in built.glob("*Function")}
    assert shipped
    assert set(map(tuple, shipped.values())) == {("handler.py",)}
