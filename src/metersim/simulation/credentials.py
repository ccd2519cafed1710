"""Lets a caller in, or says why not. What is needed stands in the document's ``security``."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

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
    presented = [need for need in operation.security if headers.get(need.header, "").strip()]
    if not presented:
        if operation.public:
            return None
        raise unauthorized("Authentication required")
    need = presented[0]
    credential = _credential(need, headers[need.header].strip(), world)
    if credential is None:
        raise unauthorized("Invalid credentials")
    if credential.expires is not None and credential.expires <= world.now:
        raise unauthorized("The credentials have expired")
    missing = [scope for scope in need.scopes if not credential.allows(scope)]
    if missing:
        raise forbidden(f"Missing required scope: {', '.join(missing)}")
    return credential


def _credential(need: Requirement, presented: str, world: World) -> Credential | None:
    if need.type == "apiKey":
        return world.credential(presented)
    scheme, _, secret = presented.partition(" ")
    secret = secret.strip()
    if scheme.lower() != need.type or not secret:
        raise unauthorized(f"Expected `Authorization: {need.type.capitalize()} …`")
    return _metrics_reader(secret, world) if need.type == "basic" else world.credential(secret)


def _metrics_reader(encoded: str, world: World) -> Credential | None:
    """Who scrapes: the one that a project's metrics endpoint gave its user name and password to."""
    try:
        username, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    for project in world.opening.projects.values():
        access = world.metrics_access(project)
        if access is not None and (access.username, access.password) == (username, password):
            return Credential(token=password, scopes=("metrics:read",), project=project.key)
    return None
