"""The local chat: a Bot API on loopback and its page, so that nobody needs a token to see the bot work.

The bot speaks to it with its usual client over real HTTP (`/bot{token}/{method}`, `/file/bot{token}/{path}`). Its
updates come by `getUpdates` or to a webhook, by https or, as from a Bot API server of one's own, by http on loopback.

The person's side is the page at `/` and what it calls. `user` is `admin` (default) or `guest`; an error is `{"error"}`.

`POST /local/messages` (form or multipart) answers `{"message_id"}`:
    `user`; `text`, or files as `photo` (several make an album), `document` or `sticker` with `caption`; `reply_to` is a
    message id; `edit`, a message id, changes a message of the user's (new text, caption or photo); `spoiler`
    covers a photo.
    400 for a photo that Telegram would refuse, 413 over 50 MB.

`GET /local/messages?user&after&since&wait&seen`: messages newer than `after` or changed after revision `since` (all
without both), oldest first, each with
    `message_id`, `from`, `text`, `reply_to`, `edits`, `revision`, `date`;
    `entities`: as in the Bot API, in UTF-16 units, as JavaScript counts;
    `kind`: "text", "photo", "document", "sticker" or "animation"; `spoiler`: whether the photo is to be covered until
      it is tapped; `album`: equal for the parts of one, else null;
    `photo`: the url of a picture to show (photo, sticker, animation), else null;
    `file`: {"name", "size", "mime", "url"} of anything but text and photos, its url null when it is not kept;
    `buttons`: [[{"text", "data", "url", "web_app"}]]: `data` is "" where one of the last two is not null.
  With `wait` seconds (at most 50) the answer is held while there is nothing to tell: until a message comes or changes,
  or the state does (action, commands, menu button, keyboard, deletion): then the list can be empty and the state has
  news. The header `X-Revision` is the chat's revision: given back as `seen`, it makes sure that no change of state
  between two calls is missed.

`GET /local/state?user`: `{"bot": {"name", "username"}, "action": str|null, "commands": [{"command", "description"}],
    "menu_button", "keyboard": a ReplyKeyboardMarkup or null, "deleted": [message ids], "revision"}`.

`POST /local/presses`: JSON `{"message_id", "data", "user"}`; answers `{"alert": str|null, "modal": bool}` once the bot
    has answered, or after 15 s.

`POST /local/guest_queries` (form or multipart): `user` says `text` in a group where the bot is no member, in answer to
    a `photo`, `document` or `sticker` if one comes with it. The text names the bot (@ and its username), else
    Telegram tells it nothing. Answers `{"text", "entities", "buttons"}` once the bot has, or null after 15 s.

`POST /local/web_apps`: JSON `{"user", "url", "theme_params"}`; opens the Mini App at the `url` of one of the bot's
    buttons as that user: answers `{"url"}`, the address with Telegram's fragment. 404 for what no button opens.

`POST /local/language`: JSON `{"user", "language"}`: from now on the person's app speaks this language of the bot's
    ("en" until then), as `language_code` in every update and in a Mini App's init data; answers `{"language"}`.
`GET /local/words?language`: the page's words in a language (`bot/web/page_words.py`).

`GET /local/samples`: `[{"name", "url", "title"}]` of the pictures in `page/samples`.
`GET /local/files/{id}`: a file of the chat.

Everything is in memory and bounded: see `LocalChat`.
"""

import secrets
import string
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.local.botapi import Around, BotApi, as_it_is
from bot.local.chat import Conversations, Person
from bot.local.deliveries import Patience
from bot.local.files import FileStore
from bot.local.guests import Guests
from bot.local.people import PeopleApi
from bot.local.presses import Presses
from bot.local.profile import Profile
from bot.local.updates import Updates
from bot.local.uploads import Uploads
from bot.local.web_apps import WebApps
from bot.local.webhooks import Webhooks

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

__all__ = ["ADMIN_ID", "GUEST_ID", "LocalChat", "Patience"]

ADMIN_ID = 700_000_001
"""The Telegram user id of the page's admin: an admin whatever the settings say."""
GUEST_ID = 700_000_002

_BOT_ID = 123456


class LocalChat:
    """One bot, two people, everything in memory; one event loop.

    Kept per person: the latest `keep_messages` messages. Kept over all: `keep_files` pictures or documents, together
    40 MiB (a document over 20 MB, which a bot can't download, in name and size only), and `keep_updates`
    updates that the bot has not got. The oldest go first.
    """

    def __init__(
        self,
        *,
        keep_messages: int = 500,
        keep_files: int = 200,
        keep_updates: int = 1000,
        bot_name: str = "Digit bot",
        bot_username: str = "local_digit_bot",
        admin_language: str = "en",
        guest_language: str = "en",
        press_timeout_s: float = 15.0,
        patience: Patience | None = None,
        around: Around = as_it_is,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Each person's language is that of their Telegram.

        `now` is the wall clock in unix seconds; a press or a guest query waits `press_timeout_s` for its answer.

        `patience` is how long a webhook is waited for, and when it is tried again; without it, Telegram's.
        `around` stands around every call of the bot's, downloads of files included.
        """
        letters = string.ascii_letters + string.digits
        self.token = f"{_BOT_ID}:AA" + "".join(secrets.choice(letters) for _ in range(33))
        self.bot_name = bot_name
        self.bot_username = bot_username
        bot = {"id": _BOT_ID, "is_bot": True, "first_name": bot_name, "username": bot_username}
        people = [
            Person(ADMIN_ID, "admin", "Admin", admin_language),
            Person(GUEST_ID, "guest", "Guest", guest_language),
        ]
        self._talk = Conversations(people, bot, FileStore(keep_files), keep=keep_messages, now=now)
        self._updates = Updates(keep_updates, now=now)
        self._presses = Presses(self._updates)
        self._guests = Guests(self._talk, self._updates)
        self._webhooks = Webhooks(self._updates, patience or Patience(), now)
        uploads, profile = Uploads(self._talk.files), Profile(self._talk)
        bot_api = BotApi(
            self._talk,
            self.token,
            bot,
            updates=self._updates,
            uploads=uploads,
            presses=self._presses,
            guests=self._guests,
            profile=profile,
            webhooks=self._webhooks,
            around=around,
        )
        people_api = PeopleApi(
            self._talk,
            updates=self._updates,
            uploads=uploads,
            presses=self._presses,
            guests=self._guests,
            profile=profile,
            web_apps=WebApps(self._talk, self.token),
            press_timeout_s=press_timeout_s,
        )
        self.methods = bot_api.method_names
        """The methods of the Bot API that are covered."""
        self.routes: list[BaseRoute] = [*bot_api.routes(), *people_api.routes()]

    def close(self) -> None:
        """Answer every held long poll now and end what is on its way to a webhook: the server can then stop at once.

        From now on nothing is held and nothing delivered.
        """
        self._updates.bell.close()
        self._webhooks.close()
        self._presses.close()
        self._guests.close()
        for chat in self._talk.chats.values():
            chat.bell.close()
