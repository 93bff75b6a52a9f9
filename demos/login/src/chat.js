// Shows what arrives on the stream of messages, and sends what is written. What somebody wrote is text and never markup.
"use strict";

const chat = document.querySelector("#chat");
const list = document.querySelector("#messages");
const form = document.querySelector("#send");
const notice = document.querySelector("#notice");
let stream;

function say(text) {
    notice.textContent = text;
}

// Nothing of it stays on the page when the session is over, also if no server can be reached.
function forget() {
    stream.close();
    list.replaceChildren();
    form.reset();
}

// For good.
function end() {
    forget();
    chat.remove();
    document.querySelector("#over").hidden = false;
}

function listen() {
    // As this user: somebody else who has signed in here meanwhile is not to read beside what is on the page.
    stream = new EventSource(`/messages?as=${encodeURIComponent(document.querySelector("#user").textContent)}`);
    stream.addEventListener("open", () => say("Open this page in a second browser, as somebody else."));
    stream.addEventListener("message", event => show(JSON.parse(event.data)));
    // A browser returns after an end by itself, and not if it was refused.
    stream.addEventListener("error", () => {
        say("Waiting for a server …");
        if (stream.readyState === EventSource.CLOSED) refused();
    });
}

// Why, an EventSource doesn't tell.
async function refused() {
    // While nobody can tell whether the session lives, it is taken for over.
    list.replaceChildren();
    const asking = new AbortController();
    const answer = await fetch(stream.url, { signal: asking.signal }).catch(() => null);
    asking.abort();
    if (answer?.status === 403) end();
    else if (answer?.status === 429) say("This page is open too often. Close one, and reload this.");
    else setTimeout(listen, 1000 + 1000 * Math.random());
}

function show({ from, message }) {
    // Whoever reads what was before is left there.
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
        const answer = await fetch("/message", {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ message }),
        });
        if (answer.status === 403) return end();
        if (!answer.ok) return say(`Not sent: ${(await answer.json()).error}.`);
        say("");
        // Not what was written meanwhile.
        if (field.value === message) form.reset();
    } catch {
        say("Nobody could be reached; it is not sent.");
    }
});

document.querySelector("form[action='/logout']").addEventListener("submit", forget);

// Whoever comes back, to a page that the browser kept as it was, asks anew.
addEventListener("pagehide", forget);
addEventListener("pageshow", event => { if (event.persisted) location.reload(); });

listen();
