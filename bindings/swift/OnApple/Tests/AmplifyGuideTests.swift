import Combine
import CognitoSignOut
import Foundation
@testable import SignOutDemo
import Testing
import UIKit

/// Amplify's guide to signing out, in its async and its Combine form, over examples/ios/SignOutDemo/AmplifyShim.swift: each line that
/// names something of Amplify is as it is there. In the guide's own text, three bodies of a `case` are empty, which compiles with no
/// library.
extension Everything {
    @Suite struct AmplifyGuideTests {
        private let printed = Shared<[String]>([])

        private func print(_ line: String) {
            printed.with { $0.append(line) }
        }

        @Test(arguments: [false, true]) func theGuideSignsOut(_ everywhere: Bool) async throws {
            let safari = try await Safari(.goesOn())
            let app = try await App(safari)
            Amplify.Auth = AmplifyAuth(auth: app.auth)
            if everywhere { await signOutGlobally() } else { await signOutLocally() }
            #expect(printed.now == ["Local signout successful: true", "Signed out successfully"])
            #expect(try await safari.fake.liveSessions(of: "ana") == 0)
        }

        @Test(arguments: [false, true]) func theGuideSignsOutWithCombine(_ everywhere: Bool) async throws {
            let safari = try await Safari(.goesOn())
            let app = try await App(safari)
            Amplify.Auth = AmplifyAuth(auth: app.auth)
            let subscription = everywhere ? signOutGloballyWithCombine() : signOutLocallyWithCombine()
            try await eventually { printed.now == ["Local signout successful: true", "Signed out successfully"] }
            withExtendedLifetime(subscription) {}
        }

        @Test func whatHasFailedIsPrintedWithoutATokenAndInWords() async throws {
            let safari = try await Safari(.goesOn())
            let app = try await App(safari)
            Amplify.Auth = AmplifyAuth(auth: app.auth)
            try await safari.fake.refuse("GlobalSignOut")
            try await safari.fake.refuse("RevokeToken")
            await signOutGlobally()
            #expect(printed.now.count == 3)
            #expect(printed.now[1].hasPrefix("GlobalSignOut error: GlobalSignOutError(accessToken: <redacted>, error: refused: "))
            #expect(printed.now[2].hasPrefix("Revoke token error: RevokeTokenError(refreshToken: <redacted>, error: refused: "))
        }

        @Test @MainActor func theAnchorOfAmplifysOptionsIsTheWindowOfTheCall() async throws {
            let safari = try await Safari(.goesOn())
            let app = try await App(safari)
            Amplify.Auth = AmplifyAuth(auth: app.auth)
            let scene = UIWindowScene(.foregroundActive)
            App.shows(scene, UIWindowScene(.foregroundActive))
            let window = scene.windows[0]
            let result = await Amplify.Auth.signOut(options: .init(presentationAnchor: window))
            #expect((result as? AWSCognitoSignOutResult) == .complete)
            #expect(safari.pages.now.map { $0.anchor === window } == [true])
        }

        private func signOutLocally() async {
            let result = await Amplify.Auth.signOut()
            guard let signOutResult = result as? AWSCognitoSignOutResult
            else {
                print("Signout failed")
                return
            }
            show(signOutResult)
        }

        private func signOutGlobally() async {
            let result = await Amplify.Auth.signOut(options: .init(globalSignOut: true))
            guard let signOutResult = result as? AWSCognitoSignOutResult
            else {
                print("Signout failed")
                return
            }
            show(signOutResult)
        }

        private func signOutLocallyWithCombine() -> AnyCancellable {
            Amplify.Publisher.create {
                await Amplify.Auth.signOut()
            }.sink(receiveValue: { result in
                guard let signOutResult = result as? AWSCognitoSignOutResult
                else {
                    print("Signout failed")
                    return
                }
                show(signOutResult)
            })
        }

        private func signOutGloballyWithCombine() -> AnyCancellable {
            Amplify.Publisher.create {
                await Amplify.Auth.signOut(options: .init(globalSignOut: true))
            }.sink(receiveValue: { result in
                guard let signOutResult = result as? AWSCognitoSignOutResult
                else {
                    print("Signout failed")
                    return
                }
                show(signOutResult)
            })
        }

        private func show(_ signOutResult: AWSCognitoSignOutResult) {
            print("Local signout successful: \(signOutResult.signedOutLocally)")
            switch signOutResult {
            case .complete:
                print("Signed out successfully")
            case let .partial(revokeTokenError, globalSignOutError, hostedUIError):
                if let hostedUIError = hostedUIError {
                    print("HostedUI error: \(String(describing: hostedUIError))")
                }
                if let globalSignOutError = globalSignOutError {
                    print("GlobalSignOut error: \(String(describing: globalSignOutError))")
                }
                if let revokeTokenError = revokeTokenError {
                    print("Revoke token error: \(String(describing: revokeTokenError))")
                }
            case .failed(let error):
                print("SignOut failed with \(error)")
            }
        }
    }
}
