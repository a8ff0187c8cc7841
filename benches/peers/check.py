"""Asks a running peer what the benchmark will ask: python3 check.py http://127.0.0.1:3000"""

import base64
import hashlib
import hmac
import os
import re
import secrets
import sys
import urllib.error
import urllib.parse
import urllib.request

WEBHOOK = "/webhooks/twilio/sms"
PUBLIC_URL, AUTH_TOKEN = os.environ["PUBLIC_URL"], os.environ["TWILIO_AUTH_TOKEN"]
number = f"+1{2_000_000_000 + secrets.randbelow(7_999_999_999)}"


def text(body, sid=None, token=AUTH_TOKEN):
    """Sends one text, and returns the answer's status, type and body."""
    form = {"MessageSid": sid or f"SM{secrets.token_hex(16)}", "From": number, "To": "+15005550006", "Body": body}
    signed = PUBLIC_URL + WEBHOOK + "".join(name + form[name] for name in sorted(form))
    signature = base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    request = urllib.request.Request(
        sys.argv[1] + WEBHOOK,
        urllib.parse.urlencode(form).encode(),
        {"X-Twilio-Signature": signature},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, "", ""


def expect(body, words, sid=None):
    status, kind, twiml = text(body, sid)
    assert status == 200 and kind.startswith("text/xml") and words in twiml, (body, status, kind, twiml)
    return twiml


assert text("REGISTER", token="forged")[0] == 403
expect("STATUS", "you are not registered")
expect("REGISTER", "What is your name?")
sid = f"SM{secrets.token_hex(16)}"
sent = expect("Asha Rai", "Never share it with anyone", sid)
assert expect("Asha Rai", "Never share it with anyone", sid) == sent, "a repeated text was answered anew"
expect("00 00 00", "4 more tries")
expect("status", "we are waiting for the 6-digit code")
expect(re.search(r"[0-9]{6}", sent)[0], "You are registered.")
expect("STATUS", "you are registered as Asha Rai")
expect("Thanks, see you on Tuesday at the lake!", "we didn't understand that")
expect("name Asha <Rai> & co", "we didn't understand that")
expect("name Asha Rai", "we will call you Asha Rai")
expect("register", "You are already registered")
print("ok:", sent)
