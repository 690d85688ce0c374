"""What answers a request: expectations, or an application, or a cassette, and what goes wrong with the answer.

Law: chooses answers, and knows neither sockets nor TLS nor proxies; `FakeServer` puts that under it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypedDict, Unpack

from cassettes import redaction

from . import checks, report
from .answers import text_answer
from .errors import BadExpectation
from .schedules import schedule
from .turns import faulted
from .vocabulary import Vocabulary

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from wsgiref.types import WSGIApplication

    from cassettes.matchers import MatchFunction
    from cassettes.redaction import Redaction

    from .beginnings import Due
    from .connection import Answer
    from .expectations import Expectations
    from .faults.base import Fault
    from .journal import Entry, Journal
    from .replay import CassetteAnswers
    from .schedules import Schedule


class ReplayOptions(TypedDict, total=False):
    """How a cassette's requests are compared with those that come: see `cassettes.use_cassette`."""

    match_on: Iterable[str | MatchFunction]
    redact: Redaction | None


class Source(Protocol):
    """Answers requests that meet no expectation: an application, a cassette."""

    def answer(self, entry: Entry, /) -> Answer | None:
        """Return the answer, or None if it has none."""

    def nearest(self, entry: Entry, /) -> str:
        """Return why it has none, in words."""

    @property
    def schedules(self) -> list[Schedule | None]:
        """When what goes wrong with its answers does."""


class Answering(Vocabulary):
    """Expectations, and what answers where none does."""

    def __init__(self, journal: Journal, expectations: Expectations) -> None:
        super().__init__(journal, expectations)
        self._sources: list[Source] = []
        self._faults: list[Due] = []

    def with_fault(self, *faults: Fault, on: Schedule | int | None = None) -> None:
        """Have *faults* befall whatever is answered here; *on* says at which of the requests, from 1; None is all.

        Raises `BadExpectation` for what comes before the response: that needs an expectation, or the server.
        """
        from .faults.base import checked  # noqa: PLC0415  only for those who have something go wrong
        from .faults.positions import Phase  # noqa: PLC0415

        when = schedule(on)
        for fault in map(checked, faults):
            if fault.phase < Phase.REQUEST_LINE:
                raise BadExpectation(f"{fault} comes before a request tells whom it is for: give it to the server")
            if fault.phase < Phase.RESPONSE:
                raise BadExpectation(f"{fault} comes while a request is read: give it to an expectation's with_fault()")
            self._faults.append((fault, when))
            self.expectations.vary()

    @property
    def schedules(self) -> list[Schedule | None]:
        """When what goes wrong here does."""
        from_sources = [when for source in self._sources for when in source.schedules]
        return [*super().schedules, *(when for _, when in self._faults), *from_sources]

    def ask(self, source: Source) -> None:
        """Have *source* answer, where no expectation does, nor one that was given before."""
        self._sources.append(source)

    def mount(self, app: WSGIApplication, prefix: str = "") -> None:
        """Have the WSGI application *app* answer the paths below *prefix*, where no expectation does.

        Raises `BadExpectation` for what cannot be called, and for a prefix without a slash.
        """
        checks.called("an application", app)
        checks.prefix(prefix)
        from .wsgi import MountedApp  # noqa: PLC0415  loads werkzeug

        self.ask(MountedApp(app, prefix))

    def serve_cassette(
        self, path: str | os.PathLike[str], *, faults: Iterable[Fault] = (), **options: Unpack[ReplayOptions]
    ) -> CassetteAnswers:
        """Answer from the cassette at *path*, where no expectation does.

        The recorded octets are sent as they are, each exchange once, and in order among equals. The options are those
        of `cassettes.use_cassette`: *match_on* names what is compared (method, path, query and body, where nothing else
        is said), *redact* are the rules by which secrets are known. The *faults* befall each recorded answer;
        give those that come now and then to `CassetteAnswers.with_fault`. Returns what tells which exchanges have been
        served. Raises `cassettes.errors.CassetteError`, and `ValueError` for what cannot be compared.
        """
        from .replay import CassetteAnswers  # noqa: PLC0415  loads cassettes and YAML

        source = CassetteAnswers.load(path, **options)
        source.with_fault(*faults)
        self.ask(source)
        return source

    def save_cassette(self, path: str | os.PathLike[str], *, redact: Redaction | None = redaction.DEFAULT) -> int:
        """Write what has been asked and answered so far as a cassette to *path*, in the place of one that is there.

        Secrets have stand-ins in it, by the rules *redact*; None keeps them. Waits for answers that are under way;
        returns how many exchanges there are. Raises `cassettes.errors.CassetteError`.
        """
        from .exchanges import save  # noqa: PLC0415  loads YAML

        return save(self.journal, path, redact)

    def clear(self) -> None:
        """Forget expectations, mounted applications, cassettes, faults, findings and the journal; serve on."""
        super().clear()
        self._sources = []
        self._faults = []

    @property
    def forehanded(self) -> bool:
        """Whether `foresee` is to be asked; for `Connection`."""
        return self.expectations.forehanded

    def foresee(self, entry: Entry) -> bool:
        """Tell whether a request is to be answered before its content has been read; for `Connection`."""
        try:
            return self.expectations.foresee(entry) is not None
        except Exception:  # noqa: BLE001  the test's own function is asked again with the content, and heard then
            return False

    def choose(self, entry: Entry) -> Answer:
        """Return the answer to a request; for `Connection`. Raises what a handler raises."""
        answer = self._choose(entry)
        return faulted(answer, self._faults, entry.number) if self._faults else answer

    def _choose(self, entry: Entry) -> Answer:
        expectation = entry.expectation or self.expectations.meet(entry)
        if expectation is not None:
            self.journal.notify()
            if expectation.forbidden:
                return self._refuse(report.forbidden(entry, expectation))
            return expectation.answer(entry)
        for source in self._sources:
            answer = source.answer(entry)
            if answer is not None:
                return answer
        text = report.unmatched(entry, self.expectations, self.journal, self.elsewhere())
        return self._refuse("\n\n".join([text, *self.remarks(entry)]))

    def elsewhere(self) -> dict[str, Expectations]:
        """Return what is expected elsewhere in this process, by where: nothing that is known here."""
        return {}

    def remarks(self, entry: Entry) -> list[str]:
        """Return why there is no answer to *entry* beside the expectations."""
        return [source.nearest(entry) for source in self._sources]

    def _refuse(self, text: str) -> Answer:
        """Take note of a request that should not have come, and answer it with *text*, which says why."""
        self.add_assertion(text)
        return text_answer(self.no_handler_status_code, text + "\n", [("X-Fake-Server", "unmatched")])
