"""What a person is told and what is remembered of them; no queries and no HTTP."""

import re
import secrets

from models import Conversation

CODE_MINUTES = 60
TRIES = 5


def answer(person: Conversation, text: str, now: float) -> str:
    """Moves the conversation on and returns the reply."""
    body = text.strip()
    keyword = body.upper()
    if keyword == "HELP":
        return "Lakeside Clinic: text REGISTER to sign up, STATUS to see where you are, STOP to opt out."
    if keyword == "STATUS":
        return f"Lakeside Clinic: {status(person)}"
    match person.state:
        case "naming":
            return hear_name(person, body, now)
        case "verifying":
            return hear_code(person, keyword, now)
        case "member":
            return hear_member(person, body, keyword)
    if keyword != "REGISTER":
        return "This is Lakeside Clinic. Text REGISTER to sign up, HELP for help."
    person.state = "naming"
    return "Lakeside Clinic: happy to have you! What is your name?"


def status(person: Conversation) -> str:
    match person.state:
        case "naming":
            return "we are waiting for your name. Please text it to us."
        case "verifying":
            return "we are waiting for the 6-digit code we sent you. Text RESEND for a new one."
        case "member":
            return f"you are registered as {person.name}. Text NAME and a new name to change it, STOP to opt out."
    return "you are not registered. Text REGISTER to sign up."


def hear_name(person: Conversation, body: str, now: float) -> str:
    if not is_name(body):
        return "Sorry, we couldn't read that as a name. Please text just your name, e.g. Maria."
    person.state, person.name = "verifying", body
    return send_code(person, now)


def hear_code(person: Conversation, keyword: str, now: float) -> str:
    if keyword == "RESEND":
        return send_code(person, now)
    code = re.sub(r"[\s-]", "", keyword)
    if not re.fullmatch(r"[0-9]{6}", code):
        return "Please text back the 6-digit code we sent you, or RESEND for a new one."
    if person.wrong_codes >= TRIES:
        return "Too many wrong codes. Text RESEND for a new one."
    if now >= person.code_expires_at:
        return "That code has expired. Text RESEND for a new one."
    if code != person.code:
        person.wrong_codes += 1
        left = TRIES - person.wrong_codes
        tries = "try" if left == 1 else "tries"
        return f"That code is not right. You have {left} more {tries}. Text RESEND for a new code."
    person.state, person.code, person.code_expires_at, person.wrong_codes = "member", None, None, 0
    return f"Welcome to Lakeside Clinic, {person.name}! You are registered. Reply HELP for help, STOP to opt out."


def hear_member(person: Conversation, body: str, keyword: str) -> str:
    if keyword == "REGISTER":
        return f"You are already registered with Lakeside Clinic as {person.name}. Text HELP for help."
    match = re.fullmatch(r"name\s+(.+)", body, re.IGNORECASE)
    if match and is_name(match[1]):
        person.name = match[1]
        return f"Thanks, we will call you {person.name}."
    return "Sorry, we didn't understand that. Text HELP to see what you can do."


def send_code(person: Conversation, now: float) -> str:
    person.code = str(100_000 + secrets.randbelow(900_000))
    person.code_expires_at = now + CODE_MINUTES * 60
    person.wrong_codes = 0
    return (
        f"{person.code} is your Lakeside Clinic code. Text it back within {CODE_MINUTES} minutes. "
        "Never share it with anyone."
    )


def is_name(text: str) -> bool:
    return re.fullmatch(r"[^\W\d_](?:[^\W\d_]|['’. -]){0,59}", text) is not None
