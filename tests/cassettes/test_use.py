"""Tests of `cassettes.use`: our client, real sockets, real files."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import http.client
import inspect
import signal
import ssl
import subprocess
import sys
import tempfile
import textwrap
import threading
import warnings
from pathlib import Path
from re import escape
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from cassettes import store
from cassettes.current import current
from cassettes.errors import (
    BadCassette,
    CassetteError,
    CassetteMissing,
    CassetteStall,
    NoMatch,
    RecoveryWarning,
    UnusedExchanges,
)
from cassettes.exchange import Exchange, How, Request
from cassettes.matchers import DEFAULT, Difference
from cassettes.redaction import Redaction
from cassettes.use import use_cassette
from httplib_sim import HTTPConnection, HTTPException, HTTPSConnection

from .origin import OriginServer, Peer, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cassettes.cassette import Cassette


def echo(peer: Peer) -> None:
    """Answer each request of a connection with its target."""
    while True:
        target = peer.read_head().split()[1]
        peer.send(answer(target))


@pytest.fixture
def server() -> Iterator[OriginServer]:
    """A server that answers with the target."""
    with OriginServer(echo) as server:
        yield server


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a cassette will be: neither it nor its folder is there yet."""
    return tmp_path / "cassettes" / "x.yaml"


def get(server: OriginServer, target: str, *, method: str = "GET", fields: dict[str, str] | None = None) -> bytes:
    """The content of a response, over a connection of its own."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, target, headers=fields or {})
        content: bytes = connection.getresponse().read()
        return content
    finally:
        connection.close()


def test_once_records_and_then_replays_offline(server: OriginServer, path: Path) -> None:
    """The first run goes to the server, all others need none."""
    with use_cassette(path) as cassette:
        assert get(server, "/a") == b"/a"
        assert get(server, "/b") == b"/b"
    assert len(cassette.recorded) == 2
    server.stop()
    for _ in range(2):
        with use_cassette(path) as cassette:
            assert get(server, "/a") == b"/a"
            assert get(server, "/b") == b"/b"
        assert len(cassette.played) == 2
    assert len(server.peers) == 2


def test_each_exchange_is_on_disk_before_the_client_goes_on(server: OriginServer, path: Path) -> None:
    """Whoever reads the file after an answer finds it there: a crash loses nothing that was complete."""
    with use_cassette(path):
        for number in range(3):
            get(server, f"/{number}")
            assert len(store.load(path)) == number + 1


def test_a_process_that_is_killed_loses_nothing_that_was_complete(server: OriginServer, path: Path) -> None:
    """It ends in the middle of the block, without a word."""
    program = f"""
        import os, signal
        from cassettes import use_cassette
        from httplib_sim import HTTPConnection

        with use_cassette({str(path)!r}):
            connection = HTTPConnection("127.0.0.1", {server.port})
            for number in range(5):
                connection.request("GET", f"/{{number}}")
                connection.getresponse().read()
            connection.request("GET", "/under-way")
            os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert [exchange.request.target for exchange in store.load(path)] == [f"/{number}" for number in range(5)]


def test_none_never_connects(server: OriginServer, path: Path) -> None:
    """What the cassette does not have is refused with the nearest that it has, by file and line."""
    with use_cassette(path):
        get(server, "/a")
    with pytest.raises(NoMatch) as caught, use_cassette(path, mode="none"):
        get(server, "/A")
    assert len(server.peers) == 1
    line = int(str(caught.value).split("x.yaml:")[1].split()[0])
    begin, summary = path.read_text().splitlines()[line - 1 : line + 1]
    assert begin == "---"
    assert "GET" in summary
    assert "path: recorded /a, sent /A" in str(caught.value)


def test_none_without_a_file_is_an_error_at_the_first_request(server: OriginServer, path: Path) -> None:
    """With the path, and how to record it; who swallows it is told at the end."""
    told = r"x\.yaml.*GET http.*/a.*mode='once'"
    with (
        pytest.raises(CassetteMissing, match=told),
        use_cassette(path, mode="none"),
        pytest.raises(CassetteMissing, match=told),
    ):
        get(server, "/a")
    assert current() is None
    assert not server.peers
    assert not path.parent.exists()


