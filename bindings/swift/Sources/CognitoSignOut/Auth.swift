internal import CognitoSignOutCore
import Foundation

/// The session of one app client, and its sign-out.
///
/// ```swift
/// let auth = try Auth(configuration: AuthConfiguration(amplifyResource: "amplify_outputs"))
/// let result = await auth.signOut()
/// print("Signed out of this device: \(result.signedOutLocally)")
/// ```
///
/// Calls run in the library's own tasks. Cancelling the Swift task that waits for a call does not stop the call. Create one `Auth`
/// for each app client, and keep it as long as the app runs.
public final class Auth: Sendable {
    let core: CognitoSignOutCore.Auth
    let time: BackgroundTime
    let windows: CallWindows
    #if canImport(notify)
    private let otherProcesses: OtherProcesses
    #endif

    /// The session of the configured app client. Touches neither network nor keychain.
    ///
    /// - Parameters:
    ///   - configuration: the app client.
    ///   - transport: how requests reach Cognito.
    ///   - storage: where the session is stored.
    ///   - browser: ends browser sessions. `nil`: the app shows the page itself, with ``beginSignOut(options:)``.
    ///   - signOutSteps: the app's own steps of every sign-out. Pass the same steps at each launch, so that ``resume()`` can run those
    ///     that an earlier process still owes. A step that is no longer passed stays on record, and is reported with the code
    ///     ``ErrorCode/appStepNotRegistered``.
    /// - Throws: ``AuthError/runtime(_:)`` if the system cannot start a thread. ``AuthError/invalidInput(_:)`` if a step's name or time
    ///   limit is not valid, or if two steps have the same name.
    public convenience init(
        configuration: AuthConfiguration,
        transport: any HTTPTransport = URLSessionTransport(),
        storage: Storage = .keychain(),
        browser: (any SignOutBrowser)? = nil,
        signOutSteps: [AppStep] = []
    ) throws(AuthError) {
        let (time, windows) = (BackgroundTime(), CallWindows())
        try self.init(
            configuration: configuration,
            ports: Ports(
                transport: TransportPort(transport, time),
                vault: storage.core,
                browser: browser.map { BrowserPort(windows.told(to: $0), time) },
                redirects: browser?.redirects ?? [],
                appSteps: signOutSteps.map { $0.core(time) }
            ),
            time: time,
            windows: windows
        )
    }

    init(
        configuration: AuthConfiguration, ports: Ports, time: BackgroundTime = BackgroundTime(), windows: CallWindows = CallWindows()
    ) throws(AuthError) {
        (self.time, self.windows) = (time, windows)
        core = try AuthError.rethrowing { try .init(config: configuration.core, ports: ports) }
        #if canImport(notify)
        otherProcesses = OtherProcesses(core, configuration)
        #endif
    }

    /// Signs out: first of this device, then at Cognito. The result says what was achieved.
    ///
    /// Concurrent calls join one sign-out. On iOS it asks for background time while it runs, and again when the user returns from
    /// the browser. Use ``signOutWithReport(options:)`` to get the outcome of each step, and to retry the failed steps.
    ///
    /// The result cannot contain ``SignOutOutcome/displaced`` debts. The library tries each of them once more after it has returned
    /// the result, and does not report the outcome: a debt that cannot be paid goes back on record. If the process ends before that,
    /// their tokens are lost. An app that must not lose them uses ``signOutWithReport(options:)``.
    public func signOut(options: SignOutOptions = .init()) async -> SignOutResult {
        await time.during {
            let outcome = SignOutOutcome(await self.core.signOut(options: options.core))
            if !outcome.displaced.isEmpty {
                self.time.beside {
                    for older in outcome.displaced { _ = await self.retry(older) }
                }
            }
            return outcome.result
        }
    }

    /// The same, with the outcome of each step, for ``retry(_:)``.
    public func signOutWithReport(options: SignOutOptions = .init()) async -> SignOutOutcome {
        await time.during { SignOutOutcome(await self.core.signOut(options: options.core)) }
    }

    /// Tries the failed steps of a partial sign-out again, with the tokens that it carries. The browser's session comes last, in
    /// the library's browser. An app that shows the page itself calls ``beginRetry(_:)``. An outcome that is not partial is
    /// returned unchanged.
    public func retry(_ outcome: SignOutOutcome) async -> SignOutOutcome {
        guard let partial = outcome.partial else { return outcome }
        return await time.during { SignOutOutcome(await self.core.retry(partial: partial)) }
    }

