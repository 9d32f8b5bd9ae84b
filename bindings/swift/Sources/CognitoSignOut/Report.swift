internal import CognitoSignOutCore
import Foundation

/// What was done, what was not, and what other services will go on accepting.
public struct SignOutReport: Sendable, Hashable {
    /// What became of each step.
    public let steps: Steps
    /// Tokens that services which verify them offline accept until they expire, whatever Cognito was told; and the refresh
    /// token, if Cognito cannot revoke it.
    public let residual: [Residual]
    /// Whether every session of the user has ended, on every device. Not if a global sign-out found nobody signed in.
    public let signedOutEverywhere: Bool
    /// The sessions that the user's browser held, and what became of each.
    public let browserSessions: [BrowserSession]
    /// The page that ends what may persist in the browser, where one is known.
    public let logoutURL: URL?
    /// What the next sign-in should ask for, so that it does not silently use a session that may persist in the browser.
    public let nextSignIn: Prompt?
    /// How long the call took.
    public let elapsed: TimeInterval

    init(_ core: Report) {
        steps = Steps(core.steps)
        residual = core.residual.map(Residual.init)
        signedOutEverywhere = core.signedOutEverywhere
        browserSessions = core.browserSessions.map(BrowserSession.init)
        logoutURL = core.logoutUrl.flatMap(URL.init(string:))
        nextSignIn = core.nextSignIn.map(Prompt.init)
        elapsed = seconds(core.elapsed)
    }

    /// The six steps, in the order in which they run.
    public struct Steps: Sendable, Hashable {
        /// Ending the browser's session at the hosted pages.
        public let web: StepStatus
        /// Reading the record, and the one write that signs this device out.
        public let commit: StepStatus
        /// Getting a valid access token for `GlobalSignOut`.
        public let refresh: StepStatus
        /// `GlobalSignOut`: every session of the user.
        public let globalSignOut: StepStatus
        /// `RevokeToken`: this session's refresh token.
        public let revokeToken: StepStatus
        /// Removing what is paid or handed over from the keychain.
        public let settle: StepStatus

        init(_ core: CognitoSignOutCore.Steps) {
            web = StepStatus(core.web)
            commit = StepStatus(core.commit)
            refresh = StepStatus(core.refresh)
            globalSignOut = StepStatus(core.globalSignOut)
            revokeToken = StepStatus(core.revokeToken)
            settle = StepStatus(core.settle)
        }
    }

    /// What became of one step.
    public enum StepStatus: Sendable, Hashable, CustomStringConvertible {
        /// It was carried out.
        case done
        /// It was not needed, or not reached. Why, as `no_session`: a string that never changes.
        case skipped(why: String)
        /// It was tried, and failed.
        case failed(ErrorCode)

        init(_ core: CognitoSignOutCore.StepStatus) {
            self = switch core {
            case .done: .done
            case let .skipped(why): .skipped(why: why)
            case let .failed(code): .failed(ErrorCode(rawValue: code))
            }
        }

        /// As `done`, `skipped:no_session` or `failed:timed_out`.
        public var description: String {
            switch self {
            case .done: "done"
            case let .skipped(why): "skipped:\(why)"
            case let .failed(code): "failed:\(code)"
            }
        }
    }

    /// A token that is still accepted: an access or ID token by whoever verifies it offline, a refresh token by Cognito.
    public struct Residual: Sendable, Hashable {
        /// Which token.
        public enum Token: String, Sendable {
            /// The access token.
            case access
            /// The ID token.
            case id
            /// The refresh token, of a session that Cognito cannot revoke: whoever has a copy can go on with it.
            case refresh
        }

        /// Which token.
        public let token: Token
        /// Its `exp`: until then. `nil` for a refresh token, which does not say.
        public let validUntil: Date?

        init(_ core: CognitoSignOutCore.Residual) {
            token = switch core.token {
            case .access: .access
            case .id: .id
            case .refresh: .refresh
            }
            validUntil = core.validUntil.map(date)
        }
    }

    /// A session that the user's browser held.
    public struct BrowserSession: Sendable, Hashable {
        /// Whose it is: the hosted pages', or an identity provider's, by its name in the user pool.
        public enum Holder: Sendable, Hashable {
            /// The hosted pages'.
            case hostedUI
            /// The identity provider's.
            case identityProvider(String)
        }

        /// Whose it is.
        public let holder: Holder
        /// Whether its end was seen: a provider's never is. If not, it may persist.
        public let ended: Bool

        init(_ core: CognitoSignOutCore.BrowserSession) {
            holder = switch core.holder {
            case .hostedUi: .hostedUI
            case let .identityProvider(name): .identityProvider(name)
            }
            ended = core.state == .ended
        }
    }

    /// What the next sign-in should ask for: the parameter `prompt`.
    public enum Prompt: String, Sendable {
        /// Sign in anew, whatever session there is.
        case login
        /// Choose the account at the provider. Cognito passes it on, and does not ask itself: name the provider in the URL.
        case selectAccount = "select_account"

        init(_ core: CognitoSignOutCore.Prompt) {
            self = core == .login ? .login : .selectAccount
        }
    }
}

/// Times cross as milliseconds. What is no number crosses as a negative one, which the core refuses.
func millis(_ seconds: TimeInterval) -> Int64 {
    Int64(exactly: (seconds * 1000).rounded()) ?? (seconds > 0 ? .max : .min)
}

func seconds(_ millis: UInt64) -> TimeInterval {
    TimeInterval(millis) / 1000
}

func date(_ millis: UInt64) -> Date {
    Date(timeIntervalSince1970: seconds(millis))
}
