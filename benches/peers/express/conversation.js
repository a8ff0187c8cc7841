// What a person is told and what is remembered of them; no database and no HTTP.

import { randomInt } from "node:crypto";

const CODE_MINUTES = 60;
const TRIES = 5;

export const STRANGER = { state: "stranger", name: null, code: null, code_expires_at: null, wrong_codes: 0 };

const STATUS = {
  stranger: () => "you are not registered. Text REGISTER to sign up.",
  naming: () => "we are waiting for your name. Please text it to us.",
  verifying: () => "we are waiting for the 6-digit code we sent you. Text RESEND for a new one.",
  member: (person) => `you are registered as ${person.name}. Text NAME and a new name to change it, STOP to opt out.`,
};

/** The person after this text, and the reply to it. */
export function answer(person, text, now) {
  const body = text.trim();
  const keyword = body.toUpperCase();
  if (keyword === "HELP") {
    return { person, reply: "Lakeside Clinic: text REGISTER to sign up, STATUS to see where you are, STOP to opt out." };
  }
  if (keyword === "STATUS") {
    return { person, reply: `Lakeside Clinic: ${STATUS[person.state](person)}` };
  }
  switch (person.state) {
    case "naming":
      return hearName(person, body, now);
    case "verifying":
      return hearCode(person, keyword, now);
    case "member":
      return hearMember(person, body, keyword);
    default:
      if (keyword !== "REGISTER") {
        return { person, reply: "This is Lakeside Clinic. Text REGISTER to sign up, HELP for help." };
      }
      return { person: { ...person, state: "naming" }, reply: "Lakeside Clinic: happy to have you! What is your name?" };
  }
}

function hearName(person, body, now) {
  if (!isName(body)) {
    return { person, reply: "Sorry, we couldn't read that as a name. Please text just your name, e.g. Maria." };
  }
  return sendCode({ ...person, state: "verifying", name: body }, now);
}

function hearCode(person, keyword, now) {
  if (keyword === "RESEND") {
    return sendCode(person, now);
  }
  const code = keyword.replace(/[\s-]/g, "");
  if (!/^\d{6}$/.test(code)) {
    return { person, reply: "Please text back the 6-digit code we sent you, or RESEND for a new one." };
  }
  if (person.wrong_codes >= TRIES) {
    return { person, reply: "Too many wrong codes. Text RESEND for a new one." };
  }
  if (now >= person.code_expires_at) {
    return { person, reply: "That code has expired. Text RESEND for a new one." };
  }
  if (code !== person.code) {
    const wrong_codes = person.wrong_codes + 1;
    const left = TRIES - wrong_codes;
    const reply = `That code is not right. You have ${left} more ${left === 1 ? "try" : "tries"}. Text RESEND for a new code.`;
    return { person: { ...person, wrong_codes }, reply };
  }
  return {
    person: { ...STRANGER, state: "member", name: person.name },
    reply: `Welcome to Lakeside Clinic, ${person.name}! You are registered. Reply HELP for help, STOP to opt out.`,
  };
}

function hearMember(person, body, keyword) {
  if (keyword === "REGISTER") {
    return { person, reply: `You are already registered with Lakeside Clinic as ${person.name}. Text HELP for help.` };
  }
  const name = /^name\s+(.+)$/i.exec(body)?.[1];
  if (name && isName(name)) {
    return { person: { ...person, name }, reply: `Thanks, we will call you ${name}.` };
  }
  return { person, reply: "Sorry, we didn't understand that. Text HELP to see what you can do." };
}

function sendCode(person, now) {
  const code = String(randomInt(100_000, 1_000_000));
  return {
    person: { ...person, code, code_expires_at: now + CODE_MINUTES * 60_000, wrong_codes: 0 },
    reply: `${code} is your Lakeside Clinic code. Text it back within ${CODE_MINUTES} minutes. Never share it with anyone.`,
  };
}

function isName(text) {
  return /^[\p{L}\p{M}'’. -]{1,60}$/u.test(text);
}
