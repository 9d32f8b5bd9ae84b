internal import CognitoSignOutCore
import Foundation

/// The outcome of each step, and what other services still accept.
///
/// It encodes as the JSON that `docs/results.md` describes, which all languages of this library share. It contains no secret.
public struct SignOutReport: Sendable, Hashable, Encodable {
    /// The outcome of each step.
    public let steps: Steps
    /// Tokens that are still accepted. A service that verifies tokens offline accepts an access or ID token until it expires, whatever
    /// Cognito was told. The refresh token is listed if Cognito cannot revoke it.
    public let residual: [Residual]
    /// Whether every session of the user has ended, on every device. `false` if a global sign-out found nobody signed in.
    public let signedOutEverywhere: Bool
    /// The sessions in the user's browser, and the outcome of each.
    public let browserSessions: [BrowserSession]
    /// The page that ends the sessions that may persist in the browser, if one is known.
    public let logoutURL: URL?
    /// The `prompt` that the next sign-in should use, so that it does not silently reuse a session that may persist in the browser.
    public let nextSignIn: Prompt?
    /// Why the app signed out, if a call said so (``SignOutOptions/reason``). A later payment of what is owed has it too.
    public let appReason: AppReason?
    /// The duration of the call.
    public let elapsed: TimeInterval

    /// A report like the library's own, for previews and tests.
    public init(
        steps: Steps,
        residual: [Residual] = [],
        signedOutEverywhere: Bool = false,
        browserSessions: [BrowserSession] = [],
        logoutURL: URL? = nil,
        nextSignIn: Prompt? = nil,
        appReason: AppReason? = nil,
        elapsed: TimeInterval = 0
    ) {
        self.steps = steps
        self.residual = residual
        self.signedOutEverywhere = signedOutEverywhere
        self.browserSessions = browserSessions
        self.logoutURL = logoutURL
        self.nextSignIn = nextSignIn
        self.appReason = appReason
        self.elapsed = elapsed
    }

    init(_ core: Report) {
        self.init(
            steps: Steps(core.steps),
            residual: core.residual.map(Residual.init),
            signedOutEverywhere: core.signedOutEverywhere,
            browserSessions: core.browserSessions.map(BrowserSession.init),
            logoutURL: core.logoutUrl.flatMap(URL.init(string:)),
            nextSignIn: core.nextSignIn.map(Prompt.init),
            appReason: core.appReason.map(AppReason.init(rawValue:)),
            elapsed: seconds(core.elapsed)
        )
    }

    /// The six steps, in the order in which they run, and the app's own steps.
    public struct Steps: Sendable, Hashable {
        /// Ends the browser's session at the hosted pages: in the browser, or as a part of `RevokeToken`.
        public let web: StepStatus
        /// Reads the record, and signs this device out with one write.
        public let commit: StepStatus
        /// Gets a valid access token for `GlobalSignOut`.
        public let refresh: StepStatus
        /// `GlobalSignOut` ends every session of the user.
        public let globalSignOut: StepStatus
        /// `RevokeToken` revokes this session's refresh token.
        public let revokeToken: StepStatus
        /// Removes paid and handed-over debts from the keychain.
        public let settle: StepStatus
        /// The app's own steps: all that are registered; in a retry or a payment, those that were still owed. See ``AppStep``.
        public let app: [AppStepReport]

        /// Steps with these outcomes, for previews and tests. The default is not reached.
        public init(
            web: StepStatus = .skipped(why: "not_reached"),
            commit: StepStatus = .skipped(why: "not_reached"),
            refresh: StepStatus = .skipped(why: "not_reached"),
            globalSignOut: StepStatus = .skipped(why: "not_reached"),
            revokeToken: StepStatus = .skipped(why: "not_reached"),
            settle: StepStatus = .skipped(why: "not_reached"),
            app: [AppStepReport] = []
        ) {
            self.web = web
            self.commit = commit
            self.refresh = refresh
            self.globalSignOut = globalSignOut
            self.revokeToken = revokeToken
            self.settle = settle
            self.app = app
        }

        init(_ core: CognitoSignOutCore.Steps) {
            self.init(
                web: StepStatus(core.web),
                commit: StepStatus(core.commit),
                refresh: StepStatus(core.refresh),
                globalSignOut: StepStatus(core.globalSignOut),
                revokeToken: StepStatus(core.revokeToken),
                settle: StepStatus(core.settle),
                app: core.app.map(AppStepReport.init)
            )
        }
    }

    /// What became of one of the app's own steps.
    public struct AppStepReport: Sendable, Hashable {
        /// The name that it was registered with.
        public let name: String
        /// When it runs. `nil` if no step of this name is registered.
        public let phase: AppStep.Phase?
        /// Its outcome.
        public let status: StepStatus

