// Runs calls of other people's Aliyun, AWS, Logto and OpenID clients: a JSON list on standard input, a JSON list of what each
// returned or threw on standard output. The packages are imported by whoever needs them: they are slow to load.
import { readFileSync } from 'node:fs';

const callers = {
  async popCore({ config, parameters, options }) {
    const { default: Core } = await import('@alicloud/pop-core');
    return new Core({ apiVersion: '2017-05-25', ...config }).request('SendSms', parameters, options);
  },

  async sdk({ config, parameters, action = 'sendSms' }) {
    const { default: sdk, SendSmsRequest, QuerySendDetailsRequest } = await import('@alicloud/dysmsapi20170525');
    const { $OpenApiUtil } = await import('@alicloud/openapi-core');
    const Client = sdk.default ?? sdk;
    const Request = action === 'sendSms' ? SendSmsRequest : QuerySendDetailsRequest;
    const response = await new Client(new $OpenApiUtil.Config(config))[action](new Request(parameters));
    return { statusCode: response.statusCode, body: response.body };
  },

  // The SDK reads its endpoint, keys and region from the environment, unless the config has them.
  async sesv2({ config, commands }) {
    const sdk = await import('@aws-sdk/client-sesv2');
    const client = new sdk.SESv2Client(config);
    const answers = [];
    for (const [name, input] of commands) {
      const bytes = input.Content?.Raw?.Data;
      if (bytes !== undefined) input.Content.Raw.Data = Buffer.from(bytes, 'base64');
      answers.push(await client.send(new sdk[`${name}Command`](input)));
    }
    return answers;
  },

  async logto({ connector, config, message }) {
    const { default: create } = await import(connector);
    const made = await create({ getConfig: async () => config });
    const answer = await made.sendMessage(message);
    // The HTTP connector returns what got gave it.
    return answer?.rawBody === undefined ? answer : { statusCode: answer.statusCode, body: answer.body };
  },

  // A sign-in as Logto does it; `changed` is what comes back otherwise than it was sent.
  async logtoSocial({ connector, config, persona, changed = {} }) {
    const { default: create } = await import(connector);
    const made = await create({ getConfig: async () => config });
    let session = {};
    const redirectUri = 'http://localhost:3000/callback';
    const url = await made.getAuthorizationUri({ state: 's1', redirectUri }, async (kept) => {
      session = kept;
    });
    // Google's has the redirect URI from Logto's front end.
    const data = { ...(await signedIn(url, persona)), redirectUri, ...changed };
    if (made.getTokenResponseAndUserInfo === undefined) {
      return { userInfo: await made.getUserInfo(data, async () => session) };
    }
    const found = await made.getTokenResponseAndUserInfo(data, async () => session);
    const token = found.tokenResponse.refresh_token;
    return { ...found, refreshed: token && (await made.getAccessTokenByRefreshToken(token)) };
  },

  async openid({ issuer, id, secret, method, pkce, persona, parameters = {} }) {
    const client = await import('openid-client');
    const execute = [client.allowInsecureRequests];
    const config = await client.discovery(new URL(issuer), id, secret, client[method]?.(secret), { execute });
    const verifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: 'http://localhost:3000/callback',
      scope: 'openid profile email',
      state: 's1',
      nonce: 'n1',
      ...(pkce && { code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' }),
      ...parameters,
    });
    const back = new URL(`http://localhost:3000/callback?${new URLSearchParams(await signedIn(url, persona))}`);
    const checks = { expectedState: 's1', expectedNonce: 'n1', ...(pkce && { pkceCodeVerifier: verifier }) };
    const tokens = await client.authorizationCodeGrant(config, back, checks);
    const claims = tokens.claims();
    const user = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
    const again = tokens.refresh_token && (await client.refreshTokenGrant(config, tokens.refresh_token));
    const latest = (again ?? tokens).access_token;
    const { introspection_endpoint: introspects, end_session_endpoint: signsOut } = config.serverMetadata();
    const active = introspects && (await client.tokenIntrospection(config, latest)).active;
    await client.tokenRevocation(config, latest);
    const revoked = introspects && !(await client.tokenIntrospection(config, latest)).active;
    const bye = signsOut && client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token }).href;
    return { claims, user, refreshed: Boolean(again), active, revoked, signedOut: bye && (await fetch(bye)).status };
  },
};

// What the browser brings back: the parameters of the redirect.
async function signedIn(url, persona) {
  const asked = new URL(url);
  asked.searchParams.set('login_hint', persona);
  const answer = await fetch(asked, { redirect: 'manual' });
  const location = answer.headers.get('location');
  if (location === null) throw new Error(`${asked.pathname}: ${answer.status}, and no redirect`);
  return Object.fromEntries(new URL(location).searchParams);
}

function told(error) {
  const { name, code, message, data, statusCode, retryAfter, error: said, $metadata: metadata } = error;
  return { kind: error.constructor.name, name, code, message, data, statusCode, retryAfter, said, metadata };
}

const results = [];
for (const { client, ...call } of JSON.parse(readFileSync(0, 'utf8'))) {
  try {
    results.push({ returned: await callers[client](call) });
  } catch (error) {
    results.push({ thrown: told(error) });
  }
}
process.stdout.write(JSON.stringify(results));
// pop-core keeps its connections alive for as long as it lives.
process.exit(0);
