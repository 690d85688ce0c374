"""Exchanges as plain data for YAML, and back: which keys an exchange has, in which order, and what they mean.

Law: dictionaries, lists, text and numbers; no YAML, no file. What stands on disk is this page of keys, and
docs/cassette-format.md is its description. Reading takes what a person may have edited, and says what is wrong with it.
"""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from httplib_sim import wire
from httplib_sim.waist import DEFAULT_PORTS, Origin

from . import timing
from .attempts import FailedAttempt, Failure, is_code
from .body_format import body_from_data, body_to_data
from .exchange import Afterword, End, Exchange, How, Request, Response
from .head_format import head_octets_from_data, head_to_data, request_head_from_data, response_head_from_data
from .large_body import LargeBody
from .mending import mended
from .plain_data import DocumentError, from_base64, inside, items, kind, latin_1, mapping, text, texts, to_base64
from .tls import TlsFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .body_format import Locate

_MOST_PORT = 65_535
_URL = re.compile(r"(https?)://(?:\[([0-9A-Fa-f:.]+(?:%[^\]\s]+)?)\]|([^\s/?#@:\[\]]+))(?::([0-9]{1,5}))?")
_DURATION = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) ms")
_CRC32 = re.compile("[0-9a-f]{8}")
_KEYS = frozenset({"origin", "proxy", "connection", "tls", "at", "redacted", "request", "response", "received", "end"})
_AFTERWORD_KEYS = frozenset({"afterword", "received", "end"})
_ATTEMPT_KEYS = frozenset({"origin", "at", "connecting"})
_CONNECTING_KEYS = frozenset({"failed", "code", "detail", "after"})
_MESSAGES = frozenset({"request", "response", "received"})
_HEAD_KEYS = frozenset({"line", "headers", "headers_end", "head"})
_TLS_KEYS = frozenset({"version", "cipher", "bits", "alpn", "certificate", "verified"})
_END_KEYS = frozenset({"how", "detail", "after", "came", "bytes", "crc32"})


def exchange_to_data(
    exchange: Exchange, *, readable_bodies: bool = True, readable_heads: bool = True
) -> dict[str, Any]:
    """Return *exchange* as plain data, in the order in which it is written; what is not readable is base64."""

    def message(whole: wire.Request | wire.Response) -> dict[str, Any]:
        data = head_to_data(whole.head, readable=readable_heads)
        content = body_to_data(whole.body, whole.head.fields, readable=readable_bodies)
        if content:
            data["body"] = content
        if whole.extra:
            data["extra"] = whole.extra.decode("latin-1")
        return data

    data: dict[str, Any] = {
        "origin": exchange.request.origin.url,
        **({} if exchange.proxy is None else {"proxy": exchange.proxy.url}),
        "connection": exchange.connection,
        **({} if exchange.tls is None else {"tls": _tls_to_data(exchange.tls)}),
        "at": moment(exchange.started),
    }
    if exchange.redacted:
        data["redacted"] = list(exchange.redacted)
    data["request"] = message(exchange.request.message)
    if exchange.response is not None:
        response = exchange.response.message
        interim = [head_to_data(head, readable=readable_heads) for head in response.interim]
        data["response"] = {**({"interim": interim} if interim else {}), **message(response)}
    if exchange.received:
        data["received"] = to_base64(exchange.received)
    data["end"] = _end_to_data(exchange)
    return data


def moment(started: datetime) -> str:
    """Return when something began, as it is written."""
    started = started if started.tzinfo is UTC else started.astimezone(UTC)
    # By their beginnings exchanges are ordered: none may be rounded into another's.
    precision = "microseconds" if started.microsecond % 1000 else "milliseconds"
    return f"{started.isoformat(timespec=precision)[:-6]}Z"


