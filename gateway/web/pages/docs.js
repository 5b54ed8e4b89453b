// Renders openapi.json, which it reads from this server. Text goes into the page as text, never as markup.

const METHODS = ["get", "post", "put", "patch", "delete"];
const find = (id) => document.getElementById(id);
let api;

function make(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) element.setAttribute(name, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

// `code` and lists, which is all the Markdown that the document has.
function words(text) {
  return (text || "").split("`").map((part, at) => (at % 2 ? make("code", {}, part) : part));
}

function prose(text) {
  const lines = (text || "").split("\n");
  if (!lines.every((line) => line.startsWith("* "))) return make("p", {}, words(lines.join(" ")));
  return make("ul", {}, lines.map((line) => make("li", {}, words(line.slice(2)))));
}

function resolve(thing) {
  if (!thing || !thing.$ref) return thing || {};
  const found = thing.$ref.slice(2).split("/").reduce((place, key) => place[key], api);
  return { ...found, ...(thing.description ? { description: thing.description } : {}) };
}

const nameOf = (schema) => (schema.$ref ? schema.$ref.split("/").pop() : null);
const choices = (schema) => schema.anyOf || schema.oneOf || [];

function kindOf(schema) {
  if (nameOf(schema)) return resolve(schema).enum ? "string" : nameOf(schema);
  if (choices(schema).length) return choices(schema).map(kindOf).join(" or ");
  if (schema.type === "array") return `list of ${kindOf(schema.items || {})}`;
  if (schema.type === "object" && typeof schema.additionalProperties === "object")
    return `object of ${kindOf(schema.additionalProperties)}`;
  return schema.format || schema.type || "anything";
}

function limits(schema) {
  const said = [];
  const bounds = [
    ["minimum", "at least"], ["exclusiveMinimum", "more than"], ["maximum", "at most"],
    ["minLength", "characters: at least"], ["maxLength", "characters: at most"], ["pattern", "pattern"],
    ["default", "default"], ["const", "always"],
  ];
  for (const one of [schema, resolve(schema), ...choices(schema).map(resolve)]) {
    if (one.enum) said.push(`one of ${one.enum.map((value) => `\`${value}\``).join(", ")}`);
    for (const [key, text] of bounds)
      if (one[key] !== undefined) said.push(`${text} \`${typeof one[key] === "string" ? one[key] : JSON.stringify(one[key])}\``);
  }
  return [...new Set(said)].join("; ");
}

// The objects that a schema is made of, so that a reader may go on into them.
function inner(schema) {
  const kinds = [schema, ...choices(schema), schema.items, schema.additionalProperties, ...choices(schema.items || {})];
  return kinds.filter((kind) => kind && kind.$ref && !resolve(kind).enum);
}

function table(caption, head, rows) {
  return make("div", { class: "table", tabindex: "0", role: "region", "aria-label": caption },
    make("table", {},
      make("thead", {}, make("tr", {}, head.map((text) => make("th", { scope: "col" }, text)))),
      make("tbody", {}, rows)));
}

function row(name, kind, needed, schema, description) {
  const about = [words(description), description && limits(schema) ? make("br") : "", words(limits(schema))].flat();
  return make("tr", {}, make("th", { scope: "row" }, make("code", {}, name)),
    make("td", {}, kind), make("td", {}, needed), make("td", {}, about));
}

function shape(schema, above = []) {
  const name = nameOf(schema);
  const found = resolve(schema);
  const parts = [];
  if (found.properties) {
    const required = found.required || [];
    parts.push(table(`Fields of ${name || "the body"}`, ["field", "type", "", "meaning"],
      Object.entries(found.properties).map(([key, field]) =>
        row(key, kindOf(field), required.includes(key) ? "always" : "", field, field.description || ""))));
  } else {
    parts.push(make("p", {}, kindOf(found), ". ", words(limits(found))));
  }
  const next = [...Object.values(found.properties || {}), found].flatMap(inner);
  const seen = new Set([...above, name]);
  for (const one of next) {
    if (seen.has(nameOf(one))) continue;
    seen.add(nameOf(one));
    parts.push(make("details", {}, make("summary", {}, make("code", {}, nameOf(one)), " ",
      make("span", { class: "soft" }, words(resolve(one).description))), shape(one, [...seen])));
  }
  return make("div", {}, parts);
}

const bodyOf = (call) => Object.entries(call.requestBody?.content || {})[0] || [];

const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;

function curl(method, path, call) {
  const given = (call.parameters || []).filter((one) => one.required);
  const example = (one) => String(one.example ?? one.schema.default ?? `{${one.name}}`);
  const place = given.filter((one) => one.in === "path")
    .reduce((text, one) => text.replace(`{${one.name}}`, example(one).replace(/[^\w@.+{}-]/g, encodeURIComponent)), path);
  const parts = ["curl", method === "get" ? "" : `-X ${method.toUpperCase()}`, quoted(api.servers[0].url + place)];
  const security = call.security || [];
  if (security.length && security.every((one) => "apiToken" in one))
    parts.push('-H "Authorization: Bearer $GATEWAY_TOKEN"');
  const [kind, body] = bodyOf(call);
  if (kind === "application/json") parts.push(`--json ${quoted(JSON.stringify(body.example ?? {}))}`);
  else if (kind) parts.push(`-d ${quoted(new URLSearchParams(body.example))}`);
  return parts.filter(Boolean).join(" ");
}

