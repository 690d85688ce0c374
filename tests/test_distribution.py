"""What is built and installed: the wheel as the build backend makes it, and the metadata of this environment."""

from __future__ import annotations

import configparser
import email.parser
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from hatchling import build

ROOT = Path(__file__).parent.parent
PACKAGES = ("httplib_sim", "cassettes", "fake_server")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built by the build backend in this process, without the network."""
    folder = tmp_path_factory.mktemp("dist")
    with pytest.MonkeyPatch.context() as context:
        context.chdir(ROOT)
        name = build.build_wheel(str(folder))
    return zipfile.ZipFile(folder / name)


def read_metadata(wheel: zipfile.ZipFile, name: str) -> str:
    """One file of the wheel's dist-info folder."""
    [path] = [path for path in wheel.namelist() if path.endswith(f".dist-info/{name}")]
    return wheel.read(path).decode()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_typed(wheel: zipfile.ZipFile, package: str) -> None:
    """Type checkers of users believe the annotations of a package only beside its py.typed (PEP 561)."""
    assert f"{package}/py.typed" in wheel.namelist()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_is_in_the_wheel(wheel: zipfile.ZipFile, package: str) -> None:
    """What is imported from the working tree is importable from the wheel."""
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / package).rglob("*.py")}
    assert modules
    assert modules <= set(wheel.namelist())


def test_nothing_else_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    """Installing puts three packages into site-packages, and no tests, docs or examples beside them."""
    folders = {path.split("/")[0] for path in wheel.namelist()}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == set(PACKAGES)


def test_pytest_finds_the_plugin_and_the_shell_the_command(wheel: zipfile.ZipFile) -> None:
    """The entry points name the two doors."""
    parser = configparser.ConfigParser()
    parser.read_string(read_metadata(wheel, "entry_points.txt"))
    assert dict(parser["pytest11"]) == {"httplib_sim": "httplib_sim.pytest_plugin"}
    assert dict(parser["console_scripts"]) == {"httplib-sim": "httplib_sim.cli:main"}


def test_the_licence_goes_with_the_wheel(wheel: zipfile.ZipFile) -> None:
    """MIT asks that its text accompany every copy."""
    assert read_metadata(wheel, "licenses/LICENSE") == (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_the_readme_is_the_description(wheel: zipfile.ZipFile) -> None:
    """The package index shows what the repository shows."""
    description = email.parser.Parser().parsestr(read_metadata(wheel, "METADATA")).get_payload()
    assert isinstance(description, str)
    assert description.strip() == (ROOT / "README.md").read_text(encoding="utf-8").strip()


def test_the_version_has_one_home() -> None:
    """What the installed distribution says is what pyproject.toml says."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert metadata.version("httplib-sim") == declared


def test_the_changelog_knows_the_version() -> None:
    """No version goes out without a section of its own in the changelog."""
    assert f"\n## [{metadata.version('httplib-sim')}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
