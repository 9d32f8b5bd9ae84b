internal import CognitoSignOutCore
import Foundation

/// A validated configuration of one app client.
public struct AuthConfiguration: Sendable {
    let core: CognitoSignOutCore.AuthConfig

    /// Puts a configuration together.
    ///
    /// - Throws: ``AuthError/invalidInput(_:)``, whose message names the first setting that is not what it must be.
    public init(userPoolID: String, clientID: String, options: Options = .init()) throws {
        core = try AuthError.rethrowing {
            try .init(userPoolId: userPoolID, clientId: clientID, options: options.core)
        }
    }

    /// Reads the text of `amplify_outputs.json` or `amplifyconfiguration.json`. What is set in `options` takes the place of
    /// what the file says.
    ///
    /// - Throws: ``AuthError/invalidInput(_:)``.
    public init(amplifyJSON: String, options: Options = .init()) throws {
        core = try AuthError.rethrowing {
            try .fromAmplifyJson(json: amplifyJSON, options: options.core)
        }
    }

    /// Reads Amplify's file from an app's resources.
    ///
    /// - Parameters:
    ///   - name: `amplify_outputs` or `amplifyconfiguration`.
    ///   - bundle: whose resources.
    ///   - options: what takes the place of what the file says.
    /// - Throws: ``AuthError/invalidInput(_:)``; `CocoaError` if there is no such file.
    public init(amplifyResource name: String = "amplify_outputs", in bundle: Bundle = .main, options: Options = .init()) throws {
        guard let file = bundle.url(forResource: name, withExtension: "json") else {
            throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: "\(name).json"])
        }
        try self.init(amplifyJSON: String(contentsOf: file, encoding: .utf8), options: options)
    }

    /// The user pool's id.
    public var userPoolID: String { core.userPoolId() }
    /// The AWS Region.
    public var region: String { core.region() }
    /// The app client's id.
    public var clientID: String { core.clientId() }

    /// The URL that ends the browser's session at the hosted pages and leads to a sign-out URI: one of the configured ones,
    /// or the first.
    ///
    /// - Throws: ``AuthError/invalidInput(_:)`` without hosted pages or a sign-out URI, or if the chosen one is not configured.
    public func logoutURL(signOutURI: String? = nil) throws -> URL? {
        try AuthError.rethrowing { try URL(string: core.logoutUrl(signOutUri: signOutURI)) }
    }

    /// The URL that ends the browser's session and shows the login page, for another user to sign in at once. It is no part of
    /// ``Auth/signOut(options:)``, since nothing comes back before somebody has signed in.
    ///
    /// - Parameters:
    ///   - callbackURI: one of the configured callback URIs. `nil`: the first.
    ///   - scopes: the scopes to ask for. None: all that the app client may have.
    ///   - state: what comes back with the code.
    /// - Throws: ``AuthError/invalidInput(_:)`` as ``logoutURL(signOutURI:)`` does, for callback URIs.
    public func logoutToLoginURL(callbackURI: String? = nil, scopes: [String] = [], state: String? = nil) throws -> URL? {
        let page = LoginPage(callbackUri: callbackURI, scopes: scopes, state: state)
        return try AuthError.rethrowing { try URL(string: core.logoutToLoginUrl(page: page)) }
    }

    /// What a configuration may say beyond the two ids. What is `nil` has the library's default.
    public struct Options: Sendable {
        /// The app client's secret, for a client that has one.
        public var clientSecret: Secret?
        /// The AWS Region. `nil`: what stands before the underscore in the user pool's id.
        public var region: String?
        /// Where Cognito is asked, for tests and proxies. `nil`: the Region's endpoint.
        public var endpoint: URL?
        /// What the app adds to the `user-agent` header.
        public var userAgent: String?
        /// Whether the app client rotates refresh tokens. `nil`: no.
        public var refreshTokenRotation: Bool?
        /// The most that one attempt at one request may take, the making of a connection included: near the deadline it is less,
        /// so that a second one fits. `nil`: 4 s.
        public var attemptTimeout: TimeInterval?
        /// How long before its expiry an access token is refreshed. `nil`: 60 s.
        public var refreshMargin: TimeInterval?
        /// What becomes of a revocation that could not be carried out. `nil`: it is kept for 30 days, and five of them.
        public var unpaidRevocations: UnpaidRevocations?
        /// Which way a refresh token is revoked. `nil`: ``RevocationRoute/userPoolsAPI``.
        public var revocationRoute: RevocationRoute?
        /// The hosted pages. `nil`: none, or those that Amplify's file names.
        public var hostedUI: HostedUI?
        /// How the sessions at identity providers are ended, by the providers' names in the user pool, for hosted pages that
        /// were read from Amplify's file.
        public var providerLogouts: [String: ProviderLogout]?

        /// The library's defaults.
        public init() {}

        var core: ConfigOptions {
            .init(
                clientSecret: clientSecret?.core,
                region: region,
                endpoint: endpoint?.absoluteString,
                userAgent: userAgent,
                refreshTokenRotation: refreshTokenRotation,
                attemptTimeout: attemptTimeout.map(millis),
                refreshMargin: refreshMargin.map(millis),
                unpaidRevocations: unpaidRevocations?.core,
                revocationRoute: revocationRoute?.core,
                hostedUi: hostedUI?.core,
                providerLogouts: providerLogouts?.mapValues(\.core)
            )
        }
    }
}

