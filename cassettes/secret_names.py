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

_ANYWHERE: Final = re.compile(
    "password|passwd|passphrase|passcode|secret(?!ar)|apikey|privatekey|csrf|xsrf|phpsessid|aspsessionid"
)
_ABOUT: Final = re.compile(
    "(?:expires(?:at|in|on)?|expiry|expiration|(?:changed|created|modified|rotated|set|updated)(?:at|on)|date|time"
    "|policy|length|count|type|enabled|required|strength|version|algorithm|scanning[a-z]*|name|arn|refs?|pullsecrets)$"
)
"""What tells something of a secret, and is none: when a password was changed, how long it has to be."""
_AT_THE_END: Final = re.compile(
    "(?:token|jwt|jwtassertion|auth|authorization|cookies?|credentials?|signature|hmac(?:sha)?|connectionstring|mnemonic(?:phrase)?"
    "|session|sessionid|sessionkey|sessid|connectsid"
    "|(?:access|account|admin|app|application|auth|consumer|decryption|device|encryption|functions"
    "|instrumentation|integration|licen[cs]e|master|merchant|server|service|shared|signing|storage|subscription|webhook"
    "|write)key|accesskeyid|sharedaccesskey"
    "|(?:auth|backup|device|login|mfa|onetime|otp|recovery|scratch|security|sms|totp|twofactor|verification|2fa)codes?"
    "|codeverifier|oauthverifier|clientassertion|samlresponse|samlassertion|securityanswer|seedphrase|recoveryphrase"
    "|(?:admin|become|bind|db|ftp|http|imap|ldap|login|mail|mysql|proxy|redis|root|smtp|ssh|sudo|user)pass|pwd|psk"
    "|otp|cvv|cvc|cardverificationvalue|ssn|socialsecuritynumber|cardnumber|ccnumber|authpin)$"
)
_WHOLE: Final = frozenset(
    {
        "pass",
        "pwd",
        "sig",
        "bearer",
        "authorizationcode",
        "dockerconfigjson",
        "kubeconfig",
        "xmsauthorizationauxiliary",
        "xpin",
    }
)
_PERHAPS: Final = frozenset({"key", "code", "sid", "sign", "assertion", "appid", "passkey"})
_IN_DIGITS: Final = frozenset({"pin", "pan"})
_NO_SECRETS: Final = re.compile(
    "(?:next|page|paging|pagination|continuation|resume|sync|marker|cursor|delta|skip|scroll|offset"
    "|start|stop|end|bos|eos|pad|unk|sep|cls|mask)token$|^accesscontrolallowcredentials$|^oauth$"
)
"""Tokens that say where a listing goes on: all requests for a further page would be the same without them. Those that
language models have. CORS' word for whether credentials may be sent: a browser, or a test, that reads it needs its
``true``. And what is told of a protocol."""
_DOUBTFUL: Final = re.compile(
    "(?<!public)(?<!idempotency)(?<!websocket)(?<!cache)(?<!partition)(?<!publishable)key(?!word)|token|auth(?!or)|cred"
    "|passw|pwd|sess|signature|webhook|licen[cs]e|salt|otp$"
)
_LABEL: Final = re.compile("(?:name|key|field|header|param|parameter|attribute|variable)$")
_NO_LETTER_OR_DIGIT: Final = re.compile("[^a-z0-9]+")
_STEMS: Final = (
    *(
        b"pass",
        b"secret",
        b"key",
        b"srf",
        b"sess",
        b"token",
        b"jwt",
        b"auth",
        b"cookie",
        b"credential",
        b"sig",
        b"hmac",
    ),
    *(b"connectionstring", b"mnemonic", b"code", b"assertion", b"saml", b"answer", b"phrase", b"otp", b"cvv"),
    *(
        b"cvc",
        b"cardverification",
        b"ssn",
        b"socialsecurity",
        b"cardnumber",
        b"ccnumber",
        b"pwd",
        b"bearer",
        b"dockerconfig",
    ),
    *(b"kubeconfig", b"pin", b"pan", b"sid", b"psk", b"appid"),
)
"""One of these is in each name that the lists above have."""
_BORDER: Final = 0x0A
_LETTERS: Final = bytes(
    ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else _BORDER for code in range(256)
)
_SEPARATORS: Final = b"_-.$[]()" + bytes(range(128, 256))
_LONGEST: Final = 100
_ESCAPED_LETTER: Final = re.compile(rb"\\u00[4-7]|%[46-7][1-9a-fA-F]|%[57][0-9aA]")


