for (const box of document.querySelectorAll(".command")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const line = box.querySelector("pre");
    try {
      await navigator.clipboard.writeText(line.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(line);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  });
  box.append(button);
}

const filter = document.querySelector(".filter");
const findings = [...document.querySelectorAll(".finding, .rest > li")];
const rules = [...document.querySelectorAll(".book tr[id]")];
filter.hidden = false;
filter.addEventListener("input", () => {
  const words = filter.querySelector("input").value.toLowerCase().split(/\s+/).filter(Boolean);
  const left = (parts) => {
    for (const each of parts) {
      const text = each.textContent.toLowerCase();
      each.hidden = !words.every((word) => text.includes(word));
    }
    return parts.filter((each) => !each.hidden).length;
  };
  const count = left(rules);
  left(findings);
  // What has nothing left in it goes too, but for the rule book, which says so.
  for (const group of document.querySelectorAll(".book tbody, section:has(.finding, .rest)")) {
    group.hidden = !group.querySelector(":is(.finding, .rest > li, tr[id]):not([hidden])");
  }
  const found = words.length ? `${count} of ${rules.length} rules` : "";
  filter.querySelector("output").textContent = found;
});

addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
});
