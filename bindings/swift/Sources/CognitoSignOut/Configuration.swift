internal import CognitoSignOutCore
import Foundation

/// A validated configuration of one app client.
public struct AuthConfiguration: Sendable {
    let core: CognitoSignOutCore.AuthConfig

    /// Builds a configuration.
    ///
    /// - Throws: ``AuthError/invalidInput(_:)`` if a setting is not valid. The message names the first one.
    public init(userPoolID: String, clientID: String, options: Options = .init()) throws(AuthError) {
        core = try AuthError.rethrowing {
            try .init(userPoolId: userPoolID, clientId: clientID, options: options.core)
        }
    }

    /// Reads the text of `amplify_outputs.json` or `amplifyconfiguration.json`. A setting in `options` replaces the one in the file.
    ///
    /// - Throws: ``AuthError/invalidInput(_:)``.
    public init(amplifyJSON: String, options: Options = .init()) throws(AuthError) {
        core = try AuthError.rethrowing {
            try .fromAmplifyJson(json: amplifyJSON, options: options.core)
        }
    }

    /// Reads Amplify's file from an app's resources.
    ///
    /// - Parameters:
    ///   - name: `amplify_outputs` or `amplifyconfiguration`.
    ///   - bundle: the bundle that contains the file.
    ///   - options: settings that replace those in the file.
    /// - Throws: ``AuthError/invalidInput(_:)``, also if there is no such file: it is not in the app's target.
    public init(amplifyResource name: String = "amplify_outputs", in bundle: Bundle = .main, options: Options = .init()) throws(AuthError) {
        guard let file = bundle.url(forResource: name, withExtension: "json") else {
            throw .invalidInput(SignOutError(
                code: .invalidInput,
                message: "\(name).json: is not among the app's resources",
                recovery: "Add \(name).json to the app's target: in Xcode, select the file and check the target's membership."
            ))
        }
        guard let json = try? String(contentsOf: file, encoding: .utf8) else {
            throw .invalidInput(SignOutError(
                code: .invalidInput,
                message: "\(name).json: must be readable, in UTF-8",
                recovery: "Replace \(name).json by the file that Amplify's command line has written."
            ))
        }
        try self.init(amplifyJSON: json, options: options)
    }

    /// The user pool's ID.
    public var userPoolID: String { core.userPoolId() }
    /// The AWS Region.
    public var region: String { core.region() }
    /// The app client's ID.
    public var clientID: String { core.clientId() }

    /// The URL that ends the browser's session at the hosted pages and then leads to a sign-out URI, which must be configured. `nil`:
    /// the first configured one.
    ///
    /// - Throws: ``AuthError/invalidInput(_:)`` if no hosted pages or no sign-out URI are configured, or not the given one.
    public func logoutURL(signOutURI: String? = nil) throws(AuthError) -> URL {
        try url(AuthError.rethrowing { try core.logoutUrl(signOutUri: signOutURI) })
    }

    /// The URL that ends the browser's session and shows the login page, so that another user can sign in at once.
    /// ``Auth/signOut(options:)`` does not use it, because the browser does not come back before someone has signed in.
    ///
    /// - Parameters:
    ///   - callbackURI: one of the configured callback URIs. `nil`: the first.
    ///   - scopes: the scopes to request. Empty: all that are allowed for the app client.
    ///   - state: the `state` parameter, which comes back with the code.
    /// - Throws: ``AuthError/invalidInput(_:)`` like ``logoutURL(signOutURI:)``, for callback URIs.
    public func logoutToLoginURL(
        callbackURI: String? = nil, scopes: [String] = [], state: String? = nil
    ) throws(AuthError) -> URL {
        let page = LoginPage(callbackUri: callbackURI, scopes: scopes, state: state)
        return try url(AuthError.rethrowing { try core.logoutToLoginUrl(page: page) })
    }

    private func url(_ text: String) throws(AuthError) -> URL {
        guard let url = URL(string: text) else {
            throw .invalidInput(SignOutError(code: .invalidInput, message: "Foundation cannot read the URL of the hosted pages"))
        }
        return url
    }

    /// The settings of a configuration besides the two IDs. `nil` is the library's default.
    public struct Options: Sendable, Hashable {
        /// The app client's secret, if it has one. If it has two active ones, either will do.
        public var clientSecret: Secret?
        /// The AWS Region. `nil`: the part of the user pool ID before the underscore.
        public var region: String?
        /// The URL that requests to Cognito go to, for tests and proxies. `nil`: the Region's endpoint.
        public var endpoint: URL?
        /// Text that the app adds to the `user-agent` header.
        public var userAgent: String?
        /// Whether the app client rotates refresh tokens. `nil`: no.
        public var rotatesRefreshTokens: Bool?
        /// The time limit for one attempt of one request, including the connection. Near the deadline it is shorter, so that a second
        /// attempt fits. `nil`: 4 s.
        public var attemptTimeout: TimeInterval?
        /// How long before its expiry an access token is refreshed. `nil`: 60 s.
        public var refreshMargin: TimeInterval?
        /// What happens to a revocation that failed. `nil`: up to five are kept, each for 30 days.
        public var unpaidRevocations: UnpaidRevocations?
        /// How a refresh token is revoked. `nil`: ``RevocationRoute/userPoolsAPI``.
        public var revocationRoute: RevocationRoute?
        /// Whether the user pool tracks sessions. With it, the browser's session ends by revocation, without a page, unless the
        /// sign-out chooses another ``WebPolicy``. Set it only for a pool that does: without tracking, Cognito accepts that request and
        /// does nothing. `nil`: what Amplify's file says (`session_tracking` in `auth` or `custom`), or `false`.
        public var tracksSessions: Bool?
        /// The hosted pages. `nil`: those in Amplify's file, or none.
        public var hostedUI: HostedUI?
        /// How to end the sessions at identity providers, for hosted pages from Amplify's file. The keys are the providers' names in
        /// the user pool.
        public var providerLogouts: [String: ProviderLogout]?

