package dev.cognitosignout

import dev.cognitosignout.ffi.PartialSignOut

/** What a sign-out achieved. There will be no fourth case. */
public sealed class SignOutResult {
    /** Whether the user is signed out of this device: always, but for [Failed]. */
    public abstract val signedOutLocally: Boolean

    /** What was done, what was not, and what other services will go on accepting. */
    public abstract val report: Report

    /** Signed out, and every step that was asked for is done. */
    public class Complete internal constructor(override val report: Report) : SignOutResult() {
        override val signedOutLocally: Boolean
            get() = true

        override fun toString(): String = "Complete(report=$report)"
    }

    /**
     * Signed out of this device, but at least one step failed. [Auth.retry] tries again what failed.
     *
     * @property hostedUIError the browser's session was not ended.
     * @property globalSignOutError the user's other sessions are still alive.
     * @property revokeTokenError this session's refresh token is still alive.
     * @property localCleanupError the keychain could not be cleared of what was paid or handed over.
     * @property kept what is unpaid is also on record, and is tried again by [Auth.resume], by [Auth.settlePending], and when
     *   the next user signs in. If not, the tokens in the errors are nowhere else.
     * @property displaced what the oldest of the earlier sign-outs on record still owe, taken off the record because this one
     *   left more than [UnpaidRevocations.Keep.maxDebts]: each for [Auth.retry]. Their tokens are nowhere else.
     */
    public class Partial internal constructor(
        public val hostedUIError: HostedUIError?,
        public val globalSignOutError: GlobalSignOutError?,
        public val revokeTokenError: RevokeTokenError?,
        public val localCleanupError: LocalCleanupError?,
        public val kept: Boolean,
        public val displaced: List<Partial>,
        override val report: Report,
        internal val inner: PartialSignOut,
    ) : SignOutResult() {
        override val signedOutLocally: Boolean
            get() = true

        override fun toString(): String =
            "Partial(hostedUIError=$hostedUIError, globalSignOutError=$globalSignOutError, " +
                "revokeTokenError=$revokeTokenError, localCleanupError=$localCleanupError, kept=$kept, " +
                "displaced=$displaced, report=$report)"
    }

    /**
     * Still signed in, and nothing has changed.
     *
     * @property exception why.
     */
    public class Failed internal constructor(
        public val exception: AuthException,
        override val report: Report,
    ) : SignOutResult() {
        override val signedOutLocally: Boolean
            get() = false

        override fun toString(): String = "Failed(exception=$exception, report=$report)"
    }
}

/**
 * The browser's session was not ended.
 *
 * @property exception what happened.
 * @property url ends the session when it is opened in the user's browser, where such a page could be built.
 */
public class HostedUIError internal constructor(public val exception: AuthException, public val url: String?) {
    override fun toString(): String = "HostedUIError(exception=$exception, url=$url)"
}

/**
 * `GlobalSignOut` failed.
 *
 * @property exception what happened.
 * @property accessToken what `GlobalSignOut` asks for.
 */
public class GlobalSignOutError internal constructor(
    public val exception: AuthException,
    public val accessToken: Secret,
) {
    override fun toString(): String = "GlobalSignOutError(exception=$exception, accessToken=$accessToken)"
}

/**
 * `RevokeToken` failed.
 *
 * @property exception what happened.
 * @property refreshToken it is still alive.
 */
public class RevokeTokenError internal constructor(
    public val exception: AuthException,
    public val refreshToken: Secret,
) {
    override fun toString(): String = "RevokeTokenError(exception=$exception, refreshToken=$refreshToken)"
}

/**
 * The keychain could not be cleared.
 *
 * @property exception what happened.
 */
public class LocalCleanupError internal constructor(public val exception: AuthException) {
    override fun toString(): String = "LocalCleanupError(exception=$exception)"
}

/** How far a sign-out has come whose web step the app carries out itself. */
public sealed class SignOutProgress {
    /**
     * Show this page in the user's browser, and give what comes of it to [Auth.finishSignOut].
     *
     * @property visit the page.
     */
    public class Show internal constructor(public val visit: WebVisit) : SignOutProgress() {
        override fun toString(): String = "Show($visit)"
    }

    /** What was given was not this sign-out's, or it had ended before: nothing has happened. */
    public data object Ignored : SignOutProgress()

    /**
     * The sign-out has ended.
     *
     * @property result what it achieved.
     */
    public class Finished internal constructor(public val result: SignOutResult) : SignOutProgress() {
        override fun toString(): String = "Finished($result)"
    }
}

/**
 * A page for the app to open in the user's browser.
 *
 * @property url what to open.
 * @property redirect where the browser is sent in the end: the callback URL begins with it.
 */
public class WebVisit internal constructor(public val url: String, public val redirect: String) {
    override fun toString(): String = "WebVisit(url=$url, redirect=$redirect)"
}

/** What came of the page that was opened. */
public sealed class BrowserAnswer {
    /**
     * The browser was sent to this callback URL.
     *
     * @property callback the whole of it.
     */
    public class Redirected(public val callback: String) : BrowserAnswer()

    /**
     * It was not.
     *
     * @property exception why.
     */
    public class Failed(public val exception: BrowserException) : BrowserAnswer()
}

/**
 * What was found at launch.
 *
 * @property settled what became of each debt of an earlier sign-out, the oldest first. One that is not paid is
 *   [SignOutResult.Partial.kept] and tried again, unless that is of no use or it is past its age: that is told here alone.
 * @property webStep a web step was under way when the process ended: the user is signed in. Give the callback, if it is
 *   there, to [Auth.finishSignOut], or show the page again. Once its time is over, whatever is answered ends it as timed out.
 */
public class Resumed internal constructor(
    public val settled: List<SignOutResult>,
    public val webStep: WebVisit?,
) {
    override fun toString(): String = "Resumed(settled=$settled, webStep=$webStep)"
}
