"""Everything that the HTTP API's document allows, and much that it does not, asked of a running box by every role.

Nothing fails inside, every answer is one that the document tells of, and nobody does what they have no right to.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from requests import Session
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from edge.web.openapi import OPERATIONS, Operation, document
from edge.web.rights import Role
from tests.web.people import Person

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LEAVES = {("DELETE", "/api/session")}
"""Ends the session of who asks, and is asked by those who have none."""


@dataclass
class Asked:
    """What came of it."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    trespasses: list[str] = field(default_factory=list)


def ask(url: str, real: Mapping[str, list[str]], cases: int, seed: int = 1) -> Asked:
    """Ask about so many.

    Parameters
    ----------
    real
        Path parameters that mean something, by path.
    """
    asked = Asked()
    people: dict[Role | None, Person] = {role: Person(url).as_role(role) for role in Role}
    people[None] = Person(url)
    pairs = [(who, operation) for who in people for operation in OPERATIONS if _fits(who, operation)]
    each = max(1, cases // (2 * len(pairs)))
    # First those who have no right to it, and what they have not changed is looked at.
    for allowed in (False, True):
        before = _state(people[Role.OWNER])
        for who, operation in pairs:
            if _may(who, operation) == allowed:
                for mode in GenerationMode:
                    _ask_one(asked, people[who], who, operation, mode, real.get(operation.path, []), each, seed)
        if not allowed and _state(people[Role.OWNER]) != before:
            asked.trespasses.append("something was changed by those who have no right to it")
    for person in people.values():
        person.client.close()
    return asked


def _fits(who: Role | None, operation: Operation) -> bool:
    return who is None or (operation.method, operation.path) not in LEAVES


def _may(who: Role | None, operation: Operation) -> bool:
    if operation.right is None:
        return True
    return who is not None and operation.right in who.rights


def _ask_one(
    asked: Asked, person: Person, who: Role | None, operation: Operation, mode: GenerationMode,
    real: list[str], cases: int, seed: int,
) -> None:  # fmt: skip
    schema = schemathesis.openapi.from_dict(document())
    described = schema[operation.path][operation.method]
    session = Session()
    session.trust_env = False

    @hypothesis.seed(seed)
    @settings(
        max_examples=cases, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=described.as_strategy(generation_mode=mode), known=st.sampled_from([None, *real]))
    def one(case, known) -> None:
        if known is not None:
            case.path_parameters = dict.fromkeys(case.path_parameters or {}, known)
        response = case.call(
            base_url=str(person.client.base_url).rstrip("/"), session=session, headers={"x-miseban-csrf": person.csrf},
            cookies=dict(person.client.cookies.items()), timeout=20,
        )  # fmt: skip
        asked.cases += 1
        asked.statuses[response.status_code] += 1
        what = f"{who} {case.method} {case.formatted_path} {str(case.body)[:200]} -> {response.status_code}"
        if response.status_code < 400 and not _may(who, operation):
            asked.trespasses.append(what)
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as fault:
            asked.faults.append(f"{what}: {str(fault.exceptions[0])[:300]}")

    try:
        one()
    except hypothesis.errors.Unsatisfiable:
        pass  # there is nothing to get wrong in it
    session.close()


def _state(owner: Person) -> str:
    """All that can be changed; the box itself goes on making alerts."""
    users = owner.get("/api/users").json()["users"]
    known = [{key: user[key] for key in ("name", "role", "enabled", "invited")} for user in users]
    alerts = owner.get("/api/alerts?limit=500").json()["alerts"]
    touched = [(alert["alert_id"], alert["ack"], alert["pin"]) for alert in alerts if alert["ack"] or alert["pin"]]
    return json.dumps([known, owner.get("/api/snoozes").json(), touched], sort_keys=True)
