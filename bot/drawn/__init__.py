"""What the bot draws: a photo with its boxes, and what explains a reading."""
