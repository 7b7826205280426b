"""A bot that reads a digit, written as such bots are usually published: for `tests.bench.plain_bot`.

One handler downloads the photo, shrinks and inverts it, has Keras predict, and replies. It has the network that ours
has, so that what differs is the bot around it. BOT_TOKEN and BOT_API_URL are in its environment.
"""

import io
import os
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image
from telegram import Update
from telegram.ext import Application, MessageHandler, filters

_NETWORK: Final = Path(__file__).parents[2] / "model" / "weights" / "model.keras"


def main() -> None:
    """Run it until it is told to stop."""
    import keras

    network = keras.models.load_model(_NETWORK)

    async def read(update: Update, _context: Any) -> None:
        message = update.message
        assert message is not None  # the filter guarantees it
        file = await message.photo[-1].get_file()
        photo = Image.open(io.BytesIO(await file.download_as_bytearray())).convert("L").resize((28, 28))
        digit = 1 - np.asarray(photo, np.float32) / 255
        probabilities = network.predict(digit.reshape(1, 28, 28, 1), verbose=0)[0]
        text = f"This is a {probabilities.argmax()}, I am {probabilities.max():.0%} sure."
        await message.reply_text(text, do_quote=True)  # quotes, so that the bench knows which photo is answered

    server = os.environ["BOT_API_URL"]
    builder = Application.builder().token(os.environ["BOT_TOKEN"])
    application = builder.base_url(f"{server}/bot").base_file_url(f"{server}/file/bot").build()
    application.add_handler(MessageHandler(filters.PHOTO, read))
    application.run_polling()


if __name__ == "__main__":
    main()
