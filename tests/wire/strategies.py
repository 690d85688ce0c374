"""What Hypothesis makes up for the codec: messages, regular and odd, garbage, and ways of cutting them."""

from __future__ import annotations

from hypothesis import strategies as st

from httplib_sim.wire import CLIENT, SERVER, STRICT, Leniency

TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~0123456789abcXYZ"
VALUE_CHARACTERS = '\t !"(),/:;<=>?@[\\]{}~aZ9\x80\xa0\xff'

tokens = st.text(TOKEN_CHARACTERS, min_size=1, max_size=8)
values = st.text(VALUE_CHARACTERS, max_size=12).map(lambda text: text.strip(" \t"))
targets = st.one_of(st.just("/"), st.text("!/?&=%#[]aZ9:@\xe9", min_size=1, max_size=10))
reasons = st.sampled_from(["", "OK", "Not Found", "d\xe9j\xe0 vu", "a: b"])
leniencies = st.one_of(st.sampled_from([CLIENT, SERVER, STRICT]), st.builds(Leniency, *[st.booleans()] * 8))
contents = st.binary(max_size=40)


def _is_free(name: str) -> bool:
    return name.lower() not in {"content-length", "transfer-encoding"}


pairs = st.lists(st.tuples(tokens.filter(_is_free), values), max_size=4)
connection_lines = st.sampled_from([b"", b"", b"Connection: close\r\n", b"connection:Keep-Alive, x\r\n"])
ends = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n"])


@st.composite
def regular_lines(draw: st.DrawFn) -> bytes:
    """Field lines that any reader takes."""
    return b"".join(f"{name}: {value}\r\n".encode("latin-1") for name, value in draw(pairs))


@st.composite
def odd_lines(draw: st.DrawFn) -> bytes:
    """Field lines that a client takes: folds, LF alone, blanks, lines without colon or name, controls."""
    lines = []
    for _ in range(draw(st.integers(0, 4))):
        name = draw(st.one_of(tokens.filter(_is_free), st.sampled_from(["", "\xfcber", "a b", "x\ry", "n\0", " x"])))
        colon = draw(st.sampled_from([":", ": ", " :\t", ":\r", ""]))
        fold = draw(st.sampled_from(["", "", "\r\n more", "\n\tmore", "\r\n "]))
        value = draw(st.one_of(values, st.sampled_from(["a\rb", "\0", "\x7f", " x \t"])))
        line = f"{name}{colon}{value}{fold}".encode("latin-1")
        if line.strip(b"\r\n"):  # an empty line would end the section
            lines.append(line.replace(b"\n\n", b"\n") + draw(ends))
    section = b"".join(lines)
    return section if b"\n\r\n" not in section and b"\n\n" not in section and section[:1] not in b"\r\n" else b""


@st.composite
def chunked_bodies(draw: st.DrawFn, *, odd: bool) -> bytes:
    """A chunked body, whole."""
    octets = []
    newline = ends if odd else st.just(b"\r\n")
    extensions = st.sampled_from([b"", b"", b";a=b", b';q="x"', b" ;z", *([b"  ", b"\t"] if odd else [])])

    def size_line(digits: bytes) -> bytes:
        extension = draw(extensions)
        return digits + extension + (b"\r\n" if b";" in extension else draw(newline))

    for content in draw(st.lists(st.binary(min_size=1, max_size=20), max_size=5)):
        digits = draw(st.sampled_from(["x", "X", "03x"])).join(["{:", "}"]).format(len(content)).encode()
        octets += [size_line(digits), content, b"\r\n" if content.endswith(b"\r") else draw(newline)]
    octets += [size_line(draw(st.sampled_from([b"0", b"000"])))]
    octets += [draw(odd_lines() if odd else regular_lines()), draw(newline)]
    return b"".join(octets)


