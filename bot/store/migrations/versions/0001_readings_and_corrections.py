"""Readings and corrections, tallies, and handled updates."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "readings",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("album", sa.BigInteger(), index=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False, index=True),
        sa.Column("is_right", sa.Boolean()),
        sa.Column("digits_wrong", sa.BigInteger()),
        sa.Column("judged_at", sa.BigInteger()),
        sa.Index("readings_user", "user_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "crops",
        sa.Column("reading_id", _ID, sa.ForeignKey("readings.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("place", sa.SmallInteger(), primary_key=True),
        sa.Column("digit", sa.SmallInteger(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("bitmap", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "questions",
        sa.Column("bot", sa.String(), primary_key=True),
        sa.Column("chat_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("message_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("reading_id", _ID, sa.ForeignKey("readings.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "corrections",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("reading_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("label", sa.SmallInteger()),
        sa.Column("said", sa.SmallInteger(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("bitmap", sa.LargeBinary(), nullable=False),
        sa.Column("giver_id", sa.BigInteger(), nullable=False, index=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=False, index=True),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("is_approved", sa.Boolean(), nullable=False, index=True),
        sa.UniqueConstraint("reading_id", "place"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tallies",
        sa.Column("hour", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("count", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "updates",
        sa.Column("bot", sa.String(), primary_key=True),
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=False, index=True),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
    )
