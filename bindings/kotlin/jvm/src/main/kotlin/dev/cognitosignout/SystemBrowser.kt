package dev.cognitosignout

import dev.cognitosignout.ffi.SystemBrowser as FfiSystemBrowser

/**
 * The system's default browser, with a listener on the sign-out URI for what it comes back with: on desktops.
 *
 * The sign-out URI has to be `http` on a loopback host with a port that is free, as `http://localhost:8765/signed-out`. The
 * port is listened on, on loopback addresses alone, while the browser is in front.
 *
 * The last page is a closing page. It says whether the user is signed out and what to do next, in light or dark, as the
 * browser prefers, and it loads nothing else. It is in English unless the browser asks for a language of [closingTexts]. With
 * its headers it has at most 2,048 bytes.
 *
 * @param appName the app's name, for the closing page. Default: none, and the page speaks of "the app".
 * @param closingTexts the closing page's words in other languages, or in English in place of the library's.
 * @param closingPage the closing page of a sign-out that succeeded, as a whole HTML document in place of the library's page;
 *   nothing that it names is fetched. Default: the library's page.
 * @param failurePage the same for a sign-out that did not finish.
 * @throws AuthException.InvalidInput on Android, where `AndroidAuth` opens a Custom Tab; and for a name or words that are empty,
 *   have more than one line, or do not fit into the page.
 * @throws AuthException.Unusable if the native library is missing, or the system has no thread to give.
 */
public class SystemBrowser
@JvmOverloads
@Throws(AuthException::class)
constructor(
    appName: String? = null,
    closingTexts: List<ClosingTexts> = emptyList(),
    closingPage: String? = null,
    failurePage: String? = null,
) : Browser {
    private val inner = withNativeLibrary {
        translated { FfiSystemBrowser(appName, closingTexts.map { it.toFfi() }, closingPage, failurePage) }
    }

    override fun show(url: String, redirect: String, completion: BrowserCompletion): Unit =
        completion.use { inner.show(url, redirect, it.inner) }
}

/**
 * The words of the closing page in one language. Plain text: HTML in it is shown as it is written.
 *
 * @property language the language as a BCP 47 tag, such as `de`, `pt-BR` or `zh-Hant`.
 * @property signedOut the heading when the user is signed out.
 * @property signedOutNext what the user can do then: close the window and return to the app.
 * @property notSignedOut the heading when the sign-out did not finish. The user may still be signed in.
 * @property notSignedOutNext what the user can do then: return to the app and try again there.
 */
public class ClosingTexts(
    public val language: String,
    public val signedOut: String,
    public val signedOutNext: String,
    public val notSignedOut: String,
    public val notSignedOutNext: String,
)
