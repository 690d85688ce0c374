"""Which names stand before secrets: of header fields, query parameters, form fields, members and elements.

Law: names only; a value is never looked at here. A name is judged without its case and its separators, so that
``api_key``, ``apiKey``, ``API-Key`` and ``user[api_key]`` are one. A name too many makes different requests look equal
in a replay and changes answers, a name too few puts a secret on disk: the lists are for the second to be rare, and
`SecretNames` takes more names, and names to keep, for what a project knows better.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_ANYWHERE: Final = re.compile("password|passwd|passphrase|passcode|secret|apikey|privatekey|csrf|xsrf")
_AT_THE_END: Final = re.compile(
    "(?:token|jwt|auth|authorization|authkey|cookies?|credentials?|signature|session|sessionid|sessionkey|sessid"
    "|accesskey|accesskeyid|accountkey|sharedkey|masterkey|signingkey|encryptionkey|subscriptionkey|functionskey"
    "|applicationkey|appkey|devicecode|codeverifier|clientassertion|samlresponse|samlassertion|onetimecode)$"
)
_WHOLE: Final = frozenset({"pass", "pwd", "sig", "otp", "totp", "bearer", "authorizationcode"})
_NO_SECRETS: Final = re.compile(
    "(?:next|page|continuation|sync|marker|cursor|delta|skip)token$|^accesscontrolallowcredentials$"
)
"""Tokens that say where a listing goes on: all requests for a further page would be the same without them. And CORS'
word for whether credentials may be sent: a browser, or a test, that reads it needs its ``true``."""
_NO_LETTER_OR_DIGIT: Final = re.compile("[^a-z0-9]+")


class SecretNames:
    """Tells which names stand before secrets: ``name in names``.

    *more* are names that are secret too, *keep* are names that are not, whatever else is said of them.
    """

    def __init__(self, more: Iterable[str] = (), keep: Iterable[str] = ()) -> None:
        self._more = frozenset(map(_plain, more))
        self._keep = frozenset(map(_plain, keep))
        self._judged = lru_cache(4096)(self._judge)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._judged(name)

    def _judge(self, name: str) -> bool:
        plain = _plain(name)
        if plain in self._keep:
            return False
        if plain in self._more:
            return True
        plain = plain.rstrip("0123456789")
        if plain in _WHOLE or _ANYWHERE.search(plain):
            return True
        return _AT_THE_END.search(plain) is not None and _NO_SECRETS.search(plain) is None


def _plain(name: str) -> str:
    """*name* in lower-case letters and digits alone; a name of nothing else stays what it is."""
    lowered = name.lower()
    return _NO_LETTER_OR_DIGIT.sub("", lowered) or lowered
