"""A weather service to record from: ``python service.py``, then ``pytest --cassette-mode=all`` in another terminal."""

from __future__ import annotations

import threading

from weather import SERVICE

from fake_server import FakeServer

TEMPERATURES = {"Tromsø": -3.5, "Oslo": 4.0, "Bergen": 7.25}


def weather_service() -> FakeServer:
    """Return the service, not started yet, at the address where `weather` looks for it."""
    host, _, port = SERVICE.partition(":")
    service = FakeServer(host, int(port))
    for city, degrees in TEMPERATURES.items():
        service.expect_request(f"/v1/weather/{city}").respond_with_json({"city": city, "celsius": degrees})
    service.expect_request("/v1/weather/Atlantis").respond_with_json({"error": "no such city"}, status=404)
    return service


if __name__ == "__main__":
    with weather_service() as service:
        print(f"The weather service listens at {service.url}; Ctrl-C ends it.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()
