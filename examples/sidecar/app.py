"""A small app that knows nothing of metersim: it asks Metronome what was used, page by page."""

import json
import os
from collections import Counter
from decimal import Decimal
from urllib.request import Request, urlopen

URL = os.environ["METRONOME_URL"] + "/v1/usage"
HEADERS = {
    "Authorization": f"Bearer {os.environ['METRONOME_TOKEN']}",
    "Content-Type": "application/json",
}
FEBRUARY = {
    "window_size": "day",
    "starting_on": "2026-02-01T00:00:00Z",
    "ending_before": "2026-03-01T00:00:00Z",
}

used: Counter[str] = Counter()
page = ""
while page is not None:
    address = f"{URL}?next_page={page}" if page else URL
    with urlopen(Request(address, json.dumps(FEBRUARY).encode(), HEADERS)) as reply:
        found = json.load(reply, parse_float=Decimal)
    for row in found["data"]:
        used[row["billable_metric_name"]] += row["value"] or 0
    page = found["next_page"]

for metric, quantity in sorted(used.items()):
    print(f"{metric}: {quantity}")
