internal import CognitoSignOutCore
import Foundation

/// A user's session as another library has stored it, for ``Auth/adopt(_:)``.
///
/// On Apple's systems, `AmplifySession.find` finds it in the keychain. For a store that no ``Layout`` describes, create one and set its
/// properties.
public struct AdoptedSession: Sendable, Hashable {
    /// The three tokens of the user pool.
    public var tokens: Tokens
    /// How the user signed in.
    public var signedInWith: SignedInWith
    /// The username. A device belongs to it.
    public var username: String?
    /// The user's identity in the identity pool.
    public var identity: Identity?
    /// The device that Cognito remembers for this user. The password is empty if the store has none.
    public var device: RememberedDevice?
    /// The identity provider that the user signed in through. Only for the app to see: a sign-out reads the ID token.
    public var provider: String?

    /// A session with these tokens, and nothing beside it.
    public init(tokens: Tokens, signedInWith: SignedInWith) {
        self.tokens = tokens
        self.signedInWith = signedInWith
    }

    /// Reads a session from the items of another library's store. It touches no store.
    ///
    /// - Parameters:
    ///   - layout: how the other library writes its store.
    ///   - items: the items by name, after decryption.
    ///   - configuration: the app client.
    ///   - identityPoolID: the identity pool that the app used with the other library, if it used one.
    /// - Throws: ``AdoptError``.
    public init(
        layout: Layout, items: [String: String], configuration: AuthConfiguration, identityPoolID: String? = nil
    ) throws(AdoptError) {
        self.init(try AdoptError.rethrowing {
            try configuration.core.readSession(
                layout: layout.core, items: items.secret, identityPoolId: identityPoolID
            )
        })
    }

    /// The names of the items that make up the session, in the order in which to remove them once it is on record. If a removal in this
    /// order is cut short, this names what is left.
    ///
    /// - Throws: ``AdoptError/missing(_:)`` and ``AdoptError/invalid(_:)`` if there is a session that cannot be read: keep that store.
    public static func namesToForget(
        layout: Layout, items: [String: String], configuration: AuthConfiguration, identityPoolID: String? = nil
    ) throws(AdoptError) -> [String] {
        try AdoptError.rethrowing {
            try configuration.core.namesToForget(
                layout: layout.core, items: items.secret, identityPoolId: identityPoolID
            )
        }
    }

    init(_ core: CognitoSignOutCore.AdoptedSession) {
        tokens = Tokens(core.tokens)
        signedInWith = SignedInWith(core.signedInWith)
        username = core.username
        identity = core.identity.map(Identity.init)
        device = core.device.map(RememberedDevice.init)
        provider = core.provider
    }

    var core: CognitoSignOutCore.AdoptedSession {
        .init(
            tokens: tokens.core, signedInWith: signedInWith.core, username: username, identity: identity?.core,
            device: device?.core, provider: provider
        )
    }
}

extension AdoptedSession {
    /// How another library writes its store.
    public enum Layout: Sendable, Hashable, CaseIterable {
        /// Amplify Swift v2. The items are the keychain's generic passwords of its service, by account.
        case amplifySwift
        /// Amplify Android v2. The items are the entries of its `EncryptedSharedPreferences` after decryption.
        case amplifyAndroid
        /// Amplify Flutter. The items are the entries of its secure storage.
        case amplifyFlutter
        /// Amplify JS v5 and v6. The items are the entries of `localStorage` or `AsyncStorage`, or the cookies.
        case amplifyJS
        /// AWSMobileClient on iOS. The items are the keychain's generic passwords of its three services, by account.
        case awsMobileClientIOS
        /// AWSMobileClient on Android. The items are the entries of its preference files after decryption.
        case awsMobileClientAndroid

        var core: CognitoSignOutCore.Layout {
            switch self {
            case .amplifySwift: .amplifySwift
            case .amplifyAndroid: .amplifyAndroid
            case .amplifyFlutter: .amplifyFlutter
            case .amplifyJS: .amplifyJs
            case .awsMobileClientIOS: .awsMobileClientIos
            case .awsMobileClientAndroid: .awsMobileClientAndroid
            }
        }
    }
}

