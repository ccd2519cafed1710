"""The app under test is a container as well, and calls the vendor by the vendor's own name."""

from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

from metersim.testcontainers import MetersimContainer

APP = """
from urllib.request import Request, urlopen

url = "http://api.metronome.com/metronome/v1/customers"
urlopen(Request(url, headers={"Authorization": "Bearer metersim-token"}))
"""


def test_the_app_asks_for_its_customers_once() -> None:
    with Network() as network:
        vendor = MetersimContainer(port=80).with_network(network)
        app = DockerContainer("metersim", entrypoint="python3").with_network(network)
        with vendor.with_network_aliases("api.metronome.com") as sim:
            with app.with_command(["-c", APP]):
                assert app.wait() == 0
            assert len(sim.journal.requests()) == 1