        /// A report like the library's own, for previews and tests.
        public init(name: String, phase: AppStep.Phase?, status: StepStatus) {
            self.name = name
            self.phase = phase
            self.status = status
        }

        init(_ core: CognitoSignOutCore.AppStepReport) {
            self.init(name: core.name, phase: core.phase.map(AppStep.Phase.init), status: StepStatus(core.status))
        }
    }

    /// The outcome of one step.
    ///
    /// Later versions may add cases: <doc:LaterVersions>.
    public enum StepStatus: Sendable, Hashable, CustomStringConvertible {
        /// The step is done.
        case done
        /// Cognito has accepted the request, and nothing confirms that it was carried out: the step `web` with
        /// ``WebPolicy/byRevocation``.
        case requested
        /// One of the app's own steps is on record, and nothing here can do it, because no step of this name is registered.
        case owed
        /// The step was not needed, or not reached. `why` is the reason, for example `no_session`. These strings never change.
        case skipped(why: String)
        /// The step failed.
        case failed(ErrorCode)

        init(_ core: CognitoSignOutCore.StepStatus) {
            self = switch core {
            case .done: .done
            case .requested: .requested
            case .owed: .owed
            case let .skipped(why): .skipped(why: why)
            case let .failed(code): .failed(ErrorCode(rawValue: code))
            }
        }

        /// For example `done`, `requested`, `owed`, `skipped:no_session` or `failed:timed_out`.
        public var description: String {
            switch self {
            case .done: "done"
            case .requested: "requested"
            case .owed: "owed"
            case let .skipped(why): "skipped:\(why)"
            case let .failed(code): "failed:\(code)"
            }
        }
    }

    /// A token that is still accepted. Services that verify tokens offline accept an access or ID token; Cognito accepts a refresh
    /// token.
    public struct Residual: Sendable, Hashable {
        /// The kind of token.
        public enum Token: String, Sendable {
            /// The access token.
            case access
            /// The ID token.
            case id
            /// The refresh token of a session that Cognito cannot revoke. Every copy of it still works.
            case refresh
        }

        /// The kind of token.
        public let token: Token
        /// Its `exp`. `nil` for a refresh token, which does not contain it.
        public let validUntil: Date?

        /// A token like those that the library reports, for previews and tests.
        public init(token: Token, validUntil: Date?) {
            self.token = token
            self.validUntil = validUntil
        }

        init(_ core: CognitoSignOutCore.Residual) {
            token = switch core.token {
            case .access: .access
            case .id: .id
            case .refresh: .refresh
            }
            validUntil = core.validUntil.map(date)
        }
    }

    /// A session in the user's browser.
    public struct BrowserSession: Sendable, Hashable {
        /// The site that has the session: the hosted pages, or an identity provider with its name in the user pool.
        public enum Holder: Sendable, Hashable {
            /// The hosted pages.
            case hostedUI
            /// The identity provider.
            case identityProvider(String)
        }

        /// The site that has the session.
        public let holder: Holder
        /// What happened to it.
        public let state: State

        /// What happened to a session in the browser, as far as the library can see it.
        public enum State: Sendable, Hashable {
            /// The site ended it and sent the browser back.
            case ended
            /// The site has been asked to end it, without a page. It does so within a few seconds, and nothing confirms it.
            case endRequested
            /// It was not ended, or its end cannot be seen. The end of a provider's session can never be seen.
            case mayPersist
        }

        /// A session like those that the library reports, for previews and tests.
        public init(holder: Holder, state: State) {
            self.holder = holder
            self.state = state
        }

        init(_ core: CognitoSignOutCore.BrowserSession) {
            holder = switch core.holder {
            case .hostedUi: .hostedUI
            case let .identityProvider(name): .identityProvider(name)
            }
            state = switch core.state {
            case .ended: .ended
            case .endRequested: .endRequested
            case .mayPersist: .mayPersist
            }
        }
    }

    /// The `prompt` parameter that the next sign-in should use.
    public enum Prompt: String, Sendable {
        /// Sign in again, even if there is a session.
        case login
        /// Choose the account at the provider. Cognito only passes this on: name the provider in the URL.
        case selectAccount = "select_account"

        init(_ core: CognitoSignOutCore.Prompt) {
            self = core == .login ? .login : .selectAccount
        }
    }
}

/// Times cross as milliseconds. A value that is not a number crosses as a negative one, which the core refuses.
func millis(_ seconds: TimeInterval) -> Int64 {
    Int64(exactly: (seconds * 1000).rounded()) ?? (seconds > 0 ? .max : .min)
}

func seconds(_ millis: UInt64) -> TimeInterval {
    TimeInterval(millis) / 1000
}

func date(_ millis: UInt64) -> Date {
    Date(timeIntervalSince1970: seconds(millis))
}
