// Writes amplify_js_identity.json with amazon-cognito-identity-js itself: the sign-in of examples/sign_in/web_view.mjs, against a server
// here that gives fixed tokens. The layout is Amplify JS's, which was made from this library.
//
//     npm install amazon-cognito-identity-js@6.3.21
//     node write-identity-js.mjs NODE_MODULES OUT_DIRECTORY

import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { signIn } from '../../../examples/sign_in/web_view.mjs';

const [modules, out] = process.argv.slice(2);
const { AuthenticationDetails, CognitoUser, CognitoUserPool } = createRequire(`${modules}/`)('amazon-cognito-identity-js');

const pool = 'eu-central-1_AbCdEf123';
const client = '3n4b5urk1ft4fl3mg5e62d9ado';
const part = value => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = claims => `${part({ alg: 'RS256', kid: 'golden' })}.${part(claims)}.Z29sZGVuLXNpZ25hdHVyZQ`;
const common = { sub: '5b1e7c1e-7d4c-4a51-9a37-0c9b6d0f2a11', origin_jti: 'golden-origin', iat: 1795000000, exp: 4102444800,
	iss: `https://cognito-idp.eu-central-1.amazonaws.com/${pool}` };

const answers = {
	InitiateAuth: { ChallengeParameters: {}, AuthenticationResult: {
		AccessToken: jwt({ ...common, token_use: 'access', client_id: client, username: 'ana', scope: 'aws.cognito.signin.user.admin' }),
		IdToken: jwt({ ...common, token_use: 'id', aud: client, 'cognito:username': 'ana' }),
		RefreshToken: 'golden-refresh-token-of-ana', TokenType: 'Bearer', ExpiresIn: 3600,
		NewDeviceMetadata: { DeviceKey: 'eu-central-1_golden-device', DeviceGroupKey: '-golden-group' } } },
	ConfirmDevice: { UserConfirmationNecessary: false },
};
const server = createServer((request, response) => {
	const operation = request.headers['x-amz-target'].split('.')[1];
	request.resume().on('end', () => {
		response.setHeader('content-type', 'application/x-amz-json-1.1');
		response.end(JSON.stringify(answers[operation]));
	});
}).listen(0, '127.0.0.1');
await new Promise(listening => server.once('listening', listening));

const items = {};
const storage = {
	setItem: (key, value) => { items[key] = value; },
	getItem: key => items[key] ?? null,
	removeItem: key => { delete items[key]; },
	clear: () => Object.keys(items).forEach(key => delete items[key]),
};
const userPool = new CognitoUserPool({ UserPoolId: pool, ClientId: client, Storage: storage,
	endpoint: `http://127.0.0.1:${server.address().port}` });
const user = new CognitoUser({ Username: 'ana', Pool: userPool, Storage: storage });
user.setAuthenticationFlowType('USER_PASSWORD_AUTH');
const handed = await new Promise((hand, fail) => signIn(
	user, new AuthenticationDetails({ Username: 'ana', Password: 'golden-Passw0rd' }), hand, fail));
if (handed.refreshToken !== 'golden-refresh-token-of-ana') throw new Error('the tokens were not handed over');
writeFileSync(`${out}/amplify_js_identity.json`, `${JSON.stringify(items, null, 2)}\n`);
server.close();
process.exit(0);
