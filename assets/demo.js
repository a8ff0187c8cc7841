// Keeps the demo's page up to date. The server renders it; this script asks for it again whenever something
// has happened and takes over what differs. Without this script the forms work by themselves.
"use strict";
(() => {
  const main = document.getElementById("main");
  const byId = (id) => document.getElementById(id);

  // Makes `old` equal to `fresh`, touching only what differs, so that focus, scrolling and typing stay.
  function morph(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    const same = old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && old.id === fresh.id;
    if (!same) return old.replaceWith(document.importNode(fresh, true));
    if (old.nodeType !== Node.ELEMENT_NODE) return void (old.nodeValue = fresh.nodeValue);
    if (old.id === "live" || old.id === "chooser" || old.nodeName === "NOSCRIPT") return;
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value && name !== "open") old.setAttribute(name, value);
    }
    morphChildren(old, fresh);
  }

  function morphChildren(old, fresh) {
    const kept = new Set([...fresh.children].map((child) => child.id).filter(Boolean));
    for (const child of [...old.children]) {
      if (child.id ? !kept.has(child.id) : child.classList.contains("pending")) child.remove();
    }
    let at = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      const known = child.id ? [...old.children].find((other) => other.id === child.id) : null;
      if (known && known !== at) old.insertBefore(known, at);
      const here = known || (at && !at.id && !child.id ? at : null);
      if (here) {
        at = here.nextSibling;
        morph(here, child);
      } else {
        const added = document.importNode(child, true);
        if (added.classList && added.classList.contains("bubble")) added.classList.add("new");
        old.insertBefore(added, at);
      }
    }
    while (at) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  }

  function show(html) {
    const focused = document.activeElement && document.activeElement.id;
    const page = new DOMParser().parseFromString(html, "text/html");
    const fresh = page.getElementById("main");
    if (!fresh) return false;
    morph(main, fresh);
    document.title = page.title;
    if (focused && document.activeElement === document.body) (byId(focused) || byId("body")).focus();
    return true;
  }

  function complain(text) {
    byId("problem").textContent = text;
    if (text) byId("body").setAttribute("aria-invalid", "true");
    else byId("body").removeAttribute("aria-invalid");
  }

  function connected(is) {
    const live = byId("live");
    if (live.dataset.live === (is ? "on" : "off")) return;
    live.dataset.live = is ? "on" : "off";
    live.textContent = is ? "Live" : "Reconnecting…";
  }

  // One request at a time, in the order of what was done.
  let turn = Promise.resolve();
  const inTurn = (work) => (turn = turn.then(work, work));
  let stale = false;

  function refresh() {
    if (stale) return;
    stale = true;
    inTurn(async () => {
      stale = false;
      const url = "/demo?phone=" + encodeURIComponent(main.dataset.phone);
      const answer = await fetch(url);
      if (answer.ok) show(await answer.text());
    }).catch(() => {});
  }

  // Whether what was asked for was done. If not, the page that came says why.
  async function submit(form, fields) {
    const headers = { accept: "text/html" };
    const answer = await fetch(form.action, { method: "POST", headers, body: new URLSearchParams(fields) });
    const kind = answer.headers.get("content-type") || "";
    if (!kind.startsWith("text/html") || !show(await answer.text())) throw new Error(answer.status);
    return answer.ok;
  }

  function addPending(text) {
    const bubble = byId("pending").content.firstElementChild.cloneNode(true);
    bubble.querySelector(".text").textContent = text;
    const empty = byId("empty");
    if (empty) empty.remove();
    byId("bubbles").append(bubble);
    byId("thread").scrollTop = 0;
    return bubble;
  }

  // A suggested text is pressed once, however quickly it is pressed twice.
  let suggested = null;

  function send(form, fields) {
    const text = fields.get("body").trim();
    const typed = form.id === "composer";
    const field = byId("body");
    if (!typed && suggested === text) return;
    if (!text) {
      complain("Type a text first, such as REGISTER.");
      field.focus();
      return;
    }
    complain("");
    const bubble = addPending(text);
    if (typed) field.value = "";
    else suggested = text;
    if (matchMedia("(pointer: fine)").matches) field.focus();
    const giveBack = () => {
      bubble.remove();
      if (typed && !field.value) field.value = text;
    };
    inTurn(() => submit(form, fields)).then((done) => done || giveBack(), () => {
      giveBack();
      complain("Not sent: the server can’t be reached. Is it running? Your text is kept; send it again.");
    }).finally(() => (suggested = null));
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-stay")) return;
    event.preventDefault();
    const fields = new FormData(form, event.submitter);
    if (form.id === "composer" || form.id === "chips") return send(form, fields);
    inTurn(() => submit(form, fields)).then((done) => done && complain(""), () => {
      complain("That was not done: the server can’t be reached. Is it running?");
    });
  });

  // A page that nobody looks at gives its connection back: a browser has six for one server.
  let events = null;
  function follow() {
    if (document.hidden) {
      if (events) events.close();
      events = null;
    } else if (!events) {
      events = new EventSource("/demo/events?phone=" + encodeURIComponent(main.dataset.phone));
      events.addEventListener("open", () => connected(true));
      events.addEventListener("error", () => connected(false));
      events.addEventListener("state", refresh);
    }
  }
  document.addEventListener("visibilitychange", follow);
  follow();
})();
