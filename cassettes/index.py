"""The index: which recorded exchange answers a request.

Law: a look-up costs the same in a small cassette and in a large one. What is cheap to compare (method, origin, path)
leads to a bucket; in the bucket the remaining keys are worked out when somebody first asks it. Only functions that
users write are called one exchange after the other, and only on those that are equal in all else.

Each recorded exchange answers once. Among equals the one whose request began first comes first, and where that is not
known, the one that stands first in the file: an exchange that took long is written after one that overtook it.
"""

from __future__ import annotations

import enum
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from .exchange import Exchange
from .field_masking import path_may_hide
from .matchers import COARSE, TORN, Matcher, MatchFunction, coarse_key, may_be

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence
    from datetime import datetime

    from httplib_sim.waist import Origin

    from .exchange import Request
    from .matchers import Placed


REPEATED = frozenset({"request query (repeated)", "request body (repeated)"})
"""Places in which something was masked that no name tells of."""


class Repeats(enum.Enum):
    """What answers once all equals have been played."""

    NONE = "none"
    """Nothing: each answers once."""
    LAST = "last"
    """The last of them goes on answering."""
    CYCLE = "cycle"
    """They begin again with the first."""

    @classmethod
    def named(cls, value: bool | str) -> Repeats:  # noqa: FBT001  an option's value
        """Return what *value* says: False, True or "last", "cycle". Raises `ValueError` for anything else."""
        if value is True or value is False:
            return cls.LAST if value else cls.NONE
        if value in {cls.LAST.value, cls.CYCLE.value}:
            return cls(value)
        raise ValueError(f"expected allow_repeats to be True, False, 'last' or 'cycle', got {value!r}")


class Unread(Protocol):
    """An exchange of which only some is known before it is read: a `Draft`."""

    @property
    def origin(self) -> Origin:
        """The server that the request went to."""

    @property
    def method(self) -> str:
        """The method of the request."""

    @property
    def target(self) -> str:
        """The target of the request."""

    @property
    def started(self) -> datetime:
        """When the first octet of the request was sent."""

    @property
    def connection(self) -> int:
        """The number of the connection."""

    @property
    def line(self) -> int:
        """The line of the file on which it begins."""

    def read(self) -> Exchange:
        """Return the exchange. Raises `BadCassette`."""


class Recorded:
    """A recorded exchange: in which *line* of the file it stands, which one it is, and how often it was played.

    It may be one that is read when somebody asks for its ``exchange``, who is told then what is wrong with it.
    """

    __slots__ = ("_exchange", "_line", "_unread", "number", "played")

    def __init__(self, exchange: Exchange | Unread, line: int | None, number: int) -> None:
        self._unread = None if isinstance(exchange, Exchange) else exchange
        self._exchange = exchange if isinstance(exchange, Exchange) else None
        self._line = line
        self.number = number
        self.played = 0

    @property
    def line(self) -> int:
        """The line of the file on which it begins."""
        if self._line is None:
            self._line = 1 if self._unread is None else self._unread.line
        return self._line

    @property
    def exchange(self) -> Exchange:
        """The exchange. Raises `BadCassette` if it cannot be read."""
        if self._exchange is None:
            self._exchange = cast("Unread", self._unread).read()
        return self._exchange

    @property
    def read_exchange(self) -> Exchange | None:
        """The exchange, if it has been read."""
        return self._exchange

    @property
    def placed(self) -> Placed:
        """What its request is for."""
        return self._unread or self.exchange.request

    @property
    def started(self) -> datetime:
        """When its first octet was sent."""
        return (self._unread or self.exchange).started

    @property
    def connection(self) -> int:
        """The number of its connection."""
        return (self._unread or self.exchange).connection


