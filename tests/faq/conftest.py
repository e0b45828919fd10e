"""Both worlds, each with a publisher for every module of tests."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faq.bench import Bench
from tests.faq.worlds import WORLDS, World
from tests.support.commands import volact

PASSPHRASE = "correct horse battery staple"


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Services that were just set up, by the names of the worlds; benches are copies of them."""
    place = tmp_path_factory.mktemp("founded")
    passphrase = place / "passphrase"
    passphrase.write_text(f"{PASSPHRASE}\n")
    for each in WORLDS:
        words = ("--id", each.publisher, "--name", each.name.title(), "--catalog", each.catalog)
        keys = ("--export", place / f"{each.name}-keys", "--passphrase-file", passphrase)
        said = volact("service", "init", place / each.name, *words, *keys)
        assert said.code == 0, said
    return {each.name: place / each.name for each in WORLDS}


@pytest.fixture(scope="module", params=WORLDS, ids=lambda each: each.name)
def bench(
    request: pytest.FixtureRequest, founded: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    """A publisher of each world in turn; its service runs from when it is first needed."""
    world: World = request.param
    folder = tmp_path_factory.mktemp(f"bench-{world.name}")
    shutil.copytree(founded[world.name], folder / "service")
    made = Bench(world, folder)
    yield made
    made.close()


@pytest.fixture
def world(bench: Bench) -> World:
    """The bench's world."""
    return bench.world
