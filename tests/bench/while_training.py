"""What a training costs those who have photos read meanwhile: the median answer, idle and while /retrain runs.

python -m tests.bench.while_training [PHOTOS]     (default 40, each way)
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.processes import BotProcess, running_bot
from tests.talking import SEVEN, message_now, press, say


def answers_ms(bot: BotProcess, photos: int) -> list[float]:
    """Send a photo, wait for its answer, and so on."""
    took = []
    for _ in range(photos):
        start = time.monotonic()
        bot.replies(bot.send(SEVEN))
        took.append(1000 * (time.monotonic() - start))
    return took


def main() -> int:
    """Print both medians; 1 when the training makes answers more than twice as slow."""
    photos = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory() as folder, running_bot(Path(folder), LOG_LEVEL="WARNING") as bot:
        answers_ms(bot, 5)
        idle = median(answers_ms(bot, photos))
        question = bot.replies(say(bot, "/retrain"))[0]
        press(bot, question, question["buttons"][0][0]["text"])
        while "epoch" not in message_now(bot, question["message_id"])["text"]:
            time.sleep(0.2)
        busy = median(answers_ms(bot, photos))
        still = "epoch" in message_now(bot, question["message_id"])["text"]
        press(bot, message_now(bot, question["message_id"]), "✖ Cancel")
    print(
        f"median answer: {idle:.0f} ms idle, {busy:.0f} ms while it trains ({busy / idle:.2f} times; training: {still})"
    )
    return int(busy > 2 * idle)


if __name__ == "__main__":
    sys.exit(main())
