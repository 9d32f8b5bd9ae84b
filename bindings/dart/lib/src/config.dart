import 'secret.dart';
import 'words.dart';

/// The configuration of one app client. `CognitoAuth` checks it.
///
/// A setting that is null has the library's default, or the value in Amplify's file.
final class AuthConfig {
  /// The app client [clientId] of the user pool [userPoolId].
  const AuthConfig(
    String this.userPoolId,
    String this.clientId, {
    this.clientSecret,
    this.region,
    this.endpoint,
    this.userAgent,
    this.refreshTokenRotation,
    this.connectTimeout,
    this.attemptTimeout,
    this.refreshMargin,
    this.unpaidRevocations,
    this.revocationRoute,
    this.sessionTracking,
    this.hostedUi,
    this.providerLogouts,
  }) : amplifyJson = null;

  /// The app client in the text of `amplify_outputs.json` or `amplifyconfiguration.json`: [amplifyJson]. A setting here replaces
  /// the one in the file.
  const AuthConfig.fromAmplifyJson(
    String this.amplifyJson, {
    this.clientSecret,
    this.region,
    this.endpoint,
    this.userAgent,
    this.refreshTokenRotation,
    this.connectTimeout,
    this.attemptTimeout,
    this.refreshMargin,
    this.unpaidRevocations,
    this.revocationRoute,
    this.sessionTracking,
    this.hostedUi,
    this.providerLogouts,
  })  : userPoolId = null,
        clientId = null;

  /// The user pool's ID.
  final String? userPoolId;

  /// The app client's ID.
  final String? clientId;

  /// The text of Amplify's file, instead of the two IDs.
  final String? amplifyJson;

  /// The app client's secret, if it has one. If it has two active ones, either will do.
  final Secret? clientSecret;

  /// The AWS Region. Default: the part of the user pool ID before the underscore.
  final String? region;

  /// The URL that requests to Cognito go to, for tests and proxies. Default: the Region's endpoint.
  final String? endpoint;

  /// Text that the app adds to the `user-agent` header. Default: none.
  final String? userAgent;

  /// Whether the app client rotates refresh tokens. Default: no.
  final bool? refreshTokenRotation;

  /// The time limit for opening one connection. Default: 3 s. The default transport uses it; a transport of your own has its own limits.
  final Duration? connectTimeout;

  /// The time limit for one attempt of one request. Near the deadline it is shorter, so that a second attempt fits. Default: 4 s.
  final Duration? attemptTimeout;

  /// How long before its expiry an access token is refreshed. Default: 60 s.
  final Duration? refreshMargin;

  /// What happens to a revocation that failed. Default: up to five are kept, each for 30 days.
  final UnpaidRevocations? unpaidRevocations;

  /// How a refresh token is revoked. Default: [RevocationRoute.userPoolsApi].
  final RevocationRoute? revocationRoute;

  /// Whether the user pool tracks sessions. With it, the browser's session ends by revocation, without a page, unless the sign-out
  /// chooses another `WebPolicy`. Set it only for a pool that does: without tracking, Cognito accepts that request and does nothing.
  /// Default: what Amplify's file says (`session_tracking` in `auth` or `custom`), or false.
  final bool? sessionTracking;

  /// The hosted pages. Default: those in Amplify's file, or none.
  final HostedUi? hostedUi;

  /// How to end the sessions at identity providers. The keys are the providers' names in the user pool.
  final Map<String, ProviderLogout>? providerLogouts;

  @override
  String toString() => 'AuthConfig(userPoolId: $userPoolId, clientId: $clientId)';
}

/// What happens to a revocation that failed before the deadline.
final class UnpaidRevocations {
  /// It is handed over to the caller of the sign-out or of `CognitoAuth.retry` in `CognitoPartialSignOut`, together with its token,
  /// and removed from the device. An app that ignores that result has lost it.
  const UnpaidRevocations.handOver()
      : maxAge = null,
        maxDebts = null;

  /// It is handed over to the caller *and* kept in the keychain. `CognitoAuth.resume`, `CognitoAuth.settlePending` and the next
  /// sign-in try it again.
  const UnpaidRevocations.keep({required Duration this.maxAge, required int this.maxDebts});

  /// How long after the sign-out it is kept: up to 3650 days. Null: it is not.
  final Duration? maxAge;

  /// How many debts a sign-out may leave on record: at least 1. A sign-out that leaves more hands over the oldest:
  /// `CognitoPartialSignOut.displaced`. Null: none.
  final int? maxDebts;
}

/// How a refresh token is revoked.
enum RevocationRoute implements Word {
  /// With `RevokeToken` of the user pools API, at the Region's endpoint.
  userPoolsApi('user_pools_api'),

  /// With `POST /oauth2/revoke` at the user pool's own domain, for an app that can reach only that domain.
  poolDomain('pool_domain');

  const RevocationRoute(this.word);

