"""Contract defects: one thing is wrong with a reply, all else is as it was."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.contract.operation import Operation
from metersim.simulation.call import Reply
from metersim.simulation.defects import located, read_defect, replaced
from tests.simulation.trouble import USAGE, VENDORS, record, usage
from tests.wire import simulate

pytestmark = pytest.mark.inside

LEAVES = st.none() | st.booleans() | st.integers() | st.text()
DATA = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
LIST_USAGE = VENDORS["metronome"].contract.operations["listUsage"]
PAYMENT_METHODS = VENDORS["mkio"].contract.operations["listPaymentMethods"]


def spoilt(body: Any, operation: Operation = LIST_USAGE, **defect: Any) -> Any:
    """The body of a reply with the defect; None where there is nothing to spoil."""
    found = read_defect(defect).spoil(Reply(body), operation, {})
    return found and found.body


@given(DATA, st.data())
def test_what_is_put_at_a_path_is_found_there_and_the_original_stays(data: Any, draw: Any) -> None:
    original, path, node = deepcopy(data), [], data
    while isinstance(node, dict | list) and node and draw.draw(st.booleans()):
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        path.append(draw.draw(st.sampled_from(keys)))
        node = node[path[-1]]
    assert list(located(data, [str(step) for step in path])) == path
    changed = replaced(data, path, "put here")
    assert data == original
    for step in path:
        changed = changed[step]
    assert changed == "put here"
    assert replaced(replaced(data, path, "put here"), path, node) == original


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("/a", {"b": [{"x": 1}, {"y": 2}], "c/d": {"~": 3}}),
        ("/b/0", {"a": 0, "b": [{"y": 2}], "c/d": {"~": 3}}),
        ("/b/*/y", {"a": 0, "b": [{"x": 1}, {}], "c/d": {"~": 3}}),
        ("/*/*/x", {"a": 0, "b": [{}, {"y": 2}], "c/d": {"~": 3}}),
        ("/c~1d/~0", {"a": 0, "b": [{"x": 1}, {"y": 2}], "c/d": {}}),
        ("/b/*", {"a": 0, "b": [{"y": 2}], "c/d": {"~": 3}}),
        ("/b/2", None),
        ("/b/01", None),
        ("/b/*/z", None),
        ("/a/b", None),
        ("/", None),
    ],
)
def test_a_pointer_leads_to_the_first_that_will_do(pointer: str, expected: Any) -> None:
    body = {"a": 0, "b": [{"x": 1}, {"y": 2}], "c/d": {"~": 3}}
    assert spoilt(body, remove=pointer) == expected


@pytest.mark.parametrize("defect", ["remove", "retype"])
@pytest.mark.parametrize(
    "pointer", ["/data", "/data/0/value", "/data/*/billable_metric_id", "/next_page"]
)
def test_a_reply_with_a_defect_departs_from_its_contract(defect: str, pointer: str) -> None:
    sim = simulate("docs-metronome")
    right = usage(sim).data
    assert LIST_USAGE.judge_reply(200, "application/json", right) == []
    wrong = spoilt(right, LIST_USAGE, **{defect: pointer})
    assert LIST_USAGE.judge_reply(200, "application/json", wrong) != []


def test_a_number_comes_in_quotation_marks() -> None:
    sim = simulate("docs-metronome")
    sim.faults.add(defect={"retype": "/data/*/value"})
    rows = usage(sim).data["data"]
    assert [row["value"] for row in rows] == ["1234", 1234]


def test_where_any_type_is_allowed_it_is_at_least_another() -> None:
    assert spoilt({"extra": 1}, retype="/extra") == {"extra": "1"}
    assert spoilt({"extra": "1"}, retype="/extra") == {"extra": 0}
    assert spoilt({"extra": True}, retype="/extra") == {"extra": 0}


def test_a_word_becomes_one_that_no_document_knows() -> None:
    example = PAYMENT_METHODS.examples[200]["all"].value
    wrong = spoilt(example, PAYMENT_METHODS, enum="/value/*/spec/kind")
    (violation,) = PAYMENT_METHODS.judge_reply(200, "application/json", wrong)
    assert "_unheard_of" in violation.message
    assert spoilt({"state": "ok"}, enum="/state") == {"state": "ok_unheard_of"}
    assert spoilt({"state": 1}, enum="/state") is None


def test_a_page_leads_to_itself() -> None:
    sim = simulate()
    sim.faults.add(vendor="metronome", defect={"loop": True})
    hourly = {**USAGE, "window_size": "hour", "starting_on": "2026-02-01T00:00:00Z"}
    hourly["ending_before"] = "2026-03-01T00:00:00Z"
    metronome = sim.caller("metronome")
    second = metronome.post("/v1/usage", hourly).data["next_page"]
    looping = [metronome.post("/v1/usage", hourly, {"next_page": second}).data for _ in range(2)]
    assert looping[0] == looping[1]
    assert looping[0]["next_page"] == second
    (row,) = sim.faults.list()
    assert (row["matched"], row["hits"]) == (3, 2)  # nothing leads back to the first page


def test_defects_may_come_together_and_all_or_none_of_them_does() -> None:
    body = {"data": [{"value": 1, "name": "a"}]}
    both = spoilt(body, retype="/data/0/value", remove="/data/0/name")
    assert both == {"data": [{"value": "1"}]}
    assert spoilt(body, retype="/data/0/value", remove="/data/1") is None


def test_text_has_no_fields_to_spoil_and_a_hit_that_missed_is_not_counted() -> None:
    assert spoilt("a 1\nb 2", remove="/a") is None
    sim = simulate("docs-mudbase")
    sim.faults.add(defect={"remove": "/nothing/here"}, times=1)
    assert record(sim).status == 200
    assert [(row["matched"], row["hits"]) for row in sim.faults.list()] == [(1, 0)]
