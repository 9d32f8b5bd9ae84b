// Signs out by amplify-js, once for each line on standard input, and prints one line about each: `cargo xtask compare`.
// src/main.rs does the same by this library. Usage: node sign-out.mjs NODE_MODULES URL USER_POOL CLIENT

import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [modules, url, userPoolId, userPoolClientId] = process.argv.slice(2);
const load = path => import(pathToFileURL(`${modules}/@aws-amplify/${path}`).href);
const { Amplify, decodeJWT } = await load('core/dist/esm/index.mjs');
const { getCurrentUser, signOut } = await load('auth/dist/esm/index.mjs');
const { cognitoUserPoolsTokenProvider } = await load('auth/dist/esm/providers/cognito/index.mjs');

// The storage that amplify-js documents for apps of their own, in memory.
const items = new Map();
const holdsTokens = () => [...items.keys()].some(key => /\.(access|id|refresh)Token$/.test(key));
let signedOut = () => {};
const storage = {
	async setItem(key, value) { items.set(key, value); },
	async getItem(key) { return items.get(key) ?? null; },
	async removeItem(key) {
		const held = holdsTokens();
		items.delete(key);
		if (held && !holdsTokens()) signedOut();
	},
	async clear() { items.clear(); },
};

const config = { Cognito: { userPoolId, userPoolClientId, userPoolEndpoint: url } };
Amplify.configure({ Auth: config }, { Auth: { tokenProvider: cognitoUserPoolsTokenProvider } });
cognitoUserPoolsTokenProvider.setAuthConfig(config);
cognitoUserPoolsTokenProvider.setKeyValueStorage(storage);

async function measure(order) {
	await cognitoUserPoolsTokenProvider.tokenOrchestrator.setTokens({ tokens: {
		accessToken: decodeJWT(order.access_token), idToken: decodeJWT(order.id_token), refreshToken: order.refresh_token,
		clockDrift: 0, username: order.user,
	} });
	const measured = { signed_out_ms: null, result_ms: null, result: 'none' };

	const begun = performance.now();
	const since = () => performance.now() - begun;
	signedOut = () => { measured.signed_out_ms ??= since(); };
	const call = signOut({ global: order.global }).then(
		value => { measured.result_ms = since(); measured.result = value === undefined ? 'resolved, no value' : JSON.stringify(value); },
		error => { measured.result_ms = since(); measured.result = `rejected: ${error.name}`; },
	);
	let timer;
	const limit = new Promise(over => { timer = setTimeout(over, 1000 * order.wait_seconds); });
	await Promise.race([call, limit]);
	clearTimeout(timer);

	const stored = JSON.stringify([...items.values()]);
	const tokens = { 'access token': order.access_token, 'ID token': order.id_token, 'refresh token': order.refresh_token };
	measured.left = Object.keys(tokens).filter(name => stored.includes(tokens[name]));
	measured.signed_in = await getCurrentUser().then(() => true, () => false);
	return measured;
}

for await (const line of createInterface({ input: process.stdin })) {
	console.log(JSON.stringify(await measure(JSON.parse(line))));
}
// A sign-out that never ends would keep the process.
process.exit(0);