@dataclass(frozen=True, slots=True)
class Matching:
    """How requests are compared: by which *matchers*, and after *comparable* has masked their secrets.

    *shown* does so for texts that people read, where nothing is masked for comparing; None means *comparable* itself.
    *repeats* is what becomes of equals that have all answered; with *ordered*, exchanges answer in the order of the
    file.
    """

    matchers: tuple[Matcher | MatchFunction, ...]
    comparable: Callable[[Request], Request]
    repeats: Repeats = Repeats.NONE
    ordered: bool = False
    shown: Callable[[Request], Request] | None = None

    def show(self, request: Request) -> Request:
        """Return *request* as texts may show it."""
        return (self.shown or self.comparable)(request)


class Index:
    """Finds recorded exchanges by what *matching* says. It changes nothing but its own order; it is not thread-safe."""

    def __init__(self, recorded: Sequence[Recorded], matching: Matching) -> None:
        self.recorded = recorded
        self._matching = matching
        known = [matcher for matcher in matching.matchers if isinstance(matcher, Matcher)]
        self._functions = [matcher for matcher in matching.matchers if not isinstance(matcher, Matcher)]
        self._coarse = [COARSE.index(matcher.name) for matcher in known if matcher.name in COARSE]
        self._fine = [matcher for matcher in known if matcher.name not in COARSE]
        self._buckets: dict[Hashable, _Bucket | Recorded] = {}  # one that is alone has no bucket
        self._next = 0
        for item in recorded:
            key = self._coarse_key_of(item)
            other = self._buckets.setdefault(key, item)
            if isinstance(other, _Bucket):
                other.add(item)
            elif other is not item:
                self._buckets[key] = _Bucket(other, item)

    def find(self, request: Request) -> Recorded | None:
        """Return the recorded exchange that answers *request*, or None.

        A recorded request whose body was cut short (the server answered early, or was gone) matches any body. One that
        repeats a secret which only its answer gives away matches what may have stood there: nobody can tell what did.
        """
        key = self._coarse_key(request)
        only = self._buckets.get(key)
        if only is None:
            return None
        if isinstance(only, Recorded) and self._is_answered_by(only, request):
            return only
        bucket = self._bucket(key)
        request = self._matching.comparable(request)
        key = self._fine_key(request)
        found = self._first(bucket.equals(key, self._fine_key_of), request)
        if found is None and TORN not in key:
            torn = tuple(TORN if self._fine[at].name == "body" else part for at, part in enumerate(key))
            found = self._first(bucket.equals(torn, self._fine_key_of), request)
        return found or self._first(deque(self._with_stand_ins(bucket, request)), request)

    def _bucket(self, key: Hashable) -> _Bucket:
        found = self._buckets[key]
        if isinstance(found, Recorded):
            found = self._buckets[key] = _Bucket(found)
        return found

    def _is_answered_by(self, item: Recorded, request: Request) -> bool:
        """Tell whether *item*, with which no other competes, was recorded for just these octets; False if in doubt."""
        if item.played or self._functions or self._matching.ordered:
            return False
        recorded, sent = item.exchange.request.message, request.message
        return recorded.head.octets == sent.head.octets and recorded.body == sent.body

    def find_by_head(self, request: Request) -> Recorded | None:
        """Return the recorded exchange that would answer a request of which all but the body is known, or None."""
        key = self._coarse_key(request)
        if key not in self._buckets:
            return None
        bucket = self._bucket(key)
        request = self._matching.comparable(request)
        return self._first(bucket.equals(self._head_key(request), self._head_key_of), request, head_only=True)

    def _coarse_key_of(self, item: Recorded) -> Hashable:
        keys = coarse_key(item.placed)
        return self._coarse_key(item.exchange.request) if path_may_hide(keys[-1]) else self._chosen(keys)

    def _coarse_key(self, request: Request) -> Hashable:
        keys = coarse_key(request)
        return self._chosen(coarse_key(self._matching.comparable(request)) if path_may_hide(keys[-1]) else keys)

    def _chosen(self, keys: tuple[str, str, str, int, str]) -> Hashable:
        """Those of *keys* that are compared."""
        return keys if len(self._coarse) == len(keys) else tuple([keys[position] for position in self._coarse])

    def _fine_key(self, request: Request) -> tuple[Hashable, ...]:
        return tuple([matcher.key(request) for matcher in self._fine])

    def _head_key(self, request: Request) -> tuple[Hashable, ...]:
        """What is compared but the body, and so no key of `_fine_key`."""
        return ("head", *[matcher.key(request) for matcher in self._fine if matcher.name != "body"])

    def _head_key_of(self, item: Recorded) -> tuple[Hashable, ...]:
        return self._head_key(self._matching.comparable(item.exchange.request))

    def _fine_key_of(self, item: Recorded) -> tuple[Hashable, ...]:
        return self._fine_key(self._matching.comparable(item.exchange.request))

    def _first(self, equals: deque[Recorded], request: Request, *, head_only: bool = False) -> Recorded | None:
        """The first of *equals* that may answer now; with *head_only* nothing of the body is known yet."""
        if self._matching.repeats is Repeats.CYCLE:
            return self._next_of_cycle(equals, request, head_only=head_only)
        while len(equals) > 1 and equals[0].played:
            equals.popleft()
        last = None
        for item in equals:
            if self._functions and not head_only and not self._accepted(item, request):
                continue
            if not item.played:
                return item if not self._matching.ordered or item is self._due() else None
            last = item
        return last if self._matching.repeats is Repeats.LAST else None

    def _next_of_cycle(self, equals: deque[Recorded], request: Request, *, head_only: bool) -> Recorded | None:
        """The first of *equals* in turn; what has answered goes to the end of the queue."""
        for _ in range(len(equals)):
            item = equals[0]
            if not head_only:
                equals.rotate(-1)
            if head_only or not self._functions or self._accepted(item, request):
                return item
        return None

    def _accepted(self, item: Recorded, request: Request) -> bool:
        recorded = self._matching.comparable(item.exchange.request)
        return all(function(recorded, request) is None for function in self._functions)

    def _with_stand_ins(self, bucket: _Bucket, request: Request) -> Iterator[Recorded]:
        for item in bucket.with_stand_ins():
            recorded = self._matching.comparable(item.exchange.request)
            if all(may_be(matcher, recorded, request) for matcher in self._fine):
                yield item

    def _due(self) -> Recorded | None:
        """The first exchange of the file that has not been played."""
        while self._next < len(self.recorded) and self.recorded[self._next].played:
            self._next += 1
        return self.recorded[self._next] if self._next < len(self.recorded) else None


