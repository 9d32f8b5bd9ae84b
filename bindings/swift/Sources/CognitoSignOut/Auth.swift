internal import CognitoSignOutCore
import Foundation

/// The session of one app client, and the way out of it.
///
/// ```swift
/// let auth = try Auth(configuration: AuthConfiguration(amplifyResource: "amplify_outputs"))
/// let result = await auth.signOut()
/// print("Signed out of this device: \(result.signedOutLocally)")
/// ```
///
/// Calls run in the library's own tasks: cancelling the Swift task that waits for one stops nothing half-way. Make one for each
/// app client, and keep it as long as the app runs.
public final class Auth: Sendable {
    let core: CognitoSignOutCore.Auth
    let time: BackgroundTime

    /// The session of the configured app client. Touches neither network nor keychain.
    ///
    /// - Parameters:
    ///   - configuration: which app client's.
    ///   - transport: how requests reach Cognito.
    ///   - storage: where the session is kept.
    ///   - browser: what ends browser sessions. `nil`: the app does it itself, by ``beginSignOut(options:)``.
    /// - Throws: ``AuthError/runtime(_:)`` if the system has no thread to give.
    public convenience init(
        configuration: AuthConfiguration,
        transport: any HTTPTransport = URLSessionTransport(),
        storage: Storage = .keychain(),
        browser: (any SignOutBrowser)? = nil
    ) throws {
        let time = BackgroundTime()
        try self.init(
            configuration: configuration,
            ports: Ports(
                transport: TransportPort(transport, time),
                vault: storage.core,
                browser: browser.map { BrowserPort($0, time) },
                redirectSchemes: browser?.redirectSchemes ?? []
            ),
            time: time
        )
    }

    init(configuration: AuthConfiguration, ports: Ports, time: BackgroundTime = BackgroundTime()) throws {
        self.time = time
        core = try AuthError.rethrowing { try .init(config: configuration.core, ports: ports) }
    }

    /// Signs out: of this device at once, then at Cognito, and says what was achieved.
    ///
    /// Calls at the same time join one sign-out. On iOS it asks for time in the background while it runs, and anew when the user
    /// is back from the browser. For the report of each step, and to try again what failed, use
    /// ``signOutWithReport(options:)``.
    ///
    /// The result has no place for what is ``SignOutOutcome/displaced``. So the library tries each of those once more by
    /// itself, after the answer, and tells nobody what comes of it: what cannot be paid goes back on record. A process that ends
    /// meanwhile has lost their tokens. An app that must not lose them uses ``signOutWithReport(options:)``.
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

    /// The same, with what became of each step and what it takes to ``retry(_:)``.
    public func signOutWithReport(options: SignOutOptions = .init()) async -> SignOutOutcome {
        await time.during { SignOutOutcome(await self.core.signOut(options: options.core)) }
    }

    /// Tries again what failed in a partial sign-out, with the tokens that it carries; last of all the browser's session, in
    /// the library's browser. An app that shows the page itself calls ``beginRetry(_:)``. Of any other outcome there is
    /// nothing to try: the same comes back.
    public func retry(_ outcome: SignOutOutcome) async -> SignOutOutcome {
        guard let partial = outcome.partial else { return outcome }
        return await time.during { SignOutOutcome(await self.core.retry(partial: partial)) }
    }

    /// Stores the session of a user who has just signed in.
    ///
    /// - Throws: ``AuthError/invalidInput(_:)``, ``AuthError/vault(_:)``.
    public func storeSession(_ tokens: Tokens, signedInWith: SignedInWith = .api) async throws {
        try await AuthError.rethrowing {
            try await time.during {
                try await self.core.storeSession(tokens: tokens.core, signedInWith: signedInWith.core)
            }
        }
    }

    /// Who is signed in, as the device knows it.
    public func session() async -> SessionState {
        SessionState(await core.session())
    }

    /// The session's tokens, refreshed first if the access token is about to expire.
    ///
    /// - Throws: ``AuthError/signedOut(_:)``, ``AuthError/sessionExpired(_:)``, ``AuthError/service(_:)``,
    ///   ``AuthError/vault(_:)``.
    public func tokens() async throws -> Tokens {
        try await AuthError.rethrowing {
            try await time.duringRequests { Tokens(try await self.core.tokens()) }
        }
    }

    /// New tokens, even if those on record are good.
    ///
    /// - Throws: as ``tokens()``.
    public func refresh() async throws -> Tokens {
        try await AuthError.rethrowing {
            try await time.during { Tokens(try await self.core.refresh()) }
        }
    }

    /// Keeps an identity pool's identity beside the session, until the session ends. `nil` removes it.
    ///
    /// - Throws: ``AuthError/signedOut(_:)``, ``AuthError/vault(_:)``; ``AuthError/invalidInput(_:)`` for an expiry that is
    ///   no date.
    public func setIdentity(_ identity: Identity?) async throws {
        try await AuthError.rethrowing {
            try await time.during { try await self.core.setIdentity(identity: identity?.core) }
        }
    }

    /// The identity that was kept.
    ///
    /// - Throws: ``AuthError/signedOut(_:)``, ``AuthError/vault(_:)``.
    public func identity() async throws -> Identity? {
        try await AuthError.rethrowing { try await self.core.identity().map(Identity.init) }
    }

    /// Keeps the metadata of a device that Cognito remembers for `username`. `nil` removes it.
    ///
    /// - Throws: ``AuthError/vault(_:)``.
    public func setDevice(_ device: RememberedDevice?, for username: String) async throws {
        try await AuthError.rethrowing {
            try await time.during { try await self.core.setDevice(username: username, device: device?.core) }
        }
    }

    /// The metadata that was kept.
    ///
    /// - Throws: ``AuthError/vault(_:)``.
    public func device(for username: String) async throws -> RememberedDevice? {
        try await AuthError.rethrowing { try await self.core.device(username: username).map(RememberedDevice.init) }
    }

    /// To be called at launch: pays what earlier sign-outs have left, and says whether one waits for the browser. What cannot
    /// be paid now, as without a network, stays on record and is tried again: see ``SignOutOutcome/kept``.
    ///
    /// - Throws: ``AuthError/vault(_:)``.
    public func resume() async throws -> ResumedSignOut {
        try await AuthError.rethrowing {
            try await time.during { ResumedSignOut(try await self.core.resume()) }
        }
    }

    /// Pays what earlier sign-outs left on record. What cannot be paid now stays there: see ``SignOutOutcome/kept``.
    ///
    /// - Throws: ``AuthError/vault(_:)``.
    public func settlePending() async throws -> [SignOutOutcome] {
        try await AuthError.rethrowing {
            try await time.during { try await self.core.settlePending().map(SignOutOutcome.init) }
        }
    }

    /// Forgets the session on this device, silently: no request, no event.
    ///
    /// - Throws: ``AuthError/vault(_:)``.
    public func clearLocal() async throws {
        try await AuthError.rethrowing {
            try await time.during { try await self.core.clearLocal() }
        }
    }

    /// Removes everything of this app client from the keychain, without understanding it.
    ///
    /// - Throws: ``AuthError/vault(_:)``.
    public func purgeLocal() async throws {
        try await AuthError.rethrowing {
            try await time.during { try await self.core.purgeLocal() }
        }
    }
}
