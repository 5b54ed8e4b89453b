// A preload (node --require): HTTPS to Aliyun's fixed host goes to the gateway instead, as plain HTTP.
// The client is not changed: it signs, and sends the Host header, as ever. GATEWAY_URL says where the gateway is.
'use strict';

const http = require('node:http');
const https = require('node:https');

const ALIYUN = /^dysmsapi(\.[a-z0-9-]+)?\.aliyuncs\.com$/;
const gateway = new URL(process.env.GATEWAY_URL);
const original = https.request;

https.request = function request(...given) {
  const callback = given.find((argument) => typeof argument === 'function');
  const options = {};
  for (const argument of given) {
    if (typeof argument === 'string' || argument instanceof URL) {
      const { hostname, port, pathname, search } = new URL(argument);
      Object.assign(options, { hostname, port, path: pathname + search });
    } else if (argument !== null && typeof argument === 'object') {
      Object.assign(options, argument);
    }
  }
  const host = options.hostname || options.host;
  if (!ALIYUN.test(host)) {
    return original.apply(https, given);
  }
  return http.request(
    {
      ...options,
      protocol: 'http:',
      hostname: gateway.hostname,
      host: gateway.hostname,
      port: gateway.port,
      agent: undefined,
      // Some clients leave the Host header to Node, which would write the gateway's.
      headers: { host, ...options.headers },
    },
    callback,
  );
};

https.get = function get(...given) {
  const request = https.request(...given);
  request.end();
  return request;
};
