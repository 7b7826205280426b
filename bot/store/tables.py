"""The tables of the bot's database. Times are unix seconds, UTC. A change here needs a migration (a test compares)."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA: Final = "0008"
"""The newest migration: what a database must be at for this code."""

MIGRATIONS: Final = Table(
    "alembic_version",
    MetaData(),  # not the bot's own: Alembic looks after it, in these words
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Where Alembic notes which migration a database is at."""

# SQLite numbers rows by itself only in a column that it calls INTEGER.
_Id = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """What every table derives from."""

    type_annotation_map = {int: BigInteger, float: Double, str: String, bytes: LargeBinary}  # noqa: RUF012 as SQLAlchemy declares it


class ReadingRow(Base):
    """A reading that was answered, kept for as long as it can be judged and corrected; never the photo."""

    __tablename__ = "readings"
    # AUTOINCREMENT: a number that stands on an old message's button is never given out again.
    __table_args__ = (Index("readings_user", "user_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    album: Mapped[int | None] = mapped_column(index=True)  # the id of its album's first reading, its own included
    chat_id: Mapped[int]
    user_id: Mapped[int]  # who asked for it
    version: Mapped[str]  # the model that read
    text: Mapped[str]  # the digits said, lines apart; empty for "I see no digit"
    confidence: Mapped[float]
    made_at: Mapped[int] = mapped_column(index=True)
    is_right: Mapped[bool | None]  # as a person judged it; None: not yet
    digits_wrong: Mapped[int | None]  # how many digits a person corrected; None while that is unknown
    judged_at: Mapped[int | None]

    @property
    def digits(self) -> int:
        """How many digits were said."""
        return len("".join(self.text.split()))


class CropRow(Base):
    """What counted in a remembered reading: its digits first, in reading order, then what might be one."""

    __tablename__ = "crops"

    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True)  # from 0, in reading order
    digit: Mapped[int] = mapped_column(SmallInteger)
    confidence: Mapped[float]
    bitmap: Mapped[bytes]  # 784 bytes: 28 rows of 28, 0 paper to 255 stroke
    # How many digits that were read stand before one that was not; None: it was read, or it is of before 0008.
    after: Mapped[int | None] = mapped_column(SmallInteger)
    features: Mapped[bytes | None]  # float32, little-endian: what the scorer knew; None: read before that was kept
    edition: Mapped[str | None]  # which features they are, `model.EDITION` then


class QuestionRow(Base):
    """The bot asked, in a message of its own, for the right number of a reading."""

    __tablename__ = "questions"

    bot: Mapped[str] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int]  # who is asked
    asked_at: Mapped[int]


