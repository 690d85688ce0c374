"""`cassettes.expiry`: how old a cassette may become, and what is done when it is older."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug import Response

from cassettes import BadCassette, CassetteExpired, ExpiryWarning, use_cassette
from cassettes.expiry import expiry
from cassettes.record_mode import RecordMode
from httplib_sim import HTTPConnection

if TYPE_CHECKING:
    from pathlib import Path

    from fake_server import FakeServer

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def get(server: FakeServer) -> bytes:
    """The content of a response."""
    with HTTPConnection(server.host, server.port, timeout=10) as connection:
        connection.request("GET", "/zen")
        content: bytes = connection.getresponse().read()
        return content


@pytest.fixture
def old(tmp_path: Path, fake_server: FakeServer) -> Path:
    """A cassette of the year 2001, whose server answers otherwise by now."""
    path = tmp_path / "zen.yaml"
    answers = iter(["then"])
    fake_server.expect_request("/zen").respond_with_handler(lambda _: Response(next(answers, "now")))
    with use_cassette(path) as cassette:
        get(fake_server)
    [exchange] = cassette.recorded
    at = exchange.started.isoformat(timespec="milliseconds")[:10]
    text = path.read_text()
    assert f"\nat: {at}" in text
    path.write_text(text.replace(f"\nat: {at}", "\nat: 2001-02-03"))
    return path


@pytest.mark.parametrize(
    ("age", "meant"),
    [
        ("30 days", timedelta(days=30)),
        ("1 day", timedelta(days=1)),
        ("2weeks", timedelta(days=14)),
        (" 90 seconds ", timedelta(seconds=90)),
        ("999999999 weeks", timedelta.max),
        (timedelta(hours=3), timedelta(hours=3)),
    ],
)
def test_an_age_is_a_timedelta_or_a_number_and_a_unit(age: Any, meant: timedelta) -> None:
    """As people say it."""
    rule = expiry(age, "warn")
    assert rule is not None
    assert rule.max_age == meant


@pytest.mark.parametrize(
    ("age", "then", "error", "text"),
    [
        ("a month", "warn", ValueError, "such as '30 days'"),
        ("0 days", "warn", ValueError, "longer than nothing"),
        (timedelta(days=-1), "warn", ValueError, "longer than nothing"),
        (30, "warn", TypeError, "got int"),
        (None, "delete", ValueError, "one of warn, fail, record; got 'delete'"),
    ],
)
def test_options_that_make_no_sense_are_refused(age: Any, then: str, error: type[Exception], text: str) -> None:
    """Where the cassette is named, not where it is used."""
    with pytest.raises(error, match=text):
        use_cassette("x.yaml", max_age=age, on_expiry=then)


def test_a_cassette_may_be_as_old_as_max_age() -> None:
    """One that is older by anything is too old; one that does not say has no age."""
    rule = expiry("1 day", "fail")
    assert rule is not None
    assert rule.mode("x", RecordMode.ONCE, NOW - timedelta(days=1), NOW) is RecordMode.ONCE
    assert rule.mode("x", RecordMode.ONCE, None, NOW) is RecordMode.ONCE
    with pytest.raises(CassetteExpired, match=r"x has expired: .* on 2026-11-22, 1 day ago, .* is 1 day\."):
        rule.mode("x", RecordMode.ONCE, NOW - timedelta(days=1, seconds=1), NOW)


def test_an_expired_cassette_is_replayed_with_a_warning(old: Path, fake_server: FakeServer) -> None:
    """The warning is the caller's: it names the line that uses the cassette."""
    with pytest.warns(ExpiryWarning, match="recorded on 2001-02-03") as caught, use_cassette(old, max_age="30 days"):
        assert get(fake_server) == b"then"
    [warning] = caught
    assert warning.filename == __file__


def test_an_expired_cassette_can_be_an_error(old: Path) -> None:
    """It is raised where the block would begin, and the file is as it was."""
    before = old.read_bytes()
    with pytest.raises(CassetteExpired), use_cassette(old, max_age="30 days", on_expiry="fail"):
        pytest.fail("the block must not begin")
    assert old.read_bytes() == before


def test_an_expired_cassette_can_be_recorded_anew(old: Path, fake_server: FakeServer) -> None:
    """Once: then it is young, and replayed."""
    for _ in range(2):
        with warnings.catch_warnings(), use_cassette(old, max_age="30 days", on_expiry="record"):
            warnings.simplefilter("error")
            assert get(fake_server) == b"now"


def test_what_cannot_be_recorded_anew_stays(old: Path) -> None:
    """Without its server, or where the program fails, the expired cassette is as it was."""
    before = old.read_bytes()

    def use() -> None:
        with use_cassette(old, max_age="30 days", on_expiry="record"):
            raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        use()
    assert old.read_bytes() == before


def test_mode_none_never_connects_to_record_anew(old: Path, fake_server: FakeServer) -> None:
    """There, it is a warning."""
    rule = use_cassette(old, mode="none", max_age="30 days", on_expiry="record")
    with pytest.warns(ExpiryWarning), rule:
        assert get(fake_server) == b"then"


def test_mode_all_has_no_use_for_an_age(old: Path, fake_server: FakeServer) -> None:
    """It records anew anyway."""
    with use_cassette(old, mode="all", max_age="30 days", on_expiry="fail"):
        assert get(fake_server) == b"now"


def test_what_is_no_cassette_has_no_age(tmp_path: Path) -> None:
    """It is told that it is none."""
    path = tmp_path / "notes.yaml"
    path.write_text("at: 2001-02-03T00:00:00Z\n")
    with pytest.raises(BadCassette), use_cassette(path, max_age="1 day", on_expiry="warn"):
        pytest.fail("the block must not begin")
