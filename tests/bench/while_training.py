"""What a training costs those who have photos read meanwhile: the median answer, idle and while /retrain runs.

python -m tests.bench.while_training [PHOTOS]     (default 40, each way)
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.bench.figures import note
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
    """Print both medians and their ratio; 1 when it is over 2, or the training ended too early to tell."""
    parser = argparse.ArgumentParser("python -m tests.bench.while_training", description="Readings beside a training.")
    parser.add_argument("photos", nargs="?", type=int, default=40, metavar="PHOTOS", help="how many, each way")
    photos: int = parser.parse_args().photos
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
    print(f"median answer of {photos}: {idle:.0f} ms idle, {busy:.0f} ms while it trains")
    print(f"ratio: {busy / idle:.2f} (at most 1.5: {'reached' if busy <= 1.5 * idle else 'MISSED'})")
    note("ratio", "median answer while it trains, over the idle one", "{:.2f}", busy / idle)
    note("idle", "median answer, idle", "{:.0f} ms", idle)
    note("busy", "median answer while it trains", "{:.0f} ms", busy)
    if not still:
        print("the training was over before the last photo: send fewer")
    return int(busy > 1.5 * idle or not still)


if __name__ == "__main__":
    sys.exit(main())
