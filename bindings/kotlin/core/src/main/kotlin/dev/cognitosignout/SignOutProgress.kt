package dev.cognitosignout

/** How far a sign-out has come if the app opens the browser itself. */
public sealed class SignOutProgress {
    /**
     * Show this page in the user's browser, and pass the outcome to [Auth.finishSignOut].
     *
     * @property visit the page.
     */
    public class Show internal constructor(public val visit: WebVisit) : SignOutProgress() {
        override fun equals(other: Any?): Boolean = other is Show && visit == other.visit

        override fun hashCode(): Int = visit.hashCode()

        override fun toString(): String = "Show($visit)"
    }

    /** The callback did not belong to this sign-out, or the sign-out had already ended. Nothing has changed. */
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
 * @property url the page.
 * @property redirect where the browser is sent at the end: the callback URL begins with it.
 */
public class WebVisit internal constructor(public val url: String, public val redirect: String) {
    private fun all() = listOf(url, redirect)

    override fun equals(other: Any?): Boolean = other is WebVisit && all() == other.all()

    override fun hashCode(): Int = all().hashCode()

    override fun toString(): String = "WebVisit(url=$url, redirect=$redirect)"
}

/** The outcome of the page that the app opened. */
public sealed class BrowserAnswer {
    /**
     * The browser was sent to this callback URL.
     *
     * @property callback the whole URL.
     */
    public class Redirected(public val callback: String) : BrowserAnswer()

    /**
     * The browser did not come back.
     *
     * @property exception the reason.
     */
    public class Failed(public val exception: BrowserException) : BrowserAnswer()
}
