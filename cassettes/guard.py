"""Whether this process may reach the network: the policy, and the guard that enforces it.

Law: a policy is a value; the innermost one counts. The guard is an audit hook, so that it sees what no client library
could hide: connecting, name resolution and datagrams of every socket in Python. It is there once, from the first policy
that forbids anything, and asks the policy each time. What it forbids is an error that is no OSError, which no client
takes for a failure of the network, and it is remembered, so that who swallows it is found out.

Local sockets (``AF_UNIX``) are not the network.
"""

from __future__ import annotations

import fnmatch
import functools
import ipaddress
import os
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .callers import frame_of_program
from .errors import NetworkBlocked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LOCAL_NAMES: Final = frozenset({"localhost", "ip6-localhost", ""})
_ASKS_FOR_A_NAME: Final = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
_ASKS_FOR_AN_ADDRESS: Final = frozenset({"socket.gethostbyaddr", "socket.getnameinfo"})
_REACHES_AN_ADDRESS: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


@dataclass(eq=False)
class NetworkPolicy:
    """What may be reached: everything, or what *hosts* name, and, unless *local* is false, this machine.

    *hosts* are names or addresses, in which ``*`` stands for any text: ``*.example.com``. ``blocked`` are the errors
    that were raised.
    """

    allowed: bool = True
    hosts: tuple[str, ...] = ()
    local: bool = True
    blocked: list[NetworkBlocked] = field(default_factory=list)
    _addresses: set[str] = field(default_factory=set, repr=False)

    def permits(self, host: str) -> bool:
        """Tell whether *host*, a name or an address, may be reached."""
        if self.allowed or (self.local and is_local(host)):
            return True
        name = host.lower().rstrip(".")
        return name in self._addresses or any(fnmatch.fnmatchcase(name, pattern.lower()) for pattern in self.hosts)

    def note_addresses(self, addresses: Sequence[str]) -> None:
        """Remember the *addresses* that the name of a permitted host stands for."""
        self._addresses.update(addresses)

    def refuse(self, what: str) -> NetworkBlocked:
        """Return, and remember, the error for *what* was about to happen."""
        error = NetworkBlocked(
            f"expected no use of the network{_but(self)}, got {what}{_where()}. Replay it from a cassette, serve it "
            'with a fake server, or allow it: pytest.mark.network("allow", hosts=[...]), or the option --network=allow'
        )
        self.blocked.append(error)
        return error


ALLOWED: Final = NetworkPolicy()
"""Everything may be reached: so it is until somebody says otherwise."""

_policies: tuple[NetworkPolicy, ...] = (ALLOWED,)
_served_here: tuple[str, ...] = ()
_changing = threading.Lock()
_guarded = False
_asking = threading.local()


def policy() -> NetworkPolicy:
    """Return the policy that counts now."""
    return _policies[-1]


def enter(mine: NetworkPolicy) -> None:
    """Let *mine* count until it is left."""
    global _policies, _guarded  # noqa: PLW0603  one process has one network
    with _changing:
        _policies = (*_policies, mine)
        if not mine.allowed and not _guarded:
            sys.addaudithook(_guard)  # for good: a hook cannot be taken away
            _guarded = True


def leave(mine: NetworkPolicy) -> None:
    """Let *mine* count no longer; it need not be the innermost."""
    global _policies  # noqa: PLW0603  see enter
    with _changing:
        _policies = tuple(known for known in _policies if known is not mine)


def serve_here(patterns: Iterable[str]) -> None:
    """Count hosts as this machine: a fake server is reached instead. In a pattern ``*`` stands for any text."""
    global _served_here  # noqa: PLW0603  see enter
    with _changing:
        _served_here = (*_served_here, *patterns)


def serve_elsewhere(patterns: Iterable[str]) -> None:
    """Take back what was said to `serve_here`, as often as it was said."""
    global _served_here  # noqa: PLW0603  see enter
    with _changing:
        left = list(_served_here)
        for pattern in patterns:
            left.remove(pattern)
        _served_here = tuple(left)


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Be asked by the interpreter before each thing that may be forbidden."""
    if not event.startswith("socket."):
        return
    counts = _policies[-1]
    if counts.allowed or getattr(_asking, "now", False):
        return
    if event in _ASKS_FOR_A_NAME:
        _check_name(counts, arguments[0])
    elif event in _ASKS_FOR_AN_ADDRESS:
        _check_reverse(counts, arguments[0])
    elif event in _REACHES_AN_ADDRESS:
        address = arguments[1]
        if isinstance(address, tuple) and address and isinstance(address[0], str | bytes):  # no netlink, say
            try:
                _check_address(counts, _text(address[0]), address[1], event)
            except NetworkBlocked:
                if event == "socket.connect":
                    arguments[0].close()  # who connects (socket.create_connection) cleans up after OSErrors only
                raise


def _check_reverse(counts: NetworkPolicy, asked: object) -> None:
    """A look-up of the name that an address has, or a host: somebody is asked in any case."""
    host = _text(asked[0] if isinstance(asked, tuple) and asked else asked)
    if not counts.permits(host):
        raise counts.refuse(f"a look-up of the name of {host}")


def _text(host: object) -> str:
    return host.decode("latin-1") if isinstance(host, bytes) else str(host or "")


def _check_name(counts: NetworkPolicy, host: object) -> None:
    name = _text(host)
    if _address(name) is not None:
        return  # nobody is asked
    if not counts.permits(name):
        raise counts.refuse(f"a look-up of the name {name}")
    if not (counts.local and is_local(name)):
        counts.note_addresses(_resolved(name))


def _check_address(counts: NetworkPolicy, host: str, port: object, event: str) -> None:
    if not counts.permits(host):
        what = "a connection" if event == "socket.connect" else "a datagram"
        raise counts.refuse(f"{what} to {host}, port {port}")


def _resolved(name: str) -> list[str]:
    """The addresses of a permitted name: connections are made to these, and not to the name."""
    import socket  # noqa: PLC0415  it is loaded: it has asked

    _asking.now = True
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(name, None)]
    except OSError:
        return []  # who has asked for the name is told so, too
    finally:
        _asking.now = False


def is_local(host: str) -> bool:
    """Tell whether *host*, a name or an address, is this machine, or one for which a fake server answers here."""
    name = host.lower()
    address = _address(name)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # what a socket for both kinds connects to
    if address is not None and (address.is_loopback or address.is_unspecified):
        return True
    if any(fnmatch.fnmatchcase(name.rstrip("."), pattern) for pattern in _served_here):
        return True
    return name in _LOCAL_NAMES or name.endswith(".localhost") or name == _own_name()


@functools.cache
def _own_name() -> str:
    import socket  # noqa: PLC0415  it is loaded: it has asked

    return socket.gethostname().lower()


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """*host* as an address, None if it is a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _but(counts: NetworkPolicy) -> str:
    return f" but {', '.join(counts.hosts)}" if counts.hosts else ""


def _where() -> str:
    """The line of the program that is to blame."""
    frame = frame_of_program()
    if frame is None:
        return ""
    return f" at {frame.f_code.co_filename.removeprefix(os.getcwd() + os.sep)}:{frame.f_lineno}"  # noqa: PTH109
