"""How updates come: the bot asks for them, or they are brought. All else is the same either way."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial

from telegram import Update

from bot.api.connection import BotApi, BotApplication, insist, polling_failed
from bot.store import Store
from bot.updates.arrivals import Arrivals
from bot.updates.journal import Journal
from bot.updates.replica import Replica
from bot.web.webhook import Webhook


async def poll(
    stack: AsyncExitStack, application: BotApplication, store: Store, api: BotApi, stop: asyncio.Event
) -> None:
    """Fetch updates until the stack unwinds, after those that an earlier process was told and did not finish.

    Raises NoConnection, StoreUnavailable.
    """
    await store.updates.release()  # only one process polls: whoever was at an update before is gone
    assert isinstance(application.update_queue, Journal)  # built with one
    await application.update_queue.resume(application.bot)
    updater = application.updater
    assert updater is not None  # built with one
    failed = partial(polling_failed, api)
    start = partial(updater.start_polling, allowed_updates=Update.ALL_TYPES, error_callback=failed)
    await insist(start, api, stop)
    if updater.running:  # else it was told to stop before
        stack.push_async_callback(updater.stop)


async def be_brought(
    stack: AsyncExitStack,
    application: BotApplication,
    *,
    webhook: Webhook,
    arrivals: Arrivals,
    replica: Replica,
    api: BotApi,
    stop: asyncio.Event,
) -> None:
    """Take what is brought to the webhook until the stack unwinds, beside other processes. Raises NoConnection."""
    webhook.ready(application.bot, arrivals.take)
    await insist(replica.join, api, stop)
    stack.push_async_callback(replica.leave)
    stack.push_async_callback(arrivals.ended)
    stack.callback(webhook.stopping)
