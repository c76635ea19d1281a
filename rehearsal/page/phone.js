// One person's phone: which chat is open, what is being written, and what the finger can reach.

import { act, sendFile } from "./acts.js";
import { bubble } from "./bubble.js";
import { el, icon, iconButton, svg } from "./dom.js";
import { samplePicture } from "./drawings.js";

const TOAST_STAYS = 4200;
const RINGS_FOR = 45000; // a message with buttons, until somebody touches the phone
const NUDGES_FOR = 5000;
const TYPING_STAYS = 5000;
const LIVE_FOR = 900;
const NEAR = 120; // pixels from the newest message
const HANDS = ["wheel", "touchmove", "pointerdown", "keydown"];
const HAND_RESTS = 1500; // milliseconds

export class Phone {
  constructor(person, bots) {
    this.person = person;
    this.bots = bots;
    this.chats = new Map();
    this.open = null;
    this.doing = null;
    this.build();
    for (const chat of person.chats) {
      this.chats.set(chat.bot, { ...chat, unread: 0, messages: new Map(chat.messages.map((message) => [message.id, message])) });
    }
    this.open = this.live()[0]?.bot ?? null;
    this.draw();
  }

  live() {
    return [...this.chats.values()].filter((chat) => chat.started || chat.messages.size);
  }

  chat() {
    return this.open === null ? null : this.chats.get(this.open);
  }

  bot(id) {
    return this.bots().find((bot) => bot.id === id) || { id, name: "Bot", username: "bot", about: "" };
  }

  // Drawing

  build() {
    const { name, badge, language } = this.person;
    this.time = el("span", {});
    this.screen = el("div", { class: "screen" });
    this.frame = el("div", { class: "phone" }, this.screen);
    this.frame.addEventListener("pointerdown", () => this.quiet());
    this.frame.addEventListener("focusin", () => this.quiet());
    this.element = el("section", { class: "person", "data-phone": name, "aria-label": `${name}’s phone`, lang: language },
      el("div", { class: "who" }, el("h2", { dir: "auto" }, name),
        badge ? el("span", { class: "badge", "data-role": badge.split(" ")[0].toLowerCase() }, badge) : null),
      this.frame);
    this.input = el("input", { type: "text", dir: "auto", autocomplete: "off", placeholder: "Message", "aria-label": `Message from ${name}`, enterkeyhint: "send" });
    this.log = el("div", { class: "log", role: "log", tabindex: "0", "aria-label": `What ${name} sees` });
    this.stayAtNewest();
  }

  draw() {
    const chat = this.chat();
    this.screen.replaceChildren(this.status(), chat ? this.head(chat) : null, this.tabs(), ...(chat ? [this.log, this.foot(chat)] : [this.welcome()]));
    [...this.screen.childNodes].filter((node) => node.nodeType === 3).forEach((node) => node.remove());
    if (chat) this.drawLog(chat);
  }

  status() {
    const signs = svg("svg", { viewBox: "0 0 38 12", "aria-hidden": "true" },
      [0, 1, 2, 3].map((i) => svg("rect", { x: i * 3.6, y: 8 - i * 2.2, width: 2.4, height: 3 + i * 2.2, rx: 0.8, fill: "currentColor" })),
      svg("rect", { x: 18.5, y: 1.5, width: 16, height: 9, rx: 2.6, fill: "none", stroke: "currentColor", opacity: 0.6 }),
      svg("rect", { x: 20.5, y: 3.5, width: 9.5, height: 5, rx: 1.2, fill: "currentColor" }),
      svg("rect", { x: 35.4, y: 4.2, width: 1.6, height: 3.6, rx: 0.8, fill: "currentColor", opacity: 0.6 }));
    return el("div", { class: "status", "aria-hidden": "true" }, this.time, el("i", {}), signs);
  }

  head(chat) {
    const bot = this.bot(chat.bot);
    this.subtitle = el("small", {});
    this.menuButton = iconButton("more", `Menu of ${this.person.name}’s phone`, () => this.toggleMenu(), { "aria-haspopup": "menu" });
    const head = el("div", { class: "head" }, this.avatar(bot), el("div", {}, el("strong", { dir: "auto" }, bot.name), this.subtitle), this.menuButton);
    this.drawTyping(chat);
    return head;
  }

  avatar(bot) {
    const place = this.bots().findIndex((other) => other.id === bot.id);
    return el("span", { class: "avatar", "data-hue": String(Math.max(0, place) % 3), "aria-hidden": "true" }, [...bot.name][0] || "B");
  }

