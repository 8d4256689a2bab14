// What makes set-up and signing in a little easier; every step works without it.
(() => {
  "use strict";

  // Show what is typed into a passphrase's field.
  for (const box of document.querySelectorAll("[data-shows]")) {
    const field = document.getElementById(box.dataset.shows);
    const follow = () => { field.type = box.checked ? "text" : "password"; };
    box.closest("[hidden]").hidden = false;
    box.addEventListener("change", follow);
    field.form.addEventListener("submit", () => { field.type = "password"; });
    follow();
  }

  // Go on by itself once the kiosk has said the code, or awaits no press any more.
  const waiting = document.querySelector("[data-waits-for]");
  if (waiting) {
    waiting.querySelector("[data-waiting]").hidden = false;
    const look = async () => {
      try {
        const answer = await fetch(waiting.dataset.waitsFor, { headers: { Accept: "application/json" } });
        if (!answer.ok || (await answer.json()).state !== "awaited") {
          location.reload();
          return;
        }
      } catch {
        // The kiosk is out of reach for a moment; the next look will tell.
      }
      setTimeout(look, 1000);
    };
    setTimeout(look, 1000);
  }

  // Offer the time zone of this device, where the kiosk knows it and goes by another.
  const offer = document.querySelector("[data-own-zone]");
  if (offer) {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const field = document.getElementById("time_zone");
    const known = [...field.list.options].some((option) => option.value === own);
    if (known && field.value !== own) {
      offer.querySelector("b").textContent = own;
      offer.hidden = false;
      offer.querySelector("button").addEventListener("click", () => {
        field.value = own;
        offer.hidden = true;
        field.focus();
      });
    }
  }
})();
