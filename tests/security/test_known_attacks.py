"""What mock servers were broken by, tried on this one. The list, and where each stands:

| found in | as | tried in |
|---|---|---|
| Mockoon | CVE-2026-59148: the admin API asks for no token | test_doors |
| Mockoon | CVE-2026-59149: a folder is left by a name that begins like its own | here |
| Mockoon | CVE-2025-59049: a file's name comes from the request | here |
| Hoverfly | CVE-2025-54123: the control plane runs commands | here |
| Hoverfly | CVE-2024-45388: an uploaded simulation names any file | here |
| Hoverfly | GO-2025-3945: a stream is open to all | test_doors, control/test_following |
| MockServer | CVE-2021-32827: any web page may call the control plane | test_doors, test_gate |
| MockServer | GHSA-7pwj-xvc2-hfpc: templates reach the machine | here, simulation/test_replay |
| MockServer | 9.2.0: paths that look alike go round the credentials | test_doors |
| WireMock | CVE-2023-41327, -39967, GHSA-676j-xrv3-73vc: it calls where it is told to | here |
| WireMock | CVE-2023-41329: and is told by a name that is rebound | here, test_doors, test_gate |
| WireMock | CVE-2018-9117: XML names a file | here |
| Microcks | CVE-2023-48910: a document is loaded from any address | here |
| vcrpy | GHSA-rpj2-4hq8-938g: YAML makes objects | here, test_reading |
| localstripe | state is unpickled | here |
| mockd | who calls from this machine is let in | test_doors, test_gate |
| several | a pattern, a body or a head takes for ever, or for good | test_bounds |
| several | secrets in journals and streams | control/test_secrets, simulation/test_redaction |
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest

import metersim
from metersim.bundled import bundled
from metersim.errors import ScenarioError
from metersim.reading import read_file
from metersim.scenario import load_scenario
from metersim.server import set_up
from metersim.simulation.call import Reply, Request
from tests.security.attacker import NAMES, watched

SETUP = set_up("docs-mkio", admin_token="admin")
SOURCES = sorted(Path(metersim.__file__).parent.rglob("*.py"))
# Of several template languages, Python's own two among them, and of a shell.
TEMPLATE = "${7*7} {{7*7}} #{7*7} <%= 7*7 %> %(x)s %s {0.__class__} {} $(id) `id` {{request.body}}"
# The answer that each key would want, and the scope that it would go to, are any.
FOREIGN = (
    *("bodyFileName", "bodyFile", "base64Body", "proxyBaseUrl", "transformers", "webhook"),
    *("serveEventListeners", "postServeActions", "middleware", "binary", "script", "remote"),
    *("callback", "command", "env", "file", "path", "url"),
)
FILES_XML = (
    b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">'
    b'<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;]><a>&e;</a>'
)


def ask(method: str, path: str, data: object = None, **headers: str) -> Reply:
    """In process: a socket would add nothing, and would be seen to be touched."""
    body = data if isinstance(data, bytes) else b"" if data is None else msgspec.json.encode(data)
    sent = {"authorization": "Bearer admin", **headers}
    return SETUP.application.answer(Request(method, path, "", sent, body))[0]


def refused(reply: Reply) -> bool:
    """In words, and in none that a file of this machine could hold."""
    return 400 <= reply.status < 500 and "root:" not in str(reply.body)


def test_what_is_touched_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or nothing would be proved below by nothing being seen."""
    with watched(monkeypatch) as touched:
        (tmp_path / "made").write_text("x")
        with suppress(httpx.ConnectError):
            httpx.get("http://127.0.0.1:1", trust_env=False)
        load_scenario("empty")
    assert any("made" in each for each in touched)
    assert any("127.0.0.1" in each for each in touched)
    assert not [each for each in touched if "empty" in each]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_that_is_sent_names_a_file_or_a_host(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CVE-2026-59149, CVE-2025-59049, CVE-2024-45388, CVE-2023-48910, CVE-2023-41329."""
    with watched(monkeypatch) as touched:
        replies = [
            ask("POST", "/__admin/sessions", {"name": "a", "scenario": name}),
            ask("PUT", "/s/b/__admin/scenario", {"scenario": name}),
            ask("POST", "/__admin/sessions", {"scenario": {"include": name}}),
            ask("POST", "/__admin/sessions", {"name": name}),
            ask("POST", "/__admin/snapshots", {"name": name}),
            ask("POST", f"/__admin/snapshots/{quote(name, safe='')}/restore"),
            ask("DELETE", f"/__admin/snapshots/{quote(name, safe='')}"),
            ask("GET", f"/s/{quote(name, safe='')}/__admin/health"),
            ask("GET", f"/s/{name}/__admin/health"),
        ]
    assert touched == []
    assert [each.body for each in replies if not refused(each)] == []


def test_a_scenario_beside_the_bundled_ones_or_linked_to_is_no_bundled_one(tmp_path: Path) -> None:
    """CVE-2026-59149: a sibling whose name begins with the folder's, and a link that leaves it."""
    sibling = tmp_path / "scenarios-of-another" / "secret.yaml"
    sibling.parent.mkdir()
    sibling.write_text("about: secret\n")
    link = tmp_path / "default"
    link.symlink_to(sibling)
    relative = f"../{sibling.parent.name}/secret"
    for name in (
        str(sibling),
        str(link),
        str(link.parent),
        relative,
        "secret",
        "default/",
        "default.yaml",
    ):
        for scenario in (name, {"include": name}):
            reply = ask("POST", "/__admin/sessions", {"scenario": scenario})
            assert refused(reply)
            assert "secret" not in str(reply.body).replace(repr(name), "")


@pytest.mark.parametrize("key", FOREIGN)
def test_no_upload_can_ask_for_a_file_a_command_or_a_call(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CVE-2025-54123, CVE-2024-45388, CVE-2023-41327, CVE-2023-39967."""
    value = "http://127.0.0.1:1/etc/passwd"
    with watched(monkeypatch) as touched:
        replies = [
            ask(
                "POST",
                "/__admin/faults",
                {"vendor": "saas", "problem": {"status": 400}, key: value},
            ),
            ask("POST", "/__admin/faults", {"problem": {"status": 400, key: value}}),
            ask("POST", "/__admin/faults", {"problem": {"status": 400}, "request": {key: [value]}}),
            ask("POST", "/__admin/sessions", {"scenario": {"about": "x", key: value}}),
            ask("POST", "/__admin/sessions", {"name": "c", key: value}),
            ask("PUT", "/__admin/settings", {"vendor_limits": False, key: value}),
            ask("PUT", "/__admin/middleware", {key: value}),
        ]
    assert touched == []
    assert [each.body for each in replies if not refused(each)] == []


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    for each in node if isinstance(node, list) else ():
        yield from schemas(each)


@pytest.mark.parametrize("name", ["openapi/control.yaml", "scenarios/scenario.schema.json"])
def test_nothing_that_is_taken_is_an_address(name: str) -> None:
    """CVE-2023-41327, CVE-2023-48910: what takes no address calls nobody."""
    folder, _, file = name.partition("/")
    known = list(schemas(read_file(bundled(folder) / file).data))
    assert len(known) > 100
    formats = {each["format"] for each in known if isinstance(each.get("format"), str)}
    assert formats <= {"date", "date-time", "instant", "duration", "email", "uuid"}


def test_an_address_in_a_pattern_or_a_scenario_is_text_and_nobody_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """CVE-2023-41327, CVE-2023-41329: ``@127.0.0.1`` and the like."""
    url = "http://user@127.0.0.1:1/@169.254.169.254"
    scenario = {"include": "docs-mkio", "customers": {"other": {"name": url, "aliases": [url]}}}
    pattern = {"urlPath": url, "headers": {"host": {"equalTo": url}}}
    with watched(monkeypatch) as touched:
        replies = [
            ask("POST", "/__admin/sessions", {"name": "d", "scenario": scenario}),
            ask("GET", "/s/d/__admin/state"),
            ask("POST", "/s/d/__admin/faults", {"fault": "EMPTY_RESPONSE", "request": pattern}),
            ask("POST", "/s/d/__admin/requests/find", pattern),
            ask("POST", "/s/d/__admin/near-misses/request-pattern", pattern),
        ]
        called = ask("GET", "/s/d/mkio/api/v1/projects/x/metricsEndpoint", host=url, referer=url)
        replies.append(ask("GET", "/s/d/__admin/requests/export"))
    assert touched == []
    assert called.status == 401
    assert [int(each.status) for each in replies] == [200] * 6, [each.body for each in replies]


def test_what_looks_like_a_template_is_text_wherever_it_is_shown() -> None:
    """GHSA-7pwj-xvc2-hfpc."""
    scenario = {"include": "docs-mkio", "customers": {"other": {"name": TEMPLATE}}}
    opened = ask("POST", "/__admin/sessions", {"name": "e", "scenario": scenario})
    assert opened.status == 200
    told = ask("GET", "/s/e/__admin/state").body["customers"]
    assert TEMPLATE in [each["name"] for each in told]
    fault = {"vendor": "mkio", "problem": {"status": 400, "message": TEMPLATE, "code": TEMPLATE}}
    assert ask("POST", "/s/e/__admin/faults", fault).status == 200
    refusal = ask("GET", "/s/e/mkio/api/v1/organization/paymentMethods", host=TEMPLATE)
    assert (refusal.body["error"]["detail"], refusal.body["error"]["code"]) == (TEMPLATE, TEMPLATE)
    (entry,) = ask("GET", "/s/e/__admin/requests").body["requests"]
    assert entry["request"]["headers"]["host"] == TEMPLATE


@pytest.mark.parametrize("media", ["application/xml", "text/xml", "application/json", ""])
def test_xml_is_read_by_nobody(media: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """CVE-2018-9117."""
    headers = {"content-type": media} if media else {}
    token = {**headers, "authorization": "Bearer metersim-token"}
    with watched(monkeypatch) as touched:
        plane = ask("POST", "/__admin/sessions", FILES_XML, **headers)
        vendor = ask("POST", "/mkio/api/v1/organization/reports/usage", FILES_XML, **token)
    assert touched == []
    assert (plane.status, vendor.status) == (400, 415 if "xml" in media else 400)


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch {made}']",
        "!!python/object/new:subprocess.check_output [['touch', '{made}']]",
        "!!python/name:os.system",
        "!!python/module:os",
        "!python/object/apply:os.system ['touch {made}']",
        "!include {made}",
    ],
)
def test_a_tag_in_yaml_makes_nothing(tag: str, tmp_path: Path) -> None:
    """GHSA-rpj2-4hq8-938g; aliases that multiply stand in ``test_reading.py``."""
    made, file = tmp_path / "made", tmp_path / "scenario.yaml"
    text = f"about: {tag.format(made=made)}\n"
    file.write_text(text)
    with pytest.raises(ScenarioError, match="tags are not allowed"):
        load_scenario(file)
    assert refused(ask("POST", "/__admin/sessions", text.encode(), **{"content-type": "text/yaml"}))
    assert not made.exists()


# Modules by which data becomes code, code becomes a process, or the net is reached.
BANNED = (
    *("pickle", "marshal", "shelve", "dill", "cloudpickle", "subprocess", "multiprocessing"),
    *(
        "ctypes",
        "code",
        "codeop",
        "runpy",
        "pty",
        "xml.sax",
        "xml.dom",
        "xml.parsers",
        "lxml",
        "jinja2",
        "string.Template",
    ),
    *("tempfile", "webbrowser", "ftplib", "smtplib", "telnetlib", "urllib.request"),
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_code_unpickles_evaluates_or_runs_anything(path: Path) -> None:
    """localstripe's pickle, CVE-2025-54123, GHSA-7pwj-xvc2-hfpc."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names):
                named = [each.name for each in names]
            case ast.ImportFrom(module=str(module), names=names):
                named = [module, *(f"{module}.{each.name}" for each in names)]
            case ast.Call(func=ast.Name(id)):
                assert id not in ("eval", "exec", "compile", "__import__"), node.lineno
                continue
            case ast.Attribute(ast.Name("os"), attr):
                assert not attr.startswith(("system", "popen", "exec", "spawn", "fork")), (
                    node.lineno
                )
                continue
            case ast.Attribute(ast.Name("yaml"), attr):
                assert "load" not in attr.lower() or attr == "CBaseLoader", node.lineno
                continue
            case ast.Attribute(ast.Name("ElementTree" | "ET"), attr):
                assert attr in ("Element", "SubElement", "indent", "tostring"), node.lineno
                continue
            case _:
                continue
        for name in named:
            assert not f"{name}.".startswith(tuple(f"{each}." for each in BANNED)), name