  tabs() {
    const chats = this.live();
    if (chats.length < 2) return null;
    return el("div", { class: "tabs", role: "tablist" }, chats.map((chat) => el("button", {
      type: "button", role: "tab", "aria-selected": String(chat.bot === this.open), "data-unread": chat.unread || undefined,
      onclick: () => this.show(chat.bot),
    }, this.bot(chat.bot).name)));
  }

  show(bot) {
    this.open = bot;
    this.doing = null;
    this.chats.get(bot).unread = 0;
    this.draw();
  }

  drawLog(chat) {
    const shown = [...chat.messages.values()].filter((message) => !message.deleted).map((message) => this.bubble(message));
    shown.forEach((node) => node.classList.add("old"));
    this.log.replaceChildren(...shown);
    this.mend();
    if (chat.typingUntil > Date.now()) this.log.append(this.dots());
    this.toEnd();
  }

  mend() {
    let before = null;
    for (const node of this.log.querySelectorAll(".message")) {
      const mine = node.classList.contains("mine");
      node.classList.toggle("turn", before !== null && before !== mine);
      before = mine;
    }
  }

  foot(chat) {
    if (chat.blocked) {
      return el("div", { class: "foot" }, el("button", { type: "button", class: "unblock", onclick: () => this.try(act(this.person.id, "unblock", { bot: chat.bot })) }, "Unblock"), el("div", { class: "home" }));
    }
    const form = el("form", { class: "compose", onsubmit: (event) => this.submit(event) }, this.input,
      el("button", { type: "submit", class: "icon send", "aria-label": "Send", title: "Send" }, icon("send")));
    this.input.placeholder = chat.keyboard?.placeholder || "Message";
    return el("div", { class: "foot" }, this.doing ? this.doingLine() : null, form, this.keyboard(chat), el("div", { class: "home" }));
  }

  keyboard(chat) {
    if (!chat.keyboard?.rows.length) return null;
    return el("div", { class: "board-keys" }, chat.keyboard.rows.map((row) => el("div", {}, row.map((key) =>
      el("button", { type: "button", dir: "auto", onclick: () => this.try(act(this.person.id, "key", { bot: chat.bot, button: key.label })) },
        key.place ? icon("place") : null, key.label)))));
  }

  doingLine() {
    const words = this.doing.what === "edit" ? "Editing" : "Reply to";
    return el("div", { class: "doing" }, el("span", { dir: "auto" }, `${words}: ${this.doing.message.text || this.doing.message.kind}`),
      iconButton("close", "Leave it", () => this.begin(null)));
  }

  begin(doing) {
    const chat = this.chat();
    this.doing = doing;
    this.input.value = doing?.what === "edit" ? doing.message.text : "";
    this.screen.querySelector(".foot").replaceWith(this.foot(chat));
    this.input.focus();
  }

  bubble(message) {
    return bubble(message, { press: (...args) => this.press(...args), more: (...args) => this.more(...args) });
  }

  dots() {
    return el("div", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
  }

  // Only a hand leaves the newest message: what a new width or height does to the scrolling is undone.
  stayAtNewest() {
    this.atNewest = true;
    let moved = -Infinity;
    for (const hand of HANDS) this.log.addEventListener(hand, () => { moved = performance.now(); }, { passive: true });
    this.log.addEventListener("scroll", () => {
      if (this.atEnd()) this.atNewest = true;
      else if (performance.now() - moved < HAND_RESTS) this.atNewest = false;
    });
    new ResizeObserver(() => this.atNewest && this.toEnd()).observe(this.log);
  }

  atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.atNewest = true;
  }

  // What the stage tells

  told(event) {
    const known = this.chats.get(event.chat.bot);
    const chat = { unread: 0, messages: new Map(), ...known, ...event.chat };
    this.chats.set(event.chat.bot, chat);
    if (this.open === null && (chat.started || event.message)) this.open = event.chat.bot;
    const fresh = event.message && !known?.messages.has(event.message.id);
    if (event.message) chat.messages.set(event.message.id, event.message);
    if (fresh) chat.typingUntil = 0;
    if (event.chat.bot !== this.open) {
      if (fresh && !event.message.mine) chat.unread += 1;
      this.screen.querySelector(".tabs") ? this.screen.querySelector(".tabs").replaceWith(this.tabs()) : this.draw();
    } else if (!this.log.isConnected || !known || known.blocked !== chat.blocked || known.started !== chat.started) {
      this.draw();
    } else {
      this.update(chat, known, event, fresh);
    }
    if (fresh && !event.message.mine) this.ring(event.message);
  }

