// The settings without waiting: the volume is saved as it is moved, the sample follows what is chosen.
(() => {
  "use strict";
  const quick = document.querySelector("[data-quick]");

  async function send(form) {
    const options = { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } };
    try {
      const response = await fetch(form.action, options);
      const text = await response.text();
      try {
        const reply = JSON.parse(text);
        quick.textContent = reply.answer;
        if (reply.version) form.elements.version.value = reply.version;
        return response.ok;
      } catch {
        quick.textContent = text;
      }
    } catch {
      form.submit();
    }
    return false;
  }

  const slider = document.querySelector("[data-slider]");
  if (slider) {
    const number = document.getElementById(slider.dataset.slider);
    const form = number.form;
    let waiting = Promise.resolve();
    const save = () => { waiting = waiting.then(() => form.reportValidity() && send(form)); };
    slider.hidden = false;
    form.querySelector("button").hidden = true;
    slider.addEventListener("input", () => { number.value = slider.value; });
    slider.addEventListener("change", save);
    number.addEventListener("change", () => { slider.value = number.value; save(); });
    form.addEventListener("submit", (event) => { event.preventDefault(); save(); });
  }

  const millis = document.getElementById("lead_in_ms");
  millis.addEventListener("input", () => {
    document.querySelector("[name=lead_in][value=own]").checked = true;
  });

  const test = document.querySelector("[data-test]");
  test.addEventListener("submit", (event) => { event.preventDefault(); send(test); });

  const sample = document.querySelector("[data-sample]");
  const hint = document.querySelector("[data-live-hint]");
  const voice = document.getElementById("voice");
  const rate = document.getElementById("rate");
  hint.textContent = hint.dataset.liveHint;
  function follow() {
    const asked = new URLSearchParams({ voice: voice.value, rate: rate.value });
    sample.src = `${sample.dataset.sample}?${asked}`;
  }
  voice.addEventListener("change", follow);
  rate.addEventListener("change", follow);

  for (const field of document.querySelectorAll("[data-select]")) {
    field.addEventListener("focus", () => field.select());
  }
})();
