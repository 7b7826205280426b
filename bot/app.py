"""Every handler of the bot, on one screen."""

import time
from typing import Any

from telegram import Update
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.answers import PictureAnswers
from bot.api.connection import BotApi, BotApplication, requests
from bot.api.ephemeral import EphemeralMessages
from bot.api.pace import Pace
from bot.buttons.presses import (
    Beside,
    Choose,
    Differs,
    Explain,
    Judgement,
    Label,
    Review,
    Serve,
    Train,
    WrongDigit,
    carries,
)
from bot.handlers import errors
from bot.handlers.corrections import CorrectionHandlers
from bot.handlers.drawing import FROM_A_GROUP, PATH, DrawingHandlers
from bot.handlers.guest import GuestHandlers
from bot.handlers.help import HelpHandlers
from bot.handlers.language import LanguageHandlers, Languages
from bot.handlers.models import ModelHandlers
from bot.handlers.pictures import ADDRESSED, FROM_CUSTOMER, IN_ALBUM, PICTURE
from bot.handlers.privacy import PRIVACY_PATH, PrivacyHandlers
from bot.handlers.reading import ReadingHandlers
from bot.handlers.review import ReviewHandlers
from bot.handlers.right_numbers import RightNumberHandlers
from bot.handlers.shadow import ShadowHandlers
from bot.handlers.stats import StatsHandlers
from bot.handlers.training import TrainingHandlers, Trains
from bot.handlers.why import WhyHandlers
from bot.learning.models import Models
from bot.learning.promotion import Promotion
from bot.settings import Settings
from bot.store import Store
from bot.updates.albums import Albums
from bot.updates.journal import Confirming, Journal
from bot.updates.order import ChatOrder


def build_application(
    settings: Settings,
    api: BotApi,
    answers: PictureAnswers,
    trainer: Trains,
    store: Store,
    *,
    served: Models,
    promotion: Promotion,
    admins: frozenset[int],
) -> BotApplication:
    """Put the bot together; the caller opens the store, restores the served model, and starts and stops the bot.

    Raises WrongProxy.
    """
    pool = answers.pool
    albums = Albums()
    builder: ApplicationBuilder[Any, Any, Any, Any, Any, Any] = ApplicationBuilder()
    journal = Journal(store.updates)
    languages = Languages(store.people)
    failing = errors.ErrorHandlers(pool.vitals, languages, admins, time.monotonic)
    builder = builder.token(api.token).update_queue(journal)
    builder = builder.concurrent_updates(ChatOrder(albums, store.updates, journal, pool.vitals, failing.given_up))
    builder = builder.base_url(f"{api.url}/bot").base_file_url(f"{api.url}/file/bot")
    calls, polls = requests(api)
    builder = builder.request(calls).get_updates_request(Confirming(polls, journal))
    if not api.origin:  # the local chat has no limits of its own, so none are kept there
        # A process that polls is the only one; those that are brought updates share what may be sent.
        slots = store.sends if settings.webhook_url else None
        builder = builder.rate_limiter(Pace(settings.messages_per_second, slots))
    application = builder.build()

    aside = EphemeralMessages()
    reading = ReadingHandlers(answers, albums, store.answered, aside)
    guests = GuestHandlers(reading, pool.vitals)
    correcting = CorrectionHandlers(store, admins, aside)
    numbers = RightNumberHandlers(store, admins, aside)
    explaining = WhyHandlers(answers, store)
    reviewing = ReviewHandlers(store, admins)
    privacy = PrivacyHandlers(store, _page(settings, api.origin, PRIVACY_PATH))
    retraining = TrainingHandlers(trainer, served, promotion, store, admins)
    serving = ModelHandlers(served, promotion, store, admins)
    shadowing = ShadowHandlers(store, admins)
    stats = StatsHandlers(served, pool, store, admins)
    helping = HelpHandlers(admins)
    speaking = LanguageHandlers(store.people, languages)
    drawing = DrawingHandlers(draw_page(settings, api.origin), admins)

    new = filters.UpdateType.MESSAGE  # an edited text is not answered twice
    own = filters.UpdateType.MESSAGES  # neither a business chat's, where a bot speaks for its owner, nor a channel's
    group, private = filters.ChatType.GROUPS, filters.ChatType.PRIVATE
    application.add_handlers(
        [
            CommandHandler("start", drawing.draw, new & filters.Regex(rf" {FROM_A_GROUP}$")),
            CommandHandler("start", helping.start, new),
            CommandHandler("help", helping.help, new),
            CommandHandler("read", reading.read, new),
            CommandHandler("draw", drawing.draw, new),
            CommandHandler("stats", stats.stats, new),
            CommandHandler("language", speaking.language, new),
            CommandHandler("privacy", privacy.privacy, new),
            CommandHandler("forget", privacy.forget, new),
            CommandHandler("review", reviewing.review, new),
            CommandHandler("retrain", retraining.retrain, new),
            CommandHandler("models", serving.models, new),
            CommandHandler("rollback", serving.rollback, new),
            CallbackQueryHandler(helping.unknown_button, lambda _: False),  # one without data matches any pattern
            CallbackQueryHandler(correcting.pressed, carries(Judgement, WrongDigit, Label)),
            CallbackQueryHandler(explaining.pressed, carries(Explain)),
            CallbackQueryHandler(reviewing.pressed, carries(Review)),
            CallbackQueryHandler(retraining.pressed, carries(Train)),
            CallbackQueryHandler(serving.pressed, carries(Serve)),
            CallbackQueryHandler(shadowing.pressed, carries(Beside)),
            CallbackQueryHandler(shadowing.judged, carries(Differs)),
            CallbackQueryHandler(speaking.pressed, carries(Choose)),
            CallbackQueryHandler(helping.unknown_button),  # those of an earlier version of the bot
            # Edited messages pass here on purpose: an edit may bring a new picture.
            MessageHandler(PICTURE & own & (private | (group & ADDRESSED)), reading.picture),
            MessageHandler(IN_ALBUM & private & new, reading.picture),  # a video among them: they get one answer
            MessageHandler(filters.TEXT & group & ADDRESSED & new, reading.read),
            MessageHandler(private & new & ~filters.StatusUpdate.ALL, helping.other),
            MessageHandler(filters.UpdateType.GUEST_MESSAGE, guests.called),
        ]
    )
    if settings.answer_business_chats:
        application.add_handler(MessageHandler(PICTURE & FROM_CUSTOMER, reading.picture))
    # Before those: whether a number answers a question only the store knows; if not, they get it.
    application.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND & new, numbers.number), group=-1)
    # Before all others, for all that they say is said in the language that is decided here.
    application.add_handler(TypeHandler(Update, speaking.decide), group=-2)
    application.add_error_handler(failing.failed)
    return application


def draw_page(settings: Settings, origin: str) -> str:
    """The draw page's address for the people of a chat: below `origin`, the local chat's, or else below PUBLIC_URL.

    Empty when it has none.
    """
    return _page(settings, origin, PATH)


def _page(settings: Settings, origin: str, path: str) -> str:
    base = origin or settings.public_url
    return f"{base}{path}" if base else ""
