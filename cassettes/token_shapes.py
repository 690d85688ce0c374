"""Secrets that give themselves away: tokens that begin as those of a service do, and the URLs of webhooks.

Law: octets in, places out; shapes only. A shape is here if its service has made it unmistakable, as most have, so that
a token that leaks can be found by anybody; what merely looks random is none. A shape fits a stand-in that keeps its
beginning as well as the token: what is masked in a recording is masked in its replay.

The shapes are told by the services' documentation, and by the rules of gitleaks and of GitHub's secret scanning.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TOKENS: Final = (
    # the service, how the token begins, what follows
    ("GitHub", "ghp_ gho_ ghu_ ghs_ ghr_", rb"[A-Za-z0-9]{20,}"),
    ("GitHub", "github_pat_", rb"\w{20,}"),
    ("GitLab", "glpat- gldt- glrt- glcbt- glptt- glft- glsoat- glagent- gloas-", rb"[\w.-]{20,}"),
    ("Stripe", "sk_live_ sk_test_ rk_live_ rk_test_ whsec_", rb"[A-Za-z0-9]{10,}"),
    ("Slack", "xoxb- xoxp- xoxa- xoxo- xoxr- xoxs- xoxe- xoxe. xoxc- xoxd- xapp-", rb"[\w.%-]{11,}"),
    ("Google", "AIza ya29. GOCSPX- 1//0", rb"[\w-]{20,}"),
    ("Amazon", "AKIA ASIA", rb"(?:[A-Z0-9]{16}|x{16})(?![A-Za-z0-9])"),
    ("OpenAI", "sk-", rb"(?:(?=[A-Za-z_-]{0,40}[0-9])[\w-]{20,}|[x_-]{20,})"),  # as others do; words begin so, too
    ("JWT", "eyJ", rb"[\w-]{13,}(?:\.[\w-]*){2,4}"),  # {" in base64, and parts with dots between (RFC 7515, 7516)
    ("npm", "npm_", rb"[A-Za-z0-9]{30,}"),
    ("PyPI", "pypi-", rb"[\w-]{20,}"),
    ("RubyGems", "rubygems_", rb"[A-Za-z0-9]{40,}"),
    ("Docker", "dckr_pat_ dckr_oat_", rb"[\w-]{20,}"),
    ("Vault", "hvs. hvb. hvr.", rb"[\w-]{20,}"),
    ("SendGrid", "SG.", rb"[\w-]{10,}\.[\w-]{20,}"),
    ("Twilio", "SK", rb"[0-9a-fx]{32}(?![A-Za-z0-9])"),
    ("Mailgun", "key-", rb"[0-9a-fx]{32}(?![A-Za-z0-9])"),
    ("Shopify", "shpat_ shpca_ shppa_ shpss_", rb"[A-Za-z0-9]{20,}"),
    ("Square", "sq0atp- sq0csp-", rb"[\w-]{20,}"),
    ("Facebook", "EAA", rb"[A-Za-z0-9]{100,}"),
    ("Hugging Face", "hf_", rb"[A-Za-z0-9]{30,}"),
    ("Groq", "gsk_", rb"[A-Za-z0-9]{40,}"),
    ("NVIDIA", "nvapi-", rb"[\w-]{40,}"),
    ("Replicate", "r8_", rb"[A-Za-z0-9]{30,}"),
    ("DigitalOcean", "dop_v1_ doo_v1_ dor_v1_", rb"[A-Za-z0-9]{40,}"),
    ("Supabase", "sbp_ sb_secret_", rb"\w{30,}"),
    ("PlanetScale", "pscale_tkn_ pscale_pw_ pscale_oauth_", rb"[\w.-]{30,}"),
    ("Linear", "lin_api_", rb"[A-Za-z0-9]{30,}"),
    ("Notion", "ntn_", rb"[A-Za-z0-9]{40,}"),
    ("Figma", "figd_", rb"[\w-]{30,}"),
    ("Postman", "PMAK-", rb"[\w-]{40,}"),
    ("Grafana", "glsa_ glc_", rb"[A-Za-z0-9]{30,}\w*"),
    ("Sentry", "sntrys_ sntryu_", rb"[A-Za-z0-9]{20,}[\w+/=]*"),
    ("New Relic", "NRAK-", rb"[A-Za-z0-9]{20,}"),
    ("Doppler", "dp.pt. dp.st. dp.ct. dp.sa.", rb"[\w.-]{30,}"),
    ("Atlassian", "ATATT3 ATCTT3", rb"[\w-]{30,}[=\w]*"),
    ("Tailscale", "tskey-auth- tskey-api- tskey-client-", rb"[\w-]{20,}"),
    ("Contentful", "CFPAT-", rb"[\w-]{40,}"),
    ("age", "AGE-SECRET-KEY-1", rb"[A-Z0-9x]{40,}"),
)
_HOOKS: Final = (
    # the service, a beginning that is no secret, what follows; JSON may have a backslash before each slash
    ("Slack", "/services", rb"\\?/T[A-Z0-9]+\\?/B[A-Z0-9]+\\?/", rb"[A-Za-z0-9]{16,}"),
    ("Discord", "/webhooks", rb"\\?/[0-9]{15,}\\?/", rb"[\w-]{40,}"),
    ("Teams", "/IncomingWebhook", rb"\\?/[0-9a-f]{32}\\?/", rb"[\w-]{30,}"),
    ("Telegram", "/bot", rb"[0-9]{5,}(?::|%3[Aa])", rb"[\w-]{20,}"),
)
_SERVICES: Final = tuple([service for service, *_ in (*_TOKENS, *_HOOKS)])


def _any_of(beginnings: str) -> bytes:
    return b"|".join([re.escape(beginning.encode()) for beginning in beginnings.split()])


def _one_of(beginnings: Iterable[bytes]) -> bytes:
    """An expression for any of *beginnings*: their first octets tell most texts from those that have one."""
    rests: dict[bytes, list[bytes]] = {}
    for beginning in beginnings:
        rests.setdefault(beginning[:1], []).append(re.escape(beginning[1:]))
    return b"|".join([rb"%s(?:%s)" % (re.escape(first), b"|".join(more)) for first, more in rests.items()])


SHORTEST: Final = 16
"""Octets of a token, in one word of letters, digits, hyphens."""
may_have_tokens: Final = re.compile(rb"\b[A-Za-z0-9_-]{%d}" % SHORTEST).search
"""Tells whether it is worth while to look for tokens in a text: most are let off at once."""
_WORDS: Final = bytes(0x61 if (chr(code).isalnum() and code < 128) or code in b"_-" else 0x20 for code in range(256))
_LONG_WORD: Final = b"a" * SHORTEST
_BEFORE: Final = 64
_LONGEST_WORD: Final = 1024
_BEGINNING: Final = re.compile(
    _one_of(beginning.encode() for _, beginnings, *_ in (*_TOKENS, *_HOOKS) for beginning in beginnings.split())
)
_IN_A_WORD: Final = re.compile(rb"\w\Z")
_AFTER_ESCAPE: Final = re.compile(rb"(?:%[0-9A-Fa-f]{2}|\\[nrtbf]|\\u[0-9A-Fa-f]{4})\Z")


@functools.cache
def _token() -> re.Pattern[bytes]:
    """Each token as a whole; its group is the beginning. Compiling takes its time, and is seldom needed."""
    return re.compile(b"|".join([rb"(%s)%s" % (_any_of(beginnings), rest) for _, beginnings, rest in _TOKENS]))


@functools.cache
def _hook() -> re.Pattern[bytes]:
    """Each URL of a webhook; its group is what is public of it."""
    return re.compile(b"|".join([rb"(%s%s)%s" % (_any_of(name), more, rest) for _, name, more, rest in _HOOKS]))


class Token(NamedTuple):
    """Where in a text a token stands, from *start* to *end*, and whose it is."""

    start: int
    end: int
    service: str


def tokens_in(text: bytes, *, is_text: bool = True) -> Iterator[Token]:
    """Find the tokens in *text*: of the URL of a webhook, what follows its public part.

    In what *is_text* a token stands for itself: ``sk-`` begins none in ``risk-``. Among octets anything may come before
    it, such as its length.
    """
    position = 0
    while begin := _BEGINNING.search(text, position):
        start = begin.start()
        position = start + 1
        if is_text and not _stands_for_itself(text, start):
            continue
        first = 0
        found = _token().match(text, start)
        if found is None:
            found = _hook().match(text, start)
            if found is None:
                continue
            first, start = len(_TOKENS), found.end(found.lastindex or 0)
        position = found.end()
        yield Token(start, position, _SERVICES[first + (found.lastindex or 1) - 1])


def may_hold_tokens(text: bytes) -> bool:
    """Tell whether there are tokens in *text*, as `tokens_in` finds them; quick where few words are long."""
    words = text.translate(_WORDS)
    position = 0
    while (start := words.find(_LONG_WORD, position)) >= 0:
        end = words.find(b" ", start)
        end = position = len(text) if end < 0 else end
        # A word without an end is data; in it a token stands for itself where it begins, or after a hyphen.
        long = end - start > _LONGEST_WORD and b"-" not in text[start:end]
        part = text[max(start - _BEFORE, 0) : start + _LONGEST_WORD if long else end + _BEFORE]
        if any(True for _ in tokens_in(part)):
            return True
    return False


def beginning_of(token: bytes) -> int:
    """Return how many octets of *token* say no more than whose it is; 0 for what has no such shape."""
    if len(token) < SHORTEST or _BEGINNING.match(token) is None:
        return 0
    found = _token().match(token)
    return found.end(found.lastindex or 0) if found else 0


def _stands_for_itself(text: bytes, start: int) -> bool:
    """Tell whether a word begins at *start*, or a path; JWTs, whose words are long, begin at no hyphen either."""
    before = text[max(start - 6, 0) : start]
    if text.startswith(b"/", start) or not _IN_A_WORD.search(before):
        return not (before.endswith(b"-") and text.startswith(b"eyJ", start))
    return _AFTER_ESCAPE.search(before) is not None
