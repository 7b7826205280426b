/** Every way a picture gets in: the menu with its file pickers, a drop anywhere on the page, a paste. */

const PHOTO_TYPES = /^image\/(jpeg|png|webp|bmp|avif)$/; // what a client would send as a photo; the rest goes as a file

/** `onFiles(files, kind)` is called with at least one file, `kind` "photo" or "document". */
export function takePictures(onFiles) {
  const give = (list, kind) => {
    const files = [...list];
    const photos = kind === "photo" ? files.filter((file) => PHOTO_TYPES.test(file.type)) : [];
    const others = files.filter((file) => !photos.includes(file));
    for (let from = 0; from < photos.length; from += 10) onFiles(photos.slice(from, from + 10), "photo"); // 10: an album
    for (const file of others) onFiles([file], "document");
  };
  pickers(give);
  paste(give);
  drop(give);
}

function pickers(give) {
  const menu = document.getElementById("attach-menu");
  const opener = document.getElementById("attach");
  const items = [...menu.querySelectorAll("button")];
  const setOpen = (open) => {
    menu.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) menu.querySelector("button").focus();
  };
  const kinds = { "pick-photo": ["photo-input", "photo"], "pick-camera": ["camera-input", "photo"], "pick-file": ["file-input", "document"] };
  for (const [buttonId, [inputId, kind]] of Object.entries(kinds)) {
    const input = document.getElementById(inputId);
    document.getElementById(buttonId).addEventListener("click", () => {
      setOpen(false);
      opener.focus();
      input.click();
    });
    input.addEventListener("change", () => {
      give(input.files, kind);
      input.value = ""; // the same picture can be chosen again
    });
  }
  document.getElementById("empty-choose").addEventListener("click", () => document.getElementById("photo-input").click());
  opener.addEventListener("click", () => setOpen(menu.hidden));
  menu.addEventListener("keydown", (event) => {
    const shown = items.filter((item) => item.offsetParent);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      shown[(shown.indexOf(document.activeElement) + step + shown.length) % shown.length].focus();
      event.preventDefault();
    } else if (event.key === "Escape") {
      setOpen(false);
      opener.focus();
    }
  });
  document.addEventListener("pointerdown", (event) => {
    if (!menu.hidden && !event.target.closest(".attach")) setOpen(false);
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) setOpen(false);
  });
}

function paste(give) {
  document.addEventListener("paste", (event) => {
    const files = event.clipboardData?.files ?? [];
    if (!files.length) return; // text goes where it was pasted
    event.preventDefault();
    give(files, "photo");
  });
}

function drop(give) {
  const target = document.getElementById("drop");
  const zones = [...target.children];
  const zoneAt = (event) => zones.find((zone) => zone.contains(event.target)) ?? zones[0];
  const close = () => {
    target.hidden = true;
  };
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      target.hidden = false;
      for (const zone of zones) zone.classList.toggle("over", zone === zoneAt(event));
    });
  }
  document.addEventListener("dragleave", (event) => event.relatedTarget ?? close()); // null: it left the window
  document.addEventListener("drop", (event) => {
    close();
    if (!holdsFiles(event)) return;
    event.preventDefault();
    give(event.dataTransfer.files, zoneAt(event).dataset.as);
  });
}
