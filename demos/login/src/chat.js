// Shows the messages that arrive on the stream, and sends those of the user. A message is inserted as text, never as
// markup.
"use strict";

const chat = document.querySelector("#chat");
const list = document.querySelector("#messages");
const form = document.querySelector("#send");
const notice = document.querySelector("#notice");
const WAITING = "Waiting for a server …";
const TOO_MANY = "Too many of your pages show the messages. Close one of them.";
const READY = "Open this page in a second browser, as another user.";
const GONE = "Messages can't arrive or be sent now: the server has lost Redis. This page waits until it is back.";
const BACK = "Messages arrive again. You may have missed some.";
let stream;
// Whether the page has received messages before.
let wasOpen = false;
// Whether the notice already explains why none arrive.
let explained = false;

function showNotice(text) {
    notice.textContent = text;
}

// Removes all messages from the page when the session ends, even if no server can be reached.
function clearMessages() {
    stream.close();
    list.replaceChildren();
    form.reset();
}

// Removes the chat and shows that the session has ended.
function end() {
    clearMessages();
    chat.remove();
    document.querySelector("#over").hidden = false;
}

function listen() {
    // Names the user of this page: after another user has logged in with this browser, the server refuses the stream.
    stream = new EventSource(`/messages?as=${encodeURIComponent(document.querySelector("#user").textContent)}`);
    stream.addEventListener("open", () => {
        showNotice(wasOpen ? BACK : READY);
        wasOpen = true;
        explained = false;
    });
    stream.addEventListener("message", event => showMessage(JSON.parse(event.data)));
    stream.addEventListener("unavailable", () => {
        explained = true;
        showNotice(GONE);
    });
    // The browser reconnects by itself after the stream ends, but not after a refusal.
    stream.addEventListener("error", () => {
        // The notice should not flicker at each attempt.
        if (!explained) showNotice(WAITING);
        if (stream.readyState === EventSource.CLOSED) handleRefusal();
    });
}

// Asks again with fetch, because an EventSource does not show the status of a refusal.
async function handleRefusal() {
    explained = true;
    // Until the server answers, assume that the session has ended.
    list.replaceChildren();
    const controller = new AbortController();
    const response = await fetch(stream.url, { signal: controller.signal }).catch(() => null);
    const reason = response?.ok === false ? await response.json().catch(() => null) : null;
    controller.abort();
    if (response?.status === 403) return end();
    showNotice(response?.status === 429 ? TOO_MANY : outage(reason?.error));
    // Pages that were refused together come back at different times.
    const seconds = Number(response?.headers.get("Retry-After")) || 1;
    setTimeout(listen, 1000 * (seconds + Math.random()));
}

// Returns the reason why no messages arrive. An instance that answers knows it: for example, Redis is gone.
function outage(reason) {
    return reason ? `Messages can't arrive or be sent now: ${reason}.` : WAITING;
}

function showMessage({ from, message }) {
    // Scroll to the new message only if the user was at the end of the list.
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 8;
    const item = document.createElement("li");
    const name = document.createElement("strong");
    name.textContent = from;
    item.append(name, `: ${message}`);
    list.append(item);
    while (list.children.length > 200) list.firstElementChild.remove();
    if (atEnd) list.scrollTop = list.scrollHeight;
}

form.addEventListener("submit", async event => {
    event.preventDefault();
    const field = form.elements.message;
    const message = field.value;
    try {
        const response = await fetch("/message", {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ message }),
        });
        if (response.status === 403) return end();
        if (!response.ok) return showNotice(`Not sent: ${(await response.json()).error}.`);
        showNotice("");
        // Keep what the user has typed in the meantime.
        if (field.value === message) form.reset();
    } catch {
        showNotice("Not sent: no server could be reached.");
    }
});

document.querySelector("form[action='/logout']").addEventListener("submit", clearMessages);

// A browser may keep this page when the user leaves it. Clear it then, and reload it when the user comes back.
addEventListener("pagehide", clearMessages);
addEventListener("pageshow", event => { if (event.persisted) location.reload(); });

listen();
