"""Lets a caller in, or says why not. What is needed stands in the document's ``security``."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

from metersim.contract.operation import Operation, Requirement
from metersim.simulation.problems import forbidden, unauthorized
from metersim.world.opening import Credential
from metersim.world.world import World


def authenticate(
    operation: Operation, headers: Mapping[str, str], world: World
) -> Credential | None:
    """The caller's credential, or None for an anonymous call to a public operation.

    A credential that is presented is judged, even where none is needed: a typing error in a key
    should not pass unseen. Problem 401 for one that is missing, malformed, unknown or expired; 403
    for one without the scope.
    """
    challenge = _challenge(operation.security)
    presented = [need for need in operation.security if headers.get(need.header, "").strip()]
    if not presented:
        if operation.public:
            return None
        raise unauthorized("Authentication required", challenge)
    rivals = [need for need in presented if need.header == presented[0].header]
    need, secret = _chosen(rivals, headers[presented[0].header].strip())
    credential = (
        _metrics_reader(secret, world) if need.type == "basic" else world.credential(secret)
    )
    if credential is None:
        raise unauthorized("Invalid credentials", challenge)
    if credential.expires is not None and credential.expires <= world.now:
        raise unauthorized("The credentials have expired", challenge)
    missing = [scope for scope in need.scopes if not credential.allows(scope)]
    if missing:
        raise forbidden(f"Missing required scope: {', '.join(missing)}")
    return credential


def _chosen(rivals: Sequence[Requirement], presented: str) -> tuple[Requirement, str]:
    """Which of the requirements on one header its text answers to, and the secret it brings."""
    for need in rivals:
        if need.type == "apiKey":
            return need, presented
        scheme, _, secret = presented.partition(" ")
        if scheme.lower() == need.type and secret.strip():
            return need, secret.strip()
    expected = " or ".join(need.type.capitalize() for need in rivals)
    raise unauthorized(f"Expected `Authorization: {expected} …`", _challenge(rivals))


def _challenge(needs: Sequence[Requirement]) -> str | None:
    """The HTTP authentication schemes among them, as a header lists them; None where none is."""
    return ", ".join(need.type.capitalize() for need in needs if need.type != "apiKey") or None


def _metrics_reader(encoded: str, world: World) -> Credential | None:
    """Who scrapes: the one that a project's metrics endpoint gave its user name and password to."""
    try:
        username, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    for project in world.opening.projects.values():
        access = world.metrics_access(project)
        if access is not None and (access.username, access.password) == (username, password):
            return Credential(token=password, scopes=("metrics:read",), project=project.key)
    return None
