"use strict";
// What pages do quicker with a script; each does the same without one.

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard.writeText(copy.dataset.copy).then(() => { copy.textContent = copy.dataset.done; });
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  }
});

document.addEventListener("allauth.error", (event) => {
  const note = document.querySelector("[data-on-trouble]");
  if (note) {
    event.preventDefault();
    note.hidden = false;
  }
});

// On a phone the places of the bar are longer than the screen: the one that is shown stands in it.
document.querySelector(".bar nav a[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

for (const form of document.querySelectorAll("form[data-live]")) {
  for (const select of form.querySelectorAll("select")) select.addEventListener("change", () => form.requestSubmit());
}

// Fills a field from a QR code before the camera, where the browser can read one.
for (const button of document.querySelectorAll("[data-scan]")) {
  const field = document.getElementById(button.dataset.scan);
  const screen = button.parentElement.querySelector("video");
  let stream = null;
  const stop = () => {
    for (const track of stream ? stream.getTracks() : []) track.stop();
    stream = null;
    screen.hidden = true;
  };
  const look = async (reader) => {
    if (!stream) return;
    const [code] = await reader.detect(screen).catch(() => []);
    if (code) {
      field.value = code.rawValue;
      stop();
      field.focus();
    } else requestAnimationFrame(() => look(reader));
  };
  if ("BarcodeDetector" in window && navigator.mediaDevices) button.hidden = false;
  button.addEventListener("click", async () => {
    if (stream) return stop();
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).catch(() => null);
    if (!stream) return;
    screen.srcObject = stream;
    screen.hidden = false;
    await screen.play();
    look(new BarcodeDetector({ formats: ["qr_code"] }));
  });
}

// Groups that are read aloud: the space bar or Next lights the following one.
for (const list of document.querySelectorAll("[data-aloud]")) {
  const groups = [...list.children];
  let lit = Math.max(0, groups.findIndex((group) => group.classList.contains("lit")));
  const light = (place) => {
    lit = Math.min(Math.max(place, 0), groups.length - 1);
    groups.forEach((group, index) => {
      group.classList.toggle("lit", index === lit);
      group.classList.toggle("said", index < lit);
      if (index === lit) group.setAttribute("aria-current", "step"); else group.removeAttribute("aria-current");
    });
  };
  for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;
  document.addEventListener("click", (event) => {
    const step = event.target.closest("[data-next], [data-back]");
    if (!step) return;
    event.preventDefault();
    light(lit + ("next" in step.dataset ? 1 : -1));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target.closest("input, textarea, select, button, summary")) return;
    event.preventDefault();
    light(lit + 1);
  });
}

// A whole group goes on to the next field.
for (const list of document.querySelectorAll("[data-typing]")) {
  const fields = [...list.querySelectorAll("input")];
  list.addEventListener("input", (event) => {
    const next = fields[fields.indexOf(event.target) + 1];
    if (/^[0-9]{7}$/.test(event.target.value) && next && event.inputType === "insertText") next.focus();
  });
}