def test_none_without_a_file_is_no_error_where_nothing_is_asked(path: Path) -> None:
    """A program that needs no cassette, such as a test that is marked with its whole module, has none."""
    with use_cassette(path, mode="none") as cassette:
        assert cassette.exchanges == ()


@pytest.mark.parametrize("code", [None, 0])
def test_a_program_that_ends_well_has_recorded_well(server: OriginServer, path: Path, code: int | None) -> None:
    """In mode "all" the new file takes the old one's place where the block is left by sys.exit(0)."""
    with use_cassette(path):
        get(server, "/old")
    with contextlib.suppress(SystemExit), use_cassette(path, mode="all"):
        get(server, "/new")
        sys.exit(code)
    assert [exchange.request.target for exchange in store.load(path)] == ["/new"]
    assert list(path.parent.iterdir()) == [path]


def test_new_episodes_adds_to_the_file(server: OriginServer, path: Path) -> None:
    """What is there is replayed, the rest recorded behind it."""
    with use_cassette(path):
        get(server, "/a")
    with use_cassette(path, mode="new_episodes") as cassette:
        get(server, "/a")
        get(server, "/b")
    assert (len(cassette.played), len(cassette.recorded)) == (1, 1)
    assert [exchange.request.target for exchange in store.load(path)] == ["/a", "/b"]


def test_all_replaces_the_file_when_the_new_one_is_complete(server: OriginServer, path: Path) -> None:
    """Until then the old one stays; nothing is left beside it."""
    with use_cassette(path):
        get(server, "/old")
    with use_cassette(path, mode="all"):
        get(server, "/new")
        assert [exchange.request.target for exchange in store.load(path)] == ["/old"]
    assert [exchange.request.target for exchange in store.load(path)] == ["/new"]
    assert list(path.parent.iterdir()) == [path]


def test_all_keeps_the_old_file_of_a_block_that_failed(server: OriginServer, path: Path) -> None:
    """And says where the new exchanges are."""
    with use_cassette(path):
        get(server, "/old")

    def fail() -> None:
        with use_cassette(path, mode="all"):
            get(server, "/new")
            raise RuntimeError("the test's own")

    with pytest.raises(RuntimeError, match="own") as caught:
        fail()
    assert [exchange.request.target for exchange in store.load(path)] == ["/old"]
    assert "x.yaml.new" in "".join(caught.value.__notes__)
    with use_cassette(path, mode="all"):
        get(server, "/newer")
    assert [exchange.request.target for exchange in store.load(path)] == ["/newer"]


def test_all_keeps_the_old_file_where_an_exchange_could_not_be_kept(server: OriginServer, path: Path) -> None:
    """An incomplete file takes nobody's place, though the program swallowed why; what was kept is beside it."""
    with use_cassette(path):
        get(server, "/old")

    def refuse(exchange: Exchange) -> Exchange:
        if exchange.request.target == "/b":
            raise ValueError("no rule for this one")
        return exchange

    @use_cassette(path, mode="all", redact=Redaction(functions=(refuse,)))
    def program() -> None:
        get(server, "/a")
        with contextlib.suppress(CassetteError):
            get(server, "/b")
        get(server, "/c")

    with pytest.raises(CassetteError, match=r"/b.*ValueError") as caught:
        program()
    assert [exchange.request.target for exchange in store.load(path)] == ["/old"]
    beside = path.with_name("x.yaml.new")
    assert [exchange.request.target for exchange in store.load(beside)] == ["/a", "/c"]
    assert str(beside) in "".join(caught.value.__notes__)


def test_a_file_that_cannot_be_replaced_is_one_clear_error(server: OriginServer, path: Path) -> None:
    """It names both, and what to do; what was recorded is there."""

    @use_cassette(path, mode="all")
    def program() -> None:
        get(server, "/new")
        path.mkdir()

    with pytest.raises(CassetteError, match=r"x\.yaml\.new.*x\.yaml: .*by hand"):
        program()
    assert [exchange.request.target for exchange in store.load(path.with_name("x.yaml.new"))] == ["/new"]


