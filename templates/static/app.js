// The few things that HTML can not do by itself. Every page also works without them.
"use strict";

// Menus close on Escape and on a click elsewhere.
function closeMenus(except) {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details.menu[open]");
  closeMenus(null);
  if (menu) menu.querySelector("summary").focus();
});

// A form is sent once, however often its button is pressed. Coming back to the page makes it usable again.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  const buttons = event.target.querySelectorAll("button");
  setTimeout(() => buttons.forEach((button) => (button.disabled = true)));
  window.addEventListener("pageshow", () => buttons.forEach((button) => (button.disabled = false)));
});

// <select data-browser-time-zone>: the browser's own zone is the first suggestion.
document.querySelectorAll("select[data-browser-time-zone]").forEach((select) => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...select.options].some((option) => option.value === zone)) select.value = zone;
});

// <div id="steps" data-poll="2">: is fetched anew every 2 seconds, until the server leaves data-poll away.
// With data-reload the whole page is then loaded anew, for what else has changed with it.
async function poll(id, seconds) {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!response || !response.ok) return poll(id, Math.min(seconds * 2, 60));
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById(id);
  if (!fresh || response.redirected) return location.reload();
  const old = document.getElementById(id);
  if (old.innerHTML !== fresh.innerHTML) old.innerHTML = fresh.innerHTML;
  if (!fresh.dataset.poll && "reload" in old.dataset) return location.reload();
  if (fresh.dataset.poll) return poll(id, Number(fresh.dataset.poll));
  old.removeAttribute("data-poll");
}
document.querySelectorAll("[data-poll]").forEach((element) => poll(element.id, Number(element.dataset.poll)));

// <form data-live="result">: each change is sent at once, and the element called so shows what the server makes of it.
// A <select data-submit> in it changes what can be entered elsewhere: then the whole page is loaded anew.
document.querySelectorAll("form[data-live]").forEach((form) => {
  let latest = 0;
  form.addEventListener("change", async (event) => {
    if ("submit" in event.target.dataset) return form.requestSubmit();
    const mine = ++latest;
    const response = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
    if (!response || !response.ok || mine !== latest) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById(form.dataset.live);
    if (fresh && mine === latest) document.getElementById(form.dataset.live).innerHTML = fresh.innerHTML;
  });
});
