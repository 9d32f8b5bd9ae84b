package dev.cognitosignout

import dev.cognitosignout.ffi.AuthConfig as FfiAuthConfig
import dev.cognitosignout.ffi.ConfigOptions
import dev.cognitosignout.ffi.LoginPage

/**
 * A validated configuration of one app client.
 *
 * ```
 * val config = AuthConfig.builder("eu-central-1_AbCdEf", "1a2b3c").build()
 * val same = AuthConfig.fromAmplifyJson(json).build()
 * ```
 */
public class AuthConfig internal constructor(internal val inner: FfiAuthConfig) {
    /** The user pool's id. */
    public val userPoolId: String
        get() = inner.userPoolId()

    /** The AWS Region. */
    public val region: String
        get() = inner.region()

    /** The app client's id. */
    public val clientId: String
        get() = inner.clientId()

    /** Where Cognito is asked. */
    public val endpoint: String
        get() = inner.endpoint()

    /** How long one connection may take to be made, in milliseconds. */
    public val connectTimeoutMillis: Long
        get() = inner.connectTimeout().toLong()

    /** How long one attempt at one request may take, in milliseconds. */
    public val attemptTimeoutMillis: Long
        get() = inner.attemptTimeout().toLong()

    /**
     * The URL that ends the browser's session at the hosted pages and leads to [signOutUri]: one of the configured ones, or
     * the first.
     *
     * @throws AuthException.InvalidInput without hosted pages or a sign-out URI, or if the chosen one is not configured.
     */
    @JvmOverloads
    @Throws(AuthException::class)
    public fun logoutUrl(signOutUri: String? = null): String = translated { inner.logoutUrl(signOutUri) }

    /**
     * The URL that ends the browser's session and shows the login page, for another user to sign in at once.
     *
     * @param callbackUri one of the configured callback URIs. Unset: the first.
     * @param scopes the scopes to ask for. None: all that the app client may have.
     * @param state what comes back with the code.
     * @throws AuthException.InvalidInput as [logoutUrl] does, for callback URIs.
     */
    @JvmOverloads
    @Throws(AuthException::class)
    public fun logoutToLoginUrl(
        callbackUri: String? = null,
        scopes: List<String> = emptyList(),
        state: String? = null,
    ): String = translated { inner.logoutToLoginUrl(LoginPage(callbackUri, scopes, state)) }

    override fun toString(): String = "AuthConfig(userPoolId=$userPoolId, clientId=$clientId)"

    /** Puts a configuration together. What is not set has the library's default, or what Amplify's file says. */
    public class Builder internal constructor(private val make: (ConfigOptions) -> FfiAuthConfig) {
        private val options = ConfigOptions()

        /** The app client's secret, for a client that has one. */
        public fun clientSecret(secret: Secret): Builder = apply { options.clientSecret = secret.inner }

        /** The AWS Region. Unset: what stands before the underscore in the user pool's id. */
        public fun region(region: String): Builder = apply { options.region = region }

        /** Where Cognito is asked, for tests and proxies. Unset: the Region's endpoint. */
        public fun endpoint(url: String): Builder = apply { options.endpoint = url }

        /** What the app adds to the `user-agent` header. Unset: nothing. */
        public fun userAgent(userAgent: String): Builder = apply { options.userAgent = userAgent }

        /** Whether the app client rotates refresh tokens. Unset: no. */
        public fun refreshTokenRotation(on: Boolean): Builder = apply { options.refreshTokenRotation = on }

        /** How long one connection may take to be made. Unset: 3 s. */
        public fun connectTimeoutMillis(millis: Long): Builder = apply { options.connectTimeout = millis }

        /** The most that one attempt at one request may take: near the deadline it is less, so that a second one fits. Unset: 4 s. */
        public fun attemptTimeoutMillis(millis: Long): Builder = apply { options.attemptTimeout = millis }

        /** How long before its expiry an access token is refreshed. Unset: 60 s. */
        public fun refreshMarginMillis(millis: Long): Builder = apply { options.refreshMargin = millis }

        /** What becomes of a revocation that could not be carried out. Unset: kept for 30 days, and five of them. */
        public fun unpaidRevocations(unpaid: UnpaidRevocations): Builder =
            apply { options.unpaidRevocations = unpaid.toFfi() }

        /** Which way a refresh token is revoked. Unset: [RevocationRoute.USER_POOLS_API]. */
        public fun revocationRoute(route: RevocationRoute): Builder = apply { options.revocationRoute = route.toFfi() }

        /** The hosted pages. Unset: none, or those that Amplify's file names. */
        public fun hostedUI(hostedUI: HostedUI): Builder = apply { options.hostedUi = hostedUI.toFfi() }