def exchange_from_data(data: object, locate: Locate | None = None) -> Exchange:
    """Return the exchange that *data* stands for, with a framing that fits where a person has edited it.

    *locate* finds bodies that are in other files.

    Raises `DocumentError`.
    """
    data = mapping(data, "an exchange", _KEYS)
    for key in ("origin", "request", "end"):
        if key not in data:
            torn = ": it was torn off while it was written" if key == "end" else ""
            raise DocumentError(f"the exchange has no {key!r}{torn}")
    exchange = _exchange(data, locate)
    crc32 = data["end"].get("crc32")
    edited = _lacks_digest(data["request"]) or _lacks_digest(data.get("response"))
    return mended(exchange) if edited or crc32 != _crc32(exchange) else exchange


def afterword_to_data(afterword: Afterword) -> dict[str, Any]:
    """Return *afterword* as plain data, in the order in which it is written."""
    data: dict[str, Any] = {"afterword": afterword.connection}
    if afterword.received:
        data["received"] = to_base64(afterword.received)
    detail = {"detail": afterword.end.detail} if afterword.end.detail else {}
    data["end"] = {"how": afterword.end.how.value, **detail}
    return data


def afterword_from_data(data: object) -> Afterword:
    """Return the afterword that *data* stands for. Raises `DocumentError`."""
    data = mapping(data, "an afterword", _AFTERWORD_KEYS)
    if "end" not in data:
        raise DocumentError("the afterword has no 'end': it was torn off while it was written")
    with inside("afterword"):
        connection = _whole_number(data["afterword"], "the number of a connection")
    with inside("received"):
        received = from_base64(data.get("received", ""), "what was received")
    with inside("end"):
        end, _ = _end(data["end"])
    return Afterword(connection=connection, received=received, end=end)


def attempt_to_data(attempt: FailedAttempt) -> dict[str, Any]:
    """Return *attempt* as plain data, in the order in which it is written."""
    return {
        "origin": attempt.origin.url,
        **({} if attempt.started is None else {"at": moment(attempt.started)}),
        "connecting": {
            "failed": attempt.failure.value,
            **({"code": attempt.code} if attempt.code else {}),
            **({"detail": attempt.detail} if attempt.detail else {}),
            "after": _duration(attempt.elapsed),
        },
    }


def attempt_from_data(data: object) -> FailedAttempt:
    """Return the failed attempt that *data* stands for. Raises `DocumentError`."""
    data = mapping(data, "a failed attempt to connect", _ATTEMPT_KEYS)
    with inside("origin"):
        origin = origin_from_text(data.get("origin"))
    with inside("at"):
        started = _time(data["at"]) if "at" in data else None
    with inside("connecting"):
        how = mapping(data["connecting"], "how connecting failed", _CONNECTING_KEYS)
        word, code = how.get("failed"), how.get("code", "")
        if word not in tuple(Failure):
            names = ", ".join(failure.value for failure in Failure)
            raise DocumentError(f"expected how connecting failed, one of {names}; got {word!r}", "failed")
        if code and not (isinstance(code, str) and is_code(code)):
            raise DocumentError(f"expected the name of an error number, such as ECONNREFUSED; got {code!r}", "code")
        with inside("detail"):
            detail = text(how.get("detail", ""), "the text of an error")
        with inside("after"):
            elapsed = _seconds(how.get("after", "0 ms"))
    return FailedAttempt(
        origin=origin, failure=Failure(word), code=code, detail=detail, started=started, elapsed=elapsed
    )


def gives_back(read: object, exchange: Exchange, written: Mapping[str, Any]) -> bool:
    """Tell whether *read*, which was written as *written*, stands for *exchange*, octet by octet.

    It is what making an exchange of it and comparing would tell, without making one. Raises `DocumentError`.
    """
    if not isinstance(read, dict) or read.keys() != written.keys():
        return False
    response = exchange.response
    return (
        all(read[key] == written[key] for key in written if key not in _MESSAGES)
        and _is_message(read["request"], exchange.request.message, "request")
        and (response is None or _is_message(read["response"], response.message, "response"))
        and from_base64(read.get("received", ""), "what was received") == exchange.received
    )


