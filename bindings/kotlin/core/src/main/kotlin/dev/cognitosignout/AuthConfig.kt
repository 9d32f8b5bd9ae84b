package dev.cognitosignout

import dev.cognitosignout.ffi.AuthConfig as FfiAuthConfig
import dev.cognitosignout.ffi.ConfigOptions
import dev.cognitosignout.ffi.LoginPage
import kotlin.time.Duration

/**
 * A validated configuration of one app client.
 *
 * ```
 * val config = AuthConfig.builder("eu-central-1_AbCdEf", "1a2b3c").build()
 * val same = AuthConfig.fromAmplifyJson(json).build()
 * ```
 */
public class AuthConfig internal constructor(internal val inner: FfiAuthConfig) {
    /** The user pool's ID. */
    public val userPoolId: String
        get() = inner.userPoolId()

    /** The AWS Region. */
    public val region: String
        get() = inner.region()

    /** The app client's ID. */
    public val clientId: String
        get() = inner.clientId()

    /** The URL that requests to Cognito go to. */
    public val endpoint: String
        get() = inner.endpoint()

    /** The time limit for opening one connection, in milliseconds. */
    public val connectTimeoutMillis: Long
        get() = inner.connectTimeout().toLong()

    /** The time limit for one attempt of one request, in milliseconds. */
    public val attemptTimeoutMillis: Long
        get() = inner.attemptTimeout().toLong()

    /** Where the browser ends: one URI for each configured sign-out URI, in the same order. */
    internal val signOutRedirects: List<String>
        get() = inner.signOutRedirects()

    /**
     * The URL that ends the browser's session at the hosted pages and then leads to [signOutUri], which must be configured.
     * Default: the first configured sign-out URI.
     *
     * @throws AuthException.InvalidInput if no hosted pages or no sign-out URI are configured, or not the given one.
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

    /** Builds a configuration. A setting that is not set has the library's default, or the value in Amplify's file. */
    public class Builder internal constructor(private val make: (ConfigOptions) -> FfiAuthConfig) {
        private val options = ConfigOptions()

        /** The app client's secret, if it has one. If it has two active ones, either will do. */
        public fun clientSecret(secret: Secret): Builder = apply { options.clientSecret = secret.inner }

        /** The AWS Region. Default: the part of the user pool ID before the underscore. */
        public fun region(region: String): Builder = apply { options.region = region }

        /** The URL that requests to Cognito go to, for tests and proxies. Default: the Region's endpoint. */
        public fun endpoint(url: String): Builder = apply { options.endpoint = url }

        /** Text that the app adds to the `user-agent` header. Default: none. */
        public fun userAgent(userAgent: String): Builder = apply { options.userAgent = userAgent }

        /** Whether the app client rotates refresh tokens. Default: no. */
        public fun refreshTokenRotation(on: Boolean): Builder = apply { options.refreshTokenRotation = on }

        /** The time limit for opening one connection. Default: 3 s. */
        public fun connectTimeoutMillis(millis: Long): Builder = apply { options.connectTimeout = millis }

        /** [connectTimeoutMillis] as a duration. */
        @JvmSynthetic
        public fun connectTimeout(limit: Duration): Builder = connectTimeoutMillis(limit.inWholeMilliseconds)

        /** The time limit for one attempt of one request. Near the deadline it is shorter, so that a second attempt fits. Default: 4 s. */
        public fun attemptTimeoutMillis(millis: Long): Builder = apply { options.attemptTimeout = millis }

        /** [attemptTimeoutMillis] as a duration. */
        @JvmSynthetic
        public fun attemptTimeout(limit: Duration): Builder = attemptTimeoutMillis(limit.inWholeMilliseconds)

        /** How long before its expiry an access token is refreshed. Default: 60 s. */
        public fun refreshMarginMillis(millis: Long): Builder = apply { options.refreshMargin = millis }

        /** [refreshMarginMillis] as a duration. */
        @JvmSynthetic
        public fun refreshMargin(margin: Duration): Builder = refreshMarginMillis(margin.inWholeMilliseconds)

