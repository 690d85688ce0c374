"""Redaction: exchanges without their secrets, for the file; and requests without them, for comparing.

Law: pure functions of values. `redact` gives the secret's place to a stand-in of its shape, and names the place; what
the client sent and received is never touched. `for_matching` gives each of the same places one fixed stand-in, so that
two requests that differ in secrets alone are equal, and so are a request and its redacted recording.

Method and origin are no places of secrets, since exchanges are found by them; a path is one only for tokens that nobody
can take for anything else. Which names stand before secrets is for `secret_names` to say, which values show themselves
for `token_shapes`, where they are found in heads for `field_masking`, in bodies for `body_masking`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from httplib_sim import wire

from .body_masking import codings_of, is_clean_body, mask_body
from .coded_masking import Purpose, masked_stream_for
from .exchange import End, Exchange, Request, Response
from .field_masking import mask_fields, mask_lines, mask_repeated, mask_repeated_in_target, mask_target
from .large_body import MOST_BY_MEANING, LargeBody, as_held, as_large, content_size
from .large_masking import MaskedContent, Stream, mask_large
from .masking import Clean, Masking
from .secret_names import SecretNames
from .stand_ins import FIXED, SHAPED, StandIns
from .text_masking import mask_text
from .token_shapes import SHORTEST, may_have_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    r"""What is redacted beside the defaults, and what is not.

    *headers* are names of fields whose values are secret, *names* are names of parameters of queries, fields of forms,
    members of JSON, and so on; both in any case, with any separators. *keep* are names that are no secrets although the
    defaults take them for some, or services whose tokens are kept, such as "JWT". *patterns* are regular expressions
    with one group, the secret, for field values, queries and content: `r"account-(\w+)"`. They must match with ``x`` in
    the place of letters and digits too. *functions* are for all else: each takes an exchange and returns it changed,
    without touching method, origin or path of its request. It must be deterministic, change nothing when it is called
    again on what it returned, and be content with an exchange that has no response: that is what a request is matched
    as.

    Raises `TypeError` for a text where there should be a tuple of texts, `ValueError` for a pattern that is none.
    """

    headers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    functions: tuple[Callable[[Exchange], Exchange], ...] = ()

    def __post_init__(self) -> None:
        for option in ("headers", "names", "keep", "patterns", "functions"):
            value = getattr(self, option)
            if isinstance(value, str) or callable(value):
                raise TypeError(f"expected {option} to be several in a tuple, got one alone: {option}=({value!r},)")
            object.__setattr__(self, option, tuple(value))
        for pattern in self.patterns:
            _compiled(pattern)


DEFAULT: Final = Redaction()
"""The rules where nothing else is said; and what other rules add to."""


_PLAIN_PATH: Final = re.compile(r"/[/A-Za-z0-9_.~-]*")
"""A target that is a path and no more, and in which nothing is written otherwise than it is."""
_USUAL_REASONS: Final = frozenset({"OK", "Created", "No Content", "Not Found", ""})
_HEADERS: Final = ("Authentication", "X-Authentication", "Fastly-Key", "X-Honeycomb-Team", "X-Key")
"""Names that are secret as names of fields, and that the names of secrets elsewhere do not cover."""


def redact(exchange: Exchange, rules: Redaction = DEFAULT, stand_ins: StandIns = SHAPED) -> Exchange:
    """Return *exchange* with *stand_ins* in the place of secrets, and with the names of those places in ``redacted``.

    `FIXED` stand-ins are for comparing two exchanges, each with secrets of its own.
    """
    masking = _masking(rules, stand_ins)
    if not rules.functions and _is_known_as_clean(exchange, masking):
        return exchange
    request = _masked_request(exchange.request, masking)
    known, masking.where = len(masking.echoes), "response"
    response = _masked_response(exchange.response, masking)
    received = masking.repeated(mask_lines(exchange.received, masking), "header") if exchange.received else b""
    end = _masked_end(exchange.end, masking)
    if len(masking.echoes) > known:  # a login answers with a token that others repeat
        masking.where = "request"
        request = _masked_request(request, masking)
    changed = exchange
    if masking.found or request is not exchange.request or response is not exchange.response:
        changed = replace(
            exchange,
            request=request,
            response=response,
            received=received,
            end=end,
            redacted=tuple(dict.fromkeys([*exchange.redacted, *masking.found])),
        )
    for function in rules.functions:
        changed = function(changed)
    return changed


def _is_known_as_clean(exchange: Exchange, masking: Masking) -> bool:
    """Tell whether all that *exchange* has was in others, and had no secret there; False if in doubt.

    An ordinary one: its path is plain, its status line the usual one, its bodies came whole.
    """
    response = exchange.response
    if response is None or exchange.received or exchange.end.detail:
        return False
    sent, answer = exchange.request.message, response.message
    lines, (path, mark, query) = masking.clean_lines, sent.head.target.partition("?")
    return (
        not answer.interim
        and answer.head.reason in _USUAL_REASONS
        and sent.head.fields.octets in lines
        and answer.head.fields.octets in lines
        and _PLAIN_PATH.fullmatch(path) is not None
        and (len(path) <= SHORTEST or may_have_tokens(path.encode("ascii")) is None)
        and (not mark or f"?{query}".encode("latin-1") in lines)
        and is_clean_body(sent.body, sent.head.fields, masking)
        and is_clean_body(answer.body, answer.head.fields, masking)
    )


def for_matching(request: Request, rules: Redaction = DEFAULT) -> Request:
    """Return *request* with the same stand-in in the place of each secret, for comparing it with others."""
    head, body = request.message.head, request.message.body
    if content_size(body) > MOST_BY_MEANING:
        large = as_large(body)
        source = MaskedContent(large.source, lambda: masked_stream(head, None, rules, Purpose.DECODED))
        without = replace(request, message=replace(request.message, body=wire.Body(complete=body.complete)))
        masked = _masked_request(without, _masking(rules, FIXED))
        masked = replace(masked, message=replace(masked.message, body=large.with_source(source)))
    else:
        held = replace(request, message=replace(request.message, body=as_held(body)))
        masked = _masked_request(held if body is not held.message.body else request, _masking(rules, FIXED))
    for function in rules.functions:
        masked = function(Exchange(request=masked)).request
    return masked


def masked_stream(
    request: wire.RequestHead | None,
    response: wire.ResponseHead | None,
    rules: Redaction = DEFAULT,
    purpose: Purpose = Purpose.AS_IT_IS,
    *,
    sent: wire.Body | None = None,
) -> Stream:
    """Return what masks the content of a large body while it comes: that of *response*, or else of *request*.

    What the heads give away is known from the beginning, and what the body that was *sent* does.
    """
    masking = _masking(rules, SHAPED)
    fields = wire.Fields()
    if request is not None:
        fields = request.fields
        mask_fields(fields, masking)
        mask_target(request.target, masking)
    if sent is not None:
        _masked_body(sent, fields, masking)
    if response is not None:
        fields, masking.where = response.fields, "response"
        mask_fields(fields, masking)
    return masked_stream_for(codings_of(fields), fields, masking, purpose)


def masking(rules: Redaction = DEFAULT) -> Masking:
    """Return what masks a value that is no part of an exchange as `for_matching` would if it were one."""
    return _masking(rules, FIXED)


def names_of(rules: Redaction = DEFAULT) -> SecretNames:
    """Return which names stand before secrets by *rules*."""
    return _prepared(rules, SHAPED)[0]


def remaining(exchange: Exchange, rules: Redaction = DEFAULT) -> tuple[str, ...]:
    """Return the places of *exchange*, as a file has it, that hold secrets still, and no stand-ins for them."""
    return redact(replace(exchange, redacted=()), rules).redacted


def _masking(rules: Redaction, stand_ins: StandIns) -> Masking:
    names, headers, patterns, lines, contents = _prepared(rules, stand_ins)
    return Masking(names, headers, stand_ins, patterns, clean_lines=lines, clean_contents=contents)


@lru_cache(32)
def _prepared(
    rules: Redaction,
    stand_ins: StandIns,  # noqa: ARG001  what is clean is so for them
) -> tuple[SecretNames, SecretNames, tuple[re.Pattern[bytes], ...], Clean, Clean]:
    """What is worked out once for all exchanges."""
    names = SecretNames(rules.names, rules.keep)
    headers = SecretNames((*_HEADERS, *rules.headers, *rules.names), rules.keep)
    return names, headers, tuple([_compiled(pattern) for pattern in rules.patterns]), Clean(), Clean()


def _compiled(pattern: str) -> re.Pattern[bytes]:
    try:
        compiled = re.compile(pattern.encode("utf-8"))
    except re.error as problem:
        raise ValueError(f"expected a regular expression, got {pattern!r}: {problem}") from None
    if compiled.groups != 1:
        raise ValueError(f"expected one group, round the secret, in {pattern!r}; got {compiled.groups}")
    return compiled


def _masked_request(request: Request, masking: Masking) -> Request:
    message = request.message
    head = message.head
    fields = mask_fields(head.fields, masking)
    target = mask_target(head.target, masking)
    body, fields = _masked_body(message.body, fields, masking)
    if masking.echoes:
        fields = mask_repeated(fields, masking)
        target = mask_repeated_in_target(target, masking)
    if fields is not head.fields or target != head.target:
        octets = _octets(head, fields, target)
        head = wire.RequestHead(head.method, target, fields, head.version, octets=octets)
    if head is message.head and body is message.body:
        return request
    return replace(request, message=replace(message, head=head, body=body))


def _masked_body(body: wire.Body, fields: wire.Fields, masking: Masking) -> tuple[wire.Body, wire.Fields]:
    if isinstance(body, LargeBody):
        return mask_large(body, fields, masking)
    return mask_body(body, fields, masking)


def _masked_response(response: Response | None, masking: Masking) -> Response | None:
    if response is None:
        return None
    message = response.message
    interim: Sequence[wire.ResponseHead] = message.interim
    if interim:
        interim = [_masked_head(head, mask_fields(head.fields, masking), masking) for head in interim]
    fields = mask_fields(message.head.fields, masking)
    body, fields = _masked_body(message.body, fields, masking)
    head = _masked_head(message.head, fields, masking)
    if masking.echoes:  # what the body has told may be repeated before it
        interim = [_masked_head(before, before.fields, masking) for before in interim]
    same = interim is message.interim or all(new is old for new, old in zip(interim, message.interim, strict=True))
    if same and head is message.head and body is message.body:
        return response
    return replace(response, message=replace(message, head=head, body=body, interim=tuple(interim)))


def _masked_end(end: End, masking: Masking) -> End:
    """An error's text may quote a URL."""
    if not end.detail:
        return end
    detail = mask_text(end.detail.encode("utf-8", "surrogatepass"), masking, "end")
    return replace(end, detail=masking.repeated(detail, "end").decode("utf-8", "surrogatepass"))