def test_what_an_earlier_run_left_and_cannot_be_removed_is_one_clear_error(server: OriginServer, path: Path) -> None:
    """Where the first exchange is to be kept."""
    path.with_name("x.yaml.new").mkdir(parents=True)
    with pytest.raises(CassetteError, match=r"could not remove .*x\.yaml\.new"), use_cassette(path, mode="all"):
        get(server, "/a")


def test_one_object_entered_by_two_threads_is_two_uses(server: OriginServer, path: Path) -> None:
    """The first to leave ends its own, not that of the other."""
    with use_cassette(path):
        get(server, "/a")
    use = use_cassette(path, mode="none", local=True)
    entered, left = threading.Barrier(2, timeout=10), threading.Event()
    ended: list[bool] = []

    def first() -> None:
        with use:
            entered.wait()
            get(server, "/a")
        left.set()

    def second() -> None:
        with use as mine:
            entered.wait()
            left.wait(10)
            ended.append(mine.ended)
            assert current() is mine
            get(server, "/a")

    for _ in range(2):  # whichever enters last
        threads = [threading.Thread(target=work) for work in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        left.clear()
    assert ended == [False, False]
    assert not use._entered


def test_it_may_be_left_in_another_context_than_it_was_entered_in(server: OriginServer, path: Path) -> None:
    """As fixtures of asynchronous tests are."""
    use = use_cassette(path)
    cassette = contextvars.copy_context().run(use.__enter__)
    get(server, "/a")
    use.__exit__(None, None, None)
    assert cassette.ended
    assert len(cassette.recorded) == 1


def test_a_miss_that_the_program_swallows_is_raised_at_the_end(server: OriginServer, path: Path) -> None:
    """Once, with the same text."""
    with use_cassette(path):
        get(server, "/a")
    swallowed: list[Exception] = []

    def program() -> None:
        with use_cassette(path, mode="none"):
            get(server, "/a")
            try:
                get(server, "/b")
            except Exception as error:  # noqa: BLE001  as careless programs do
                swallowed.append(error)

    with pytest.raises(NoMatch) as caught:
        program()
    assert caught.value is swallowed[0]


def test_unused_exchanges_are_an_error_at_the_end(server: OriginServer, path: Path) -> None:
    """Unless strict is False."""
    with use_cassette(path):
        get(server, "/a")
    with pytest.raises(UnusedExchanges, match=r"x\.yaml:"), use_cassette(path):
        pass
    with use_cassette(path, strict=False):
        pass


def test_a_secret_is_not_on_disk_and_still_matches(server: OriginServer, path: Path) -> None:
    """Neither the field nor the query shows it; the replayed program sends another one."""
    with use_cassette(path):
        get(server, "/a?token=s3cretT0ken", fields={"Authorization": "Bearer s3cretBearer"})
    text = path.read_text()
    assert "s3cret" not in text
    with use_cassette(path, mode="none"):
        get(server, "/a?token=0therT0ken", fields={"Authorization": "Bearer other"})
    with pytest.raises(NoMatch) as caught, use_cassette(path, mode="none", strict=False):
        get(server, "/b?token=0therT0ken")
    assert "0ther" not in str(caught.value)


def test_redaction_can_be_turned_off_and_texts_still_show_no_secret(server: OriginServer, path: Path) -> None:
    """redact=None is about the file."""
    with use_cassette(path, redact=None):
        get(server, "/a?token=s3cretT0ken")
    assert "s3cretT0ken" in path.read_text()
    with pytest.raises(NoMatch) as caught, use_cassette(path, mode="none", redact=None):
        get(server, "/a?token=0therT0ken")
    assert "0ther" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_match_on_and_allow_repeats(server: OriginServer, path: Path) -> None:
    """What is compared, and how often an exchange answers, is the user's to say."""
    with use_cassette(path):
        get(server, "/a?nonce=1")
    with use_cassette(path, mode="none", match_on=("method", "path"), allow_repeats=True):
        assert get(server, "/a?nonce=2") == b"/a?nonce=1"
        assert get(server, "/a?nonce=3") == b"/a?nonce=1"


def test_match_on_takes_functions(server: OriginServer, path: Path) -> None:
    """Given the recorded request and the one sent."""

    def tenant(recorded: Request, sent: Request) -> Difference | None:
        old, new = recorded.headers.get("x-tenant"), sent.headers.get("x-tenant")
        return None if old == new else Difference("tenant", (f"recorded {old}, sent {new}",))

    with use_cassette(path):
        get(server, "/a", fields={"X-Tenant": "one"})
    replay = use_cassette(path, mode="none", match_on=(*DEFAULT, tenant))
    with pytest.raises(NoMatch, match="tenant: recorded one, sent two"), replay:
        get(server, "/a", fields={"X-Tenant": "two"})


def test_ordered(server: OriginServer, path: Path) -> None:
    """Exchanges answer in the order of the file only."""
    with use_cassette(path):
        get(server, "/a")
        get(server, "/b")
    with pytest.raises(NoMatch, match="turn"), use_cassette(path, ordered=True):
        get(server, "/b")


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"mode": "rewrite"}, ValueError, "one of none, once"),
        ({"match_on": ("uri_path",)}, ValueError, "parts out of"),
        ({"colour": "red"}, TypeError, "colour"),
    ],
)
def test_options_that_make_no_sense_are_refused_at_once(
    path: Path, options: dict[str, object], error: type[Exception], text: str
) -> None:
    """Where they are written, not where they are first used."""
    with pytest.raises(error, match=text):
        use_cassette(path, **options)  # type: ignore[arg-type]


