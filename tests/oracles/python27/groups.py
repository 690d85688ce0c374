"""All scenarios, by group.

Law: a group is a module of `scenarios`; its facts are in the file of its name in ``facts/``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .scenarios import bodies, connections, construction, heads, legacy, messages, names, requests, states

if TYPE_CHECKING:
    from .steps import Scenarios

GROUPS: Final[dict[str, Scenarios]] = {
    module.__name__.rpartition(".")[2]: module.SCENARIOS
    for module in (construction, requests, states, heads, bodies, connections, messages, legacy, names)
}
