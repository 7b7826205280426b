"""/healthz: whether the bot can answer, and with which model."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


class Health:
    """503 until `ready` says how to tell which model is in service."""

    def __init__(self) -> None:
        self._model: Callable[[], str] | None = None
        self.routes = [Route("/healthz", self._healthz)]

    def ready(self, model: Callable[[], str]) -> None:
        """From now on the bot answers, with the model that `model` names."""
        self._model = model

    def stopping(self) -> None:
        """From now on the bot takes no more."""
        self._model = None

    async def _healthz(self, request: Request) -> JSONResponse:  # noqa: ARG002 the route's signature
        if self._model is None:
            return JSONResponse({"status": "starting or stopping"}, status_code=503)
        return JSONResponse({"status": "ok", "model": self._model()})
