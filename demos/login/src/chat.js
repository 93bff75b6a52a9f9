// Shows what arrives on the stream of messages, and sends what is written. What somebody wrote is text and never markup.
"use strict";

const list = document.querySelector("#messages");
const form = document.querySelector("#send");
const notice = document.querySelector("#notice");
const stream = new EventSource("/messages");

function say(text) {
    notice.textContent = text;
}

// Nothing of it stays on the page when the session is over, also if no server can be reached.
function forget() {
    stream.close();
    list.replaceChildren();
    form.reset();
}

stream.addEventListener("open", () => say("Open this page in a second browser, as somebody else."));

stream.addEventListener("message", event => {
    const { from, message } = JSON.parse(event.data);
    const item = document.createElement("li");
    item.textContent = `${from}: ${message}`;
    list.append(item);
    while (list.children.length > 200) list.firstElementChild.remove();
    item.scrollIntoView();
});

// A browser returns after an end by itself. If it was refused, the session is over, or nobody is there.
stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) {
        forget();
        say("The stream has ended. Sign in again.");
    } else {
        say("Waiting for a server …");
    }
});

form.addEventListener("submit", async event => {
    event.preventDefault();
    const field = form.elements.message;
    try {
        const answer = await fetch("/message", {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ message: field.value }),
        });
        if (answer.ok) form.reset();
        else say((await answer.json()).error);
    } catch {
        say("Nobody could be reached; it is not sent.");
    }
});

document.querySelector("form[action='/logout']").addEventListener("submit", forget);

// Back, from a page that the browser kept as it was.
addEventListener("pageshow", event => { if (event.persisted) location.reload(); });
