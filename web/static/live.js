// Keeps a picture of the session up to date: the kiosk tells what changes, in between the clock runs on.
(() => {
  "use strict";
  const root = document.querySelector("[data-events]");
  if (!root || !window.EventSource) return;
  const all = (selector) => [...root.querySelectorAll(selector)];
  const ring = root.querySelector("[data-live-ring]");
  const seconds = root.querySelector("[data-live-seconds]");
  const progress = root.querySelector("[data-live-progress]");
  const left = root.querySelector('[data-live="left"]');
  const announcement = root.querySelector("[data-live-announcement]");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let shot = null;
  let seenAt = 0;
  let frame = 0;
  let lastAnnounced = null;

  const put = (element, text) => {
    if (element && element.textContent !== text) element.textContent = text;
  };

  const clock = (ms) => {
    const whole = Math.max(0, Math.round(ms / 1000));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  };

  const inSession = () => shot.state === "running" || shot.state === "paused";

  const draw = () => {
    const passed = shot.moving ? Math.min(performance.now() - seenAt, shot.phase_ends_in_ms) : 0;
    const counted = inSession() && shot.rep !== null;
    const rest = shot.phase_ends_in_ms - passed;
    // As the voice counts, down to one: the next phase begins where a zero would stand.
    put(seconds, counted && shot.moving ? String(Math.max(1, Math.ceil(rest / 1000))) : "");
    // With reduced motion the ring goes on by whole seconds, as the countdown does.
    const shown = still.matches ? Math.ceil(rest / 1000) * 1000 : rest;
    const share = counted ? Math.min(shown / Math.max(shot.phase_duration_ms, 1), 1) : 0;
    if (ring) ring.setAttribute("stroke-dashoffset", (100 * (1 - share)).toFixed(1));
    if (progress && inSession()) {
      progress.max = Math.max(shot.duration_ms, 1);
      progress.value = shot.position_ms + passed;
      put(left, root.dataset.left.replace("%", clock(shot.duration_ms - shot.position_ms - passed)));
    }
    root.dataset.position = Math.round(shot.position_ms + passed);
    frame = shot.moving && !document.hidden ? requestAnimationFrame(draw) : 0;
  };

  const show = (next) => {
    shot = next;
    seenAt = performance.now();
    root.dataset.state = shot.state;
    for (const [name, text] of Object.entries(shot.words)) {
      for (const element of all(`[data-live="${name}"]`)) {
        put(element, text);
        if (name === "side" || name === "set") element.hidden = !text;
      }
    }
    const held = document.activeElement;
    for (const element of all("[data-when]")) {
      element.hidden = !element.dataset.when.split(" ").includes(shot.state);
    }
    // Whoever pressed a button that is gone now stands at the one that took its place.
    if (held && root.contains(held) && held.closest("[hidden]")) {
      const next = root.querySelector(".steer [data-when]:not([hidden]) button:not(.quiet)");
      (next || document.querySelector("main")).focus();
    }
    for (const step of all("[data-step]")) {
      if (Number(step.dataset.step) === shot.exercise) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    }
    for (const [name, part] of Object.entries(shot.parts)) {
      const element = root.querySelector(`[data-part="${name}"]`);
      if (!element) continue;
      put(element.querySelector("dd, span"), part.text);
      element.classList.toggle("well", part.well);
      element.classList.toggle("not-well", !part.well);
      if (element.matches(".matter")) element.hidden = part.well;
    }
    // Read out what a listener has to know: another state, another exercise. Never the counting.
    const sentence = [shot.words.headline, shot.words.place].filter(Boolean).join(", ");
    const said = shot.state === "paused" ? `${shot.words.phase}. ${sentence}` : sentence;
    if (lastAnnounced !== null && said !== lastAnnounced) put(announcement, said);
    lastAnnounced = said;
    // The list of exercises is the server's to make: fetch the page anew for another program's session.
    const listed = root.dataset.listed;
    if (listed !== undefined && inSession() && (shot.program || "") !== listed) return void location.reload();
    if (!frame) draw();
  };

  // Only after a while: now and then a stream ends as planned and begins anew at once.
  let losing = 0;
  const lost = (really) => {
    const tell = () => { for (const element of all("[data-live-offline]")) element.hidden = !really; };
    if (really) {
      losing ||= setTimeout(tell, 2000);
    } else {
      clearTimeout(losing);
      losing = 0;
      tell();
    }
  };

  const connect = () => {
    const source = new EventSource(root.dataset.events);
    source.addEventListener("open", () => lost(false));
    source.addEventListener("state", (event) => {
      lost(false);
      show(JSON.parse(event.data));
    });
    source.addEventListener("error", () => {
      lost(true);
      // Turned away, e.g. because too many look on: the browser does not try again by itself.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, 10000);
    });
    window.addEventListener("pagehide", () => source.close(), { once: true });
  };

  document.addEventListener("visibilitychange", () => { if (shot && !document.hidden && !frame) draw(); });

  for (const form of all("form[data-wish]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const options = { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } };
      try {
        const reply = await fetch(form.action, options);
        if (!reply.ok) location.reload();
      } catch {
        lost(true);
      }
    });
  }
  connect();
})();