    /// Stores the session of a user who has just signed in.
    ///
    /// - Throws: ``AuthError/invalidInput(_:)``, ``AuthError/vault(_:)``.
    public func storeSession(_ tokens: Tokens, signedInWith: SignedInWith = .api) async throws(AuthError) {
        try await AuthError.rethrowing {
            try await time.during {
                try await self.core.storeSession(tokens: tokens.core, signedInWith: signedInWith.core)
            }
        }
    }

    /// Who is signed in, according to the record on this device. It sends no request.
    public func session() async -> SessionState {
        SessionState(await core.session())
    }

    /// The session's tokens. They are refreshed first if the access token is about to expire.
    ///
    /// - Throws: ``AuthError/signedOut(_:)``, ``AuthError/sessionExpired(_:)``, ``AuthError/service(_:)``,
    ///   ``AuthError/vault(_:)``.
    public func tokens() async throws(AuthError) -> Tokens {
        try await AuthError.rethrowing {
            try await time.duringRequests { Tokens(try await self.core.tokens()) }
        }
    }

    /// New tokens, even if those on record are still valid.
    ///
    /// - Throws: like ``tokens()``.
    public func refresh() async throws(AuthError) -> Tokens {
        try await AuthError.rethrowing {
            try await time.during { Tokens(try await self.core.refresh()) }
        }
    }

    /// Stores an identity pool's identity beside the session, until the session ends. `nil` removes it.
    ///
    /// - Throws: ``AuthError/signedOut(_:)``, ``AuthError/vault(_:)``; ``AuthError/invalidInput(_:)`` for an expiry that is out of
    ///   range for a date.
    public func setIdentity(_ identity: Identity?) async throws(AuthError) {
        try await AuthError.rethrowing {
            try await time.during { try await self.core.setIdentity(identity: identity?.core) }
        }
    }

    /// The identity that ``setIdentity(_:)`` stored.
    ///
    /// - Throws: ``AuthError/signedOut(_:)``, ``AuthError/vault(_:)``.
    public func identity() async throws(AuthError) -> Identity? {
        try await AuthError.rethrowing { try await self.core.identity().map(Identity.init) }
    }

    /// Stores the metadata of a device that Cognito remembers for `username`. `nil` removes it.
    ///
    /// - Throws: ``AuthError/vault(_:)``.
    public func setDevice(_ device: RememberedDevice?, for username: String) async throws(AuthError) {
        try await AuthError.rethrowing {
            try await time.during { try await self.core.setDevice(username: username, device: device?.core) }
        }
    }

    /// The metadata that ``setDevice(_:for:)`` stored.
    ///
    /// - Throws: ``AuthError/vault(_:)``.
    public func device(for username: String) async throws(AuthError) -> RememberedDevice? {
        try await AuthError.rethrowing { try await self.core.device(username: username).map(RememberedDevice.init) }
    }

    /// Call this at launch. It pays the debts of earlier sign-outs, and says whether a sign-out waits for the browser. A debt that
    /// cannot be paid now, for example without a network, stays on record: see ``SignOutOutcome/isKept``.
    ///
    /// - Throws: ``AuthError/vault(_:)``.
    public func resume() async throws(AuthError) -> ResumedSignOut {
        try await AuthError.rethrowing {
            try await time.during { ResumedSignOut(try await self.core.resume()) }
        }
    }

    /// Pays the debts that earlier sign-outs left on record. A debt that cannot be paid now stays there: see
    /// ``SignOutOutcome/isKept``.
    ///
    /// - Throws: ``AuthError/vault(_:)``.
    public func settlePending() async throws(AuthError) -> [SignOutOutcome] {
        try await AuthError.rethrowing {
            try await time.during { try await self.core.settlePending().map(SignOutOutcome.init) }
        }
    }

    /// Removes the session from this device, without a request and without an event.
    ///
    /// - Throws: ``AuthError/vault(_:)``.
    public func clearLocal() async throws(AuthError) {
        try await AuthError.rethrowing {
            try await time.during { try await self.core.clearLocal() }
        }
    }

    /// Removes everything of this app client from the keychain, without reading it.
    ///
    /// - Throws: ``AuthError/vault(_:)``.
    public func purgeLocal() async throws(AuthError) {
        try await AuthError.rethrowing {
            try await time.during { try await self.core.purgeLocal() }
        }
    }
}