function copier(text) {
  const button = make("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      find("news").textContent = "Copied.";
    } catch {
      find("news").textContent = "The browser does not let this page copy: select the line instead.";
    }
  });
  return button;
}

function access(call) {
  const needed = call.security || [];
  if (!needed.length) return "Takes no token.";
  if (needed.some((one) => "connectorAuthorization" in one)) return "Takes the connector's own authorization, where it has one.";
  return needed.some((one) => !Object.keys(one).length)
    ? "Takes the API token, where the server has one." : "Takes the API token.";
}

function answers(call) {
  return Object.entries(call.responses).map(([status, given]) => {
    const answer = resolve(given);
    const [kind, content] = Object.entries(answer.content || {})[0] || ["no body", null];
    const heading = make("summary", {}, make("code", {}, status), " ", make("span", { class: "soft" }, kind));
    const headers = Object.entries(answer.headers || {}).map(([name, one]) =>
      make("p", {}, make("code", {}, name), ": ", words(one.description)));
    const json = kind === "application/json" && content && content.schema.$ref;
    return make("details", status < "400" ? { open: "" } : {}, heading,
      make("div", {}, prose(answer.description), headers, json ? shape(content.schema) : null));
  });
}

function operation(method, path, call) {
  const line = curl(method, path, call);
  const parts = [make("p", { class: "soft" }, access(call),
    call["x-streams"] ? " It may keep the connection open for a while." : "")];
  parts.push(make("h3", {}, "Try it"), make("pre", { tabindex: "0" }, make("code", {}, line)), copier(line));
  if (call.parameters)
    parts.push(make("h3", {}, "Parameters"), table("Parameters", ["name", "in", "", "meaning"],
      call.parameters.map((one) => row(one.name, `${one.in}, ${kindOf(one.schema)}`, one.required ? "required" : "",
        one.schema, one.description || ""))));
  const [, body] = bodyOf(call);
  if (body) parts.push(make("h3", {}, "Body"), prose(resolve(body.schema).description), shape(body.schema));
  parts.push(make("h3", {}, "Answers"), answers(call));
  return make("details", { class: "call", id: call.operationId },
    make("summary", {}, make("span", { class: `method ${method}` }, method.toUpperCase()), " ",
      make("code", {}, path), make("span", {}, call.summary)),
    make("div", {}, parts));
}

function render() {
  find("version").textContent = api.info.version;
  find("about").replaceChildren(prose(api.info.description));
  find("server").textContent = `of ${api.servers[0].url}`;
  const calls = Object.entries(api.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => [method, path, item[method]]));
  for (const tag of api.tags) {
    const own = calls.filter(([, , call]) => call.tags.includes(tag.name));
    find("calls").append(make("section", { "aria-labelledby": `tag-${tag.name}` },
      make("h2", { id: `tag-${tag.name}` }, tag.name), prose(tag.description),
      own.map(([method, path, call]) => operation(method, path, call))));
    find("list").append(make("section", {}, make("h2", {}, tag.name), make("ul", {}, own.map(([method, path, call]) =>
      make("li", {}, make("a", { href: `#${call.operationId}` },
        make("span", { class: method }, method.toUpperCase()), ` ${path}`))))));
  }
  find("columns").hidden = false;
  find("news").textContent = `${calls.length} calls.`;
}

function filter() {
  const wanted = find("filter").value.toLowerCase();
  let shown = 0;
  for (const call of document.querySelectorAll("details.call")) {
    call.hidden = !call.querySelector("summary").textContent.toLowerCase().includes(wanted);
    shown += call.hidden ? 0 : 1;
  }
  for (const link of document.querySelectorAll("#list li")) link.hidden = find(link.firstChild.hash.slice(1)).hidden;
  for (const section of document.querySelectorAll("main section"))
    section.hidden = !section.querySelector("details.call:not([hidden])");
  find("news").textContent = `${shown} calls.`;
}

function unfold() {
  const call = find(location.hash.slice(1));
  if (call && call.tagName === "DETAILS") {
    call.open = true;
    call.scrollIntoView();
  }
}

async function load(token) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch("openapi.json", { headers });
  if (answer.status === 401) {
    find("access").hidden = false;
    find("news").textContent = token ? "That is not the token." : "The API token, please.";
    find("token").focus();
    return;
  }
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  api = await answer.json();
  find("access").hidden = true;
  render();
  unfold();
}

function attempt(token) {
  return load(token).catch((error) => {
    find("news").textContent = `openapi.json could not be read: ${error.message}`;
  });
}

find("access").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(find("token").value);
});
find("filter").addEventListener("input", filter);
window.addEventListener("hashchange", unfold);
await attempt("");