        /** What happens to a revocation that failed. Default: up to five are kept, each for 30 days. */
        public fun unpaidRevocations(unpaid: UnpaidRevocations): Builder =
            apply { options.unpaidRevocations = unpaid.toFfi() }

        /** How a refresh token is revoked. Default: [RevocationRoute.USER_POOLS_API]. */
        public fun revocationRoute(route: RevocationRoute): Builder = apply { options.revocationRoute = route.toFfi() }

        /**
         * Whether the user pool tracks sessions. With it, the browser's session ends by revocation, without a page, unless the
         * sign-out chooses another [WebPolicy]. Set it only for a pool that does: without tracking, Cognito accepts that request
         * and does nothing. Default: what Amplify's file says (`session_tracking` in `auth` or `custom`), or false.
         */
        public fun sessionTracking(on: Boolean): Builder = apply { options.sessionTracking = on }

        /** The hosted pages. Default: those in Amplify's file, or none. */
        public fun hostedUI(hostedUI: HostedUI): Builder = apply { options.hostedUi = hostedUI.toFfi() }

        /** How to end the session at an identity provider, which [name] names as the user pool does. */
        public fun providerLogout(name: String, logout: ProviderLogout): Builder =
            apply { options.providerLogouts = options.providerLogouts.orEmpty() + (name to logout.toFfi()) }

        /**
         * The configuration.
         *
         * @throws AuthException.InvalidInput if a setting is not valid. The message names the first one.
         * @throws AuthException.Unusable if the native library is missing, or built for another system or processor.
         */
        @Throws(AuthException::class)
        public fun build(): AuthConfig = AuthConfig(withNativeLibrary { translated { make(options) } })
    }

    /** Starts a configuration. */
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

/** What happens to a revocation that failed before the deadline. */
public sealed class UnpaidRevocations {
    /**
     * It is handed over to the caller of the sign-out or of [Auth.retry] in [SignOutResult.Partial], together with its token,
     * and removed from the device. An app that ignores that result has lost it.
     */
    public data object HandOver : UnpaidRevocations()

    /**
     * It is handed over to the caller *and* kept in the keychain. [Auth.resume], [Auth.settlePending] and the next sign-in try
     * it again.
     *
     * @property maxAgeMillis how long after the sign-out it is kept: up to 3650 days.
     * @property maxDebts how many debts a sign-out may leave on record: at least 1. A sign-out that leaves more hands over the
     *   oldest: [SignOutResult.Partial.displaced].
     */
    public class Keep(public val maxAgeMillis: Long, public val maxDebts: Int) : UnpaidRevocations() {
        private fun all() = listOf(maxAgeMillis, maxDebts)

        override fun equals(other: Any?): Boolean = other is Keep && all() == other.all()

        override fun hashCode(): Int = all().hashCode()

        override fun toString(): String = "Keep(maxAgeMillis=$maxAgeMillis, maxDebts=$maxDebts)"

        /** The form for Kotlin's durations. */
        public companion object {
            /** [Keep] with the age as a duration. */
            @JvmSynthetic
            public operator fun invoke(maxAge: Duration, maxDebts: Int): Keep = Keep(maxAge.inWholeMilliseconds, maxDebts)
        }
    }
}

/** How a refresh token is revoked. */
public enum class RevocationRoute {
    /** With `RevokeToken` of the user pools API, at the Region's endpoint. */
    USER_POOLS_API,

