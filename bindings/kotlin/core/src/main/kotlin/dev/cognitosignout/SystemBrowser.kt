package dev.cognitosignout

import dev.cognitosignout.ffi.SystemBrowser as FfiSystemBrowser

/**
 * The system's default browser on desktops, with a listener on the sign-out URI.
 *
 * The sign-out URI must be `http` on a loopback host with a free port, for example `http://localhost:8765/signed-out`. The library
 * listens on that port while the browser is in front, and only on loopback addresses.
 *
 * The last page is a closing page. It says whether the user is signed out and what to do next. It is light or dark, as the browser
 * prefers, and loads nothing else. It is in English unless the browser asks for a language of [closingTexts]. With its headers it has
 * at most 2,048 bytes.
 *
 * @param appName the app's name, for the closing page. Default: none, and the page speaks of "the app".
 * @param closingTexts the closing page's words in other languages, or English words that replace the library's.
 * @param closingPage a whole HTML document that replaces the library's closing page for a successful sign-out. It cannot load other
 *   files. Default: the library's page.
 * @param failurePage the same for a sign-out that did not finish.
 * @throws AuthException.InvalidInput on Android, where `AndroidAuth` opens a Custom Tab; and if the name or the words are empty, have
 *   more than one line, or do not fit into the page.
 * @throws AuthException.Unusable if the native library is missing, or the system cannot start a thread.
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
        translated {
            FfiSystemBrowser(
                appName = appName,
                closingTexts = closingTexts.map { it.toFfi() },
                closingPage = closingPage,
                failurePage = failurePage,
            )
        }
    }

    override fun show(url: String, redirect: String, completion: BrowserCompletion): Unit =
        completion.use { inner.show(url, redirect, it.inner) }
}
