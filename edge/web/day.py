"""What the app asks about a day: people by the hour, where they stood, what became of the alerts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.delivery.history import History
from edge.delivery.journal import Journal
from edge.errors import DeliveryError
from edge.geometry import CELL_M
from edge.messages import Day
from edge.web.replies import refused, reply
from edge.web.rights import Right, needs

DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def day_routes(history: History, journal: Journal, today: Callable[[], str]) -> Iterator[Route]:
    """``GET /api/day``.

    Parameters
    ----------
    today
        The store's date now, ``YYYY-MM-DD``; what is told when no date is asked for.
    """

    def day(request: Request) -> Response:
        date = request.query_params.get("date", today())
        if not DATE.fullmatch(date):
            return refused(400, "out_of_bounds", "date is YYYY-MM-DD")
        try:
            history.read(journal)
            return reply(_told(history.day(date), history.dates()))
        except DeliveryError:
            return refused(503, "try_again", "the book of days cannot be read now; ask again")

    yield Route("/api/day", needs(Right.READ, day))


def _told(day: Day, dates: tuple[str, ...]) -> dict[str, object]:
    alerts = day.alerts
    return {
        "date": day.date,
        "days": dates,
        "hours": [
            {"hour": one.hour, "in": one.entered, "out": one.left, "most_inside": one.most_inside} for one in day.hours
        ],
        "dwell": {"cell_m": CELL_M, "cells": [[cell.ix, cell.iy, round(cell.people_s, 1)] for cell in day.cells]},
        "alerts": {"by_level": dict(alerts.by_level), "by_answer": dict(alerts.by_answer)},
        "greeting": {
            "reds": alerts.reds,
            "spoken": alerts.spoken,
            "median_s": None if alerts.median_s is None else round(alerts.median_s, 1),
        },
    }
