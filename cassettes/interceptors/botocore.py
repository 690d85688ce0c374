"""botocore, and so boto3: its connections are urllib3's, and intercepted there; here is what it makes of our errors.

`URLLib3Session.send` (public, since botocore 1.11, 2018) wraps what it does not know into an ``HTTPClientError``, and
tries again after that, with pauses. What a cassette or a blocked network says is true of the next attempt as well: it
is raised as it is, and at once.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from cassettes.errors import CassetteError

if TYPE_CHECKING:
    from types import ModuleType


def install(library: ModuleType) -> None:
    """Let our errors through ``botocore.httpsession`` from now on."""
    session = library.URLLib3Session
    original = session.send

    @functools.wraps(original)
    def send(self: Any, request: Any) -> Any:  # noqa: ANN401  botocore's
        __tracebackhide__ = True
        try:
            return original(self, request)
        except library.HTTPClientError as error:
            if isinstance(error.__context__, CassetteError):
                raise error.__context__ from None
            raise

    session.send = send