class Kind(enum.Enum):
    """What a name stands before."""

    SECRET = enum.auto()
    SEVERAL = enum.auto()
    """Several, if they look like secrets: "tokens"."""
    PERHAPS = enum.auto()
    """A secret if it looks like one, in a query or form: a key for an interface, a code of OAuth."""
    DIGITS = enum.auto()
    """A secret if it is four digits or more: "pin", of which smaller ones are of plugs."""
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
        octets = [name.encode("utf-8", "replace") for name in self._more]
        self._stems = (*_STEMS, *[name for name in octets if not any(stem in name for stem in _STEMS)])
        self._judged = lru_cache(4096)(self._judge)
        self.kind = lru_cache(4096)(self._kind)
        """Tells the `Kind` of a name given as octets."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._judged(name)

    def may_be_in(self, text: bytes) -> bool:
        """Tell whether a name may stand in *text* that stands before a secret: far quicker than looking for it."""
        plain = text.translate(_LETTERS, _SEPARATORS + b" ")
        stems = [stem for stem in self._stems if stem in plain]
        if stems:
            no_secrets = {Kind.OTHER, Kind.LABEL} if b"=" in text else {Kind.OTHER, Kind.LABEL, Kind.PERHAPS}
            words = {*plain.split(), *text.translate(_LETTERS, _SEPARATORS).split()}
            for stem in stems:
                if any(stem in word and len(word) <= _LONGEST and self.kind(word) not in no_secrets for word in words):
                    return True
        return (b"\\u00" in text or b"%" in text) and _ESCAPED_LETTER.search(text) is not None

    def keeps(self, name: str) -> bool:
        """Tell whether *name* was said to stand before no secret."""
        return _plain(name) in self._keep

    def is_doubtful(self, octets: bytes) -> bool:
        """Tell whether a name given as octets, that stands before no secret, may yet: it speaks of keys, or tokens."""
        plain = _plain(octets.decode("utf-8", "replace"))
        return plain not in self._keep and _DOUBTFUL.search(plain) is not None and _NO_SECRETS.search(plain) is None

    def _judge(self, name: str) -> bool:
        plain = _plain(name)
        if plain in self._keep:
            return False
        if plain in self._more:
            return True
        plain = plain.rstrip("0123456789")
        if plain in _WHOLE:
            return True
        if _ANYWHERE.search(plain):
            return _ABOUT.search(plain) is None
        return _AT_THE_END.search(plain) is not None and _NO_SECRETS.search(plain) is None

    def _kind(self, octets: bytes) -> Kind:
        name = octets.decode("utf-8", "replace")
        if name in self:
            return Kind.SECRET
        plain = _plain(name)
        if plain in _PERHAPS and plain not in self._keep:
            return Kind.PERHAPS
        if plain in _IN_DIGITS and plain not in self._keep:
            return Kind.DIGITS
        if plain[-1:] == "s" and plain not in self._keep and plain[:-1] in self:
            return Kind.SEVERAL
        return Kind.LABEL if _LABEL.search(plain) else Kind.OTHER


def _plain(name: str) -> str:
    """*name* in lower-case letters and digits alone; a name of nothing else stays what it is."""
    lowered = name.lower()
    return _NO_LETTER_OR_DIGIT.sub("", lowered) or lowered
