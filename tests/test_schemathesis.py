"""Whatever is sent to an address, by anybody: the server does not fail, and answers as its document says."""

import os
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
import schemathesis
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from tests.described import DOCUMENT, problems
from tests.everything import Everything
from tests.world import Caller

EXAMPLES = int(os.environ.get("TAIGA_TEST_EXAMPLES", "3"))
"""For each operation. These three, always the same, take less than a minute; more of them are others each time."""
LONG = "/stream"
"""Answers that end after a while only."""
Operation = APIOperation[Any, Any, Any, Any]
Sample = Case[Any]


@pytest.fixture
def operations() -> list[Operation]:
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    assert len(found) > 400
    return [operation for operation in found if not operation.path.endswith(LONG)]


@pytest.fixture
def everything(db: None) -> Everything:
    return Everything()


def cases(operation: Operation) -> st.SearchStrategy[Sample]:
    """What fits the document, and what does not."""
    fitting = operation.as_strategy(GenerationMode.POSITIVE)
    return fitting | operation.as_strategy(GenerationMode.NEGATIVE)


def told(case: Sample, caller: Caller, *, form: bool) -> list[str]:
    """Send a request and undo what it did; what is wrong with the answer."""
    undo = transaction.savepoint()
    try:
        answer = sent(case, caller, form=form)
    finally:
        transaction.savepoint_rollback(undo)
    if answer.status_code >= 500:
        return [f"{answer.status_code} {case.as_curl_command()}"]
    return problems(case.method, case.path.lstrip("/"), answer)


def sent(case: Sample, caller: Caller, *, form: bool) -> Any:
    """The answer to a request; a body of JSON may be sent as a form."""
    made = requests.Request(**case.as_transport_kwargs(base_url="http://testserver/api/v1")).prepare()
    headers = {name: str(value) for name, value in {**made.headers, **caller.headers}.items()}
    kind = headers.pop("Content-Type", "")
    body: Any = made.body or b""
    if form and kind == "application/json" and isinstance(case.body, dict):
        kind, body = "application/x-www-form-urlencoded", urlencode(case.body).encode()
        headers["Content-Length"] = str(len(body))
    assert made.method is not None
    return Client(raise_request_exception=False).generic(made.method, made.path_url, body, kind, headers=headers)


def aim(case: Sample, everything: Everything) -> None:
    """Have a request name things that there are."""
    path = case.path.lstrip("/")
    for name in case.path_parameters or {}:
        known = everything.values.get(f"{{{name}}}") if name != "id" else everything.id_for(path)
        if known is not None:
            case.path_parameters[name] = known
    for name in ("project", "project_id"):
        if isinstance(case.body, dict) and name in case.body:
            case.body[name] = everything.project.pk


def test_no_request_makes_the_server_fail(operations: list[Operation], everything: Everything) -> None:
    callers = [everything.asking, Caller()]
    found: list[str] = []
    for operation in operations:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=EXAMPLES == 3,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases(operation), real=st.booleans(), form=st.booleans())
        def ask(case: Sample, real: bool, form: bool) -> None:
            if real:
                aim(case, everything)
            for caller in callers:
                found.extend(told(case, caller, form=form))

        ask()
    assert found == []


@pytest.mark.parametrize(
    ("path", "body", "wrong"),
    [
        ("/tasks/bulk_update_us_order", {"us_id": "no id", "bulk_tasks": [{"task_id": 1, "order": 1}]}, "us_id"),
    ],
)
def test_what_made_it_fail_once_is_refused(path: str, body: Any, wrong: str, everything: Everything) -> None:
    answer = everything.asking.post(path, {"project_id": everything.project.pk, **body})
    assert answer.status_code == 400
    assert wrong in answer.json()
