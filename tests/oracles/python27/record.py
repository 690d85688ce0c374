"""The facts: what Python 2.7's httplib did in each scenario, kept in files; and where ours does otherwise on purpose.

Law: reads, compares and writes facts. A fact is what `player` has seen. ``facts/GROUP.json`` has, for each scenario, a
checksum of its steps, ``python27`` with the facts, and ``here`` with ours where they are not the same: each such
scenario must be named by ``deviations.toml``, with the reason.
"""

from __future__ import annotations

import fnmatch
import json
import shutil
import subprocess
import sys
import tomllib
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import httplib_sim

from . import player
from .groups import GROUPS

if TYPE_CHECKING:
    from .steps import Scenarios, Step

HERE: Final = Path(__file__).parent
Fact = dict[str, Any]


class Deviation(NamedTuple):
    """Scenarios, as patterns of ``group: scenario``, in which ours does otherwise; why, and who says so."""

    name: str
    reason: str
    source: str
    scenarios: tuple[str, ...]

    def covers(self, group: str, name: str) -> bool:
        """Tell whether this is the reason for *name* of *group*."""
        return any(fnmatch.fnmatchcase(f"{group}: {name}", pattern) for pattern in self.scenarios)


@cache
def deviations() -> list[Deviation]:
    """Read ``deviations.toml``."""
    read = tomllib.loads((HERE / "deviations.toml").read_text(encoding="utf-8"))
    return [
        Deviation(name, entry["reason"], entry["source"], tuple(entry["scenarios"])) for name, entry in read.items()
    ]


def deviation_of(group: str, name: str) -> Deviation | None:
    """Return the reason for which *name* of *group* may go otherwise here; None if it must not."""
    return next((deviation for deviation in deviations() if deviation.covers(group, name)), None)


def facts(group: str) -> dict[str, Fact]:
    """Read the recorded facts of *group*, by scenario."""
    read: dict[str, Fact] = json.loads((HERE / "facts" / f"{group}.json").read_text(encoding="utf-8"))
    return read


def checksum(steps: list[Step]) -> str:
    """Return a checksum of *steps*: facts of other steps are no facts about these."""
    return f"{zlib.crc32(json.dumps(steps).encode()):08x}"


def play_here(steps: list[Step]) -> Fact:
    """Return what ours does."""
    played = player.play(httplib_sim, {"": steps})  # type: ignore[no-untyped-call]
    done: Fact = json.loads(json.dumps(played[""]))
    return done


def find_python27() -> str | None:
    """Return the path of a Python 2.7, None if there is none here."""
    candidates = [shutil.which("python2.7"), *sorted(Path.home().glob(".pyenv/versions/2.7.*/bin/python"))]
    for candidate in candidates:
        if candidate is not None:
            command = [str(candidate), "-c", "import sys, httplib; sys.exit(sys.version_info[:2] != (2, 7))"]
            if subprocess.run(command, capture_output=True, check=False).returncode == 0:
                return str(candidate)
    return None


def play_in_python27(python: str, scenarios: Scenarios) -> dict[str, Fact]:
    """Return what the httplib of *python* does in each of *scenarios*."""
    command = [python, str(HERE / "player.py")]
    done = subprocess.run(command, input=json.dumps(scenarios), capture_output=True, text=True, check=True)
    played: dict[str, Fact] = json.loads(done.stdout)
    return played


def record() -> None:
    """Play every scenario with a Python 2.7 and with ours, and write the facts. Says what has no reason yet."""
    python = find_python27()
    if python is None:
        sys.exit("no Python 2.7 found, neither as python2.7 nor in ~/.pyenv/versions")
    total = same = 0
    for group, scenarios in GROUPS.items():
        played = play_in_python27(python, scenarios)
        written: dict[str, Fact] = {}
        for name, steps in scenarios.items():
            written[name] = {"steps": checksum(steps), "python27": played[name]}
            here = play_here(steps)
            total += 1
            if here == played[name]:
                same += 1
            elif deviation_of(group, name) is not None:
                written[name]["here"] = here
            else:
                print(f"no reason for: {group}: {name}")
        text = json.dumps(written, indent=1, ensure_ascii=True, sort_keys=True)
        (HERE / "facts" / f"{group}.json").write_text(text + "\n", encoding="utf-8")
    print(f"{total} scenarios, {same} the same, {total - same} otherwise")


def table() -> list[str]:
    """Return the rows of the documentation's table of deviations."""
    return [f"| {deviation.reason} | {deviation.source} |" for deviation in deviations()]
