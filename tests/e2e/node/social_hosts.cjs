// A preload (node --require): HTTPS to Google, GitHub and Hugging Face goes to their fakes instead, as plain HTTP,
// from `fetch` and from node:https. The client is not changed. GATEWAY_URL says where the gateway is.
'use strict';

const http = require('node:http');
const https = require('node:https');

const ISSUERS = {
  'accounts.google.com': 'google',
  'oauth2.googleapis.com': 'google',
  'openidconnect.googleapis.com': 'google',
  'www.googleapis.com': 'google',
  'github.com': 'github',
  'api.github.com': 'github',
  'huggingface.co': 'huggingface',
};
const { fetch, Request } = globalThis;
const { request } = https;

function atGateway(given) {
  const url = new URL(given);
  const issuer = url.protocol === 'https:' ? ISSUERS[url.hostname] : undefined;
  return issuer && new URL(`/fakes/oauth2/${issuer}${url.pathname}${url.search}`, process.env.GATEWAY_URL);
}

globalThis.fetch = function toGateway(resource, options) {
  const asked = resource instanceof Request;
  const url = atGateway(asked ? resource.url : resource);
  return fetch(url === undefined ? resource : asked ? new Request(url, resource) : url, options);
};

https.request = function toGateway(...given) {
  const callback = given.find((one) => typeof one === 'function');
  const named = given.find((one) => typeof one === 'string' || one instanceof URL);
  const options = given.find((one) => one !== null && typeof one === 'object' && !(one instanceof URL)) ?? {};
  const host = options.hostname ?? options.host;
  const url = atGateway(named ?? `https://${host}${options.path ?? '/'}`);
  if (url === undefined) return request.apply(https, given);
  const { hostname, port } = url;
  const path = url.pathname + url.search;
  return http.request({ ...options, protocol: 'http:', hostname, host: hostname, port, path, agent: undefined }, callback);
};

https.get = (...given) => https.request(...given).end();