    /** With `POST /oauth2/revoke` at the user pool's own domain, for an app that can reach only that domain. */
    POOL_DOMAIN,
}

/**
 * The hosted pages of a user pool, as the app client may use them.
 *
 * @property domain the user pool's domain: a host name or a whole URL.
 * @property signOutUris the app client's allowed sign-out URLs, exactly as in its settings.
 * @property callbackUris its allowed callback URLs.
 * @property providers how to end the sessions at identity providers. The keys are the providers' names in the user pool.
 */
public class HostedUI @JvmOverloads constructor(
    public val domain: String,
    public val signOutUris: List<SignOutUri>,
    public val callbackUris: List<String> = emptyList(),
    public val providers: Map<String, ProviderLogout> = emptyMap(),
) {
    private fun all() = listOf(domain, signOutUris, callbackUris, providers)

    override fun equals(other: Any?): Boolean = other is HostedUI && all() == other.all()

    override fun hashCode(): Int = all().hashCode()

    override fun toString(): String =
        "HostedUI(domain=$domain, signOutUris=$signOutUris, callbackUris=$callbackUris, providers=$providers)"
}

/**
 * One of the app client's allowed sign-out URLs.
 *
 * @property uri the URL that Cognito receives.
 * @property endsAt where the browser ends, if the page at [uri] redirects it. Default: at [uri].
 */
public class SignOutUri @JvmOverloads constructor(public val uri: String, public val endsAt: String? = null) {
    private fun all() = listOf(uri, endsAt)

    override fun equals(other: Any?): Boolean = other is SignOutUri && all() == other.all()

    override fun hashCode(): Int = all().hashCode()

    override fun toString(): String = "SignOutUri(uri=$uri, endsAt=$endsAt)"
}

/** How to end the session at an identity provider, after the session at the hosted pages. */
public sealed class ProviderLogout {
    /**
     * OpenID Connect RP-Initiated Logout. The page is read from the issuer's discovery document.
     *
     * @property issuer the issuer's URL.
     * @property clientId the client's ID at the provider.
     */
    public class Oidc(public val issuer: String, public val clientId: String) : ProviderLogout() {
        private fun all() = listOf(issuer, clientId)

        override fun equals(other: Any?): Boolean = other is Oidc && all() == other.all()

        override fun hashCode(): Int = all().hashCode()

        override fun toString(): String = "Oidc(issuer=$issuer, clientId=$clientId)"
    }

    /**
     * A URL of the provider.
     *
     * @property url the URL, which contains `{redirect}` and `{state}`.
     */
    public class Template(public val url: String) : ProviderLogout() {
        override fun equals(other: Any?): Boolean = other is Template && url == other.url

        override fun hashCode(): Int = url.hashCode()

        override fun toString(): String = "Template(url=$url)"
    }

    /** Google. It ends every Google session in the browser, and does not send the browser back. */
    public data object Google : ProviderLogout()

    /**
     * Microsoft Entra ID.
     *
     * @property tenant the directory's ID or domain, or `common`.
     * @property clientId the client's ID at the provider.
     */
    public class Entra(public val tenant: String, public val clientId: String) : ProviderLogout() {
        private fun all() = listOf(tenant, clientId)

        override fun equals(other: Any?): Boolean = other is Entra && all() == other.all()

        override fun hashCode(): Int = all().hashCode()

        override fun toString(): String = "Entra(tenant=$tenant, clientId=$clientId)"
    }

    /**
     * Okta.
     *
     * @property domain for example `example.okta.com`.
     */
    public class Okta(public val domain: String) : ProviderLogout() {
        override fun equals(other: Any?): Boolean = other is Okta && domain == other.domain

        override fun hashCode(): Int = domain.hashCode()

        override fun toString(): String = "Okta(domain=$domain)"
    }

    /**
     * Auth0.
     *
     * @property domain for example `example.eu.auth0.com`.
     * @property clientId the client's ID at the provider.
     */
    public class Auth0(public val domain: String, public val clientId: String) : ProviderLogout() {
        private fun all() = listOf(domain, clientId)

        override fun equals(other: Any?): Boolean = other is Auth0 && all() == other.all()

        override fun hashCode(): Int = all().hashCode()

        override fun toString(): String = "Auth0(domain=$domain, clientId=$clientId)"
    }

    /** A SAML provider for which single logout is enabled in the user pool. */
    public data object SamlSingleLogout : ProviderLogout()

    /** The provider's session is not ended. */
    public data object LeftAlone : ProviderLogout()
}
