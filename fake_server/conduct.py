"""How a server behaves apart from its answers: its limits, its patience, what it says to ``Expect``.

Law: values that a test gives and `Connection` keeps to; nothing is done here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from httplib_sim import wire

from . import checks

Expect = Literal["at once", "on read", "refuse", "never"]

ClientCertificate = Literal["none", "optional", "required"]
"""Whether a server wants to see a certificate of the client's own (mutual TLS)."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """What a server does beside answering; None is no limit. Raises `BadExpectation` for what none can keep.

    ``head`` and ``content`` are the most octets of a request's head (431 beyond, 414 for its first line) and content
    (413). ``connections`` may be open at a time; the requests of more are answered 503. ``requests`` come over one
    connection, which is closed after the last. ``idle`` seconds without an octet end a connection: silently between
    requests, with 408 within one. ``http09`` takes requests without a version, which get content alone.

    ``expect`` is for requests that wait for a 100 (RFC 9110 section 10.1.1): it comes "at once", "on read" (when a
    matcher or a handler asks for the content; if none does, the answer comes without), "never", or there is a 417
    ("refuse").
    """

    head: int | None = None
    content: int | None = None
    connections: int | None = None
    requests: int | None = None
    idle: float | None = None
    expect: Expect = "at once"
    http09: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be kept to, where it is written."""
        checks.one_of("expect=", self.expect, get_args(Expect))
        for name, least in (("head", 16), ("content", 0), ("connections", 0), ("requests", 1)):
            value = getattr(self, name)
            if value is not None:
                checks.whole(f"{name}=", value, least)
        if self.idle is not None:
            checks.number("idle= in seconds", self.idle)
            if not self.idle:
                raise checks.wrong("idle= in seconds, more than 0", self.idle)

    @property
    def limits(self) -> bool:
        """Whether there is a limit to a request, so that what is beyond it is refused as the test wants it."""
        return self.head is not None or self.content is not None

    def reader(self) -> wire.RequestReader:
        """Return a reader of requests that keeps to these limits."""
        limits, leniency = wire.LIMITS, wire.SERVER
        if self.head is not None:
            limits = replace(limits, head=self.head, start_line=min(self.head - 1, limits.start_line))
        if self.http09:
            leniency = replace(leniency, http09=True)
        return wire.RequestReader(leniency, limits)

    def check_content(self, octets: int) -> None:
        """Raise `wire.LimitExceeded` where a request's content has so many octets, or announces them."""
        if self.content is not None and octets > self.content:
            text = f"expected at most {self.content} octets of content, got more"
            raise wire.LimitExceeded(text, "content", status_hint=413)


def check(conduct: object, client_certificate: object) -> None:
    """Raise `BadExpectation` for a conduct, or a wish for certificates, that is none."""
    checks.kept("conduct= as Conduct(...)", conduct, Conduct)
    checks.one_of("client_certificate=", client_certificate, get_args(ClientCertificate))


USUAL: Final = Conduct()
"""What holds where nothing is said."""