  update(chat, known, event, fresh) {
    if (JSON.stringify(known.keyboard) !== JSON.stringify(chat.keyboard)) this.screen.querySelector(".foot").replaceWith(this.foot(chat));
    this.drawTyping(chat);
    if (!event.message) return;
    const near = this.atNewest;
    const shown = this.log.querySelector(`[data-message="${event.message.id}"]`);
    if (event.message.deleted) {
      this.fade(shown);
    } else if (shown) {
      const redrawn = this.bubble(event.message);
      redrawn.classList.add("old");
      shown.replaceWith(redrawn);
    } else {
      this.log.append(this.bubble(event.message));
    }
    this.mend();
    if (near || fresh) this.toEnd();
  }

  fade(node) {
    if (!node) return;
    node.classList.add("gone");
    setTimeout(() => node.remove(), 700);
  }

  typing(event) {
    const chat = this.chats.get(event.chat.bot);
    if (!chat) return;
    chat.typingUntil = Date.now() + TYPING_STAYS;
    if (event.chat.bot === this.open) this.drawTyping(chat);
    setTimeout(() => this.open === event.chat.bot && this.drawTyping(chat), TYPING_STAYS + 50);
  }

  drawTyping(chat) {
    const typing = chat.typingUntil > Date.now();
    this.subtitle.textContent = typing ? "is typing…" : `@${this.bot(chat.bot).username}`;
    this.subtitle.classList.toggle("typing", typing);
    this.log.querySelector(".dots")?.remove();
    if (typing) {
      this.log.append(this.dots());
      this.toEnd();
    }
  }

  answered(event) {
    this.told(event);
    if (!event.answer.text) return;
    if (event.answer.alert) this.alert(event.answer.text);
    else this.toast(event.answer.text);
  }

  ring(message) {
    if (message.silent || message.mine || this.frame.contains(document.activeElement)) return;
    const until = Date.now() + (message.rows.length ? RINGS_FOR : NUDGES_FOR);
    if (this.ringsUntil > until) return;
    this.ringsUntil = until;
    this.frame.classList.add("ringing");
    clearTimeout(this.ringing);
    this.ringing = setTimeout(() => this.quiet(), until - Date.now());
  }

  quiet() {
    this.ringsUntil = 0;
    this.frame.classList.remove("ringing");
  }

  // What the finger does

  async try(promise) {
    try {
      await promise;
      return true;
    } catch (fault) {
      this.toast(fault.message, true);
      return false;
    }
  }