        /** How the session at an identity provider is ended, by its name in the user pool. */
        public fun providerLogout(name: String, logout: ProviderLogout): Builder =
            apply { options.providerLogouts = options.providerLogouts.orEmpty() + (name to logout.toFfi()) }

        /**
         * The configuration.
         *
         * @throws AuthException.InvalidInput names the first setting that is not what it must be.
         * @throws AuthException.Unusable if the native library is missing, or not for this system and processor.
         */
        @Throws(AuthException::class)
        public fun build(): AuthConfig = AuthConfig(withNativeLibrary { translated { make(options) } })
    }

    /** Where a configuration begins. */
    public companion object {
        /** A configuration of the app client [clientId] of the user pool [userPoolId]. */
        @JvmStatic
        public fun builder(userPoolId: String, clientId: String): Builder =
            Builder { options -> FfiAuthConfig(userPoolId, clientId, options) }

        /** Reads `amplify_outputs.json` or `amplifyconfiguration.json`. */
        @JvmStatic
        public fun fromAmplifyJson(json: String): Builder =
            Builder { options -> FfiAuthConfig.fromAmplifyJson(json, options) }
    }
}

/** What becomes of a revocation that could not be carried out before the deadline. */
public sealed class UnpaidRevocations {
    /**
     * It is handed to the caller of a sign-out or of [Auth.retry] in [SignOutResult.Partial], token and all, and removed from
     * the device: an app that does not look at that result has lost it.
     */
    public data object HandOver : UnpaidRevocations()

    /**
     * It is handed to the caller *and* kept in the keychain, to be tried again by [Auth.resume], by [Auth.settlePending], and
     * when the next user signs in.
     *
     * @property maxAgeMillis how long after the sign-out it is kept: up to 3650 days.
     * @property maxDebts how many a sign-out may leave on record: at least 1. One that leaves more hands over the oldest:
     *   [SignOutResult.Partial.displaced].
     */
    public class Keep(public val maxAgeMillis: Long, public val maxDebts: Int) : UnpaidRevocations()
}

/** Which way a refresh token is revoked. */
public enum class RevocationRoute {
    /** `RevokeToken` of the user pools API, at the Region's endpoint. */
    USER_POOLS_API,

    /** `POST /oauth2/revoke` at the user pool's own domain, for an app that may reach nothing else. */
    POOL_DOMAIN,
}

/**
 * The hosted pages of a user pool, as the app client may use them.
 *
 * @property domain the user pool's domain, as a host name or a whole URL.
 * @property signOutUris the app client's allowed sign-out URLs, exactly as they stand there.
 * @property callbackUris its allowed callback URLs.
 * @property providers how the sessions at identity providers are ended, by the providers' names in the user pool.
 */
public class HostedUI @JvmOverloads constructor(
    public val domain: String,
    public val signOutUris: List<SignOutUri>,
    public val callbackUris: List<String> = emptyList(),
    public val providers: Map<String, ProviderLogout> = emptyMap(),
)

/**
 * One of the app client's allowed sign-out URLs.
 *
 * @property uri what Cognito is given.
 * @property endsAt where the browser is in the end, for a page that sends it on. Unset: at [uri].
 */
public class SignOutUri @JvmOverloads constructor(public val uri: String, public val endsAt: String? = null)

/** What ends the session at an identity provider, after the one at the hosted pages. */
public sealed class ProviderLogout {
    /**
     * OpenID Connect RP-Initiated Logout, by the issuer's discovery document.
     *
     * @property issuer the issuer's URL.
     * @property clientId the client's id at the provider.
     */
    public class Oidc(public val issuer: String, public val clientId: String) : ProviderLogout()

    /**
     * A URL of the provider's.
     *
     * @property url with `{redirect}` and `{state}` in it.
     */
    public class Template(public val url: String) : ProviderLogout()

    /** Google: ends every Google session of the browser, and nothing comes back. */
    public data object Google : ProviderLogout()

    /**
     * Microsoft Entra ID.
     *
     * @property tenant the directory's id or domain, or `common`.
     * @property clientId the client's id at the provider.
     */
    public class Entra(public val tenant: String, public val clientId: String) : ProviderLogout()

    /**
     * Okta.
     *
     * @property domain as `example.okta.com`.
     */
    public class Okta(public val domain: String) : ProviderLogout()

    /**
     * Auth0.
     *
     * @property domain as `example.eu.auth0.com`.
     * @property clientId the client's id at the provider.
     */
    public class Auth0(public val domain: String, public val clientId: String) : ProviderLogout()

    /** A SAML provider for which the user pool has single logout switched on. */
    public data object SamlSingleLogout : ProviderLogout()

    /** The provider's session is left alone. */
    public data object LeftAlone : ProviderLogout()
}
