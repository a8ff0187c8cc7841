// Answers Twilio's webhooks for texts.

import express from "express";
import twilio from "twilio";
import { STRANGER, answer } from "./conversation.js";
import { openStore } from "./store.js";

const WEBHOOK = "/webhooks/twilio/sms";
const { PORT = "3000", DATABASE = "peer.db", PUBLIC_URL, TWILIO_AUTH_TOKEN } = process.env;
if (!PUBLIC_URL || !TWILIO_AUTH_TOKEN) {
  throw new Error("PUBLIC_URL and TWILIO_AUTH_TOKEN must be set");
}

const store = openStore(DATABASE);

const takeTurn = store.transaction((sid, number, body) => {
  const earlier = store.findReply(sid);
  if (earlier !== undefined) {
    return earlier;
  }
  const now = Date.now();
  const { person, reply } = answer(store.findPerson(number) ?? STRANGER, body, now);
  store.savePerson(number, person);
  store.addMessage(sid, number, body, reply, now);
  return reply;
});

const app = express();
app.disable("etag");
app.disable("x-powered-by");
app.post(
  WEBHOOK,
  express.urlencoded({ extended: false }),
  twilio.webhook(TWILIO_AUTH_TOKEN, { url: PUBLIC_URL + WEBHOOK }),
  (request, response) => {
    const { MessageSid, From, Body } = request.body;
    const twiml = new twilio.twiml.MessagingResponse();
    twiml.message(takeTurn(MessageSid, From, Body));
    response.type("text/xml").send(twiml.toString());
  },
);

const server = app.listen(Number(PORT), "127.0.0.1", (error) => {
  if (error) {
    throw error;
  }
});

process.once("SIGTERM", () => {
  server.close(() => store.close());
  server.closeAllConnections();
});
