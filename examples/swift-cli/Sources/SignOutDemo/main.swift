// Signs a user in and out three times: it works, Cognito refuses, the device is offline. It uses a fake user pool, and so needs no AWS
// account: `cargo xtask swift example run`.
import CognitoSignOut
import Foundation

let cognito = try FakeCognito()
var options = AuthConfiguration.Options()
options.endpoint = cognito.url
let auth = try Auth(
    configuration: AuthConfiguration(userPoolID: cognito.userPoolID, clientID: cognito.clientID, options: options),
    storage: .memory
)
let events = auth.events
let listening = Task {
    for await event in events {
        print("  event: \(event)")
    }
}

/// The three cases of a result, and a message for each.
func show(_ outcome: SignOutOutcome) {
    print("  signed out of this device: \(outcome.signedOutLocally)")
    switch outcome.result {
    case .complete:
        print("  every requested step is done")
    case let .partial(revokeTokenError, globalSignOutError, hostedUIError):
        for error in [revokeTokenError, globalSignOutError, hostedUIError] as [(any LocalizedError)?] {
            if let error {
                print("  but: \(error.errorDescription ?? ""). \(error.recoverySuggestion ?? "")")
            }
        }
    case .failed(let error):
        print("  still signed in: \(error.message). \(error.recovery)")
    }
    for token in outcome.report.residual {
        if let until = token.validUntil {
            print("  the \(token.token) token is accepted offline until \(until)")
        } else {
            print("  Cognito accepts the \(token.token) token until it expires")
        }
    }
}

print("1. Everything works")
try await auth.storeSession(cognito.signIn("ana"))
show(await auth.signOutWithReport(options: .init(globalSignOut: true)))

print("2. Cognito refuses to revoke the token, and the app tries again")
try await auth.storeSession(cognito.signIn("ana"))
try cognito.order(["do": "fault", "operation": "RevokeToken", "fault": "Refuse(InvalidParameter)", "times": 1])
let refused = await auth.signOutWithReport()
show(refused)
show(await auth.retry(refused))

print("3. The device is offline")
try await auth.storeSession(cognito.signIn("ana"))
try cognito.order(["do": "go_offline"])
let offline = await auth.signOutWithReport(options: .init(deadline: 2))
show(offline)
try cognito.order(["do": "go_online"])
show(await auth.retry(offline))

// Checks the outcome, so that an error in this example is noticed.
let left = try cognito.order(["do": "live_sessions", "user": "ana"])["live"] as? Int
precondition(!refused.isComplete && !offline.isComplete && left == 0, "\(String(describing: left)) sessions are left")
listening.cancel()

extension SignOutOutcome {
    var isComplete: Bool {
        if case .complete = result { true } else { false }
    }
}
