// @ts-check
// Names as chips: an input[data-chips] holds them with "; " between, for the form; this shows each with a button that
// takes it away and a place to type the next.

/** @param {string} text */
const split = (text) => text.split(";").map((name) => name.trim()).filter(Boolean);

/** @param {HTMLInputElement} input */
function attach(input) {
  if (input.hidden) return;
  const box = document.createElement("div");
  box.className = "input chips";
  const next = document.createElement("input");
  next.type = "text";
  next.id = input.id;
  next.autocomplete = "off";
  next.setAttribute("aria-describedby", input.getAttribute("aria-describedby") ?? "");
  input.removeAttribute("id");
  input.hidden = true;
  input.after(box);

  /** @param {string[]} names */
  function set(names) {
    input.value = names.join("; ");
    draw();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function add() {
    const typed = split(next.value);
    next.value = "";
    if (typed.length > 0) set([...split(input.value), ...typed]);
  }

  function draw() {
    const names = split(input.value);
    box.replaceChildren(
      ...names.map((name, i) => {
        const chip = document.createElement("span");
        chip.className = "chip";
        const remove = document.createElement("button");
        remove.type = "button";
        remove.textContent = "×";
        remove.setAttribute("aria-label", (input.dataset.remove ?? "{Name}").replace("{Name}", name));
        remove.addEventListener("click", () => {
          set(names.filter((_, j) => j !== i));
          next.focus();
        });
        chip.append(name, remove);
        return chip;
      }),
      next,
    );
  }

  next.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === ";" || event.key === ",") && next.value.trim()) {
      event.preventDefault();
      add();
    } else if (event.key === "Enter" || event.key === ";") {
      event.preventDefault();
    } else if (event.key === "Backspace" && next.value === "") {
      const names = split(input.value);
      if (names.length > 0) set(names.slice(0, -1));
    }
  });
  next.addEventListener("blur", add);
  box.addEventListener("click", (event) => {
    if (event.target === box) next.focus();
  });
  input.addEventListener("cutroom:set", draw);
  draw();
}

for (const input of document.querySelectorAll("input[data-chips]")) {
  if (input instanceof HTMLInputElement) attach(input);
}
