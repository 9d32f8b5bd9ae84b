internal import CognitoSignOutCore
import Foundation

/// Signing out in two calls, for an app that shows the page in the browser itself.
extension Auth {
    /// Signs out, up to where a page has to be shown in the user's browser.
    public func beginSignOut(options: SignOutOptions = .init()) async -> SignOutProgress {
        await inBackgroundTime { SignOutProgress(await self.core.beginSignOut(options: options.core)) }
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
        await inBackgroundTime { SignOutProgress(await self.core.finishSignOut(answer: answer)) }
    }
}

/// How far a sign-out has come whose browser step the app carries out itself.
public enum SignOutProgress: Sendable {
    /// Show this page in the user's browser, and give what comes of it to ``Auth/finishSignOut(callback:)``.
    case show(WebVisit)
    /// What was given was not this sign-out's, or came twice, or too late: nothing has happened.
    case ignored
    /// The sign-out has ended.
    case finished(SignOutOutcome)

    init(_ core: CognitoSignOutCore.SignOutProgress) {
        self = switch core {
        case let .show(visit): .show(WebVisit(visit))
        case .ignored: .ignored
        case let .finished(result): .finished(SignOutOutcome(result))
        }
    }
}

/// A page for the app to show in the user's browser.
public struct WebVisit: Sendable, Hashable {
    /// What to show.
    public let url: String
    /// Where the browser is sent in the end: the callback begins with it.
    public let redirect: String

    init(_ core: CognitoSignOutCore.WebVisit) {
        url = core.url
        redirect = core.redirect
    }
}

/// What was found at launch.
public struct ResumedSignOut: Sendable {
    /// What became of each debt of an earlier sign-out, the oldest first.
    public let settled: [SignOutOutcome]
    /// A browser step was under way when the process ended, and still has time: the user is signed in.
    public let webStep: WebVisit?

    init(_ core: Resumed) {
        settled = core.settled.map(SignOutOutcome.init)
        webStep = core.webStep.map(WebVisit.init)
    }
}
