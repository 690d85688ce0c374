"""The project's suite: replayed where the real service matters, against a fake one where it must misbehave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from weather import UnknownCityError, WeatherError, celsius

if TYPE_CHECKING:
    from cassettes import Cassette
    from fake_server import FakeServer


def test_celsius(cassette: Cassette) -> None:
    """The temperature is the one that the service gave when this was recorded."""
    assert celsius("Tromsø", key="any") == -3.5
    assert [exchange.request.target for exchange in cassette.exchanges] == ["/v1/weather/Troms%C3%B8"]


@pytest.mark.cassette("unknown-city")
def test_unknown_city() -> None:
    """A city that the service does not know is an error of its own."""
    with pytest.raises(UnknownCityError, match="Atlantis"):
        celsius("Atlantis", key="any")


def test_key_is_sent(fake_server: FakeServer) -> None:
    """The service is asked with our key."""
    fake_server.expect_oneshot_request("/v1/weather/Oslo", headers={"X-Api-Key": "ours"}).respond_with_json(
        {"celsius": 4}
    )
    assert celsius("Oslo", key="ours", service=f"{fake_server.host}:{fake_server.port}") == 4.0


def test_asks_again_when_busy(fake_server: FakeServer) -> None:
    """A service that is busy once is asked a second time, over the same connection."""
    fake_server.expect_ordered_request("/v1/weather/Oslo").respond_with_data("later, please", status=503)
    fake_server.expect_ordered_request("/v1/weather/Oslo").respond_with_json({"celsius": 4})
    assert celsius("Oslo", key="any", service=f"{fake_server.host}:{fake_server.port}") == 4.0
    assert {entry.caller.connection for entry in fake_server.journal} == {1}


@pytest.mark.parametrize("content", ["sunny", "[]", '{"fahrenheit": 40}', '{"celsius": "mild"}'])
def test_useless_answer(fake_server: FakeServer, content: str) -> None:
    """Content that does not say how warm it is raises an error of ours, whatever it is."""
    fake_server.expect_request("/v1/weather/Oslo").respond_with_data(content)
    with pytest.raises(WeatherError, match="expected an object with 'celsius'"):
        celsius("Oslo", key="any", service=f"{fake_server.host}:{fake_server.port}")
