// Counts down, and reloads the rows every other second. Without it the page is whole, and stands still.
"use strict";

const EVERY = 2000;
const PATIENCE = 5000;

const state = document.getElementById("state");
const pause = document.getElementById("pause");
const cursor = document.querySelector("meta[name=cursor]").content;
let paused = false;

// What is left is counted from the moment it came, by a clock that nobody sets.
const ends = new WeakMap();

const note = (place) => {
  const now = performance.now();
  for (const it of place.querySelectorAll("[data-left]")) ends.set(it, now + Number(it.dataset.left));
};

// As text.rs writes it.
const written = (millis) => {
  const all = Math.ceil(millis / 1000);
  const [days, hours, minutes] = [Math.floor(all / 86400), Math.floor(all / 3600) % 24, Math.floor(all / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  const clock = `${minutes}:${two(all % 60)}`;
  if (days) return `${days} d ${hours}:${two(minutes)}:${two(all % 60)}`;
  return hours ? `${hours}:${two(minutes)}:${two(all % 60)}` : clock;
};

const countDown = () => {
  const now = performance.now();
  for (const it of document.querySelectorAll("[data-left]")) {
    const left = ends.get(it) - now;
    const text = left > 0 ? written(left) : "over";
    if (it.textContent !== text) it.textContent = text;
  }
};

// Only when it changes: it is read out.
const say = (text) => {
  if (state.textContent !== text) state.textContent = text;
};

// Puts the rows of `fresh` in the place of ours. One that is the same stays, and with it focus and selection.
const merge = (fresh) => {
  const body = document.querySelector("#rows tbody");
  const ours = new Map([...body.rows].map((row) => [row.id, row]));
  const rows = [...fresh.querySelectorAll("tbody tr")].map((row) => {
    const old = ours.get(row.id);
    if (!old) return row;
    if (old.dataset.version !== row.dataset.version) {
      row.classList.add("changed");
      if (old.contains(document.activeElement)) queueMicrotask(() => row.querySelector("button")?.focus());
      return row;
    }
    const left = old.querySelectorAll("[data-left]");
    row.querySelectorAll("[data-left]").forEach((it, place) => ends.set(left[place], ends.get(it)));
    return old;
  });
  const staying = new Set(rows);
  for (const row of [...body.rows]) if (!staying.has(row)) row.remove();
  rows.forEach((row, place) => {
    if (body.rows[place] !== row) body.insertBefore(row, body.rows[place] ?? null);
  });
  // Around the rows: how many there are, and the way to the next page.
  const caption = document.querySelector("#rows caption");
  caption.textContent = fresh.querySelector("caption").textContent;
  const around = (place) => [...place.querySelectorAll("#rows > :not(table)")];
  const same = around(document).map((it) => it.outerHTML).join() === around(fresh).map((it) => it.outerHTML).join();
  if (same) return;
  around(document).forEach((it) => it.remove());
  document.querySelector("#rows").append(...around(fresh));
};

const reload = async () => {
  try {
    const answer = await fetch(`/rows?cursor=${cursor}`, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status === 503) return say("Redis does not answer; trying again");
    if (!answer.ok) return say(`the viewer answers ${answer.status}; trying again`);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (paused) return;
    note(fresh);
    merge(fresh);
    countDown();
    say("live");
  } catch {
    say("the viewer does not answer; trying again");
  }
};

// The next one begins after the last has ended, so that a slow server is asked less.
const live = async () => {
  if (!paused && !document.hidden) await reload();
  setTimeout(live, EVERY);
};

pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Go on" : "Pause";
  say(paused ? "paused: what is shown was so when you paused" : "live");
});
document.addEventListener("visibilitychange", () => document.hidden || paused || reload());

note(document);
countDown();
say("live");
setInterval(() => paused || countDown(), 250);
setTimeout(live, EVERY);
