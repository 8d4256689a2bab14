// Tells what is wrong with a program while its form is being filled in, beside the fields that were
// changed. Without this script the same is said when the form is saved.
(() => {
  "use strict";
  const form = document.querySelector("form[data-check]");
  if (!form) return;
  const touched = new Set();
  let waiting = 0;
  let latest = 0;

  const fieldOf = (input) => {
    const field = input.closest(".field");
    const group = input.closest("fieldset.field");
    return { field: group || field, name: group ? group.id : input.name };
  };

  const describe = (target, id, there) => {
    const ids = new Set((target.getAttribute("aria-describedby") || "").split(" ").filter(Boolean));
    if (there) ids.add(id); else ids.delete(id);
    if (ids.size) target.setAttribute("aria-describedby", [...ids].join(" "));
    else target.removeAttribute("aria-describedby");
  };

  const show = (name, sentence) => {
    const target = document.getElementById(name);
    const field = target && target.closest(".field");
    if (!field) return;
    const id = `${name}-problem`;
    let message = document.getElementById(id);
    if (message && !sentence) message.remove();
    if (sentence && !message) {
      message = document.createElement("p");
      message.className = "problem";
      message.id = id;
      const label = field.querySelector(":scope > label, :scope > legend, :scope > h3");
      label.after(message);
    }
    if (sentence && message.textContent !== sentence) message.textContent = sentence;
    field.classList.toggle("wrong", Boolean(sentence));
    describe(target, id, Boolean(sentence));
    for (const input of target.matches("input, select, textarea") ? [target] : []) {
      if (sentence) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  };

  const shown = () => [...form.querySelectorAll(".problem")].map((message) => message.id.slice(0, -8));

  const check = async () => {
    const mine = ++latest;
    let answer;
    try {
      const response = await fetch(form.dataset.check, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { Accept: "application/json" },
      });
      if (!response.ok) return;
      answer = await response.json();
    } catch {
      return; // the kiosk is not there right now; saving will tell
    }
    if (mine !== latest) return;
    const found = new Map(answer.problems.map((one) => [one.field, one.sentence]));
    for (const name of new Set([...shown(), ...touched])) show(name, found.get(name) || "");
  };

  form.addEventListener("change", (event) => {
    const { name } = fieldOf(event.target);
    if (!name) return;
    touched.add(name);
    // A part and its list, a value and its cited range are wrong together.
    for (const near of [`${name}_range`, name.replace(/_range$/, ""), name.replace(/\.range$/, ".seconds"), name.replace(/\.seconds$/, ".range"), name.replace(/\.phases\[\d+\]\..*$/, ".phases")]) touched.add(near);
    clearTimeout(waiting);
    waiting = setTimeout(check, 400);
  });
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(check, 900);
  });
})();
