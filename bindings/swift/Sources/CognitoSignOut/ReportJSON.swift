import Foundation

/// As the Rust library writes a report: `docs/results.md` has the fields.
extension SignOutReport {
    private enum Field: String, CodingKey {
        case steps, residual
        case browserSessions = "browser_sessions"
        case logoutURL = "logout_url"
        case nextSignIn = "next_sign_in"
        case appReason = "app_reason"
        case elapsed = "elapsed_ms"
    }

    /// Encodes each field, and null for one that has no value.
    public func encode(to encoder: any Encoder) throws {
        var report = encoder.container(keyedBy: Field.self)
        try report.encode(steps, forKey: .steps)
        try report.encode(residual, forKey: .residual)
        try report.encode(browserSessions, forKey: .browserSessions)
        try report.encode(logoutURL?.absoluteString, forKey: .logoutURL)
        try report.encode(nextSignIn?.rawValue, forKey: .nextSignIn)
        try report.encode(appReason?.rawValue, forKey: .appReason)
        try report.encode(Int((elapsed * 1000).rounded()), forKey: .elapsed)
    }
}

extension SignOutReport.Steps: Encodable {
    private enum Field: String, CodingKey {
        case web, commit, refresh
        case globalSignOut = "global_sign_out"
        case revokeToken = "revoke_token"
        case settle, app
    }

    /// Encodes each step by its name, and the app's own steps as an object.
    public func encode(to encoder: any Encoder) throws {
        var steps = encoder.container(keyedBy: Field.self)
        try steps.encode(web.description, forKey: .web)
        try steps.encode(commit.description, forKey: .commit)
        try steps.encode(refresh.description, forKey: .refresh)
        try steps.encode(globalSignOut.description, forKey: .globalSignOut)
        try steps.encode(revokeToken.description, forKey: .revokeToken)
        try steps.encode(settle.description, forKey: .settle)
        let named = app.map { ($0.name, $0.status.description) }
        try steps.encode(Dictionary(named) { first, _ in first }, forKey: .app)
    }
}

extension SignOutReport.Residual: Encodable {
    private enum Field: String, CodingKey {
        case token
        case validUntil = "valid_until"
    }

    /// Encodes the time as RFC 3339 in UTC, to the second.
    public func encode(to encoder: any Encoder) throws {
        var residual = encoder.container(keyedBy: Field.self)
        try residual.encode(token.rawValue, forKey: .token)
        try residual.encode(validUntil.map { ISO8601DateFormatter().string(from: $0) }, forKey: .validUntil)
    }
}

extension SignOutReport.BrowserSession: Encodable {
    private enum Field: String, CodingKey {
        case holder, provider, state
    }

    /// Encodes the provider's name for a provider only.
    public func encode(to encoder: any Encoder) throws {
        var session = encoder.container(keyedBy: Field.self)
        switch holder {
        case .hostedUI:
            try session.encode("hosted_ui", forKey: .holder)
        case let .identityProvider(name):
            try session.encode("identity_provider", forKey: .holder)
            try session.encode(name, forKey: .provider)
        }
        let state = switch state {
        case .ended: "ended"
        case .endRequested: "end_requested"
        case .mayPersist: "may_persist"
        }
        try session.encode(state, forKey: .state)
    }
}