  async submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    const { doing } = this;
    const body = { bot: this.open, text };
    if (doing?.what === "edit") body.message = doing.message.id;
    if (doing?.what === "reply") body.reply_to = doing.message.id;
    this.input.value = "";
    const sent = await this.try(act(this.person.id, doing?.what === "edit" ? "edit" : "type", body));
    if (!sent) this.input.value = text;
    else if (doing) this.begin(null);
  }

  async press(message, button, node) {
    this.quiet();
    if (button.data) node.classList.add("waiting");
    const pressed = await this.try(act(this.person.id, "press", { bot: this.open, message: message.id, button: button.data || button.label }));
    if (!pressed) node.classList.remove("waiting");
    setTimeout(() => node.classList.remove("waiting"), 15000);
  }

  toggleMenu() {
    if (this.closeMenu()) return;
    const bot = this.open;
    const { id, place } = this.person;
    const near = () => ({ lat: place.lat + (Math.random() - 0.5) / 50, lon: place.lon + (Math.random() - 0.5) / 50 });
    this.openMenu([
      ["place", "Share my place", () => act(id, "place", { bot, ...near() })],
      ["live", "Share it live for 15 min", () => act(id, "place", { bot, ...near(), live: LIVE_FOR })],
      ["photo", "Send a picture", async () => sendFile(id, "photo", bot, await samplePicture(), "picture.png")],
      ["photo", "Choose a picture…", () => this.pick("photo", "image/png,image/jpeg")],
      ["voice", "Send a voice message", () => sendFile(id, "voice", bot, new Blob(["OggS voice of a rehearsal"]), "voice.oga")],
      ["file", "Choose a file…", () => this.pick("document", "")],
      ["link", "Follow an invitation…", () => this.invite()],
      ["block", "Block this bot", () => act(id, "block", { bot }), "grave"],
    ]);
  }

  more(message, node) {
    if (this.closeMenu()) return;
    const { id } = this.person;
    const bot = this.open;
    const choices = [["reply", "Reply", () => this.begin({ what: "reply", message })]];
    if (message.mine && message.kind === "text") choices.push(["edit", "Edit", () => this.begin({ what: "edit", message })]);
    if (message.mine && message.place?.live) {
      const step = () => message.place.lat + (Math.random() - 0.3) / 400;
      choices.push(["walk", "Walk on", () => act(id, "move", { bot, message: message.id, lat: step(), lon: message.place.lon + 0.002 })]);
    }
    this.openMenu(choices, node);
  }

  openMenu(choices, under = null) {
    const menu = el("div", { class: under ? "menu low" : "menu", role: "menu", onkeydown: (event) => event.key === "Escape" && this.closeMenu() },
      choices.map(([sign, label, does, tone]) => el("button", { type: "button", role: "menuitem", class: tone, onclick: async () => {
        this.closeMenu();
        await this.try(Promise.resolve().then(does));
      } }, icon(sign), label)));
    this.screen.append(menu);
    if (under) this.placeMenu(menu, under);
    menu.querySelector("button").focus();
    this.away = (event) => !menu.contains(event.target) && !event.target.closest(".icon") && this.closeMenu();
    document.addEventListener("pointerdown", this.away);
  }

  placeMenu(menu, under) {
    const [screen, spot] = [this.screen.getBoundingClientRect(), under.getBoundingClientRect()];
    const scale = screen.height / this.screen.offsetHeight; // of the whole phone
    const [below, beside] = [(spot.bottom - screen.top) / scale, (screen.right - spot.right) / scale];
    menu.style.top = `${Math.max(70, Math.min(below + 4, this.screen.offsetHeight - menu.offsetHeight - 70))}px`;
    menu.style.right = `${Math.max(9, Math.min(beside - 120, this.screen.offsetWidth - menu.offsetWidth - 9))}px`;
  }

  closeMenu() {
    document.removeEventListener("pointerdown", this.away);
    const menu = this.screen.querySelector(".menu");
    menu?.remove();
    return Boolean(menu);
  }

  pick(kind, accept) {
    const bot = this.open;
    const input = el("input", { type: "file", accept });
    input.addEventListener("change", () => input.files[0] && this.try(sendFile(this.person.id, kind, bot, input.files[0], input.files[0].name)));
    input.click();
  }

  welcome() {
    const bots = this.bots();
    const name = el("strong", { dir: "auto" });
    const about = el("p", { dir: "auto" });
    const face = el("div", {});
    const code = el("input", { type: "text", name: "code", autocomplete: "off", placeholder: "Invitation code or link", "aria-label": `Invitation of ${this.person.name}` });
    const choice = el("select", { "aria-label": "Which bot" }, bots.map((bot) => el("option", { value: String(bot.id) }, bot.name)));
    const drawBot = () => {
      const bot = this.bot(Number(choice.value));
      face.replaceChildren(this.avatar(bot));
      name.textContent = bot.name;
      about.textContent = bot.about || `@${bot.username}`;
    };
    const enter = (event) => {
      event.preventDefault();
      const link = code.value.trim().match(/(?:t\.me\/|domain=)(\w+)[?&]start=([\w-]+)/);
      const named = link && bots.find((bot) => bot.username.toLowerCase() === link[1].toLowerCase());
      const bot = named ? named.id : Number(choice.value);
      const payload = link ? link[2] : code.value.trim().replace(/^\/start\s+/, "");
      this.open = this.chats.has(bot) ? bot : null;
      this.try(act(this.person.id, "start", { bot, payload })).then(() => this.chats.has(bot) && this.show(bot));
    };
    choice.addEventListener("change", drawBot);
    if (bots.length) drawBot();
    const back = this.live()[0];
    return el("div", { class: "welcome" }, face, name, about,
      bots.length ? el("form", { onsubmit: enter }, bots.length > 1 ? choice : null, code, el("button", { type: "submit", class: "go" }, "Start")) : el("p", {}, "No bot has come on stage yet."),
      back ? el("button", { type: "button", class: "quiet", onclick: () => this.show(back.bot) }, "Back to the chat") : null);
  }

  invite() {
    this.open = null;
    this.draw();
    this.screen.querySelector(".welcome input")?.focus();
  }

  toast(text, fault = false) {
    this.screen.querySelector(".toast")?.remove();
    const toast = el("div", { class: fault ? "toast fault" : "toast", role: "status", dir: "auto" }, text);
    this.screen.append(toast);
    setTimeout(() => toast.classList.add("fading"), TOAST_STAYS);
    setTimeout(() => toast.remove(), TOAST_STAYS + 450);
  }

  alert(text) {
    const close = el("button", { type: "button", onclick: () => box.remove() }, "OK");
    const box = el("div", { class: "alert", role: "alertdialog", "aria-label": "Answer" }, el("div", {}, el("p", { dir: "auto" }, text), close));
    this.screen.append(box);
    close.focus();
  }
}
