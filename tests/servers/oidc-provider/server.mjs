// An OpenID provider that nobody here wrote (npm's oidc-provider), as a process on loopback, in one of two roles: as
// Cognito's hosted pages, with Cognito's routes and claims, or, with its own, as the identity provider behind them.
//
// `node server.mjs HOST MODULES`: the name to be known by, and where package.json is installed. It says where it listens
// by a line on standard output, is told what to be by a line of JSON on standard input, says `ready`, and ends with
// standard input. Every name signs in, with any password.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const [host, modules] = process.argv.slice(2);
const require = createRequire(`${modules}/package.json`);
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const LOGIN = '/login';
/** Below `LOGIN`, since the cookie of a sign-in under way is only sent there. Cognito has it at /oauth2/idpresponse. */
const FEDERATED_LOGIN = `${LOGIN}/idpresponse`;
const LOGIN_FORM = `<form method="post" action="${LOGIN}">
<p><label>User name <input name="username" required autofocus></label></p>
<p><label>Password <input name="password" type="password"></label></p>
<p><button type="submit">Sign in</button></p>
</form>`;
const API = 'urn:api';
const SCOPES = ['openid', 'aws.cognito.signin.user.admin'];

const server = createServer();
// IPv4 alone, whatever the name: a browser that finds nobody at ::1 goes on to 127.0.0.1.
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://${host}:${server.address().port}`;
console.log(issuer);

const input = createInterface({ input: process.stdin });
input.on('close', () => process.exit());
// `client`: its metadata (RFC 7591). `hosted_pages`: whether to be Cognito's; if so, `federated` says which identity
// provider they ask who the user is. `asks`: whether the page that ends the session asks first.
const { asks, client, federated, hosted_pages } = JSON.parse((await once(input, 'line'))[0]);

const provider = new Provider(issuer, {
  clients: [client],
  cookies: {
    keys: [randomUUID()],
    names: { session: hosted_pages ? 'cognito' : 'provider' },
  },
  features: {
    devInteractions: { enabled: false },
    // Access tokens are JWTs only if they are for some API.
    resourceIndicators: {
      enabled: true,
      defaultResource: () => API,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: SCOPES.join(' '), accessTokenFormat: 'jwt' }),
    },
    revocation: { enabled: true },
    rpInitiatedLogout: asks ? {} : { logoutSource: logOutWithoutAsking },
  },
  ...(hosted_pages && {
    routes: {
      authorization: '/oauth2/authorize',
      end_session: '/logout',
      revocation: '/oauth2/revoke',
      token: '/oauth2/token',
    },
  }),
  scopes: SCOPES,
  claims: { openid: ['sub', 'cognito:username', 'identities', 'token_use'] },
  conformIdTokenClaims: false,
  extraTokenClaims: (ctx, token) => ({
    origin_jti: token.grantId,
    token_use: 'access',
    username: token.accountId,
  }),
  findAccount: (ctx, id) => ({ accountId: id, claims: () => claimsOf(id) }),
  interactions: { url: () => LOGIN },
  // As at Cognito: whoever signs in has agreed, gets a refresh token, and keeps it when the browser's session ends.
  expiresWithSession: () => false,
  issueRefreshToken: () => true,
  rotateRefreshToken: false,
  loadExistingGrant: agree,
  pkce: { required: () => false },
});
provider.use(pages);
server.on('request', provider.callback());
console.log('ready');

async function pages(ctx, next) {
  if (ctx.path === LOGIN && ctx.method === 'POST') {
    await signIn(ctx, new URLSearchParams(await text(ctx.req)).get('username'));
  } else if (ctx.path === LOGIN && federated) {
    ctx.redirect(await federatedLogin());
  } else if (ctx.path === LOGIN) {
    ctx.body = page('Sign in', LOGIN_FORM);
  } else if (ctx.path === FEDERATED_LOGIN) {
    await signIn(ctx, `${federated.name}_${await federatedUser(ctx.query.code)}`);
  } else {
    if (hosted_pages) {
      // Cognito's answers have it, and are known by it.
      ctx.set('x-amz-cognito-request-id', randomUUID());
    }
    if (hosted_pages && ctx.query.logout_uri) {
      // Cognito's name for it.
      const { logout_uri: post_logout_redirect_uri, ...others } = ctx.query;
      ctx.query = { ...others, post_logout_redirect_uri };
    }
    await next();
  }
}

async function signIn(ctx, accountId) {
  ctx.respond = false;
  await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId } });
}

/** Where the identity provider behind asks who it is. */
async function federatedLogin() {
  const { authorization_endpoint } = await discovered();
  return `${authorization_endpoint}?${new URLSearchParams({
    client_id: federated.client_id,
    redirect_uri: issuer + FEDERATED_LOGIN,
    response_type: 'code',
    scope: 'openid',
  })}`;
}

async function federatedUser(code) {
  const { token_endpoint } = await discovered();
  const body = new URLSearchParams({
    client_id: federated.client_id,
    code,
    grant_type: 'authorization_code',
    redirect_uri: issuer + FEDERATED_LOGIN,
  });
  const { id_token } = await (await fetch(token_endpoint, { method: 'POST', body })).json();
  return JSON.parse(Buffer.from(id_token.split('.')[1], 'base64url')).sub;
}

async function discovered() {
  return (await fetch(`${federated.issuer}/.well-known/openid-configuration`)).json();
}

function claimsOf(id) {
  const name = federated?.name;
  return {
    sub: id,
    'cognito:username': id,
    token_use: 'id',
    ...(name && { identities: [{ providerName: name, providerType: 'OIDC', primary: 'true' }] }),
  };
}

async function agree(ctx) {
  const { session, client: { clientId } } = ctx.oidc;
  const known = session.grantIdFor(clientId);
  const grant = (known && (await provider.Grant.find(known)))
    || new provider.Grant({ accountId: session.accountId, clientId });
  grant.addOIDCScope(SCOPES.join(' '));
  grant.addResourceScope(API, SCOPES.join(' '));
  await grant.save();
  return grant;
}

function logOutWithoutAsking(ctx, form) {
  ctx.body = page('Signing out', `${form}
<script>
  const form = document.forms[0];
  form.insertAdjacentHTML('beforeend', '<input type="hidden" name="logout" value="yes">');
  form.submit();
</script>`);
}

function page(title, content) {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,"></head>
<body><h1>${title}</h1>${content}</body>
</html>`;
}