def _masked_head(head: wire.ResponseHead, fields: wire.Fields, masking: Masking) -> wire.ResponseHead:
    """*head* with other *fields*, in which nothing is repeated, and with a reason without secrets."""
    if fields is head.fields and head.reason in _USUAL_REASONS and not masking.echoes:
        return head
    fields = mask_repeated(fields, masking)
    said = head.reason.encode("latin-1")
    reason = masking.repeated(mask_text(said, masking, "reason"), "reason").decode("latin-1")
    if fields is head.fields and reason == head.reason:
        return head
    return wire.ResponseHead(head.status, reason, fields, head.version, octets=_octets(head, fields, reason))


def _octets(head: wire.RequestHead | wire.ResponseHead, fields: wire.Fields, text: str) -> bytes:
    """The octets of *head* with other *fields*, and another *text* for its target or reason, all else as received."""
    section = head.fields.octets
    end = b"\r\n" if head.octets.endswith(b"\r\n") else b"\n"
    start = head.octets[: len(head.octets) - len(section) - len(end)]
    if isinstance(head, wire.RequestHead):
        start = start.replace(head.target.encode("latin-1"), text.encode("latin-1"), 1)
    elif text != head.reason:
        before, _, after = start.rpartition(head.reason.encode("latin-1"))
        start = before + text.encode("latin-1") + after
    return start + fields.octets + end