        /// The library's defaults.
        public init() {}

        var core: ConfigOptions {
            .init(
                clientSecret: clientSecret?.core,
                region: region,
                endpoint: endpoint?.absoluteString,
                userAgent: userAgent,
                refreshTokenRotation: rotatesRefreshTokens,
                attemptTimeout: attemptTimeout.map(millis),
                refreshMargin: refreshMargin.map(millis),
                unpaidRevocations: unpaidRevocations?.core,
                revocationRoute: revocationRoute?.core,
                sessionTracking: tracksSessions,
                hostedUi: hostedUI?.core,
                providerLogouts: providerLogouts?.mapValues(\.core)
            )
        }
    }
}

/// What happens to a revocation that failed before the deadline.
public enum UnpaidRevocations: Sendable, Hashable {
    /// It is handed over to the caller of the sign-out or of ``Auth/retry(_:)`` in
    /// ``SignOutResult/partial(revokeTokenError:globalSignOutError:hostedUIError:)``, together with its token, and removed from the
    /// device. An app that ignores that result has lost it.
    case handOver
    /// It is handed over to the caller *and* kept in the keychain for `maxAge` after the sign-out, up to 3650 days.
    /// ``Auth/resume()``, ``Auth/settlePending()`` and the next sign-in try it again. A sign-out that leaves more than `maxDebts`
    /// debts (at least 1) on record hands over the oldest: ``SignOutOutcome/displaced``.
    case keep(maxAge: TimeInterval, maxDebts: Int)

    var core: CognitoSignOutCore.UnpaidRevocations {
        switch self {
        case .handOver: .handOver
        case let .keep(maxAge, maxDebts): .keep(maxAge: millis(maxAge), maxDebts: Int32(clamping: maxDebts))
        }
    }
}

/// How a refresh token is revoked.
public enum RevocationRoute: Sendable, Hashable {
    /// With `RevokeToken` of the user pools API, at the Region's endpoint.
    case userPoolsAPI
    /// With `POST /oauth2/revoke` at the user pool's own domain, for an app that can reach only that domain.
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
    /// One of the app client's allowed sign-out URLs, exactly as in its settings.
    public struct SignOutURI: Sendable, Hashable, ExpressibleByStringLiteral {
        /// The URL that Cognito receives.
        public var uri: String
        /// Where the browser ends, if the page at `uri` redirects it. `nil`: at `uri`.
        public var endsAt: String?

        /// A URI, and where the browser ends.
        public init(_ uri: String, endsAt: String? = nil) {
            self.uri = uri
            self.endsAt = endsAt
        }

        /// A URI that does not redirect.
        public init(stringLiteral value: String) {
            self.init(value)
        }
    }

    /// The user pool's domain: a host name or a whole URL.
    public var domain: String
    /// The app client's allowed sign-out URLs.
    public var signOutURIs: [SignOutURI]
    /// Its allowed callback URLs.
    public var callbackURIs: [String]
    /// How to end the sessions at identity providers. The keys are the providers' names in the user pool.
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

/// How to end the session at an identity provider, after the session at the hosted pages.
///
/// On Apple's systems, a provider's page is another page that opens, and another question of the system ("… wants to use … to sign in"):
/// see <doc:SigningOut#What-the-user-is-asked>. ``leftAlone`` and ``samlSingleLogout`` open none. ``WebPolicy/skip`` opens none at all.
///
/// Later versions may add cases: <doc:LaterVersions>.
public enum ProviderLogout: Sendable, Hashable {
    /// OpenID Connect RP-Initiated Logout. The page is read from the issuer's discovery document.
    case oidc(issuer: String, clientID: String)
    /// A URL of the provider, which contains `{redirect}` and `{state}`.
    case template(url: String)
    /// Google. It ends every Google session in the browser, and does not send the browser back: the page stays open until the user closes
    /// it.
    case google
    /// Microsoft Entra ID. `tenant` is the directory's ID or domain, or `common`.
    case entra(tenant: String, clientID: String)
    /// Okta, for example `example.okta.com`.
    case okta(domain: String)
    /// Auth0, for example `example.eu.auth0.com`.
    case auth0(domain: String, clientID: String)
    /// A SAML provider for which single logout is enabled in the user pool.
    case samlSingleLogout
    /// The provider's session is not ended.
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