@st.composite
def request_octets(draw: st.DrawFn) -> bytes:
    """A request that a server takes."""
    line = f"{draw(tokens)} {draw(targets)} HTTP/1.{draw(st.sampled_from('01'))}\r\n".encode("latin-1")
    fields = draw(regular_lines()) + draw(connection_lines)
    kind = draw(st.sampled_from(["none", "fixed", "chunked"]))
    if kind == "fixed":
        content = draw(contents)
        return line + fields + b"content-Length:%d \r\n\r\n" % len(content) + content
    if kind == "chunked" and line.endswith(b"1.1\r\n"):
        return line + fields + b"Transfer-Encoding: chunked\r\n\r\n" + draw(chunked_bodies(odd=False))
    return draw(st.sampled_from([b"", b"\r\n", b"\n\r\n"])) + line + fields + b"\r\n"


@st.composite
def response_octets(draw: st.DrawFn) -> tuple[str, bytes]:
    """A method, and a response to it that a client takes, with the interim ones before it; odd in all allowed ways."""
    method = draw(st.sampled_from(["GET", "POST", "HEAD", "CONNECT"]))
    status = draw(st.sampled_from([101, 200, 204, 304, 404, 999]))
    newline = draw(ends)
    odd = draw(st.booleans())
    octets = [b"HTTP/1.1 %d \r\n%s\r\n" % (code, draw(regular_lines())) for code in draw(interim_codes)]
    blanks = draw(st.sampled_from([" ", " ", "  \t"])) if odd else " "
    line = f"HTTP/1.{draw(st.sampled_from('01'))}{blanks}{status} {draw(reasons)}".encode("latin-1")
    octets += [line, newline, draw(odd_lines() if odd else regular_lines()), draw(connection_lines)]
    kind = draw(st.sampled_from(["none", "fixed", "chunked", "until close"]))
    if kind == "none" or method == "HEAD" or status in {204, 304}:
        tunnel = method == "CONNECT" and status == 204
        return method, b"".join([*octets, b"Content-Length: 0\r\n", newline, draw(contents) if tunnel else b""])
    if kind == "fixed" and status != 101 and method != "CONNECT":
        content = draw(contents)
        return method, b"".join([*octets, b"Content-Length: %d\r\n" % len(content), newline, content])
    if kind == "chunked":
        return method, b"".join([*octets, b"Transfer-Encoding: chunked\r\n", newline, draw(chunked_bodies(odd=odd))])
    return method, b"".join([*octets, newline, draw(contents)])


interim_codes = st.lists(st.sampled_from([100, 102, 103, 199]), max_size=2)

FRAGMENTS = [
    *[b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\n\n", b" ", b"\t", b":", b";", b",", b"\0", b"\x0b", b"\xff"],
    *[b"GET ", b"POST / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n", b"GET /\r\n", b"HTTP/1.1", b"HTTP/2.0", b"HTTP/"],
    *[b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 204 \r\n", b"HTTP/1.1 100 Continue\r\n\r\n"],
    *[b"HTTP/1.1 101 S\r\n\r\n", b"Content-Length", b"Content-Length: 5\r\n", b"Content-Length: 0\r\n"],
    *[b"content-length:6\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding", b"chunked", b"gzip, "],
    *[b"Connection: close\r\n", b"X: 1\r\n", b" folded\r\n", b"no colon\r\n", b": no name\r\n", b"hello", b"5"],
    *[
        b"5\r\nhello\r\n",
        b"5;ext\r\nhello\r\n",
        b"0\r\n\r\n",
        b"0\r\nT: 1\r\n\r\n",
        b"1\r\nx\r\n",
        b"-1",
        b"0x",
        b"ffff",
    ],
]
garbage = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=6)), max_size=14).map(b"".join)
sections = st.one_of(
    odd_lines(),
    regular_lines(),
    garbage.map(lambda octets: octets.replace(b"\n\n", b"\n") + b"\n"),
    st.text("abX-: \t\r\n\0\xc0\xe0", max_size=30).map(lambda text: text.encode("latin-1") + b"\r\n"),
)


@st.composite
def splits(draw: st.DrawFn, octets: bytes) -> list[bytes]:
    """*octets* in pieces, some of them empty."""
    cuts = sorted(draw(st.lists(st.integers(0, len(octets)), max_size=8)))
    return [octets[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(octets)], strict=True)]
