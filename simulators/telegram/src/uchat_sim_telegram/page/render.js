// Messages as elements. Everything is built by nodes, never by markup: texts stay texts.

export function el(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", spoiler: "span", marked: "mark",
};

// Offsets and lengths of entities count UTF-16 units, as JavaScript's strings do.
export function formatted(text, entities, actions) {
  const sorted = [...(entities || [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const build = (from, to, list) => {
    const nodes = [];
    let at = from;
    for (let n = 0; n < list.length; n += 1) {
      const entity = list[n];
      if (entity.offset < at) continue;
      const end = entity.offset + entity.length;
      if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
      const inner = list.slice(n + 1).filter((one) => one.offset < end);
      nodes.push(entityNode(entity, text.slice(entity.offset, end), build(entity.offset, end, inner), actions));
      at = end;
    }
    if (at < to) nodes.push(text.slice(at, to));
    return nodes;
  };
  return build(0, text.length, sorted);
}

function entityNode(entity, text, children, actions) {
  if (entity.type === "bot_command") {
    return el("button", { className: "command", type: "button", onclick: () => actions.say(text) }, text);
  }
  if (entity.type === "url" || entity.type === "text_link") {
    return link(entity.url || text, children, actions);
  }
  return el(TAGS[entity.type] || "span", {}, ...children);
}

function link(url, children, actions) {
  const code = actions.startCode(url);
  if (code !== null) {
    return el("button", { className: "command", type: "button", onclick: () => actions.start(code) }, ...children);
  }
  return el("a", { href: safe(url), target: "_blank", rel: "noopener noreferrer" }, ...children);
}

export function safe(url) {
  return /^https?:\/\//i.test(url) ? url : "about:blank";
}

function richText(value, actions) {
  if (value === null || value === undefined) return [];
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap((part) => richText(part, actions));
  const inner = richText(value.text, actions);
  if (value.type === "url") return [link(value.url, inner, actions)];
  return [el(TAGS[value.type] || "span", {}, ...inner)];
}

export function blocks(list, actions) {
  return (list || []).map((block) => {
    const inner = () => richText(block.text, actions);
    switch (block.type) {
      case "heading": return el(block.size <= 2 ? "h3" : "h4", {}, ...inner());
      case "table": return table(block, actions);
      case "list": return el("ul", {}, ...block.items.map((item) => el("li", {}, ...blocks(item.blocks, actions))));
      case "details": return el("details", { open: Boolean(block.is_open) },
        el("summary", {}, ...richText(block.summary, actions)), ...blocks(block.blocks, actions));
      case "blockquote": return el("blockquote", {}, ...blocks(block.blocks, actions));
      case "footer": return el("footer", {}, ...inner());
      case "divider": return el("hr");
      case "pre": return el("pre", {}, ...inner());
      default: return el("p", {}, ...inner());
    }
  });
}

function table(block, actions) {
  const rows = block.cells.map((row) => el("tr", {}, ...row.map((cell) =>
    el(cell.is_header ? "th" : "td", { className: cell.align === "left" ? "" : cell.align }, ...richText(cell.text, actions)))));
  return el("div", { className: "scroll" }, el("table", {}, ...rows));
}

export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}

export function day(seconds) {
  return new Date(seconds * 1000).toLocaleDateString([], { day: "numeric", month: "long" });
}

function content(message, actions) {
  if (message.blocks) return [el("div", { className: "rich" }, ...blocks(message.blocks, actions))];
  const photo = message.photo
    ? [el("img", { src: `/file/bot0:page/photos/${message.photo}`, alt: message.text || "Picture" })]
    : [];
  return [...photo, ...formatted(message.text, message.entities, actions)];
}

export function messageNode(message, actions) {
  const row = el("article", { className: `row ${message.from}${message.deleted ? " deleted" : ""}` });
  row.dataset.id = message.message_id;
  const edited = message.edited ? "edited " : "";
  const seen = message.from === "user" ? " ✓✓" : "";
  const meta = el("span", { className: "meta" }, `${edited}${clock(message.edited_at || message.at)}${seen}`);
  const inner = message.deleted ? ["Message deleted"] : content(message, actions);
  row.append(el("div", { className: "bubble" }, ...inner, meta));
  if (!message.deleted && message.buttons.length) {
    row.classList.add("keyed");
    row.append(keyboard(message, actions));
  }
  return row;
}

function keyboard(message, actions) {
  const rows = message.buttons.map((row) => el("div", {}, ...row.map((button) => {
    const className = `key ${button.style || ""}`;
    if (button.url) {
      const code = actions.startCode(button.url);
      if (code !== null) {
        return el("button", { className, type: "button", onclick: () => actions.start(code) }, button.text);
      }
      return el("a", { className: `${className} link`, href: safe(button.url), target: "_blank", rel: "noopener" }, button.text);
    }
    const node = el("button", { className, type: "button", disabled: button.disabled }, button.text);
    node.onclick = () => actions.press(message, button, node);
    return node;
  })));
  return el("div", { className: "keys" }, ...rows);
}

export function draftNode(draft, actions) {
  const empty = !draft.text && !draft.blocks;
  const inner = empty ? ["Thinking…"] : content(draft, actions);
  const row = el("article", { className: "row bot draft" }, el("div", { className: "bubble" }, ...inner));
  if (draft.can_stop && !draft.stopped) {
    row.append(el("button", { className: "stop", type: "button", onclick: actions.stop }, "Stop"));
  }
  return row;
}
