internal import CognitoSignOutCore

/// Why Cognito no longer accepts a session. It is said only if the code and the text of Cognito's error leave no doubt.
///
/// There is no reason for a session that a sign-in elsewhere has evicted (`MaxPerUser` of a pool that tracks sessions): no documented
/// code or text of Cognito says so. Such a session has the reason ``revoked`` or ``unknown``.
public enum EndReason: String, Sendable, Hashable, CaseIterable {
    /// It was revoked: by a sign-out, by an administrator, or from another device.
    case revoked
    /// The lifetime of its refresh token is over.
    case expired
    /// An administrator has disabled the user.
    case userDisabled = "user_disabled"
    /// The user has been deleted.
    case userDeleted = "user_deleted"
    /// The user must choose a new password first. The next sign-in asks for it.
    case passwordReset = "password_reset"
    /// Cognito does not say, or not in words that this version knows.
    case unknown

    init(_ core: CognitoSignOutCore.EndReason) {
        self = switch core {
        case .revoked: .revoked
        case .expired: .expired
        case .userDisabled: .userDisabled
        case .userDeleted: .userDeleted
        case .passwordReset: .passwordReset
        case .unknown: .unknown
        }
    }
}

/// Whether the session lives at Cognito, from ``Auth/verify()``.
public enum Verification: Sendable, Hashable {
    /// Cognito has just accepted the session's tokens.
    case alive
    /// Cognito no longer accepts the session, for this reason. It is marked as expired on this device. Ask the user to sign in again.
    case ended(EndReason)
    /// It is not known now, and nothing has changed: Cognito could not be asked or answered something else, the keychain could not
    /// be read, or nobody is signed in (any more).
    case unknown(SignOutError)

    init(_ core: CognitoSignOutCore.Verification) {
        self = switch core {
        case .alive: .alive
        case let .ended(reason): .ended(EndReason(reason))
        case let .unknown(problem): .unknown(SignOutError(problem))
        }
    }
}

/// What became of a push message, from ``Auth/remoteSignOut(_:)``.
public enum RemoteSignOut: Sendable, Hashable {
    /// The message is not about a sign-out, or it cannot be read. Nothing has happened.
    case notRecognized
    /// It is about another user or another session than the one on record, or nobody is signed in. Nothing has happened.
    case otherSession
    /// It is about the session on record, and Cognito was asked about that session: the answer is that of ``Auth/verify()``.
    case verified(Verification)

    init(_ core: CognitoSignOutCore.RemoteSignOut) {
        self = switch core {
        case .notRecognized: .notRecognized
        case .otherSession: .otherSession
        case let .verified(verification): .verified(Verification(verification))
        }
    }
}

/// What a refusal says about the token that was sent, from ``Auth/classify(status:body:)`` or
/// ``Auth/classifyWWWAuthenticate(_:)``.
public enum Refusal: String, Sendable, Hashable, CaseIterable {
    /// The token was revoked. ``Auth/verify()`` says whether the session has ended, and marks it.
    case revoked
    /// The token has expired. ``Auth/refresh()`` gets a new one; then try again, once.
    case expired
    /// The token lacks a scope. Request the scope at sign-in: a new token has the same scopes.
    case insufficientScope = "insufficient_scope"
    /// Something else, or the text leaves a doubt. For a status 401, ask ``Auth/verify()``.
    case other

    init(_ core: CognitoSignOutCore.Refusal) {
        self = switch core {
        case .revoked: .revoked
        case .expired: .expired
        case .insufficientScope: .insufficientScope
        case .other: .other
        }
    }
}

extension Auth {
    /// Asks Cognito whether the session on record lives, within ten seconds.
    ///
    /// The request is `GetUser`. A refresh asks instead if the access token has expired, or if it lacks the scope
    /// `aws.cognito.signin.user.admin`, which `GetUser` needs. If `GetUser` refuses the token, a refresh decides. If the session has
    /// ended, it is marked as expired, and the event ``AuthEvent/sessionExpired(_:)`` is sent once, as after a refused refresh.
    /// Nobody is signed out: the app calls ``signOut(options:)``, or asks the user to sign in again. For a session that is already
    /// marked, the answer comes from the record.
    ///
    /// Call it when the app comes to the front, or when the app's own API refuses a token: ``classifyWWWAuthenticate(_:)``.
    ///
    /// ```swift
    /// switch await auth.verify() {
    /// case .alive: break
    /// case let .ended(reason): askToSignInAgain(because: reason)
    /// case let .unknown(error): print("not known now:", error.message)
    /// }
    /// ```
    public func verify() async -> Verification {
        await time.during { Verification(await self.core.verify()) }
    }

    /// Takes the push message by which the app's server says that it has signed the user out (`AdminUserGlobalSignOut`). If it is
    /// about the session on record, Cognito is asked, as ``verify()`` does, and what ``verify()`` does happens. The message alone does
    /// nothing: a push can be forged, late, or meant for the last user of the device.
    ///
    /// ```swift
    /// let data = try JSONSerialization.data(withJSONObject: userInfo)
    /// let outcome = await auth.remoteSignOut(String(decoding: data, as: UTF8.self))
    /// ```
    ///
    /// - Parameter message: the whole message as JSON. Its member `cognito_signout` is an object, or a string with that object's JSON.
    ///   `sub` in it is the user's; with `origin_jti` it is only about the session whose tokens have that claim.
    public func remoteSignOut(_ message: String) async -> RemoteSignOut {
        await time.during { RemoteSignOut(await self.core.remoteSignOut(message: message)) }
    }

    /// What a refusal by Cognito says about the token that the app sent: for an app's own call to the user pools API, or to an
    /// endpoint under `/oauth2/` of the pool's domain. It changes nothing and sends nothing. The error's name and text decide. A
    /// status below 400 refuses nothing, so it is ``Refusal/other``.
    public static func classify(status: Int, body: String) -> Refusal {
        Refusal(CognitoSignOutCore.classify(status: UInt16(clamping: status), body: body))
    }

    /// What a refusal by an app's own API says about the token, from the response's header `WWW-Authenticate`: for an API behind a JWT
    /// authorizer of API Gateway, or any other that writes RFC 6750's errors. If the response has the header several times, join the
    /// values with commas. It changes nothing and sends nothing.
    ///
    /// Whether a token has expired or was revoked is free text there. It counts if it says one of them and nothing else.
    public static func classifyWWWAuthenticate(_ header: String) -> Refusal {
        Refusal(CognitoSignOutCore.classifyWwwAuthenticate(header: header))
    }
}