/// What becomes of a revocation that could not be carried out before the deadline.
public enum UnpaidRevocations: Sendable, Hashable {
    /// It is handed to the caller of a sign-out or of ``Auth/retry(_:)`` in
    /// ``SignOutResult/partial(revokeTokenError:globalSignOutError:hostedUIError:)``, token and all, and removed from the
    /// device: an app that does not look at that result has lost it.
    case handOver
    /// It is handed to the caller *and* kept in the keychain, to be tried again by ``Auth/resume()``, by
    /// ``Auth/settlePending()``, and when the next user signs in: for so long after the sign-out, up to 3650 days. A sign-out
    /// that leaves more than `maxDebts` (at least 1) hands over the oldest: ``SignOutOutcome/displaced``.
    case keep(maxAge: TimeInterval, maxDebts: UInt32)

    var core: CognitoSignOutCore.UnpaidRevocations {
        switch self {
        case .handOver: .handOver
        case let .keep(maxAge, maxDebts): .keep(maxAge: millis(maxAge), maxDebts: Int32(clamping: maxDebts))
        }
    }
}

/// Which way a refresh token is revoked.
public enum RevocationRoute: Sendable, Hashable {
    /// `RevokeToken` of the user pools API, at the Region's endpoint.
    case userPoolsAPI
    /// `POST /oauth2/revoke` at the user pool's own domain, for an app that may reach nothing else.
    case poolDomain

    var core: CognitoSignOutCore.RevocationRoute {
        switch self {
        case .userPoolsAPI: .userPoolsApi
        case .poolDomain: .poolDomain
        }
    }
}

/// The hosted pages of a user pool (managed login, or the classic hosted UI), as the app client may use them.
public struct HostedUI: Sendable, Hashable {
    /// One of the app client's allowed sign-out URLs, exactly as it stands there.
    public struct SignOutURI: Sendable, Hashable, ExpressibleByStringLiteral {
        /// What Cognito is given.
        public var uri: String
        /// Where the browser is in the end, for a page that sends it on. `nil`: at `uri`.
        public var endsAt: String?

        /// A URI, and where it leads.
        public init(_ uri: String, endsAt: String? = nil) {
            self.uri = uri
            self.endsAt = endsAt
        }

        /// A URI that leads nowhere else.
        public init(stringLiteral value: String) {
            self.init(value)
        }
    }

    /// The user pool's domain, as a host name or a whole URL.
    public var domain: String
    /// The app client's allowed sign-out URLs.
    public var signOutURIs: [SignOutURI]
    /// Its allowed callback URLs.
    public var callbackURIs: [String]
    /// How the sessions at identity providers are ended, by the providers' names in the user pool.
    public var providers: [String: ProviderLogout]

    /// The hosted pages at a domain.
    public init(
        domain: String,
        signOutURIs: [SignOutURI],
        callbackURIs: [String] = [],
        providers: [String: ProviderLogout] = [:]
    ) {
        self.domain = domain
        self.signOutURIs = signOutURIs
        self.callbackURIs = callbackURIs
        self.providers = providers
    }

    var core: HostedUi {
        .init(
            domain: domain,
            signOutUris: signOutURIs.map { SignOutUri(uri: $0.uri, endsAt: $0.endsAt) },
            callbackUris: callbackURIs,
            providers: providers.mapValues(\.core)
        )
    }
}

/// What ends the session at an identity provider, after the one at the hosted pages.
public enum ProviderLogout: Sendable, Hashable {
    /// OpenID Connect RP-Initiated Logout, by the issuer's discovery document.
    case oidc(issuer: String, clientID: String)
    /// A URL of the provider's, with `{redirect}` and `{state}` in it.
    case template(url: String)
    /// Google: ends every Google session of the browser, and nothing comes back.
    case google
    /// Microsoft Entra ID: the directory's id or domain, or `common`.
    case entra(tenant: String, clientID: String)
    /// Okta, as `example.okta.com`.
    case okta(domain: String)
    /// Auth0, as `example.eu.auth0.com`.
    case auth0(domain: String, clientID: String)
    /// A SAML provider for which the user pool has single logout switched on.
    case samlSingleLogout
    /// The provider's session is left alone.
    case leftAlone

    var core: CognitoSignOutCore.ProviderLogout {
        switch self {
        case let .oidc(issuer, clientID): .oidc(issuer: issuer, clientId: clientID)
        case let .template(url): .template(url: url)
        case .google: .google
        case let .entra(tenant, clientID): .entra(tenant: tenant, clientId: clientID)
        case let .okta(domain): .okta(domain: domain)
        case let .auth0(domain, clientID): .auth0(domain: domain, clientId: clientID)
        case .samlSingleLogout: .samlSingleLogout
        case .leftAlone: .leftAlone
        }
    }
}