def _is_message(
    data: dict[str, Any], message: wire.Request | wire.Response, role: Literal["request", "response"]
) -> bool:
    head = {key: value for key, value in data.items() if key in _HEAD_KEYS}
    interim = [head_octets_from_data(item, role) for item in data.get("interim", ())]
    return (
        head_octets_from_data(head, role) == message.head.octets
        and body_from_data(data.get("body")) == message.body
        and latin_1(data.get("extra", ""), "what follows the last message") == message.extra
        and interim == [head.octets for head in getattr(message, "interim", ())]
    )


def _exchange(data: Mapping[str, Any], locate: Locate | None) -> Exchange:
    with inside("origin"):
        origin = origin_from_text(data["origin"])
    with inside("proxy"):
        proxy = None if data.get("proxy") is None else origin_from_text(data["proxy"])
    with inside("request"):
        request = _request(data["request"], locate)
    with inside("response"):
        response = None if data.get("response") is None else _response(data["response"], locate)
    with inside("received"):
        received = from_base64(data.get("received", ""), "what was received")
    with inside("connection"):
        connection = _whole_number(data.get("connection", 1), "the number of a connection")
    with inside("tls"):
        tls = None if data.get("tls") is None else _tls(data["tls"])
    with inside("at"):
        started = _time(data.get("at", "1970-01-01T00:00:00Z"))
    with inside("redacted"):
        redacted = tuple(texts(data.get("redacted"), "places that were redacted"))
    with inside("end"):
        end, elapsed = _end(data["end"])
        came = _came(data["end"].get("came", ""))
    return Exchange(
        request=Request(origin, request),
        response=response,
        end=end,
        received=received,
        connection=connection,
        started=started,
        elapsed=elapsed,
        redacted=redacted,
        tls=tls,
        timing=came,
        proxy=proxy,
    )


def _split(data: object, role: str, locate: Locate | None) -> tuple[dict[Any, Any], wire.Body, bytes]:
    """A message as the data of its head, its body, and the empty lines after it."""
    if not isinstance(data, dict):
        raise DocumentError(f"expected a {role} as a mapping with 'line', 'headers' and 'body', got {kind(data)}")
    with inside("body"):
        body = body_from_data(data.get("body"), locate)
    with inside("extra"):
        extra = latin_1(data.get("extra", ""), "what follows the last message")
        if extra.strip(b"\r\n"):
            raise DocumentError(f"expected empty lines after the last message, got {extra[:40]!r}")
    return {key: value for key, value in data.items() if key not in {"body", "extra"}}, body, extra


def _request(data: object, locate: Locate | None) -> wire.Request:
    head, body, extra = _split(data, "request", locate)
    return wire.Request(request_head_from_data(head), body, extra)


def _response(data: object, locate: Locate | None) -> Response:
    head, body, extra = _split(data, "response", locate)
    interim = []
    for number, item in enumerate(items(head.pop("interim", None), "interim responses as a list")):
        with inside("interim", number):
            interim.append(response_head_from_data(item))
            if not interim[-1].is_interim:
                raise DocumentError(f"expected an interim response, of a status from 100, got {interim[-1].status}")
    final = response_head_from_data(head)
    if final.is_interim:
        raise DocumentError(f"expected a final response, got {final.status}: it belongs under 'interim'", "line")
    return Response(wire.Response(final, body, tuple(interim), extra))


def _tls_to_data(tls: TlsFacts) -> dict[str, Any]:
    return {
        "version": tls.version,
        **({"cipher": tls.cipher, "bits": tls.bits} if tls.cipher else {}),
        **({"alpn": tls.alpn} if tls.alpn else {}),
        **({} if tls.verified else {"verified": False}),
        **({"certificate": to_base64(tls.certificate)} if tls.certificate else {}),
    }


def _tls(data: object) -> TlsFacts:
    data = mapping(data, "what TLS agreed on", _TLS_KEYS)
    verified = data.get("verified", True)
    if not isinstance(verified, bool):
        raise DocumentError(f"expected true or false, got {kind(verified)}", "verified")
    return TlsFacts(
        text(data.get("version"), "a version of TLS"),
        text(data.get("cipher", ""), "the name of a cipher"),
        _whole_number(data.get("bits", 0), "the strength of a cipher in bits", least=0),
        text(data.get("alpn", ""), "the name of a protocol"),
        from_base64(data.get("certificate", ""), "a certificate"),
        verified,
    )


