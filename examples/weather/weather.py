"""How warm it is: a client for a small weather service, as a project would have one."""

from __future__ import annotations

import json
import urllib.parse

import httplib_sim

SERVICE = "localhost:8901"


class WeatherError(Exception):
    """The service did not say how warm it is."""


class UnknownCityError(WeatherError):
    """The service knows no such city."""


def celsius(city: str, *, key: str, service: str = SERVICE) -> float:
    """Return the temperature in *city* in degrees Celsius; a service that is busy is asked a second time.

    *key* is our key for the *service*, which is ``host:port``. Raises `UnknownCityError`, and `WeatherError` for every
    other answer that is of no use.
    """
    with httplib_sim.HTTPConnection(service, timeout=5) as connection:
        status, content = _ask(connection, city, key)
        if status == httplib_sim.SERVICE_UNAVAILABLE:
            status, content = _ask(connection, city, key)
    if status == httplib_sim.NOT_FOUND:
        raise UnknownCityError(city)
    if status != httplib_sim.OK:
        raise WeatherError(f"expected status 200, got {status}")
    try:
        return float(json.loads(content)["celsius"])
    except (ValueError, KeyError, TypeError) as error:
        raise WeatherError(f"expected an object with 'celsius', got {len(content)} octets of something else") from error


def _ask(connection: httplib_sim.HTTPConnection, city: str, key: str) -> tuple[int, bytes]:
    path = f"/v1/weather/{urllib.parse.quote(city, safe='')}"
    connection.request("GET", path, headers={"Accept": "application/json", "X-Api-Key": key})
    response = connection.getresponse()
    return response.status, response.read()
