// Counts down the time left, and reloads the rows every two seconds. Without this script the page is complete but
// static.
"use strict";

const INTERVAL = 2000;
const TIMEOUT = 5000;

const state = document.getElementById("state");
const pause = document.getElementById("pause");
const url = document.querySelector("meta[name=rows]").content;
let paused = false;

// When each countdown ends and when the list was read, by the monotonic clock.
const ends = new WeakMap();
let read = performance.now();

const startCountdowns = (root) => {
  const now = performance.now();
  for (const it of root.querySelectorAll("[data-left]")) ends.set(it, now + Number(it.dataset.left));
  for (const it of root.querySelectorAll("[data-age]")) read = now - Number(it.dataset.age);
};

// The same format as in text.rs.
const duration = (millis) => {
  let left = Math.ceil(millis / 1000);
  const parts = [["day", 86400], ["h", 3600], ["m", 60], ["s", 1]].map(([unit, seconds]) => {
    const count = Math.floor(left / seconds);
    left %= seconds;
    return count && `${count}${unit}${unit === "day" && count > 1 ? "s" : ""}`;
  });
  return parts.filter(Boolean).join(" ") || "0s";
};

const setText = (element, text) => {
  // Screen readers announce each assignment.
  if (element.textContent !== text) element.textContent = text;
};

const showState = (text) => setText(state, text);

const countDown = () => {
  const now = performance.now();
  for (const it of document.querySelectorAll("[data-left]")) {
    const left = ends.get(it) - now;
    setText(it, left > 0 ? duration(left) : "expired");
    it.nextElementSibling.value = left;
  }
  for (const it of document.querySelectorAll("[data-age]")) setText(it, duration(now - read));
};

// Replaces the rows with those of `fresh`. A row that did not change stays, and with it focus and selection.
const merge = (fresh) => {
  const body = document.querySelector("#rows tbody");
  const byId = new Map([...body.rows].map((row) => [row.id, row]));
  const rows = [...fresh.querySelectorAll("tbody tr")].map((row) => {
    const old = byId.get(row.id);
    if (!old) return row;
    if (old.dataset.version !== row.dataset.version) {
      row.classList.add("changed");
      if (old.contains(document.activeElement)) queueMicrotask(() => row.querySelector("button")?.focus());
      return row;
    }
    const left = old.querySelectorAll("[data-left]");
    row.querySelectorAll("[data-left]").forEach((it, index) => ends.set(left[index], ends.get(it)));
    return old;
  });
  const kept = new Set(rows);
  for (const row of [...body.rows]) if (!kept.has(row)) row.remove();
  rows.forEach((row, index) => {
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
  });
  document.querySelector("#rows table").hidden = fresh.querySelector("table").hidden;
  for (const part of ["#counts", "#changes", "#rows caption", "#empty", "#pages"]) replace(part, fresh);
};

// Replaces what has changed outside the rows. A link keeps the focus.
const replace = (selector, fresh) => {
  const [old, part] = [document, fresh].map((root) => root.querySelector(selector));
  if (old.outerHTML === part.outerHTML) return;
  const focused = old.contains(document.activeElement) && document.activeElement.id;
  old.replaceWith(part);
  if (focused) document.getElementById(focused)?.focus();
};

const reload = async () => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
    if (response.status === 503) return showState("Redis does not answer; trying again");
    if (!response.ok) return showState(`the viewer answers ${response.status}; trying again`);
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    if (paused) return;
    startCountdowns(fresh);
    merge(fresh);
    countDown();
    showState("live");
  } catch {
    showState("the viewer does not answer; trying again");
  }
};

// Waits for each response before it starts the next interval, so that a slow server gets fewer requests.
const poll = async () => {
  if (!paused && !document.hidden) await reload();
  setTimeout(poll, INTERVAL);
};

pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Resume" : "Pause";
  showState(paused ? "paused; the page does not update" : "live");
});
document.addEventListener("visibilitychange", () => document.hidden || paused || reload());

startCountdowns(document);
countDown();
showState("live");
setInterval(() => paused || countDown(), 250);
setTimeout(poll, INTERVAL);
