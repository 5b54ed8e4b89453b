// Runs calls of other people's Aliyun, AWS and Logto clients: a JSON list on standard input, a JSON list of what each
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
};

function told(error) {
  const { name, code, message, data, statusCode, retryAfter, $metadata: metadata } = error;
  return { kind: error.constructor.name, name, code, message, data, statusCode, retryAfter, metadata };
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
