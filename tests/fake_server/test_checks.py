"""What cannot be meant is refused where it is written, in words that say what was expected, what came, what to do."""

from __future__ import annotations

import http
import re
from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import pytest

from fake_server import FakeServer, Raw, RequestMatcher, Streamed, faults, patterns, schedules
from fake_server.errors import BadExpectation

from .raw import exchange

if TYPE_CHECKING:
    from collections.abc import Callable

    from fake_server.expectation import Expectation

Said = "Callable[[Expectation], object]"
