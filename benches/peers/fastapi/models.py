"""The conversations and their messages, in one SQLite file."""

import os

from sqlalchemy import ForeignKey, Index, String, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker


class Base(DeclarativeBase):
    pass


class Conversation(Base):
    __tablename__ = "conversations"

    number: Mapped[str] = mapped_column(String(16), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), default="stranger")
    name: Mapped[str | None] = mapped_column(String(60))
    code: Mapped[str | None] = mapped_column(String(6))
    code_expires_at: Mapped[float | None]
    wrong_codes: Mapped[int] = mapped_column(default=0)


class Message(Base):
    """A text and what it was answered."""

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    sid: Mapped[str] = mapped_column(String(34), unique=True)
    number: Mapped[str] = mapped_column(ForeignKey("conversations.number"))
    body: Mapped[str]
    reply: Mapped[str]
    created_at: Mapped[float]

    __table_args__ = (Index("messages_by_number", "number", "id"),)


# SQLite has one writer at a time: threads wait for the connection, not for the file's lock.
engine = create_engine(
    f"sqlite:///{os.environ.get('DATABASE', 'peer.db')}",
    pool_size=1,
    max_overflow=0,
    connect_args={"timeout": 30},
)
Session = sessionmaker(engine)


@event.listens_for(engine, "connect")
def set_pragmas(connection, _record):
    connection.isolation_level = None  # The driver shall not begin transactions by itself.
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(engine, "begin")
def begin_immediate(connection):
    connection.exec_driver_sql("BEGIN IMMEDIATE")