def test_a_function_can_be_decorated(server: OriginServer, path: Path) -> None:
    """Each call has the cassette, and the signature stays (pytest reads it)."""

    @use_cassette(path)
    def program(target: str) -> bytes:
        """The program's own words."""
        return get(server, target)

    assert program("/a") == b"/a"
    assert program("/a") == b"/a"
    assert len(server.peers) == 1
    assert program.__doc__ == "The program's own words."
    assert list(inspect.signature(program).parameters) == ["target"]
    assert current() is None


def test_generators_can_be_decorated(server: OriginServer, path: Path) -> None:
    """A fixture with a yield."""

    @use_cassette(path)
    def fixture() -> Iterator[bytes]:
        yield get(server, "/a")
        get(server, "/b")

    assert list(fixture()) == [b"/a"]
    assert list(fixture()) == [b"/a"]
    assert len(server.peers) == 2


def test_coroutine_functions_can_be_decorated_and_run_at_once(server: OriginServer, tmp_path: Path) -> None:
    """Each has its own cassette: two tasks never mix."""

    def program(name: str, mine: asyncio.Event, other: asyncio.Event) -> Callable[[], object]:
        @use_cassette(tmp_path / f"{name}.yaml")
        async def run() -> None:
            mine.set()
            await other.wait()
            assert get(server, f"/{name}") == f"/{name}".encode()

        return run

    async def both() -> None:
        first, second = asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(program("one", first, second)())  # type: ignore[arg-type]
            group.create_task(program("two", second, first)())  # type: ignore[arg-type]

    asyncio.run(both())
    asyncio.run(both())
    assert len(server.peers) == 2
    for name in ("one", "two"):
        assert [exchange.request.target for exchange in store.load(tmp_path / f"{name}.yaml")] == [f"/{name}"]


def test_async_with(server: OriginServer, path: Path) -> None:
    """The same as with."""

    async def program() -> Cassette:
        async with use_cassette(path) as cassette:
            get(server, "/a")
        return cassette

    assert len(asyncio.run(program()).recorded) == 1
    assert len(asyncio.run(program()).played) == 1


def test_classes_and_asynchronous_generators_are_refused(path: Path) -> None:
    """With a sentence, since they would silently go without."""
    with pytest.raises(TypeError, match="decorates functions"):
        use_cassette(path)(Path)