  @override
  final String word;
}

/// The hosted pages of a user pool, as the app client may use them.
final class HostedUi {
  /// The hosted pages at [domain].
  const HostedUi({
    required this.domain,
    required this.signOutUris,
    this.callbackUris = const [],
    this.providers = const {},
  });

  /// The user pool's domain: a host name or a whole URL.
  final String domain;

  /// The app client's allowed sign-out URLs, exactly as in its settings.
  final List<SignOutUri> signOutUris;

  /// Its allowed callback URLs.
  final List<String> callbackUris;

  /// How to end the sessions at identity providers. The keys are the providers' names in the user pool.
  final Map<String, ProviderLogout> providers;
}

/// One of the app client's allowed sign-out URLs.
final class SignOutUri {
  /// The URL [uri].
  const SignOutUri(this.uri, {this.endsAt});

  /// The URL that Cognito receives.
  final String uri;

  /// Where the browser ends, if the page at [uri] redirects it. Default: at [uri].
  final String? endsAt;
}

/// How to end the session at an identity provider, after the session at the hosted pages.
final class ProviderLogout {
  const ProviderLogout._(this._kind, {this.issuer, this.clientId, this.url, this.tenant, this.domain});

  /// OpenID Connect RP-Initiated Logout. The page is read from the discovery document of [issuer]; [clientId] is the client's ID at
  /// the provider.
  const ProviderLogout.oidc({required String issuer, required String clientId})
      : this._('oidc', issuer: issuer, clientId: clientId);

  /// A URL of the provider, which contains `{redirect}` and `{state}`.
  const ProviderLogout.template(String url) : this._('template', url: url);

  /// Google. It ends every Google session in the browser, and does not send the browser back.
  const ProviderLogout.google() : this._('google');

  /// Microsoft Entra ID: [tenant] is the directory's ID or domain, or `common`; [clientId] is the client's ID at the provider.
  const ProviderLogout.entra({required String tenant, required String clientId})
      : this._('entra', tenant: tenant, clientId: clientId);

  /// Okta, for example at `example.okta.com`.
  const ProviderLogout.okta(String domain) : this._('okta', domain: domain);

  /// Auth0, for example at `example.eu.auth0.com`; [clientId] is the client's ID at the provider.
  const ProviderLogout.auth0({required String domain, required String clientId})
      : this._('auth0', domain: domain, clientId: clientId);

  /// A SAML provider for which single logout is enabled in the user pool.
  const ProviderLogout.samlSingleLogout() : this._('saml_single_logout');

  /// The provider's session is not ended.
  const ProviderLogout.leftAlone() : this._('left_alone');

  final String _kind;

  /// The issuer's URL.
  final String? issuer;

  /// The client's ID at the provider.
  final String? clientId;

  /// The provider's URL.
  final String? url;

  /// The directory.
  final String? tenant;

  /// The provider's domain.
  final String? domain;
}

/// The settings of [config], as the library reads them.
Map<String, Object?> configJson(AuthConfig config) => {
      'user_pool_id': config.userPoolId,
      'client_id': config.clientId,
      'amplify_json': config.amplifyJson,
      'client_secret': config.clientSecret?.reveal(),
      'region': config.region,
      'endpoint': config.endpoint,
      'user_agent': config.userAgent,
      'refresh_token_rotation': config.refreshTokenRotation,
      'connect_timeout': config.connectTimeout?.inMilliseconds,
      'attempt_timeout': config.attemptTimeout?.inMilliseconds,
      'refresh_margin': config.refreshMargin?.inMilliseconds,
      'unpaid_revocations': switch (config.unpaidRevocations) {
        null => null,
        UnpaidRevocations(:final maxAge?, :final maxDebts?) => {
            'kind': 'keep',
            'max_age': maxAge.inMilliseconds,
            'max_debts': maxDebts,
          },
        _ => const {'kind': 'hand_over'},
      },
      'revocation_route': config.revocationRoute?.word,
      'session_tracking': config.sessionTracking,
      'hosted_ui': switch (config.hostedUi) {
        null => null,
        final pages => {
            'domain': pages.domain,
            'sign_out_uris': [
              for (final uri in pages.signOutUris) {'uri': uri.uri, 'ends_at': uri.endsAt}
            ],
            'callback_uris': pages.callbackUris,
            'providers': pages.providers.map(_provider),
          },
      },
      'provider_logouts': config.providerLogouts?.map(_provider),
    };

MapEntry<String, Map<String, Object?>> _provider(String name, ProviderLogout logout) => MapEntry(name, {
      'kind': logout._kind,
      if (logout.issuer case final issuer?) 'issuer': issuer,
      if (logout.clientId case final clientId?) 'client_id': clientId,
      if (logout.url case final url?) 'url': url,
      if (logout.tenant case final tenant?) 'tenant': tenant,
      if (logout.domain case final domain?) 'domain': domain,
    });