class _Bucket:
    """The exchanges that agree in what is cheap to compare; sorted and keyed when it is first asked."""

    __slots__ = ("_items", "_keyed", "_sorted", "_with_stand_ins")

    def __init__(self, *items: Recorded) -> None:
        self._items = list(items)
        self._sorted = False
        self._keyed: dict[Callable[[Recorded], Hashable], dict[Hashable, deque[Recorded]]] = {}
        self._with_stand_ins: list[Recorded] | None = None

    def add(self, item: Recorded) -> None:
        self._items.append(item)

    def with_stand_ins(self) -> list[Recorded]:
        """Those in whose requests something is masked that no name tells of."""
        if self._with_stand_ins is None:
            repeated = [item for item in self._in_order() if not REPEATED.isdisjoint(item.exchange.redacted)]
            self._with_stand_ins = repeated
        return self._with_stand_ins

    def equals(self, key: Hashable, key_of: Callable[[Recorded], Hashable]) -> deque[Recorded]:
        """Those of which *key_of* says *key*, in their order."""
        keyed = self._keyed.get(key_of)
        if keyed is None:
            keyed = self._keyed[key_of] = {}
            for item in self._in_order():
                keyed.setdefault(key_of(item), deque()).append(item)
        return keyed.get(key, deque())

    def _in_order(self) -> list[Recorded]:
        if not self._sorted:
            self._items.sort(key=lambda item: item.started)
            self._sorted = True
        return self._items
