// A person on Telegram: chooses who they are, writes, presses, and sees what the bot does.

import { api } from "./api.js";
import { day, draftNode, el, messageNode } from "./render.js";

const $ = (id) => document.getElementById(id);
const DRAFT_S = 30;
const ACTION_S = 5;
const NEAR_PX = 90;

let user = null;
let bot = { username: "uchat_bot", first_name: "Unified Chat" };
let chat = { messages: [], drafts: [], action: null, version: null };
let following = null;
let startCode = new URLSearchParams(location.search).get("start");
let actionUntil = 0;
const shown = new Map();

const actions = {
  say: (text) => send(text),
  start: (code) => send(code ? `/start ${code}` : "/start"),
  stop: () => api.stop(user.id).catch(toastError),
  press: async (message, button, node) => {
    node.classList.add("waiting");
    try {
      const { answer } = await api.press(user.id, message.message_id, button.data);
      if (answer?.text) answer.show_alert ? alertBox(answer.text) : toast(answer.text);
    } catch (error) {
      toastError(error);
    } finally {
      node.classList.remove("waiting");
    }
  },
  // The code of a link that opens this very bot, or null.
  startCode: (url) => {
    const match = /^(?:https?:\/\/)?t\.me\/([A-Za-z0-9_]+)(?:\?start=([\w-]+))?$/.exec(url);
    return match && match[1] === bot.username ? match[2] || "" : null;
  },
};

function toast(text) {
  const node = el("div", { className: "toast" }, text);
  $("toasts").append(node);
  setTimeout(() => node.remove(), 4000);
}

function toastError(error) {
  toast(error.message);
}

function alertBox(text) {
  $("alert-text").textContent = text;
  $("alert").showModal();
}

async function send(text) {
  const clean = text.trim();
  if (!clean || !user) return;
  startCode = null;
  await api.say(user.id, clean).catch(toastError);
  $("chat").scrollTop = $("chat").scrollHeight;
}

function render() {
  const box = $("chat");
  const near = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
  const parent = $("messages");
  for (const node of parent.querySelectorAll(".draft, .day")) node.remove();
  let lastDay = null;
  for (const message of chat.messages) {
    const key = JSON.stringify(message);
    const before = shown.get(message.message_id);
    let node = before?.node;
    if (!before || before.key !== key) {
      node = messageNode(message, actions);
      if (before) before.node.replaceWith(node);
      else parent.append(node);
      shown.set(message.message_id, { key, node });
    }
    if (day(message.at) !== lastDay) {
      lastDay = day(message.at);
      node.before(el("div", { className: "day" }, lastDay));
    }
  }
  const now = Date.now() / 1000;
  const drafts = chat.drafts.filter((draft) => !draft.ended && now - draft.changed_at < DRAFT_S);
  for (const draft of drafts) parent.append(draftNode(draft, actions));
  status(drafts.length > 0);
  $("start").hidden = !user || (chat.messages.length > 0 && startCode === null);
  $("form").hidden = !$("start").hidden;
  if (near) box.scrollTop = box.scrollHeight;
  scrolled();
}

function status(writing) {
  const busy = writing || (chat.action && Date.now() < actionUntil);
  $("status").textContent = busy ? (writing ? "writing…" : "typing…") : "bot";
  $("status").classList.toggle("busy", Boolean(busy));
}

function scrolled() {
  const box = $("chat");
  $("down").hidden = box.scrollHeight - box.scrollTop - box.clientHeight < 240;
}

async function follow(signal) {
  let pause = 300;
  while (!signal.aborted) {
    try {
      chat = await api.chat(user.id, chat.version, signal);
      if (signal.aborted) return;
      actionUntil = chat.action ? Date.now() + ACTION_S * 1000 : 0;
      render();
      pause = 300;
    } catch (error) {
      if (signal.aborted) return;
      $("status").textContent = "connecting…";
      await new Promise((done) => setTimeout(done, pause));
      pause = Math.min(2 * pause, 5000);
      if (String(error.message).startsWith("No user")) return choose(null);
    }
  }
}

function become(person) {
  following?.abort();
  following = new AbortController();
  user = person;
  chat = { messages: [], drafts: [], action: null, version: null };
  shown.clear();
  $("messages").replaceChildren();
  localStorage.setItem("telegram-user", String(person.id));
  panel(false);
  render();
  follow(following.signal);
  $("text").focus();
}

async function choose(id) {
  const people = await api.users();
  const found = people.find((person) => person.id === id);
  if (found) return become(found);
  if (people.length === 1) return become(people[0]);
  panel(true);
}

async function panel(open) {
  $("people").hidden = !open;
  $("people-open").setAttribute("aria-expanded", String(open));
  if (!open) return;
  const people = await api.users();
  $("people-list").replaceChildren(...people.map((person) => {
    const button = el("button", { type: "button", onclick: () => become(person) },
      el("i", {}, person.first_name.slice(0, 1).toUpperCase()),
      el("span", {}, person.first_name, el("small", {}, person.username ? `@${person.username}` : `id ${person.id}`)));
    button.setAttribute("aria-current", String(person.id === user?.id));
    return el("li", {}, button);
  }));
}

async function menu(open) {
  $("menu").hidden = !open;
  $("menu-open").setAttribute("aria-expanded", String(open));
  if (!open) return;
  const { commands } = await api.state();
  $("menu").replaceChildren(...commands.map((one) => el("li", {}, el("button", {
    type: "button",
    onclick: () => { menu(false); send(`/${one.command}`); },
  }, el("b", {}, `/${one.command}`), el("span", {}, one.description)))));
  if (!commands.length) $("menu").replaceChildren(el("li", {}, "The bot has told no commands yet."));
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  localStorage.setItem("telegram-theme", name);
}

$("theme").onclick = () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
$("people-open").onclick = () => panel($("people").hidden);
$("menu-open").onclick = () => menu($("menu").hidden);
$("down").onclick = () => { $("chat").scrollTop = $("chat").scrollHeight; };
$("chat").onscroll = scrolled;
$("chat").onclick = () => { panel(false); menu(false); };
$("start").onclick = () => send(startCode ? `/start ${startCode}` : "/start");
$("text").oninput = () => {
  $("text").style.height = "auto";
  $("text").style.height = `${$("text").scrollHeight}px`;
};
$("text").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("form").requestSubmit();
  }
};
$("form").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value;
  $("text").value = "";
  $("text").oninput();
  send(text);
};
$("person-form").onsubmit = async (event) => {
  event.preventDefault();
  const person = await api.join($("person-name").value, $("person-username").value).catch(toastError);
  $("person-form").reset();
  if (person) become(person);
};
setInterval(() => { if (user && (chat.drafts.some((draft) => !draft.ended) || chat.action)) render(); }, 1000);

theme(localStorage.getItem("telegram-theme")
  || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
api.state().then((state) => {
  bot = state.bot;
  $("bot-name").textContent = bot.first_name;
});
choose(Number(new URLSearchParams(location.search).get("user") || localStorage.getItem("telegram-user")));
