// oauth2-mock-server as its README starts it, with a key for ES256: what the bench compares with.
import { OAuth2Server } from 'oauth2-mock-server';

const server = new OAuth2Server();
await server.issuer.keys.generate('ES256');
await server.start(0, '127.0.0.1');
console.log(JSON.stringify({ host: '127.0.0.1', port: server.address().port }));
process.stdin.resume().on('end', () => process.exit()); // whoever started it is gone
