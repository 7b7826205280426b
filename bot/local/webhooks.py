"""The Bot API's methods of the webhook: set, deleted, told about. `deliveries.py` serves it."""

import re
from collections.abc import Callable
from typing import Final

import httpx

from bot.local.deliveries import Deliveries, Patience, Webhook
from bot.local.updates import Updates
from bot.local.wire import Json, Params, bad_request
from bot.web.hosts import LOOPBACK

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]*")
_MAX_SECRET: Final = 256
_MAX_CONNECTIONS: Final = 100
_DEFAULT_CONNECTIONS: Final = 40


class Webhooks:
    """The bot's webhook, at most one."""

    def __init__(self, updates: Updates, patience: Patience, now: Callable[[], float]) -> None:
        self._updates = updates
        self._patience = patience
        self._now = now
        self._deliveries: Deliveries | None = None

    async def set(self, params: Params) -> bool:
        """`setWebhook`. Told the same again, it breaks nothing off: several processes of a bot may do so."""
        url = params.text("url") or ""
        webhook = _webhook(url, params) if url else None
        drop = params.flag("drop_pending_updates")
        self._updates.allow(params.array("allowed_updates"))
        if drop or self._deliveries is None or webhook != self._deliveries.webhook:
            self._change(webhook, drop=drop)
        return True

    async def delete(self, params: Params) -> bool:
        """`deleteWebhook`: what is not confirmed waits for getUpdates."""
        self._change(None, drop=params.flag("drop_pending_updates"))
        return True

    async def info(self, params: Params) -> Json:
        """`getWebhookInfo`."""
        del params
        deliveries = self._deliveries
        info: Json = {
            "url": deliveries.webhook.url if deliveries else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates),
        }
        if self._updates.allowed:
            info["allowed_updates"] = self._updates.allowed
        if deliveries:
            info["max_connections"] = deliveries.webhook.max_connections
            if failure := deliveries.last_failure:
                info |= {"last_error_date": failure.date, "last_error_message": failure.reason}
        return info

    def close(self) -> None:
        """Deliver nothing more."""
        if self._deliveries:
            self._deliveries.stop()

    def _change(self, webhook: Webhook | None, *, drop: bool) -> None:
        self.close()
        if drop:
            self._updates.forget()
        self._deliveries = Deliveries(webhook, self._updates, self._patience, self._now) if webhook else None
        self._updates.has_webhook = webhook is not None
        self._updates.bell.ring()  # whoever polls is told
        if self._deliveries:
            self._deliveries.start()


def _webhook(url: str, params: Params) -> Webhook:
    """Read and check a webhook as a Bot API server in its local mode does. Raises ApiError."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise bad_request("invalid webhook URL specified") from None
    if parsed.scheme != "https" and (parsed.scheme != "http" or parsed.host not in LOOPBACK):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if not parsed.host or not 1 <= (parsed.port or 443) <= 65535:
        raise bad_request("invalid webhook URL specified")
    if params.file("certificate") is not None:
        raise bad_request("bad webhook: a certificate of the bot's own is not supported")
    secret = params.text("secret_token") or ""
    if len(secret) > _MAX_SECRET:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    connections = params.integer("max_connections")
    if connections is None:
        connections = _DEFAULT_CONNECTIONS
    return Webhook(url, secret, max(1, min(connections, _MAX_CONNECTIONS)))
