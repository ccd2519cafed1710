"""Who the customers of the implementation of Metronome are, and what is measured of them."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from flask import Flask, Response, request
from simplejson import dumps

from tests.implementations.metronome_reading import Refused, sent, texts
from tests.implementations.metronome_store import METRICS, NOW, Store, told


def answer(body: object, status: int) -> Response:
    """A reply whose body is JSON, with every decimal as it is."""
    return Response(dumps(body, use_decimal=True), status, mimetype="application/json")


def serve_customers(app: Flask, store: Store) -> None:
    """Makes, shows, names and archives customers."""

    def alias(text: str, customer: str) -> None:
        store.db.execute("insert or replace into aliases values (?,?)", (text, customer))

    @app.post("/v1/customers")
    def create_customer() -> Response:
        asked = sent()
        aliases = _aliases(asked.get("ingest_aliases", []))
        [name] = texts([asked.get("name")], "name")
        compared = aliases[:1] if store.defect == "one alias is compared" else aliases
        clash = any(map(store.owner, compared)) and store.defect != "an alias may be anybody's"
        if clash and store.defect != "who clashes is made all the same":
            raise Refused("somebody else is called so", 409)
        number = store.db.execute("select count(*) from customers").fetchone()
        customer = str(uuid5(NAMESPACE_URL, str(number)))
        row = customer, name[:160], told(NOW)
        store.db.execute("insert into customers values (?,?,?,null)", row)
        for each in aliases:
            alias(each, customer)
        if clash:
            raise Refused("somebody else is called so", 409)
        return answer({"data": _customer(store, customer)}, 200)

    @app.get("/v1/customers/<uuid:customer>")
    def get_customer(customer: UUID) -> Response:
        return answer({"data": _customer(store, str(customer))}, 200)

    @app.post("/v1/customers/archive")
    def archive() -> Response:
        [customer] = texts([sent().get("id")], "id")
        _customer(store, customer)
        row = told(NOW), customer
        store.db.execute("update customers set archived=? where id=?", row)
        return answer({"data": {"id": customer}}, 200)

    @app.post("/v1/customers/<uuid:customer>/setIngestAliases")
    def set_aliases(customer: UUID) -> Response:
        _customer(store, str(customer))
        aliases = _aliases(sent().get("ingest_aliases"))
        store.db.execute("delete from aliases where customer=?", (str(customer),))
        for each in aliases:
            if _may_move(store, each, str(customer)):
                alias(each, str(customer))
        return Response(status=200)


def _may_move(store: Store, alias: str, customer: str) -> bool:
    owner = store.owner(alias)
    if owner and store.defect == "an alias cannot be moved":
        raise Refused("somebody else is called so", 409)
    asked = "select a.rowid < b.rowid from customers a, customers b where a.id=? and b.id=?"
    row = store.db.execute(asked, (owner, customer)).fetchone()
    return not (row and row[0] and store.defect == "an alias stays with who was there before")


def serve_lists(app: Flask, store: Store) -> None:
    """Lists customers and metrics."""

    @app.get("/v1/customers")
    def list_customers() -> Response:
        archived = _flag("only_archived")
        wanted = request.args.get("customer_ids", "").split(",")
        rows = store.db.execute("select id, archived is not null from customers order by name")
        found = []
        for each, gone in rows.fetchall():
            shown = (
                bool(gone) is archived
                or not archived
                and (store.defect == "archived customers stay in the list")
            )
            if store.defect == "only_archived is ignored":
                shown = not gone
            if shown and (wanted == [""] or each in wanted):
                found.append(_customer(store, each))
        return answer(_page(found), 200)

    @app.get("/v1/billable-metrics")
    def metrics() -> Response:
        every = _flag("include_archived")
        every = every or store.defect == "archived metrics are listed"
        rows = [_metric(name) for name, row in METRICS.items() if every or not row[5]]
        return answer(_page(rows), 200)


def _aliases(given: Any) -> list[str]:
    if not all(1 <= len(each) <= 128 for each in texts(given, "ingest_aliases")):
        raise Refused("an alias has 1 to 128 characters")
    return list(given)


def _page(rows: list[Any]) -> dict[str, Any]:
    limit, cursor = request.args.get("limit", "100"), request.args.get("next_page", "0")
    if not limit.isdecimal() or not 1 <= int(limit[:9]) <= 100:
        raise Refused("limit is 1 to 100")
    if not cursor.isdecimal() or len(cursor) > 9:
        raise Refused("no such page")
    end = int(cursor) + int(limit)
    return {"data": rows[int(cursor) : end], "next_page": str(end) if rows[end:] else None}


def _flag(name: str) -> bool:
    text = request.args.get(name, "false")
    if text not in ("true", "false"):
        raise Refused(f"{name} is true or false")
    return text == "true"


def _customer(store: Store, customer: str) -> dict[str, Any]:
    asked = "select name, created, archived from customers where id=?"
    row = store.db.execute(asked, (customer,)).fetchone()
    if row is None:
        raise Refused("nobody is called so", 404)
    found = store.db.execute("select alias from aliases where customer=?", (customer,))
    aliases = [each for (each,) in found]
    archived = {"archived_at": row[2]} if row[2] else {}
    config = {"customer_config": {"salesforce_account_id": None}, "custom_fields": {}}
    known = {"id": customer, "name": row[0], "ingest_aliases": aliases, **config}
    first = (aliases or [customer])[0]
    return {**known, "external_id": first, "created_at": row[1], "updated_at": row[1], **archived}


def _metric(name: str) -> dict[str, Any]:
    metric, kind, event, counted, key, archived = METRICS[name]
    shape: dict[str, Any] = {"id": metric, "name": name, "aggregation_type": kind}
    shape["event_type_filter"] = {"in_values": [event]}
    shape["group_keys"] = [[key]] if key else []
    if counted:
        shape["aggregation_key"] = counted
        shape["property_filters"] = [{"name": counted, "exists": True}]
    return {**shape, "archived_at": told(NOW)} if archived else shape