def test_cassettes_nest(server: OriginServer, tmp_path: Path) -> None:
    """The inner one takes the requests as long as it lasts."""
    with use_cassette(tmp_path / "outer.yaml") as outer:
        get(server, "/1")
        with use_cassette(tmp_path / "inner.yaml") as inner:
            get(server, "/2")
        get(server, "/3")
    assert [exchange.request.target for exchange in outer.exchanges] == ["/1", "/3"]
    assert [exchange.request.target for exchange in inner.exchanges] == ["/2"]


def test_eight_threads_record_and_replay_each_exchange(server: OriginServer, path: Path) -> None:
    """400 of 400 are recorded, 400 of 400 replayed, none reaches the network; also where all ask the same."""

    def storm() -> list[bytes]:
        answers: list[bytes] = []
        start = threading.Barrier(8)

        def work(worker: int) -> None:
            connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
            start.wait()
            for number in range(50):
                connection.request("GET", f"/{worker}/{number}" if number % 2 else "/same")
                answers.append(connection.getresponse().read())
            connection.close()

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(answers)

    with use_cassette(path):
        live = storm()
    assert len(store.load(path)) == 400
    server.stop()
    with use_cassette(path, mode="none") as cassette:
        assert storm() == live
    assert len(cassette.played) == 400
    assert len(server.peers) == 8


def test_ends_are_replayed_as_the_clients_own_exceptions(path: Path) -> None:
    """Empty reply, torn body, reset, time-out: the same exception live and replayed, with the same text."""

    def script(peer: Peer) -> None:
        target = peer.read_head().split()[1]
        if target == b"/torn":
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        elif target == b"/garbage":
            peer.send(b"SSH-2.0-x\r\n\r\n")
        elif target == b"/reset":
            peer.reset()
        elif target == b"/silence":
            peer.read_to_end()

    def outcome(server: OriginServer, target: str) -> tuple[type[BaseException], str]:
        patience = 0.05 if target == "/silence" else 10
        connection = HTTPConnection("127.0.0.1", server.port, strict=True, timeout=patience)
        try:
            connection.request("GET", target)
            connection.getresponse().read()
        except (HTTPException, OSError) as error:
            return type(error), str(error)
        finally:
            connection.close()
        pytest.fail(f"{target} was answered")

    targets = ["/torn", "/garbage", "/reset", "/silence", "/empty"]
    with OriginServer(script) as server:
        with use_cassette(path):
            live = [outcome(server, target) for target in targets]
        server.stop()
        with use_cassette(path, mode="none"):
            replayed = [outcome(server, target) for target in targets]
    assert replayed == live
    ends = {exchange.request.target: exchange.end.how for exchange in store.load(path)}
    assert ends == {
        "/torn": How.EOF,
        "/garbage": How.CLIENT_CLOSED,
        "/reset": How.RESET,
        "/silence": How.TIMEOUT,
        "/empty": How.EOF,
    }


