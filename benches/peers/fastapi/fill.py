"""Adds the members whose numbers come on standard input, each with two earlier exchanges."""

import secrets
import sys
import time

from sqlalchemy import insert

from models import Base, Conversation, Message, engine

BODY = "Thanks, see you on Tuesday at the lake!"

numbers = sys.stdin.read().split()
now = time.time()
with engine.begin() as connection:
    Base.metadata.create_all(connection)
    members = [{"number": number, "state": "member", "name": "Asha Rai"} for number in numbers]
    messages = [
        {"sid": f"SM{secrets.token_hex(16)}", "number": number, "body": BODY, "reply": BODY, "created_at": now}
        for _ in range(2)
        for number in numbers
    ]
    if members:
        connection.execute(insert(Conversation), members)
        connection.execute(insert(Message), messages)
engine.dispose()
