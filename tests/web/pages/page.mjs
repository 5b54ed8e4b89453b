// Runs docs.js in a document that is just enough of one, and prints what a reader would find there.
// Input: {"script": path, "document": the OpenAPI document, "token": its token or null, "filter": text}.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const given = JSON.parse(readFileSync(0, "utf-8"));

class Text {
  constructor(text) { this.textContent = text; this.children = []; }
}

class Element {
  constructor(tag) { Object.assign(this, { tag, attributes: {}, children: [], listeners: {}, hidden: false, value: "" }); }
  get tagName() { return this.tag.toUpperCase(); }
  get firstChild() { return this.children[0]; }
  get hash() { return this.attributes.href; }
  get textContent() { return this.children.map((child) => child.textContent).join(""); }
  set textContent(text) { this.children = [new Text(String(text))]; }
  setAttribute(name, value) { this.attributes[name] = String(value); }
  append(...parts) { this.children.push(...parts.map((part) => (part instanceof Element || part instanceof Text ? part : new Text(String(part))))); }
  replaceChildren(...parts) { this.children = []; this.append(...parts); }
  addEventListener(name, listener) { this.listeners[name] = listener; }
  focus() { focused = this.attributes.id; }
  scrollIntoView() {}
  *all() { for (const child of this.children) if (child instanceof Element) { yield child; yield* child.all(); } }
  fits(selector) {
    const [, tag, id, name, shown] = /^(\w+)?(?:#(\w+))?(?:\.(\w+))?(:not\(\[hidden\]\))?$/.exec(selector);
    return (!tag || tag === this.tag) && (!id || id === this.attributes.id) && !(shown && this.hidden)
      && (!name || (this.attributes.class || "").split(" ").includes(name));
  }
  querySelectorAll(selector) {
    return selector.split(" ").reduce((from, part) =>
      [...new Set(from.flatMap((one) => [...one.all()].filter((inner) => inner.fits(part))))], [this]);
  }
  querySelector(selector) { return this.querySelectorAll(selector)[0]; }
}

let focused = null;
const asked = [];
const root = new Element("html");
for (const [tag, id] of [["small", "version"], ["div", "about"], ["span", "server"], ["form", "access"], ["input", "token"],
  ["p", "news"], ["div", "columns"], ["input", "filter"], ["div", "list"], ["main", "calls"]]) {
  const element = new Element(tag);
  element.setAttribute("id", id);
  element.hidden = id === "access" || id === "columns";
  root.append(element);
}
const find = (id) => root.querySelector(`#${id}`);
globalThis.document = Object.assign(root, { createElement: (tag) => new Element(tag), getElementById: find });
globalThis.window = new Element("window");
globalThis.location = { hash: "#capturesWait" };
globalThis.fetch = async (url, { headers }) => {
  asked.push([url, headers.Authorization ?? null]);
  const ok = given.token === null || headers.Authorization === `Bearer ${given.token}`;
  return { ok, status: ok ? 200 : 401, json: async () => given.document };
};

await import(pathToFileURL(given.script));
const before = { access: !find("access").hidden, news: find("news").textContent, focused };
if (given.token !== null) {
  find("token").value = given.token;
  find("access").listeners.submit({ preventDefault() {} });
  await new Promise((resolve) => setImmediate(resolve));
}
const calls = root.querySelectorAll("details.call");
const ids = root.querySelectorAll("details").map((one) => one.attributes.id).filter(Boolean);
const shown = {
  before, asked, ids,
  news: find("news").textContent,
  access: !find("access").hidden,
  open: calls.filter((call) => call.open).map((call) => call.attributes.id),
  text: Object.fromEntries(calls.map((call) => [call.attributes.id, call.textContent])),
  lines: Object.fromEntries(calls.map((call) => [call.attributes.id, call.querySelector("pre").textContent])),
  links: root.querySelectorAll("a").map((link) => link.attributes.href),
};
find("filter").value = given.filter;
find("filter").listeners.input();
shown.filtered = calls.filter((call) => !call.hidden).map((call) => call.attributes.id);
console.log(JSON.stringify(shown));