class CorrectionRow(Base):
    """What a person said that a digit is, with its crop. It outlives the reading, so it refers to it by number only."""

    __tablename__ = "corrections"
    __table_args__ = (UniqueConstraint("reading_id", "place"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    reading_id: Mapped[int]
    place: Mapped[int] = mapped_column(SmallInteger)
    label: Mapped[int | None] = mapped_column(SmallInteger)  # None: not a digit
    said: Mapped[int] = mapped_column(SmallInteger)
    confidence: Mapped[float]
    version: Mapped[str]
    bitmap: Mapped[bytes]
    giver_id: Mapped[int] = mapped_column(index=True)
    owner_id: Mapped[int] = mapped_column(index=True)  # whose reading it was
    given_at: Mapped[int]
    is_approved: Mapped[bool] = mapped_column(index=True)  # False: waits for /review
    approved_by: Mapped[int | None]  # who let it count, its giver when they are trusted; None: waits, or was before
    features: Mapped[bytes | None]  # as its crop's
    edition: Mapped[str | None]
    # The defaults are for rows of before these columns were there.
    was_read: Mapped[bool] = mapped_column(server_default=true())  # as a digit; False: it was taken for none
    # Never learned from, whatever its number: a judgement of what a shadow read.
    is_held_back: Mapped[bool] = mapped_column(server_default=false())
    reason: Mapped[str | None]  # why it waits although it would count, or was set aside again
    sheet: Mapped[int | None] = mapped_column(index=True)  # the newest sheet of /review that shows it, while it waits
    sheet_place: Mapped[int | None] = mapped_column(SmallInteger)  # its place on that, from 1


class TallyRow(Base):
    """How often something happened in an hour; nobody's data, so it stays when people leave."""

    __tablename__ = "tallies"

    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # unix seconds at its start
    name: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class ServedRow(Base):
    """A model version that is (the one with the highest number) or was in service."""

    __tablename__ = "served"
    # AUTOINCREMENT: whoever believes that a number is on top is never right about another version.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    version: Mapped[str]
    since: Mapped[int]
    by_id: Mapped[int]
    below: Mapped[int] = mapped_column(unique=True)  # the number it was put on; two at once on the same: one comes in


class RecordRow(Base):
    """The most that any version that was ever served read right of a fixed set."""

    __tablename__ = "records"

    name: Mapped[str] = mapped_column(primary_key=True)  # of the set, and of its edition
    right: Mapped[int]
    version: Mapped[str]
    since: Mapped[int]


class ShadowRow(Base):
    """A candidate that reads beside the served version, unseen."""

    __tablename__ = "shadows"

    version: Mapped[str] = mapped_column(primary_key=True)
    served: Mapped[str]  # the version it reads beside
    since: Mapped[int]
    until: Mapped[int]
    by_id: Mapped[int]  # the admin who asked for its training
    crops: Mapped[int]  # how many it has read
    differed: Mapped[int]  # how many of them otherwise than the served version; nobody's data, so it stays
    missed: Mapped[int]  # how many it had no time for
    ended: Mapped[str | None]  # why it reads no more; None: it does


class DifferenceRow(Base):
    """A crop that a candidate reads otherwise than the served version did, for as long as its reading is remembered."""

    __tablename__ = "differences"
    # AUTOINCREMENT: a number on an old message's button is never given out again.
    __table_args__ = (UniqueConstraint("version", "reading_id", "place"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    version: Mapped[str]  # the candidate
    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id", ondelete="CASCADE"), index=True)
    place: Mapped[int] = mapped_column(SmallInteger)
    said: Mapped[int] = mapped_column(SmallInteger)  # what the served version read; -1: not a digit
    instead: Mapped[int] = mapped_column(SmallInteger)  # what the candidate reads, likewise
    confidence: Mapped[float]  # of that, 0..1
    is_better: Mapped[bool | None]  # as an admin judged it; None: not yet


class UpdateRow(Base):
    """An update of Telegram's that waits, is being handled, or was."""

    __tablename__ = "updates"

    bot: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    leased_until: Mapped[int] = mapped_column(index=True)
    is_done: Mapped[bool]
    attempts: Mapped[int] = mapped_column(SmallInteger)
    content: Mapped[str | None]  # Telegram's JSON, until it is handled, or for a while when it was given up
    chat_id: Mapped[int | None] = mapped_column(index=True)  # of a part of an album
    album: Mapped[str | None]  # likewise, Telegram's media_group_id


class AnsweredRow(Base):
    """A message with a picture that was answered, or is being answered."""

    __tablename__ = "answered"

    bot: Mapped[str] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    update_id: Mapped[int]  # that brought the picture
    user_id: Mapped[int]  # who sent it
    file: Mapped[str]  # the picture's, as Telegram tells files apart; nobody can fetch it by that
    at: Mapped[int] = mapped_column(index=True)


class ReplicaRow(Base):
    """A process that serves the bot, beside others."""

    __tablename__ = "replicas"

    bot: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[int]
    version: Mapped[str]  # the model that it reads with


class SlotRow(Base):
    """When the next slot to send comes, in a chat or for all of a bot. No index: each message would change it."""

    __tablename__ = "slots"

    bot: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    free_at_us: Mapped[int]  # unix microseconds, by the database's clock; in the past: at once


class PersonRow(Base):
    """What a person has chosen, whichever bot they said it to."""

    __tablename__ = "people"

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    language: Mapped[str]  # its code, as it was when it was chosen: maybe none of this version's
