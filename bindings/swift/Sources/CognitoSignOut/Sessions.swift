internal import CognitoSignOutCore
import Foundation

/// One of the user's sessions, as Cognito lists it. Every value can be missing.
///
/// The list spans all app clients of the user pool. The place and the IP address are personal data: the description shows neither.
public struct UserSession: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// The kinds of session.
    public enum Kind: Sendable, Hashable {
        /// One app's session on one device: the life of one refresh token.
        case token
        /// The session behind the cookie of a browser. Apps sign in through it without asking the user.
        case sso
        /// Another kind, with the server's word for it.
        case other(String)
    }

    /// Its id: `tkn` or `sso`, and 25 more characters.
    public let id: String?
    /// What kind of session it is.
    public let kind: Kind
    /// The app client that it belongs to.
    public let clientID: String?
    /// When the user signed in.
    public let created: Date?
    /// When it was last used, by a sign-in or a refresh.
    public let lastActive: Date?
    /// The operating system and the browser or app, as Cognito reads them from the `user-agent` header. It can be Cognito's word
    /// `unknown`: show none then.
    public let device: String?
    /// The city from which it was last used.
    public let city: String?
    /// The English name of the country from which it was last used. It can be Cognito's word `unknown`: show none then.
    public let country: String?
    /// The IP address from which it was last used.
    public let ipAddress: Secret?
    /// For a token session: the id of the SSO session that it came through. `nil` if the user signed in through the API.
    public let origin: String?
    /// Whether it is the session of this app on this device.
    public let isCurrent: Bool

    /// A session like the library's own, for previews and tests.
    public init(
        id: String?,
        kind: Kind = .token,
        clientID: String? = nil,
        created: Date? = nil,
        lastActive: Date? = nil,
        device: String? = nil,
        city: String? = nil,
        country: String? = nil,
        ipAddress: Secret? = nil,
        origin: String? = nil,
        isCurrent: Bool = false
    ) {
        self.id = id
        self.kind = kind
        self.clientID = clientID
        self.created = created
        self.lastActive = lastActive
        self.device = device
        self.city = city
        self.country = country
        self.ipAddress = ipAddress
        self.origin = origin
        self.isCurrent = isCurrent
    }

    init(_ core: CognitoSignOutCore.UserSession) {
        let kind: Kind = switch core.kind {
        case .token: .token
        case .sso: .sso
        case let .other(name): .other(name)
        }
        self.init(
            id: core.id,
            kind: kind,
            clientID: core.clientId,
            created: core.created.map(date),
            lastActive: core.lastActive.map(date),
            device: core.device,
            city: core.city,
            country: core.country,
            ipAddress: core.ipAddress.map { Secret(core: $0) },
            origin: core.origin,
            isCurrent: core.isCurrent
        )
    }

    /// The session without the place and the IP address.
    public var description: String {
        let shown = [id ?? "no id", "\(kind)", device ?? "no device", isCurrent ? "current" : nil]
        return "UserSession(\(shown.compactMap { $0 }.joined(separator: ", ")))"
    }

    /// `dump` shows no more than the description.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// One of the user's other sessions, and whether it has ended.
public struct EndedSession: Sendable, Hashable {
    /// The session, as it was listed.
    public let session: UserSession
    /// Why it could not be ended. `nil`: it has ended.
    public let error: SignOutError?

    /// A session that has ended, or could not be ended, for previews and tests.
    public init(session: UserSession, error: SignOutError? = nil) {
        self.session = session
        self.error = error
    }

    init(_ core: CognitoSignOutCore.EndedSession) {
        self.init(session: UserSession(core.session), error: core.error.map { SignOutError($0) })
    }
}

/// What became of the user's other sessions. There will be no fourth case.
public enum SignOutOthersResult: Sendable, Hashable {
    /// Every other session has ended. A new one may have begun since the list was read.
    case complete([EndedSession])
    /// At least one other session could not be ended. Pass it to ``Auth/retryOthers(_:)``.
    case partial(PartialSignOutOthers)
    /// Nothing has changed: the list could not be read, or it does not say which session is this one.
    case failed(SignOutError)

