"""/metrics: the bot's counters in Prometheus' text format, for this machine and for whom a setting names."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


class MetricsPage:
    """Shows `registry` to clients in `networks`, and to those on this machine that no proxy speaks for."""

    def __init__(self, registry: CollectorRegistry, networks: Sequence[str] = ()) -> None:
        self._registry = registry
        self._networks = [ip_network(network) for network in networks]
        self.routes = [Route("/metrics", self._metrics)]

    async def _metrics(self, request: Request) -> Response:
        if not self._may_look(request):
            return PlainTextResponse("METRICS_FROM names who may look.\n", 403)
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)

    def _may_look(self, request: Request) -> bool:
        try:
            client = ip_address(request.client.host if request.client else "")
        except ValueError:
            return False
        # A proxy on this machine that is not trusted passes on whoever comes.
        is_passed_on = "x-forwarded-for" in request.headers or "forwarded" in request.headers
        is_here = client.is_loopback and not is_passed_on
        return is_here or any(client in network for network in self._networks)
