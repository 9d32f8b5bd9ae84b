internal import CognitoSignOutCore
import Foundation

/// Signing out in two calls, for an app that shows the page in the browser itself.
extension Auth {
    /// Starts a sign-out, and stops where the app must show a page in the user's browser.
    public func beginSignOut(options: SignOutOptions = .init()) async -> SignOutProgress {
        await time.during { await self.progress(await self.core.beginSignOut(options: options.core)) }
    }

    /// Tries the failed steps of a partial sign-out again, for an app that shows the page itself. It pays the debt, and returns the
    /// page to show if the browser's session must still be ended. Pass the outcome to ``finishSignOut(callback:)``, in this process.
    /// An outcome that is not partial is finished at once.
    public func beginRetry(_ outcome: SignOutOutcome) async -> SignOutProgress {
        guard let partial = outcome.partial else { return .finished(outcome) }
        return await time.during { await self.progress(await self.core.beginRetry(partial: partial)) }
    }

    /// Continues a sign-out that waits for the browser: it was sent to `callback`.
    public func finishSignOut(callback: URL) async -> SignOutProgress {
        await finishSignOut(.redirected(callback: callback.absoluteString))
    }

    /// Continues a sign-out whose page could not be shown, or was closed.
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
            return await finishSignOut(failure: .unavailable("Foundation cannot read the URL"))
        case .ignored: return .ignored
        case let .finished(result): return .finished(SignOutOutcome(result))
        }
    }
}

/// How far a sign-out has come if the app shows the page in the browser itself. There will be no fourth case.
public enum SignOutProgress: Sendable, Hashable {
    /// Show this page in the user's browser, and pass the outcome to ``Auth/finishSignOut(callback:)``.
    case show(WebVisit)
    /// The callback did not belong to this sign-out, or the sign-out had already ended. Nothing has changed.
    case ignored
    /// The sign-out has ended.
    case finished(SignOutOutcome)
}

/// A page for the app to show in the user's browser.
public struct WebVisit: Sendable, Hashable {
    /// The page.
    public let url: URL
    /// Where the browser is sent at the end: the callback begins with it.
    public let redirect: String

    /// A page like the library's own, for previews and tests.
    public init(url: URL, redirect: String) {
        self.url = url
        self.redirect = redirect
    }

    init?(_ core: CognitoSignOutCore.WebVisit) {
        guard let url = URL(string: core.url) else { return nil }
        self.init(url: url, redirect: core.redirect)
    }
}

/// What ``Auth/resume()`` found at launch.
public struct ResumedSignOut: Sendable, Hashable {
    /// The outcome of each debt of an earlier sign-out, the oldest first. A debt that could not be paid is ``SignOutOutcome/isKept``
    /// and tried again. The exception is a debt that a retry cannot pay, or that is past its age: it is removed from the record, and
    /// only this list reports it.
    public let settled: [SignOutOutcome]
    /// A browser step was in progress when the process ended: the user is still signed in. After its time is over, any answer ends
    /// the sign-out as timed out.
    public let webStep: WebVisit?

    /// A result like the library's own, for previews and tests.
    public init(settled: [SignOutOutcome] = [], webStep: WebVisit? = nil) {
        self.settled = settled
        self.webStep = webStep
    }

    init(_ core: Resumed) {
        self.init(settled: core.settled.map(SignOutOutcome.init), webStep: core.webStep.flatMap(WebVisit.init))
    }
}
