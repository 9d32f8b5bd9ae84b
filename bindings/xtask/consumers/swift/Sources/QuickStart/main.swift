// Runs the README's quick start, which is in QuickStart.swift, on a machine without Apple's browser and without AWS.
import CognitoSignOut
import Foundation

let cognito = try FakeCognito()
var options = AuthConfiguration.Options()
options.endpoint = cognito.url
options.hostedUI = HostedUI(domain: "auth.example.com", signOutURIs: ["myapp://signed-out"])
FakePool.configuration = try AuthConfiguration(userPoolID: cognito.userPoolID, clientID: cognito.clientID, options: options)

let tokens = try cognito.signIn("ana")
try await quickStart(tokens: tokens) { tokens in
    let live = try cognito.order(["do": "is_access_token_live", "token": tokens.accessToken.reveal()])["live"] as? Bool
    precondition(live == true)
}
let left = try cognito.order(["do": "live_sessions", "user": "ana"])["live"] as? Int
precondition(left == 0, "\(String(describing: left)) sessions are left")
