// Adds the members whose numbers come on standard input, each with two earlier exchanges.

import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { STRANGER } from "./conversation.js";
import { openStore } from "./store.js";

const numbers = [];
for await (const line of createInterface({ input: process.stdin })) {
  numbers.push(line.trim());
}

const store = openStore(process.env.DATABASE ?? "peer.db");
const body = "Thanks, see you on Tuesday at the lake!";
store.transaction(() => {
  for (const number of numbers) {
    store.savePerson(number, { ...STRANGER, state: "member", name: "Asha Rai" });
  }
  for (let exchange = 0; exchange < 2; exchange += 1) {
    for (const number of numbers) {
      store.addMessage(`SM${randomBytes(16).toString("hex")}`, number, body, body, Date.now());
    }
  }
})();
store.close();