/// What became of a session that was to be adopted. There will be no fifth case.
public enum Adoption: Sendable, Hashable {
    /// The session is on record now: the user is signed in.
    case adopted
    /// A session was on record already. It is untouched.
    case alreadySignedIn
    /// This session was on record here before, and has ended: it was signed out, for example. It stays signed out. Remove it from the
    /// other library's store.
    case alreadySignedOut
    /// Nothing was stored. ``ErrorCode/invalidInput``: the tokens are not a session of this app client. A code of the keychain: call again
    /// later.
    case refused(SignOutError)

    init(_ core: CognitoSignOutCore.Adoption) {
        self = switch core {
        case .adopted: .adopted
        case .alreadySignedIn: .alreadySignedIn
        case .alreadySignedOut: .alreadySignedOut
        case let .refused(problem): .refused(SignOutError(problem))
        }
    }
}

/// Why another library's store gave no session, or still has one. It contains nothing of the store's content.
///
/// Later versions may add cases: <doc:LaterVersions>.
public enum AdoptError: ExplainedError, LocalizedError, CustomNSError, Hashable, Sendable {
    /// The store has no session: the user had signed out, or never signed in.
    case nobodySignedIn(SignOutError)
    /// The store has a guest of the identity pool, who has no tokens of the user pool.
    case guest(SignOutError)
    /// The store has a session of the identity pool alone, made with another provider's token.
    case federated(SignOutError)
    /// The store has a session, but of another user pool, identity pool or app client.
    case otherConfiguration(SignOutError)
    /// A part of the session is missing. The message names the place.
    case missing(SignOutError)
    /// A part of the session has the wrong form. The message names the place.
    case invalid(SignOutError)
    /// The keychain cannot be read now. This does not mean that nobody was signed in.
    case store(SignOutError)
    /// Some of the session's items could not be removed. Call `forgetSource` again.
    ///
    /// - Parameters:
    ///   - error: why the first of them is still there.
    ///   - left: their names, which can contain the username.
    case notRemoved(_ error: SignOutError, left: [String])

    /// What happened.
    public var error: SignOutError {
        switch self {
        case let .nobodySignedIn(error), let .guest(error), let .federated(error), let .otherConfiguration(error),
             let .missing(error), let .invalid(error), let .store(error), let .notRemoved(error, _):
            error
        }
    }

    /// What happened, for programs.
    public var code: ErrorCode { error.code }

    /// What happened, for people.
    public var errorDescription: String { error.message }

    /// What to do about it.
    public var recoverySuggestion: String { error.recovery }

    init(_ error: CognitoSignOutCore.AdoptError) {
        self = switch error {
        case let .NobodySignedIn(problem): .nobodySignedIn(SignOutError(problem))
        case let .Guest(problem): .guest(SignOutError(problem))
        case let .Federated(problem): .federated(SignOutError(problem))
        case let .OtherConfiguration(problem): .otherConfiguration(SignOutError(problem))
        case let .Missing(problem): .missing(SignOutError(problem))
        case let .Invalid(problem): .invalid(SignOutError(problem))
        }
    }

    static func rethrowing<T>(_ call: () throws -> T) throws(AdoptError) -> T {
        do {
            return try call()
        } catch {
            throw (error as? CognitoSignOutCore.AdoptError).map { AdoptError($0) } ?? AdoptError.invalid(.unexpected)
        }
    }
}

extension Auth {
    /// Puts a session that another library has stored on record, with its identity and its device: nobody has to sign in again. A session
    /// that is on record already wins, even an expired one. It sends no request, and never touches the other library's store.
    ///
    /// Everything is one write. If the app is killed before it, the next launch can call this again; after it, the next call returns
    /// ``Adoption/alreadySignedIn``.
    ///
    /// The record remembers which sign-in was adopted last, also after a sign-out. So a session that the other library's store still has
    /// is not adopted again: that call returns ``Adoption/alreadySignedOut``.
    ///
    /// To verify the session, call ``refresh()`` afterwards. Once new tokens are on record, remove the other library's session.
    public func adopt(_ session: AdoptedSession) async -> Adoption {
        await time.during { Adoption(await self.core.adopt(session: session.core)) }
    }
}

extension [String: String] {
    fileprivate var secret: [String: CognitoSignOutCore.Secret] { mapValues { CognitoSignOutCore.Secret(value: $0) } }
}
