// Asks for the page again and puts in what has changed. Sections that change are marked data-live and have an id.
"use strict";
const every = Number(document.body.dataset.every);
const shown = new Map();
let tag = "";

for (const part of document.querySelectorAll("[data-live]")) shown.set(part.id, part.outerHTML);

function put(part) {
  const old = document.getElementById(part.id);
  if (!old || shown.get(part.id) === part.outerHTML) return;
  shown.set(part.id, part.outerHTML);
  for (const details of old.querySelectorAll("details[id]")) {
    const again = part.querySelector(`#${CSS.escape(details.id)}`);
    if (again) again.open = details.open;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  old.replaceWith(document.adoptNode(part));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function look() {
  try {
    if (!document.hidden) {
      const answer = await fetch(location.href, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
      if (answer.status !== 304) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const isPage = answer.ok && page.getElementById("content");
        const known = [...page.querySelectorAll("[data-live]")].every((part) => document.getElementById(part.id));
        const isRead = isPage ? !known : answer.status === 404 && document.querySelector("[data-unread]");
        if (isRead) location.reload(); // what could not be read before is there now, or is known not to be
        for (const part of page.querySelectorAll("[data-live]")) put(part);
        tag = answer.headers.get("ETag") ?? "";
      }
    }
    document.getElementById("gone").hidden = true;
  } catch {
    document.getElementById("gone").hidden = false;
  }
  tick();
  setTimeout(look, every);
}

function tick() {
  for (const place of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(place.dataset.since)) / 1000));
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
    const lasts = hours ? `${hours} h ${minutes % 60} min` : minutes ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
    place.textContent = place instanceof SVGElement ? lasts : `for ${lasts}`;
  }
}

function openTarget() {
  let place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (const target = place; place; place = place.parentElement) {
    if (place instanceof HTMLDetailsElement) place.open = true;
    if (!place.parentElement) target.focus({ preventScroll: true });
  }
}

addEventListener("hashchange", openTarget);
openTarget();
tick();
if (every) setTimeout(look, every); // a page that asks something stays as it is
