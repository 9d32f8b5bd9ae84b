internal import CognitoSignOutCore
import Foundation

/// The three tokens that Cognito issues at sign-in.
public struct Tokens: Sendable, Hashable {
    /// Authorises the user's own Cognito operations and the app's APIs. A JWT.
    public var accessToken: Secret
    /// Says who the user is. A JWT.
    public var idToken: Secret
    /// Gets new access and ID tokens until it is revoked or expires. Opaque.
    public var refreshToken: Secret

    /// The tokens of a new session.
    public init(accessToken: Secret, idToken: Secret, refreshToken: Secret) {
        self.accessToken = accessToken
        self.idToken = idToken
        self.refreshToken = refreshToken
    }

    /// The tokens of a new session, as strings.
    public init(accessToken: String, idToken: String, refreshToken: String) {
        self.init(
            accessToken: Secret(accessToken), idToken: Secret(idToken), refreshToken: Secret(refreshToken)
        )
    }

    init(_ core: CognitoSignOutCore.Tokens) {
        self.init(
            accessToken: Secret(core: core.accessToken),
            idToken: Secret(core: core.idToken),
            refreshToken: Secret(core: core.refreshToken)
        )
    }

    var core: CognitoSignOutCore.Tokens {
        .init(accessToken: accessToken.core, idToken: idToken.core, refreshToken: refreshToken.core)
    }
}

/// How the user signed in. It decides whether the browser holds a session.
public enum SignedInWith: Sendable, Hashable {
    /// Through Cognito's API, without a browser.
    case api
    /// Through the hosted pages in the user's own browser. Their cookie is still there.
    case hostedUI
    /// Through the hosted pages in a private (ephemeral) browser session, for example with Amplify's `preferPrivateSession`. Its cookie
    /// is gone, so the sign-out shows no page.
    case hostedUIPrivate

    init(_ core: CognitoSignOutCore.SignedInWith) {
        self = switch core {
        case .api: .api
        case .hostedUi: .hostedUI
        case .hostedUiPrivate: .hostedUIPrivate
        }
    }

    var core: CognitoSignOutCore.SignedInWith {
        switch self {
        case .api: .api
        case .hostedUI: .hostedUi
        case .hostedUIPrivate: .hostedUiPrivate
        }
    }
}

/// Whether a user is signed in, according to the record on this device. There will be no fourth case.
public enum SessionState: Sendable, Hashable {
    /// A session is on record.
    case signedIn(Session)
    /// No session is on record.
    case signedOut
    /// The record cannot be read now. This does *not* mean "signed out": try again, or see the reason.
    case unavailable(SignOutError)

    init(_ core: CognitoSignOutCore.SessionState) {
        self = switch core {
        case let .signedIn(session): .signedIn(Session(session))
        case .signedOut: .signedOut
        case let .unavailable(problem): .unavailable(SignOutError(problem))
        }
    }
}

/// A session, without its tokens.
public struct Session: Sendable, Hashable {
    /// The user's `sub`: stable and unique in the user pool.
    public let sub: String
    /// The username, if the tokens contain one.
    public let username: String?
    /// How the user signed in.
    public let signedInWith: SignedInWith
    /// When the access token expires.
    public let accessTokenExpires: Date
    /// Whether Cognito said that the refresh token is no longer valid.
    public let isExpired: Bool
    /// The user's identity ID in an identity pool, if the app has stored one.
    public let identityID: String?

    /// A session like the library's own, for previews and tests.
    public init(
        sub: String,
        username: String? = nil,
        signedInWith: SignedInWith = .api,
        accessTokenExpires: Date = Date(timeIntervalSinceNow: 3600),
        isExpired: Bool = false,
        identityID: String? = nil
    ) {
        self.sub = sub
        self.username = username
        self.signedInWith = signedInWith
        self.accessTokenExpires = accessTokenExpires
        self.isExpired = isExpired
        self.identityID = identityID
    }

    init(_ core: CognitoSignOutCore.Session) {
        self.init(
            sub: core.sub,
            username: core.username,
            signedInWith: SignedInWith(core.signedInWith),
            accessTokenExpires: date(core.accessTokenExpires),
            isExpired: core.expired,
            identityID: core.identityId
        )
    }
}

/// An identity of an identity pool. It is kept beside the session and removed with it.
public struct Identity: Sendable, Hashable {
    /// The identity ID, for example `eu-central-1:1234…`.
    public var identityID: String
    /// The AWS credentials, if there are any.
    public var credentials: AWSCredentials?

    /// An identity, with or without credentials.
    public init(identityID: String, credentials: AWSCredentials? = nil) {
        self.identityID = identityID
        self.credentials = credentials
    }

    init(_ core: CognitoSignOutCore.Identity) {
        self.init(identityID: core.identityId, credentials: core.credentials.map(AWSCredentials.init))
    }

    var core: CognitoSignOutCore.Identity {
        .init(identityId: identityID, credentials: credentials?.core)
    }
}

/// Temporary AWS credentials of an identity pool.
public struct AWSCredentials: Sendable, Hashable {
    /// The access key ID.
    public var accessKeyID: String
    /// The secret access key.
    public var secretAccessKey: Secret
    /// The session token.
    public var sessionToken: Secret
    /// When they expire.
    public var expires: Date

    /// Creates credentials.
    public init(accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret, expires: Date) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expires = expires
    }

    init(_ core: AwsCredentials) {
        self.init(
            accessKeyID: core.accessKeyId,
            secretAccessKey: Secret(core: core.secretAccessKey),
            sessionToken: Secret(core: core.sessionToken),
            expires: date(UInt64(clamping: core.expires))
        )
    }

    var core: AwsCredentials {
        .init(
            accessKeyId: accessKeyID,
            secretAccessKey: secretAccessKey.core,
            sessionToken: sessionToken.core,
            expires: millis(expires.timeIntervalSince1970)
        )
    }
}

/// A device that Cognito remembers for a user. It stays on record after a sign-out.
public struct RememberedDevice: Sendable, Hashable {
    /// `DEVICE_KEY`. Refreshing the tokens of a remembered device requires it.
    public var key: String
    /// `DEVICE_GROUP_KEY`.
    public var groupKey: String
    /// The device's password.
    public var password: Secret

    /// Creates the metadata of a device.
    public init(key: String, groupKey: String, password: Secret) {
        self.key = key
        self.groupKey = groupKey
        self.password = password
    }

    init(_ core: CognitoSignOutCore.Device) {
        self.init(key: core.key, groupKey: core.groupKey, password: Secret(core: core.password))
    }

    var core: CognitoSignOutCore.Device {
        .init(key: key, groupKey: groupKey, password: password.core)
    }
}