def _end_to_data(exchange: Exchange) -> dict[str, Any]:
    data: dict[str, Any] = {"how": exchange.end.how.value}
    if exchange.end.detail:
        data["detail"] = exchange.end.detail
    data["after"] = _duration(exchange.elapsed)
    if exchange.timing:
        data["came"] = timing.to_text(exchange.timing)
    data["bytes"] = exchange.answer_size
    data["crc32"] = _crc32(exchange)
    return data


def _end(data: object) -> tuple[End, float]:
    """How an exchange ended, and after how many seconds."""
    data = mapping(data, "the end of an exchange", _END_KEYS)
    word = data.get("how", How.COMPLETE.value)
    if word not in tuple(How):
        names = ", ".join(how.value for how in How)
        raise DocumentError(f"expected how the exchange ended, one of {names}; got {word!r}", "how")
    with inside("detail"):
        detail = text(data.get("detail", ""), "the detail of an end")
    with inside("crc32"):
        crc32 = text(data.get("crc32", "0" * 8), "a checksum")
        if not _CRC32.fullmatch(crc32):
            raise DocumentError(f"expected a checksum of eight hexadecimal digits, got {crc32[:40]!r}")
    with inside("bytes"):
        _whole_number(data.get("bytes", 0), "a count of bytes", least=0)
    with inside("after"):
        return End(How(word), detail), _seconds(data.get("after", "0 ms"))


def _came(value: object) -> timing.Timing:
    with inside("came"):
        written = text(value, "when octets came")
        try:
            return timing.from_text(written)
        except ValueError:
            raise DocumentError(
                f"expected octets and milliseconds such as '138@87 22@180', got {written[:40]!r}"
            ) from None


def _crc32(exchange: Exchange) -> str:
    """The checksum of what was on the wire, both ways: it tells whether somebody has edited the document since.

    In the place of content in another file it is of what the document says of that.
    """
    request, response = exchange.request.message, exchange.response
    sum_ = zlib.crc32(_written(request))
    if response is None:
        return f"{zlib.crc32(exchange.received, sum_):08x}"
    if isinstance(response.message.body, LargeBody):
        sum_ = zlib.crc32(_written(response.message), sum_)
        return f"{zlib.crc32(exchange.received, sum_):08x}"
    return f"{zlib.crc32(exchange.answer, sum_):08x}"


def _lacks_digest(message: Any) -> bool:  # noqa: ANN401  it has been read
    """Whether the content is in a file of which a person says no more, so that there is nothing to compare."""
    body = (message or {}).get("body") or {}
    return "file" in body and "sha256" not in body


def _written(message: wire.Request | wire.Response) -> bytes:
    body = message.body
    if not isinstance(body, LargeBody):
        return message.octets
    interim = message.interim if isinstance(message, wire.Response) else ()
    said = repr(body_to_data(body, message.head.fields)).encode("utf-8", "backslashreplace")
    return wire.emit(*interim, message.head) + said + message.extra


def origin_from_text(value: object) -> Origin:
    """Return the origin that a URL without a path is. Raises `DocumentError`."""
    match = _URL.fullmatch(value) if isinstance(value, str) else None
    port = int(match[4]) if match is not None and match[4] else 0
    if match is None or port > _MOST_PORT:
        raise DocumentError("expected an origin such as https://api.example.com, without a path")
    scheme, literal, name, _ = match.groups()
    return Origin(scheme, literal or name, port or DEFAULT_PORTS[scheme])


def _whole_number(value: object, what: str, *, least: int = 1) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return value
    raise DocumentError(f"expected a whole number from {least} as {what}, got {kind(value)}")


def _time(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(text(value, "a time"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise DocumentError(f"expected a time such as 2026-11-22T20:00:00.123Z, got {str(value)[:40]!r}") from None


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.3f} ms"


def _seconds(value: object) -> float:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise DocumentError(f"expected a duration such as '87 ms', got {str(value)[:40]!r}")
    return float(match[1]) / 1000
