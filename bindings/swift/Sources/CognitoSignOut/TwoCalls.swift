internal import CognitoSignOutCore
import Foundation

/// Signing out in two calls, for an app that shows the page in the browser itself.
extension Auth {
    /// Signs out, up to where a page has to be shown in the user's browser.
    public func beginSignOut(options: SignOutOptions = .init()) async -> SignOutProgress {
        await time.during { await self.progress(await self.core.beginSignOut(options: options.core)) }
    }

    /// Tries again what failed in a partial sign-out, for an app that shows the page itself: pays what is owed, and gives the
    /// page to show where the browser's session is still to be ended. What comes of it goes to
    /// ``finishSignOut(callback:)``, in this process. Of any other outcome there is nothing to try: it is finished.
    public func beginRetry(_ outcome: SignOutOutcome) async -> SignOutProgress {
        guard let partial = outcome.partial else { return .finished(outcome) }
        return await time.during { await self.progress(await self.core.beginRetry(partial: partial)) }
    }

    /// Goes on with a sign-out that waits for the browser, which was sent to `callback`.
    public func finishSignOut(callback: URL) async -> SignOutProgress {
        await finishSignOut(.redirected(callback: callback.absoluteString))
    }

    /// Goes on with a sign-out whose page could not be shown, or was closed.
    public func finishSignOut(failure: BrowserError) async -> SignOutProgress {
        await finishSignOut(.failed(error: failure.core))
    }

    private func finishSignOut(_ answer: BrowserAnswer) async -> SignOutProgress {
        await time.during { await self.progress(await self.core.finishSignOut(answer: answer)) }
    }

    private func progress(_ core: CognitoSignOutCore.SignOutProgress) async -> SignOutProgress {
        switch core {
        case let .show(visit):
            if let visit = WebVisit(visit) { return .show(visit) }
            return await finishSignOut(failure: .unavailable("a URL that Foundation cannot read"))
        case .ignored: return .ignored
        case let .finished(result): return .finished(SignOutOutcome(result))
        }
    }
}

/// How far a sign-out has come whose browser step the app carries out itself.
public enum SignOutProgress: Sendable {
    /// Show this page in the user's browser, and give what comes of it to ``Auth/finishSignOut(callback:)``.
    case show(WebVisit)
    /// What was given was not this sign-out's, or it had ended before: nothing has happened.
    case ignored
    /// The sign-out has ended.
    case finished(SignOutOutcome)
}

/// A page for the app to show in the user's browser.
public struct WebVisit: Sendable, Hashable {
    /// What to show.
    public let url: URL
    /// Where the browser is sent in the end: the callback begins with it.
    public let redirect: String

    init?(_ core: CognitoSignOutCore.WebVisit) {
        guard let url = URL(string: core.url) else { return nil }
        self.url = url
        redirect = core.redirect
    }
}

/// What was found at launch.
public struct ResumedSignOut: Sendable {
    /// What became of each debt of an earlier sign-out, the oldest first. One that is not paid is ``SignOutOutcome/kept`` and tried
    /// again, unless that is of no use or it is past its age: that is told here alone.
    public let settled: [SignOutOutcome]
    /// A browser step was under way when the process ended: the user is signed in. Once its time is over, whatever is
    /// answered ends it as timed out.
    public let webStep: WebVisit?

    init(_ core: Resumed) {
        settled = core.settled.map(SignOutOutcome.init)
        webStep = core.webStep.flatMap(WebVisit.init)
    }
}