    init(_ core: CognitoSignOutCore.SignOutOthersResult) {
        self = switch core {
        case let .complete(sessions): .complete(sessions.map(EndedSession.init))
        case let .partial(sessions, partial):
            .partial(PartialSignOutOthers(sessions.map(EndedSession.init), partial))
        case let .failed(problem): .failed(SignOutError(problem))
        }
    }
}

/// Other sessions of which at least one could not be ended.
public struct PartialSignOutOthers: Sendable, Hashable {
    /// Each other session that there was: those with an ``EndedSession/error`` are left.
    public let sessions: [EndedSession]
    /// `nil` if the app has created it.
    let core: CognitoSignOutCore.PartialSignOutOthers?

    /// For previews and tests. ``Auth/retryOthers(_:)`` returns it unchanged.
    public init(sessions: [EndedSession]) {
        self.init(sessions, nil)
    }

    init(_ sessions: [EndedSession], _ core: CognitoSignOutCore.PartialSignOutOthers?) {
        self.sessions = sessions
        self.core = core
    }

    /// Whether they are left by the same call.
    public static func == (one: Self, other: Self) -> Bool {
        one.sessions == other.sessions && one.core === other.core
    }

    /// Hashes the sessions.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(sessions)
    }
}

extension Auth {
    /// Where the user is signed in: all the user's sessions in this user pool, on all its app clients, the last active first. The
    /// tokens are refreshed first if the access token is about to expire. The call ends within ten seconds.
    ///
    /// - Throws: ``AuthError/service(_:)`` if Cognito cannot be reached, or refuses (``ErrorCode/sessionTrackingOff``,
    ///   ``ErrorCode/missingScope``, ``ErrorCode/sessionsNotSupported``), and like ``tokens()``.
    public func sessions() async throws(AuthError) -> [UserSession] {
        try await AuthError.rethrowing {
            try await time.duringRequests { try await self.core.sessions().map(UserSession.init) }
        }
    }

    /// Ends another one of the user's sessions, within ten seconds. To end the session of this app on this device, call
    /// ``signOut(options:)``.
    ///
    /// - Parameters:
    ///   - id: the session's ``UserSession/id``.
    ///   - linked: whether what belongs to it ends too, within a few seconds: for a token session the SSO session that it came
    ///     through, for an SSO session all token sessions that came through it.
    /// - Throws: ``AuthError/invalidInput(_:)`` if `id` is not a session's id; ``AuthError/service(_:)`` with
    ///   ``ErrorCode/ownSession`` for the session of this app on this device, and with `linked` also for the SSO session that it
    ///   came through; with ``ErrorCode/sessionNotFound`` for one that has ended; and like ``sessions()``.
    public func endSession(_ id: String, linked: Bool = false) async throws(AuthError) {
        try await AuthError.rethrowing {
            try await time.during { try await self.core.endSession(id: id, linked: linked) }
        }
    }

    /// Ends every other session of the user: all token sessions but this app's on this device, and the browsers' SSO sessions but
    /// the one that this session came through. A session that has ended already counts as ended. Access and ID tokens of those
    /// sessions are accepted offline until they expire.
    ///
    /// The list is read within ten seconds, and the sessions are ended within ten more.
    public func signOutOthers() async -> SignOutOthersResult {
        await time.during { SignOutOthersResult(await self.core.signOutOthers()) }
    }

    /// Tries again to end the sessions that ``signOutOthers()`` has left, and only those, within ten seconds. If this app has signed
    /// out since and a user has signed in again, it fails with ``ErrorCode/sessionNotFound``.
    public func retryOthers(_ partial: PartialSignOutOthers) async -> SignOutOthersResult {
        guard let core = partial.core else { return .partial(partial) }
        return await time.during { SignOutOthersResult(await self.core.retryOthers(partial: core)) }
    }
}
