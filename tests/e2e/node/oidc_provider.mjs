// oidc-provider, a certified implementation, as a provider that our drivers sign in with. CLIENTS is a JSON list of
// its metadata of clients. Its development pages take any name and password.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

function key(alg, kind, options) {
  const { privateKey } = generateKeyPairSync(kind, options);
  return { ...privateKey.export({ format: 'jwk' }), alg, kid: alg, use: 'sig' };
}

const keys = [
  key('ES256', 'ec', { namedCurve: 'P-256' }),
  key('ES384', 'ec', { namedCurve: 'P-384' }),
  key('RS256', 'rsa', { modulusLength: 2048 }),
];

function claims(sub) {
  return {
    sub,
    name: `Name of ${sub}`,
    picture: `https://people.example/${sub}.png`,
    email: `${sub}@example.com`,
    email_verified: true,
    phone_number: '+447700900123',
    phone_number_verified: true,
  };
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const { address: host, port } = server.address();
  const provider = new Provider(`http://${host}:${port}`, {
    clients: JSON.parse(process.env.CLIENTS),
    jwks: { keys },
    cookies: { keys: ['not a secret'] },
    claims: {
      openid: ['sub'],
      profile: ['name', 'picture'],
      email: ['email', 'email_verified'],
      phone: ['phone_number', 'phone_number_verified'],
    },
    conformIdTokenClaims: false, // Logto's connector for OpenID Connect reads the ID token only
    enabledJWA: { idTokenSigningAlgValues: ['ES256', 'ES384', 'RS256'] },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => claims(sub) }),
    pkce: { required: () => true },
    // Those of Hugging Face, so that its driver finds them too.
    routes: { authorization: '/oauth/authorize', token: '/oauth/token', userinfo: '/oauth/userinfo', jwks: '/jwks' },
  });
  server.on('request', provider.callback());
  console.log(JSON.stringify({ host, port }));
});
process.stdin.resume().on('end', () => process.exit()); // whoever started it is gone
