package dev.cognitosignout

import dev.cognitosignout.ffi.SystemBrowser as FfiSystemBrowser

/**
 * The system's default browser, with a listener on the sign-out URI for what it comes back with: on desktops.
 *
 * The sign-out URI has to be `http` on a loopback host with a port that is free, as `http://localhost:8765/signed-out`. The
 * port is listened on, on loopback addresses alone, while the browser is in front. The last page is a closing page, which
 * says whether the user is signed out.
 *
 * @param closingPage the closing page of a sign-out that succeeded, as a whole HTML document; nothing that it names is
 *   fetched. Default: the library's own.
 * @param failurePage the same for one that did not succeed.
 * @throws AuthException.InvalidInput on Android, where `AndroidAuth` opens a Custom Tab.
 * @throws AuthException.Unusable if the native library is missing, or the system has no thread to give.
 */
public class SystemBrowser
@JvmOverloads
@Throws(AuthException::class)
constructor(closingPage: String? = null, failurePage: String? = null) : Browser {
    private val inner = withNativeLibrary { translated { FfiSystemBrowser(closingPage, failurePage) } }

    override fun show(url: String, redirect: String, completion: BrowserCompletion): Unit =
        completion.use { inner.show(url, redirect, it.inner) }
}