@pytest.mark.parametrize("unasked", [b"", answer(b"", "Set-Cookie: sid=s3cretSid", status="408 T")])
@pytest.mark.parametrize("at_once", [True, False])
def test_what_comes_between_exchanges_is_replayed(path: Path, unasked: bytes, at_once: bool) -> None:
    """The end of a connection that was to persist, and before it what nobody had asked for; without its secrets."""
    told = threading.Event()

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(answer(b"hello") + (unasked if at_once else b""))
        if not at_once:
            told.wait(10)
            peer.send(unasked)

    def received(server: OriginServer) -> bytes:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.connect()
        sock = connection.sock
        sock.sendall(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        got = bytes(sock.recv(len(answer(b"hello"))))
        told.set()
        while piece := sock.recv(65536):
            got += piece
        connection.close()
        return got

    with OriginServer(script) as server, use_cassette(path) as recording:
        assert received(server) == answer(b"hello") + unasked
    with use_cassette(path, mode="none") as replay:
        replayed = received(server)
    assert replayed.startswith(answer(b"hello"))
    assert len(replayed) == len(answer(b"hello") + unasked)
    assert b"s3cretSid" not in replayed
    assert recording.exchanges[0].received == replay.exchanges[0].received
    assert replay.exchanges[0].end.how is How.EOF


def test_closing_leaves_the_verifying_to_the_caller(server: OriginServer, path: Path) -> None:
    """Who knows better when unused exchanges count verifies, and says whether they do."""
    with use_cassette(path):
        get(server, "/a")
    use = use_cassette(path)
    use.__enter__()
    cassette = use.close()
    assert cassette.ended
    cassette.verify(unused=False)
    with pytest.raises(UnusedExchanges):
        cassette.verify()


def test_https_is_recorded_above_tls_and_replayed_without_it(path: Path) -> None:
    """Verification is the client's own while recording; a replay needs no handshake, and verifies nothing."""
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", key_type=trustme.KeyType.ECDSA).configure_cert(server_side)
    trusting, doubting = ssl.create_default_context(), ssl.create_default_context()
    authority.configure_trust(trusting)

    def ask(server: OriginServer, context: ssl.SSLContext) -> bytes:
        connection = HTTPSConnection("127.0.0.1", server.port, context=context, timeout=10)
        try:
            connection.request("GET", "/secure")
            content: bytes = connection.getresponse().read()
            return content
        finally:
            connection.close()

    with OriginServer(echo, server_side) as server:
        with pytest.raises(ssl.SSLCertVerificationError), use_cassette(path):
            ask(server, doubting)
        with use_cassette(path):
            assert ask(server, trusting) == b"/secure"
        server.stop()
        with use_cassette(path, mode="none") as cassette:
            assert ask(server, doubting) == b"/secure"
    assert cassette.exchanges[0].request.url == f"https://127.0.0.1:{server.port}/secure"


def test_a_torn_tail_is_an_error_in_a_replay_and_set_aside_where_recording_goes_on(
    server: OriginServer, path: Path
) -> None:
    """A crash in the middle of a write hurts the last exchange at most."""
    with use_cassette(path):
        get(server, "/a")
        get(server, "/b")
    octets = path.read_bytes()
    path.write_bytes(octets[:-30])
    with pytest.raises(BadCassette, match=r"x\.yaml:"), use_cassette(path, mode="none"):
        pytest.fail("the block was entered")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with use_cassette(path, mode="new_episodes"):
            get(server, "/a")
            get(server, "/b")
    assert [(warning.category, warning.filename) for warning in told] == [(RecoveryWarning, __file__)]
    assert str(told[0].message).endswith(f"torn off while it was written; it was moved to {path}.torn")
    assert [exchange.request.target for exchange in store.load(path)] == ["/a", "/b"]


def test_what_is_no_cassette_is_not_replaced(server: OriginServer, path: Path) -> None:
    """In no mode: a path may be mistyped."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("precious: data\n")
    for mode in ("all", "once", "new_episodes", "none"):
        with pytest.raises(BadCassette, match="move it, or take another path"), use_cassette(path, mode=mode):
            get(server, "/a")
    assert path.read_text() == "precious: data\n"


def test_a_first_exchange_that_was_torn_is_recorded_again(server: OriginServer, path: Path) -> None:
    """Wherever it was torn: what is left when it was set aside is a cassette that is not there yet."""
    with use_cassette(path):
        get(server, "/a")
    octets = path.read_bytes()
    for size in range(1, len(octets) - 1):
        path.write_bytes(octets[:size])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RecoveryWarning)
            with use_cassette(path, mode="new_episodes"):
                assert get(server, "/a") == b"/a"
        assert [exchange.request.target for exchange in store.load(path)] == ["/a"]


AS_NOBODY = """
import os, sys
from cassettes import CassetteError, use_cassette
from httplib_sim import HTTPConnection

def get(target, path=sys.argv[1]):
    with use_cassette(path, mode="new_episodes"), HTTPConnection("127.0.0.1", int(sys.argv[2])) as connection:
        connection.request("GET", target)
        return connection.getresponse().read().decode()

for _ in range(2):
    get("/a", sys.argv[3])  # imports what is needed, as long as that is permitted
if os.geteuid() == 0:  # who may write everywhere
    os.seteuid(65_534)
print(get("/a"))
try:
    get("/b")
except CassetteError as error:
    print(error)
"""


def test_a_file_that_may_only_be_read_is_replayed_in_every_mode_that_replays(
    server: OriginServer, tmp_path: Path
) -> None:
    """As long as nothing new is asked."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.yaml"
        with use_cassette(path):
            get(server, "/a")
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        command = [sys.executable, "-c", AS_NOBODY, str(path), str(server.port), str(tmp_path / "other.yaml")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == f"/a\ncould not write to the cassette {path}: Permission denied\n"


def test_a_client_that_waits_for_more_than_comes_times_out_in_a_replay_as_well(path: Path) -> None:
    """One that takes the framing for another than it is: http.client does where content has two transfer codings."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")
        peer.read_to_end()

    def read(port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=0.1)
        with contextlib.closing(connection):
            connection.request("GET", "/")
            connection.getresponse().read()

    with OriginServer(script) as server, use_cassette(path) as cassette, pytest.raises(TimeoutError):
        read(server.port)
    assert cassette.recorded[0].end.how is How.TIMEOUT
    with use_cassette(path, mode="none"), pytest.raises(TimeoutError):
        read(server.port)


def test_a_folder_that_cannot_be_written_is_one_clear_error(server: OriginServer, tmp_path: Path) -> None:
    """It names the path; the client's request is not to blame."""
    (tmp_path / "file").write_text("no folder")
    path = tmp_path / "file" / "x.yaml"
    with pytest.raises(CassetteError, match=r"x\.yaml"), use_cassette(path):
        get(server, "/a")


def test_a_stream_left_open_is_recorded_at_the_end(path: Path) -> None:
    """What the client saw of it is what a replay gives."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        peer.read_to_end()

    with OriginServer(script) as server:
        for _ in range(2):
            connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
            with use_cassette(path):
                connection.request("GET", "/stream")
                response = connection.getresponse()
                assert response.read(3) == b"one"
            response.close()
            connection.close()
        with pytest.raises(CassetteStall, match="Read the answer within the block"), use_cassette(path):
            get(server, "/stream")
        assert len(server.peers) == 1


def test_our_frames_are_hidden_from_the_traceback(pytester: pytest.Pytester) -> None:
    """What pytest shows ends where the test's own code calls the client."""
    pytester.makepyfile(
        """
        from cassettes import use_cassette
        from httplib_sim import HTTPConnection

        def test_miss(tmp_path):
            (tmp_path / "x.yaml").write_text("cassette: 1\\n...\\n")
            with use_cassette(tmp_path / "x.yaml", mode="none"):
                HTTPConnection("127.0.0.1", 9).request("GET", "/")
        """
    )
    output = pytester.runpytest_subprocess("-p", "no:cacheprovider").stdout.str()
    assert "no recorded exchange answers this request" in output
    for name in ("switch.py", "player.py", "cassette.py", "sockets.py", "socket_face.py", "use.py"):
        assert f"cassettes/{name}" not in output


@pytest.mark.parametrize(
    ("arguments", "options", "text"),
    [((print,), {}, "got a function: decorate it with"), (("x.yaml",), {"redact": True}, "as redact, got bool")],
)
def test_what_is_no_path_and_no_rules_is_refused(arguments: Any, options: Any, text: str) -> None:
    """At once, and not when the first exchange is to be kept."""
    with pytest.raises(TypeError, match=text):
        use_cassette(*arguments, **options)


@pytest.mark.parametrize("mode", ["once", "none", "all", "new_episodes"])
def test_a_folder_that_is_a_file_is_told_before_anything_is_asked(tmp_path: Path, mode: str) -> None:
    """In each mode alike, with what is in the way."""
    (tmp_path / "file").write_text("x")
    told = f"expected a folder at {tmp_path / 'file'}, in which the cassette {tmp_path / 'file' / 'a' / 'x.yaml'} is"
    with (
        pytest.raises(CassetteError, match=escape(told)),
        use_cassette(tmp_path / "file" / "a" / "x.yaml", mode=mode),
    ):
        pass
