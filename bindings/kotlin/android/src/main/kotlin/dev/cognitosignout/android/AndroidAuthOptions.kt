package dev.cognitosignout.android

import dev.cognitosignout.AppStep
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.HttpTransport
import dev.cognitosignout.UrlConnectionTransport

/**
 * Settings for [AndroidAuth.create] that most apps do not need.
 *
 * ```
 * AndroidAuth.create(context, config, AndroidAuthOptions { browserPackage = "com.android.chrome" })
 * ```
 *
 * In Java: `AndroidAuthOptions.builder().browserPackage("com.android.chrome").build()`.
 *
 * @property transport how requests reach Cognito. Default: [UrlConnectionTransport].
 * @property browserPackage the browser that the app uses for sign-in, if it sets one: see [CustomTabsBrowser].
 * @property opensPages whether the library opens the hosted pages. Default: true. Without hosted pages in the configuration it means
 *   nothing. Set it to false if the app opens them itself (`beginSignOut`, `finishSignOut`), or only ends browser sessions by
 *   revocation ([AuthConfig.Builder.sessionTracking]).
 * @property signOutSteps the app's own steps of every sign-out: see [AppStep].
 */
public class AndroidAuthOptions private constructor(
    public val transport: HttpTransport?,
    public val browserPackage: String?,
    public val opensPages: Boolean,
    public val signOutSteps: List<AppStep>,
) {
    override fun toString(): String =
        "AndroidAuthOptions(transport=$transport, browserPackage=$browserPackage, opensPages=$opensPages, signOutSteps=$signOutSteps)"

    /** Collects settings. Kotlin sets its properties, Java calls its functions. A later version may add more of both. */
    public class Builder internal constructor() {
        /** See [AndroidAuthOptions.transport]. */
        @get:JvmSynthetic
        @set:JvmSynthetic
        public var transport: HttpTransport? = null

        /** See [AndroidAuthOptions.browserPackage]. */
        @get:JvmSynthetic
        @set:JvmSynthetic
        public var browserPackage: String? = null

        /** See [AndroidAuthOptions.opensPages]. */
        @get:JvmSynthetic
        @set:JvmSynthetic
        public var opensPages: Boolean = true

        /** See [AndroidAuthOptions.signOutSteps]. */
        @get:JvmSynthetic
        @set:JvmSynthetic
        public var signOutSteps: List<AppStep> = emptyList()

        /** See [AndroidAuthOptions.transport]. */
        public fun transport(transport: HttpTransport): Builder = apply { this.transport = transport }

        /** See [AndroidAuthOptions.browserPackage]. */
        public fun browserPackage(name: String): Builder = apply { browserPackage = name }

        /** See [AndroidAuthOptions.opensPages]. */
        public fun opensPages(opens: Boolean): Builder = apply { opensPages = opens }

        /** See [AndroidAuthOptions.signOutSteps]. */
        public fun signOutSteps(steps: List<AppStep>): Builder = apply { signOutSteps = steps }

        /** Builds the options. */
        public fun build(): AndroidAuthOptions = AndroidAuthOptions(transport, browserPackage, opensPages, signOutSteps)
    }

    /** The start for Java. */
    public companion object {
        /** A builder with the defaults. */
        @JvmStatic
        public fun builder(): Builder = Builder()
    }
}

/** Settings for [AndroidAuth.create]: `AndroidAuthOptions { browserPackage = "…" }`. What is not set has its default. */
@JvmSynthetic
public fun AndroidAuthOptions(build: AndroidAuthOptions.Builder.() -> Unit = {}): AndroidAuthOptions =
    AndroidAuthOptions.builder().apply(build).build()
