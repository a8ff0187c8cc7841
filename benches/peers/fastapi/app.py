"""Answers Twilio's webhooks for texts."""

import os
import time
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from sqlalchemy import select
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from conversation import answer
from models import Base, Conversation, Message, Session, engine

WEBHOOK = "/webhooks/twilio/sms"
WEBHOOK_URL = os.environ["PUBLIC_URL"] + WEBHOOK
validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])


@asynccontextmanager
async def lifespan(_app: FastAPI):
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
    yield
    engine.dispose()


app = FastAPI(lifespan=lifespan)


async def signed_form(request: Request) -> FormData:
    form = await request.form()
    if not validator.validate(WEBHOOK_URL, form, request.headers.get("X-Twilio-Signature", "")):
        raise HTTPException(403, "The signature is not Twilio's")
    return form


@app.post(WEBHOOK)
def receive(form: Annotated[FormData, Depends(signed_form)]) -> Response:
    twiml = MessagingResponse()
    twiml.message(take_turn(form["MessageSid"], form["From"], form["Body"]))
    return Response(str(twiml), media_type="text/xml")


def take_turn(sid: str, number: str, body: str) -> str:
    """Answers a text once, in one durable transaction; a repeated one hears the same again."""
    with Session.begin() as session:
        earlier = session.scalar(select(Message.reply).where(Message.sid == sid))
        if earlier is not None:
            return earlier
        now = time.time()
        person = session.get(Conversation, number)
        if person is None:
            person = Conversation(number=number, state="stranger", wrong_codes=0)
            session.add(person)
        reply = answer(person, body, now)
        session.add(Message(sid=sid, number=number, body=body, reply=reply, created_at=now))
        return reply
