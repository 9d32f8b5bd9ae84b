// Writes amplify_js.json and amplify_js_hosted_ui.json with Amplify JS itself: a sign-in through its public API, against a server
// here that gives fixed tokens; and its own token store and OAuth store, as they are after a sign-in at the hosted pages.
//
//     npm install @aws-amplify/auth@6.21.1 @aws-amplify/core
//     node write-amplify-js.mjs NODE_MODULES OUT_DIRECTORY

import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

// Amplify names the device by its browser.
globalThis.navigator = { userAgent: 'golden', platform: 'golden' };

const [modules, out] = process.argv.slice(2);
const load = path => import(pathToFileURL(`${modules}/@aws-amplify/${path}`).href);
const { Amplify } = await load('core/dist/esm/index.mjs');
const { signIn } = await load('auth/dist/esm/index.mjs');
const { cognitoUserPoolsTokenProvider } = await load('auth/dist/esm/providers/cognito/index.mjs');
const { cacheCognitoTokens } = await load('auth/dist/esm/providers/cognito/tokenProvider/cacheTokens.mjs');
const { DefaultOAuthStore } = await load('auth/dist/esm/providers/cognito/utils/signInWithRedirectStore.mjs');

const pool = 'eu-central-1_AbCdEf123';
const client = '3n4b5urk1ft4fl3mg5e62d9ado';
const part = value => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = claims => `${part({ alg: 'RS256', kid: 'golden' })}.${part(claims)}.Z29sZGVuLXNpZ25hdHVyZQ`;
const common = { sub: '5b1e7c1e-7d4c-4a51-9a37-0c9b6d0f2a11', origin_jti: 'golden-origin', iat: 1795000000, exp: 4102444800,
	iss: `https://cognito-idp.eu-central-1.amazonaws.com/${pool}` };
const tokens = (scope, identities) => ({
	AccessToken: jwt({ ...common, token_use: 'access', client_id: client, username: 'ana', scope }),
	IdToken: jwt({ ...common, token_use: 'id', aud: client, 'cognito:username': 'ana', ...identities }),
	RefreshToken: 'golden-refresh-token-of-ana', TokenType: 'Bearer', ExpiresIn: 3600,
});

class Memory {
	items = {};
	async setItem(key, value) { this.items[key] = value; }
	async getItem(key) { return this.items[key] ?? null; }
	async removeItem(key) { delete this.items[key]; }
	async clear() { this.items = {}; }
}

const answers = {
	InitiateAuth: { ChallengeParameters: {}, AuthenticationResult: { ...tokens('aws.cognito.signin.user.admin'),
		NewDeviceMetadata: { DeviceKey: 'eu-central-1_golden-device', DeviceGroupKey: '-golden-group' } } },
	ConfirmDevice: { UserConfirmationNecessary: false },
	GetUser: { Username: 'ana', UserAttributes: [] },
};
const server = createServer((request, response) => {
	const operation = request.headers['x-amz-target'].split('.')[1];
	request.resume().on('end', () => {
		response.setHeader('content-type', 'application/x-amz-json-1.1');
		response.end(JSON.stringify(answers[operation]));
	});
}).listen(0, '127.0.0.1');
await new Promise(listening => server.once('listening', listening));

const config = { userPoolId: pool, userPoolClientId: client, userPoolEndpoint: `http://127.0.0.1:${server.address().port}` };
const write = (name, storage) => writeFileSync(`${out}/${name}.json`, `${JSON.stringify(storage.items, null, 2)}\n`);

let storage = new Memory();
Amplify.configure({ Auth: { Cognito: config } }, { Auth: { tokenProvider: cognitoUserPoolsTokenProvider } });
cognitoUserPoolsTokenProvider.setAuthConfig({ Cognito: config });
cognitoUserPoolsTokenProvider.setKeyValueStorage(storage);
const { isSignedIn } = await signIn({ username: 'ana@example.com', password: 'golden-Passw0rd',
	options: { authFlowType: 'USER_PASSWORD_AUTH' } });
if (!isSignedIn) throw new Error('not signed in');
write('amplify_js', storage);

storage = new Memory();
cognitoUserPoolsTokenProvider.setKeyValueStorage(storage);
await cacheCognitoTokens({ username: 'ana', ...tokens('openid email',
	{ identities: [{ providerName: 'Google', primary: 'true' }] }) });
const oauth = new DefaultOAuthStore(storage);
oauth.setAuthConfig(config);
await oauth.storeOAuthSignIn(true, true);
write('amplify_js_hosted_ui', storage);
server.close();
process.exit(0);
