"""pytest-httpserver's further words: comparing headers and queries by objects, hooks, defaults for expectations.

Law: for those who come from there; each word means what it means there (its documentation, version 1.2), and is made of
ours. What needs no word of its own (`FakeServer`, `RequestMatcher`) is not repeated here.
"""

from __future__ import annotations

import abc
import random
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import parse_qsl

from werkzeug.datastructures import Authorization, MultiDict

from .vocabulary import Criteria

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug import Request, Response

    from .expectation import Expectation
    from .server import FakeServer
    from .wsgi import Hook


class HeaderValueMatcher:
    """Compares field values, each by the function that *matchers* has for its name: see ``header_value_matcher=``."""

    DEFAULT_MATCHERS: ClassVar[Mapping[str, Callable[[str | None, str], bool]]] = {}

    def __init__(self, matchers: Mapping[str, Callable[[str | None, str], bool]] | None = None) -> None:
        self.matchers = self.DEFAULT_MATCHERS if matchers is None else matchers

    @staticmethod
    def authorization_header_value_matcher(actual: str | None, expected: str) -> bool:
        """Compare credentials by what they mean."""
        return Authorization.from_header(actual) == Authorization.from_header(expected)

    @staticmethod
    def default_header_value_matcher(actual: str | None, expected: str) -> bool:
        """Compare values as they stand."""
        return actual == expected

    def __call__(self, name: str, actual: str | None, expected: str) -> bool:
        """Tell whether the values agree. Raises KeyError for a name that *matchers* does not have."""
        return self.matchers[name](actual, expected)


HeaderValueMatcher.DEFAULT_MATCHERS = defaultdict(
    lambda: HeaderValueMatcher.default_header_value_matcher,
    {"Authorization": HeaderValueMatcher.authorization_header_value_matcher},
)


class URIPattern(abc.ABC):
    """What may be given as a path: says which paths it matches."""

    @abc.abstractmethod
    def match(self, uri: str) -> bool:
        """Tell whether *uri*, a path, is meant."""


class QueryMatcher(abc.ABC):
    """What may be given as a query: two values are compared, of which one is made of the query."""

    def match(self, request_query_string: bytes) -> bool:
        """Tell whether they are the same."""
        got, expected = self.get_comparing_values(request_query_string)
        return bool(got == expected)

    @abc.abstractmethod
    def get_comparing_values(self, request_query_string: bytes) -> tuple[Any, Any]:
        """Return the two."""


class StringQueryMatcher(QueryMatcher):
    """The query as it was sent."""

    def __init__(self, query_string: bytes | str) -> None:
        if not isinstance(query_string, str | bytes):
            raise TypeError(f"expected a query as str or bytes, got {query_string!r}")
        self.query_string = query_string

    def get_comparing_values(self, request_query_string: bytes) -> tuple[bytes, bytes]:
        """Return the octets of both."""
        expected = self.query_string
        return request_query_string, expected.encode() if isinstance(expected, str) else expected


class MappingQueryMatcher(QueryMatcher):
    """The query's parameters: the first value of each, or with a MultiDict all of them."""

    def __init__(self, query_dict: Mapping[str, str] | MultiDict[str, str]) -> None:
        self.query_dict = query_dict

    def get_comparing_values(self, request_query_string: bytes) -> tuple[Any, Any]:
        """Return the parameters of both."""
        query = MultiDict(parse_qsl(request_query_string.decode(), keep_blank_values=True))
        if isinstance(self.query_dict, MultiDict):
            return query, self.query_dict
        return query.to_dict(), dict(self.query_dict)


class BooleanQueryMatcher(QueryMatcher):
    """Any query, or none."""

    def __init__(self, result: bool) -> None:  # noqa: FBT001  as it is there
        self.result = result

    def get_comparing_values(self, request_query_string: bytes) -> tuple[bool, bool]:  # noqa: ARG002  any
        """Return what is the same, or is not."""
        return True, self.result


class Chain:
    """Hooks, one after the other: see `Expectation.with_post_hook`."""

    def __init__(self, *hooks: Hook) -> None:
        self._hooks = hooks

    def __call__(self, request: Request, response: Response) -> Response:
        """Let each change what the one before it returned."""
        for hook in self._hooks:
            response = hook(request, response)
        return response


class Delay:
    """A hook that lets the answer wait for some *seconds*. `faults.Pause` does not keep the server from stopping."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def _sleep(self) -> None:
        time.sleep(self._seconds)

    def __call__(self, _: Request, response: Response) -> Response:
        """Wait."""
        self._sleep()
        return response


class Garbage:
    """A hook that puts random octets round the content. `faults.Insert` puts known ones anywhere."""

    def __init__(self, prefix_size: int = 0, suffix_size: int = 0) -> None:
        for name, size in (("prefix_size", prefix_size), ("suffix_size", suffix_size)):
            if size < 0:
                raise AssertionError(f"{name} should be positive integer, got {size}")
        self._sizes = prefix_size, suffix_size

    def __call__(self, _: Request, response: Response) -> Response:
        """Add them."""
        before, after = map(random.randbytes, self._sizes)
        response.set_data(before + response.get_data() + after)
        return response


class Defaults(Criteria, total=False):
    """What `FakeServer.bake` may be given."""

    method: str
    data: str | bytes | None


class Baked:
    """A server, and what its expectations have where they say nothing else: see `FakeServer.bake`."""

    def __init__(self, server: FakeServer, **defaults: Any) -> None:  # noqa: ANN401  see Criteria
        self._server = server
        self._defaults = defaults
        self._depth = 0
        self._started = False

    def bake(self, **defaults: Any) -> Self:  # noqa: ANN401  see Criteria
        """Return the same with more defaults."""
        return type(self)(self._server, **self._defaults | defaults)

    def expect_request(self, uri: Any, **criteria: Any) -> Expectation:  # noqa: ANN401  see RequestMatcher
        """Expect any number of requests."""
        return self._server.expect_request(uri, **self._defaults | criteria)

    def expect_oneshot_request(self, uri: Any, **criteria: Any) -> Expectation:  # noqa: ANN401
        """Expect one request."""
        return self._server.expect_oneshot_request(uri, **self._defaults | criteria)

    def expect_ordered_request(self, uri: Any, **criteria: Any) -> Expectation:  # noqa: ANN401
        """Expect one request in its order."""
        return self._server.expect_ordered_request(uri, **self._defaults | criteria)

    def expect(self, uri: Any, **criteria: Any) -> Expectation:  # noqa: ANN401
        """Expect requests, at least one."""
        return self._server.expect(uri, **self._defaults | criteria)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  the server's
        return getattr(self._server, name)

    def __enter__(self) -> Self:
        if self._depth == 0 and not self._server.is_running():
            self._server.start()
            self._started = True
        self._depth += 1
        return self

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0 and self._started:
            self._server.stop()
            self._started = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} defaults={self._defaults!r} server={self._server!r}>"
