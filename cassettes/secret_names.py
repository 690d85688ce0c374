"""Which names stand before secrets: of header fields, query parameters, form fields, members and elements.

Law: names only; a value is never looked at here, but a name may be said to stand before one that looks like a secret. A
name is judged without its case and its separators, so that ``api_key``, ``apiKey``, ``API-Key`` and ``user[api_key]``
are one. A name too many makes different requests look equal in a replay and changes answers, a name too few puts a
secret on disk: the lists are for the second to be rare, and `SecretNames` takes more names, and names to keep, for what
a project knows better.
"""

from __future__ import annotations

import enum
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
_PERHAPS: Final = frozenset({"key", "code"})
_NO_SECRETS: Final = re.compile(
    "(?:next|page|continuation|sync|marker|cursor|delta|skip)token$|^accesscontrolallowcredentials$"
)
"""Tokens that say where a listing goes on: all requests for a further page would be the same without them. And CORS'
word for whether credentials may be sent: a browser, or a test, that reads it needs its ``true``."""
_LABEL: Final = re.compile("(?:name|key|field|header|param|parameter|attribute|variable)$")
_NO_LETTER_OR_DIGIT: Final = re.compile("[^a-z0-9]+")
_STEMS: Final = (
    *(b"pass", b"secret", b"key", b"srf", b"token", b"jwt", b"auth", b"cookie", b"credential", b"sig", b"sess"),
    *(b"code", b"saml", b"assertion", b"pwd", b"otp", b"bearer"),
)
"""One of these is in each name that the lists above take for secret."""
_LOWER: Final = bytes(range(256)).lower()
_SEPARATORS: Final = bytes(octet for octet in range(128) if not chr(octet).isalnum())
_USUAL_SEPARATORS: Final = b"-_.$[]"
_ESCAPED_LETTER: Final = re.compile(rb"\\u00[4-7]|%[46-7][1-9a-fA-F]|%[57][0-9aA]")


class Kind(enum.Enum):
    """What a name stands before."""

    SECRET = enum.auto()
    SEVERAL = enum.auto()
    """Several, if they look like secrets: "tokens"."""
    PERHAPS = enum.auto()
    """A secret if it looks like one, in a query or form: a key for an interface, a code of OAuth."""
    LABEL = enum.auto()
    """A name, which may be that of a secret: {"name": "password", "value": "..."}."""
    OTHER = enum.auto()


class SecretNames:
    """Tells which names stand before secrets: ``name in names``.

    *more* are names that are secret too, *keep* are names that are not, whatever else is said of them.
    """

    def __init__(self, more: Iterable[str] = (), keep: Iterable[str] = ()) -> None:
        self._more = frozenset(map(_plain, more))
        self._keep = frozenset(map(_plain, keep))
        more_octets = [name.encode("utf-8", "replace") for name in self._more]
        self._odd = tuple([name for name in more_octets if not any(stem in name for stem in _STEMS)])
        self._judged = lru_cache(4096)(self._judge)
        self.kind = lru_cache(4096)(self._kind)
        """Tells the `Kind` of a name given as octets."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._judged(name)

    def may_be_in(self, text: bytes) -> bool:
        """Tell whether a name may stand in *text* that stands before a secret: far quicker than looking for it."""
        plain = text.translate(_LOWER, _USUAL_SEPARATORS)
        for stem in _STEMS:
            if stem in plain:
                return True
        if (b"\\u00" in text or b"%" in text) and _ESCAPED_LETTER.search(text):
            return True
        plain = text.translate(_LOWER, _SEPARATORS) if self._odd else b""
        return any(name in plain for name in self._odd)

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

    def _kind(self, octets: bytes) -> Kind:
        name = octets.decode("utf-8", "replace")
        if name in self:
            return Kind.SECRET
        plain = _plain(name)
        if plain in _PERHAPS and plain not in self._keep:
            return Kind.PERHAPS
        if plain[-1:] == "s" and plain not in self._keep and plain[:-1] in self:
            return Kind.SEVERAL
        return Kind.LABEL if _LABEL.search(plain) else Kind.OTHER


def _plain(name: str) -> str:
    """*name* in lower-case letters and digits alone; a name of nothing else stays what it is."""
    lowered = name.lower()
    return _NO_LETTER_OR_DIGIT.sub("", lowered) or lowered
