"""The requests printed on the vendors' pages, sent as printed, get the replies printed there."""

from __future__ import annotations

from decimal import Decimal

from tests.wire import Answer, simulate

MONK_REQUEST = b"""
{
  "startDate": "2026-03-01T00:00:00Z",
  "endDate": "2026-03-31T23:59:59Z",
  "customerId": "550e8400-e29b-41d4-a716-446655440000",
  "eventNames": [
    "token_used"
  ],
  "propertyFilters": [
    {
      "key": "sub_org_id",
      "value": "org_xyz"
    }
  ]
}
"""
METRONOME_REQUEST = b"""{
  "window_size": "day",
  "starting_on": "2021-01-01T00:00:00Z",
  "ending_before": "2021-01-03T00:00:00Z"
}"""
MKIO_REPORT = b"""{
"startDate": "2026-01-01",
"endDate": "2026-02-01",
"granularity": "day",
"projectNames": ["my-project"]
}"""
MKIO_CSV_REPORT = b"""{
"startDate": "2026-01-01",
"endDate": "2026-02-01",
"format": "csv",
"download": true,
"filterOnReportedDate": true
}"""


def test_metronome_answers_as_printed() -> None:
    answer = simulate("docs-metronome").caller("metronome").post("/v1/usage", METRONOME_REQUEST)
    row = {
        "customer_id": "d7abd0cd-4ae9-4db7-8676-e986a4ebd8dc",
        "billable_metric_id": "9570e4f3-d1da-4b95-ba81-bd40ee002727",
        "billable_metric_name": "CPU hours",
        "value": 1234,
    }
    days = ["2021-01-01T00:00:00Z", "2021-01-02T00:00:00Z", "2021-01-03T00:00:00Z"]
    assert answer.data == {
        "data": [
            {**row, "start_timestamp": days[0], "end_timestamp": days[1]},
            {**row, "start_timestamp": days[1], "end_timestamp": days[2]},
        ],
        "next_page": None,
    }


def test_monk_answers_as_printed() -> None:
    answer = simulate("docs-monk").caller("monk").post("/v1/usage/cost", MONK_REQUEST)
    assert answer.data == {
        "totalAmount": Decimal("12.5"),
        "currency": "USD",
        "unit": "currency",
        "startDate": "2026-03-01T00:00:00.000Z",
        "endDate": "2026-03-31T23:59:59.000Z",
        "queriedAt": "2026-03-30T12:00:00.000Z",
    }


SAAS_METRICS = {
    "apiCalls": ("API Calls", "requests", 100000, "45230", "45.23"),
    "storage": ("Storage", "GB", 100, "67.5", "67.5"),
    "seats": ("Team Seats", "users", 10, "7", "70"),
    "bandwidth": ("Bandwidth", "GB", 1000, "234.8", "23.48"),
}


def assert_saas_page(answer: Answer, *metrics: str) -> None:
    assert answer.data == {
        "success": True,
        "data": {
            "period": {"start": "2024-01-01T00:00:00Z", "end": "2024-01-31T23:59:59Z"},
            "metrics": {
                metric: {
                    "name": name,
                    "unit": unit,
                    "included": included,
                    "used": Decimal(used),
                    "overage": 0,
                    "percentage": Decimal(percentage),
                }
                for metric, (name, unit, included, used, percentage) in SAAS_METRICS.items()
                if metric in metrics
            },
            "estimatedCost": {"base": 29, "overage": 0, "total": 29, "currency": "usd"},
            "projectedUsage": {"apiCalls": {"projected": 52000, "percentage": 52}},
        },
    }


def test_saas_answers_as_printed() -> None:
    saas = simulate("docs-saas").caller("saas")
    path = "/api/billing/usage"
    assert_saas_page(saas.get(path), *SAAS_METRICS)
    january = {"startDate": "2024-01-01", "endDate": "2024-01-31"}
    assert_saas_page(saas.get(path, january), *SAAS_METRICS)
    assert_saas_page(saas.get(path, {"metrics": "api_calls,storage"}), "apiCalls", "storage")
    assert '"base":29.00,"overage":0,"total":29.00' in saas.get(path).text


def test_saas_refuses_as_printed() -> None:
    saas = simulate("docs-saas").caller("saas")
    assert saas.with_token(None).get("/api/billing/usage").data == {
        "success": False,
        "error": {"code": "UNAUTHORIZED", "message": "Authentication required"},
    }
    backwards = {"startDate": "2024-01-31", "endDate": "2024-01-01"}
    assert saas.get("/api/billing/usage", backwards).data == {
        "success": False,
        "error": {
            "code": "BAD_REQUEST",
            "message": "Invalid date range: startDate must be before endDate",
        },
    }


def test_mudbase_answers_as_printed() -> None:
    mudbase = simulate("docs-mudbase").caller("mudbase", token=None)
    path = "/api/billing/public/projects/proj_nCBo0AB7UWpj/usage"
    for body in (
        b'{"email": "amari_koss69@northwind.dev","metric":"program quantify","quantity": 195.84}',
        b'{"email":"melanie_mckenzie@northwind.dev","metric":"program reboot","quantity":515.63}',
    ):
        answer = mudbase.post(path, body)
        assert (answer.status, answer.data) == (200, {"message": "Usage recorded successfully"})


def test_mkio_answers_every_printed_request() -> None:
    mkio = simulate("docs-mkio").caller("mkio")
    usage = mkio.get("/api/v1/projects/my-project/usage")
    assert usage.data["metadata"]["startDate"] == "2026-02-01T00:00:00Z"
    assert {row["meter"] for row in usage.data["value"]} == {
        "encoded_minutes",
        "live_minutes",
        "streamed_gb",
    }
    report = mkio.post("/api/v1/organization/reports/usage", MKIO_REPORT)
    assert len(report.data["value"]) == 3 * 31
    csv = mkio.post("/api/v1/organization/reports/usage", MKIO_CSV_REPORT)
    assert csv.headers["content-type"].startswith("text/csv")
    assert csv.headers["content-disposition"].startswith("attachment")
    assert csv.text.startswith("projectName,paymentMethodId,meter,unit,quantity,price,cost,")

    methods = mkio.get("/api/v1/organization/paymentMethods").data["value"]
    for method in methods:
        method_id = method["metadata"]["id"]
        card = mkio.get(f"/api/v1/organization/paymentMethods/{method_id}/rateCard")
        assert card.data["spec"]["rates"]

    path = "/api/v1/projects/my-project/paymentMethod"
    assert mkio.get(path).data["spec"] == {"paymentMethodId": "pm-azure"}
    assert mkio.post(path, b'{ "paymentMethodId": "pm-aws" }').status == 200
    assert mkio.get(path).data["spec"] == {"paymentMethodId": "pm-aws"}

    path = "/api/v1/projects/my-project/metricsEndpoint"
    assert mkio.send("PATCH", path, b'{ "spec": { "enabled": true } }').status == 200
    assert mkio.get(path).data["status"].keys() == {"url", "username", "password"}
