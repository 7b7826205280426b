"""What the bot draws: a photo with its boxes, and what explains a reading.

The few words in a picture are English for everybody: Pillow's own font holds ASCII letters only, and none that is small
enough to ship holds Arabic, Hindi and Chinese. What matters is said in the message below, in the reader's language.
"""
