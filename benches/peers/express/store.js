// The conversations and their messages, in one SQLite file.

import Database from "better-sqlite3";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS conversations (
    number TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    name TEXT,
    code TEXT,
    code_expires_at INTEGER,
    wrong_codes INTEGER NOT NULL
  );
  -- A text and what it was answered.
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    number TEXT NOT NULL REFERENCES conversations (number),
    body TEXT NOT NULL,
    reply TEXT NOT NULL,
    created_at INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS messages_by_number ON messages (number, id);
`;

export function openStore(path) {
  const db = new Database(path);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.pragma("foreign_keys = ON");
  db.exec(SCHEMA);

  const findReply = db.prepare("SELECT reply FROM messages WHERE sid = ?").pluck();
  const findPerson = db.prepare("SELECT state, name, code, code_expires_at, wrong_codes FROM conversations WHERE number = ?");
  const savePerson = db.prepare(`
    INSERT INTO conversations (number, state, name, code, code_expires_at, wrong_codes)
    VALUES (@number, @state, @name, @code, @code_expires_at, @wrong_codes)
    ON CONFLICT (number) DO UPDATE SET state = excluded.state, name = excluded.name, code = excluded.code,
      code_expires_at = excluded.code_expires_at, wrong_codes = excluded.wrong_codes`);
  const addMessage = db.prepare("INSERT INTO messages (sid, number, body, reply, created_at) VALUES (?, ?, ?, ?, ?)");

  return {
    findReply: (sid) => findReply.get(sid),
    findPerson: (number) => findPerson.get(number),
    savePerson: (number, person) => savePerson.run({ number, ...person }),
    addMessage: (sid, number, body, reply, now) => addMessage.run(sid, number, body, reply, now),
    // Makes a function that runs in one durable transaction.
    transaction: (work) => db.transaction(work).immediate,
    close: () => db.close(),
  };
}
